"""A minor applies at the window: the guardian is written down before the signature is taken."""

import pytest

from accounts.roles import Role
from applications import attestation, consent, evaluation, guardians, submission
from applications.authority import word_of
from core import clock
from core.models import AuditEntry
from datashare.queries import Person
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
HOME = {
    "name": "区儿童福利机构", "kind": "institution", "number": "12330212MB00000001",
    "evidence": "机构证明",
}  # fmt: skip


def at_window(*, child=True):
    clerk = accounts.staff(Role.WINDOW)
    person = make.person("01", name="小满", child=child)
    row = submission.start_draft(
        by=clerk.user, channel="window", person=Person(person.name, person.id_number)
    )
    return clerk, row


def test_without_a_guardian_no_signature_is_taken(registers):
    clerk, row = at_window()
    with pytest.raises(consent.ConsentRefused, match="监护人"):
        consent.give(row.applicant, method="guardian", by=clerk.user)
    guardians.name_guardian(row, **HOME, by=clerk.user)
    row.refresh_from_db()
    assert consent.give(row.applicant, method="guardian", by=clerk.user).given_at
    assert word_of(row.applicant) == "given"
    assert AuditEntry.objects.filter(verb="guardian.named").count() == 1


def test_the_rules_and_the_reviewers_read_who_it_is(registers):
    clerk, row = at_window()
    guardians.name_guardian(row, **HOME, by=clerk.user)
    row.refresh_from_db()
    case = evaluation.case_of(row, "apply", clock.today())
    assert case.guardian is not None and case.guardian["code"] == HOME["number"]
    told = [str(words) for _what, words in attestation.told(row)]
    assert any("区儿童福利机构" in one and "机构证明" in one for one in told)
    assert not any(HOME["number"] in one for one in told)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "nobody"}, "kind"), ({"name": " "}, "name"), ({"evidence": ""}, "evidence"),
        ({"number": "12330212MB0000000"}, "number"), ({"number": "O2330212MB00000001"}, "number"),
        ({"kind": "parent"}, "number"),
    ],
)  # fmt: skip
def test_a_guardian_that_cannot_be_is_refused_by_field_and_changes_nothing(
    registers, change, field
):
    clerk, row = at_window()
    with pytest.raises(guardians.GuardianRefused) as refused:
        guardians.name_guardian(row, **(HOME | change), by=clerk.user)
    assert refused.value.field == field
    row.refresh_from_db()
    assert "guardian" not in row.declared
    assert not AuditEntry.objects.filter(verb="guardian.named").exists()


def test_an_adult_needs_none(registers):
    clerk, row = at_window(child=False)
    assert guardians.named(row) is None
    with pytest.raises(guardians.GuardianRefused, match="成年"):
        guardians.name_guardian(row, **HOME, by=clerk.user)


def test_the_desk_leads_there_first_and_keeps_what_was_typed(registers, client):
    clerk, row = at_window()
    client.force_login(clerk.user)
    person = row.applicant
    begun = client.post(
        "/window/", {"id_number": person.id_number, "name": person.name, "agreed": "on"}
    )
    page = f"/window/{row.ref}/guardian/"
    assert begun.url == page
    wrong = client.post(page, HOME | {"number": "123"})
    assert wrong.status_code == 422
    assert "统一社会信用代码" in wrong.content.decode() and HOME["name"] in wrong.content.decode()
    assert client.post(page, HOME).url == f"/window/{row.ref}/"
    assert HOME["name"] in client.get(f"/window/{row.ref}/").content.decode()


def test_no_guardian_and_no_typing_is_written_into_a_case_that_has_ended():
    clerk, row = at_window()
    submission.withdraw(row, by=clerk.user)
    entries = AuditEntry.objects.count()
    with pytest.raises(guardians.GuardianRefused, match="已经结束"):
        guardians.name_guardian(row, **HOME, by=clerk.user)
    with pytest.raises(attestation.NotAttested, match="已经结束"):
        attestation.attest(row.applicant, reason="lost", papers="户口簿", by=clerk)
    row.refresh_from_db()
    assert "guardian" not in row.declared and not row.attestations.exists()
    assert AuditEntry.objects.count() == entries

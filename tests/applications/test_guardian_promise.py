"""A child of whom no register here knows: the parent promises, and nothing less will do."""

import pytest

from applications import consent, guardians, household, promises, submission
from applications.authority import word_of
from applications.models import Commitment, Consent
from datashare.models import GivenConsent
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def with_a_typed_child(*, known, relation="20", by=None):
    """A draft with a child typed in; ``known``: the household register knew the family."""
    citizen = accounts.citizen()
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    consent.give(row.applicant, method="online", by=citizen.user)
    child = make.person(relation, name="小宝", child=True)
    entry = submission.Entry(child.name, child.id_number, relation, "added")
    household.add(row, entry, by=citizen.user)
    row.refresh_from_db()
    row.declared = {**row.declared, "household_known": known}
    row.save(update_fields=["declared"])
    return citizen, row.members.get(is_applicant=False)


def test_a_parent_from_elsewhere_promises_and_agrees(registers):
    citizen, child = with_a_typed_child(known=False)
    given = consent.give_on_promise(child, by=citizen.user)
    assert given.method == Consent.Method.GUARDIAN and word_of(child) == "given"
    kept = Commitment.objects.get(member=child)
    assert kept.fact == "GUARDIAN" and "先听您说明" in kept.terms
    assert GivenConsent.objects.filter(digest=given.digest, ends_at=None).exists()
    consent.give_on_promise(child, by=citizen.user)
    assert Commitment.objects.filter(member=child).count() == 1


@pytest.mark.parametrize(("known", "relation"), [(True, "20"), (False, "41"), (False, "70")])
def test_elsewhere_the_window_sees_the_papers(registers, known, relation):
    citizen, child = with_a_typed_child(known=known, relation=relation)
    with pytest.raises(consent.ConsentRefused, match="窗口"):
        consent.give_on_promise(child, by=citizen.user)
    assert word_of(child) == "none" and not Commitment.objects.exists()


def test_without_the_promise_nothing_is_agreed(registers):
    citizen, child = with_a_typed_child(known=False)
    with pytest.raises(consent.ConsentRefused):
        consent.give(child, method=Consent.Method.GUARDIAN, by=citizen.user)


def test_nobody_else_promises_for_the_child(registers):
    _citizen, child = with_a_typed_child(known=False)
    stranger = accounts.citizen(name="路人").user
    assert not guardians.may_promise(child, stranger)
    with pytest.raises(consent.ConsentRefused):
        consent.give_on_promise(child, by=stranger)


def test_the_page_asks_for_the_promise_with_its_four_parts(registers, client):
    citizen, child = with_a_typed_child(known=False)
    client.force_login(citizen.user)
    page = client.get("/apply/family/").content.decode()
    assert 'name="promise"' in page and 'name="guardian"' not in page
    for head, body in promises.parts(guardians.GUARDIANSHIP):
        assert head in page and body in page
    row = child.application
    row.refresh_from_db()
    client.post("/apply/family/", {"seen": row.version, "promise": "on"})
    assert word_of(child) == "given"

"""Consent: who has agreed, and what follows."""

from datetime import date

import pytest

from applications import (
    authority,
    consent,
    guardians,
    household,
    states,
    submission,
    tasks,
    verification,
)
from applications.models import Consent, Member
from tests.applications.test_submission import draft_of
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def sent_with_spouse(registers):
    citizen, spouse = accounts.citizen(), make.person("10")
    return submission.submit(draft_of(citizen, spouse), by=citizen.user), spouse


def test_a_missing_consent_is_accepted_pauses_the_clock_and_asks_nothing(registers):
    row, _spouse = sent_with_spouse(registers)
    assert row.state == states.ACCEPTED
    assert row.pauses.filter(reason="consent", ended_at=None).exists()
    assert set(row.evidence.values_list("member__is_applicant", flat=True)) == {True}


def test_the_last_consent_lets_the_clock_run_and_the_registers_be_asked(registers):
    row, spouse = sent_with_spouse(registers)
    other = accounts.citizen(name=spouse.name, number=spouse.id_number)
    member = row.members.get(position=1)
    consent.give(member, method="online", by=other.user)
    assert not row.pauses.filter(ended_at=None).exists()
    assert row.evidence.filter(member=member, status="pending").exists()


def test_consent_twice_is_one_consent(registers):
    row, _spouse = sent_with_spouse(registers)
    member = row.members.get(position=1)
    first = consent.give(member, method="online", by=row.created_by)
    assert consent.give(member, method="online", by=row.created_by) == first


def test_a_consent_keeps_the_digest_of_the_words_shown(registers):
    _row, _spouse = sent_with_spouse(registers)
    kept = Consent.objects.get(member__is_applicant=True)
    assert kept.text_version == consent.VERSION and kept.text_digest == consent.text_digest()
    assert authority.basis(kept.member) == f"consent:{kept.digest}"


def test_an_adult_is_not_consented_for_and_a_minor_only_by_the_guardian(registers):
    row = make.application(make.couple_with_child(), consents=False)
    spouse, child = row.members.get(position=1), row.members.get(position=2)
    with pytest.raises(consent.ConsentRefused):
        consent.give(spouse, method="guardian", by=row.created_by)
    with pytest.raises(consent.ConsentRefused):
        consent.give(child, method="online", by=row.created_by)
    assert not Consent.objects.exists()
    assert consent.give(child, method="guardian", by=row.created_by).given_at


def family_with_child():
    """A draft in which nobody has agreed yet; its applicant, its child."""
    row = make.application(make.couple_with_child(), consents=False)
    return row, row.members.get(position=2)


def test_the_spouse_whom_the_register_names_may_agree_for_the_child():
    row, child = family_with_child()
    spouse = row.members.get(position=1)
    citizen = accounts.citizen(name=spouse.name, number=spouse.id_number)
    assert consent.give(child, method="guardian", by=citizen.user).given_at


def test_who_only_knows_a_childs_name_and_number_cannot_agree_for_it():
    """Somebody else typed the application, or stands in it by their own word alone."""
    row, child = family_with_child()
    spouse = row.members.get(position=1)
    Member.objects.filter(pk=spouse.pk).update(origin="added")
    for number in (accounts.id_number(), spouse.id_number):
        stranger = accounts.citizen(number=number)
        with pytest.raises(consent.ConsentRefused) as refused:
            consent.give(child, method="guardian", by=stranger.user)
        assert "到您选的镇街窗口签字" in str(refused.value)
        assert child.id_number not in str(refused.value)
    assert not Consent.objects.exists()


@pytest.mark.parametrize("changed", [{"origin": "added"}, {"relation": "97"}])
def test_a_minor_whom_no_register_names_as_the_applicants_child_needs_the_window(changed):
    row, child = family_with_child()
    Member.objects.filter(pk=child.pk).update(**changed)
    child.refresh_from_db()
    with pytest.raises(consent.ConsentRefused):
        consent.give(child, method="guardian", by=row.created_by)
    assert authority.word_of(child) == "none"
    clerk = accounts.staff("window")
    assert consent.give(child, method="guardian", by=clerk.user).given_at


def test_nobody_agrees_online_for_an_applicant_who_is_a_minor():
    ward = make.person(child=True)
    row = make.application([ward], consents=False)
    for by in (row.created_by, accounts.citizen().user):
        with pytest.raises(consent.ConsentRefused) as refused:
            consent.give(row.applicant, method="guardian", by=by)
        assert "窗口当场受理" in str(refused.value)
    clerk = accounts.staff("window")
    guardians.name_guardian(
        row, name="区儿童福利机构", kind="institution", number="12330212MB00000001",
        evidence="机构证明", by=clerk.user,
    )  # fmt: skip
    applicant = row.members.get(is_applicant=True)
    assert consent.give(applicant, method="guardian", by=clerk.user).given_at


def test_a_child_added_while_the_register_was_silent_is_confirmed_when_it_answers(monkeypatch):
    citizen, child = accounts.citizen(), make.person("97", child=True)
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    consent.give(row.applicant, method="online", by=citizen.user)
    entry = submission.Entry(child.name, child.id_number, "97", "added")
    household.add(row, entry, by=citizen.user)
    relative = household.queries.Relative(child.name, child.id_number, "30")
    drawn = household.queries.HouseholdDraft((relative,), certain=True)
    monkeypatch.setattr(household.queries, "household_of", lambda *_a, **_k: drawn)
    household.draw_up(row, by=citizen.user)
    member = row.members.get(is_applicant=False)
    assert member.origin == "register" and member.relation == "30"
    assert consent.give(member, method="guardian", by=citizen.user).given_at


def test_a_refusal_ends_the_waiting_and_asks_no_register(registers):
    row, _spouse = sent_with_spouse(registers)
    member = row.members.get(position=1)
    consent.refuse(member, by=row.created_by)
    assert authority.word_of(member) == "refused"
    assert not row.pauses.filter(ended_at=None).exists()
    assert not row.evidence.filter(member=member).exists()


def test_a_withdrawn_consent_drops_what_was_not_yet_asked(registers):
    row = make.application(2, state=states.ACCEPTED)
    member = row.members.get(position=1)
    verification.request_checks(row, by=row.created_by)
    assert row.evidence.filter(member=member).exists()
    consent.withdraw(member, by=row.created_by)
    assert not row.evidence.filter(member=member).exists()
    assert authority.word_of(member) == "withdrawn"
    with pytest.raises(consent.ConsentRefused):
        consent.withdraw(member, by=row.created_by)


def test_the_code_leads_only_the_named_person_to_their_page(registers):
    row, _spouse = sent_with_spouse(registers)
    member = row.members.get(position=1)
    code = consent.code_for(member)
    assert consent.member_by_code(member.id_index, code) == member
    assert consent.member_by_code(row.applicant.id_index, code) is None
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert consent.member_by_code(member.id_index, wrong) is None


def test_eighteen_today_is_an_adult(registers):
    row = make.application([make.person(number=accounts.id_number(born=date(2008, 3, 5)))])
    assert not authority.is_adult(row.applicant, date(2026, 3, 4))
    assert authority.is_adult(row.applicant, date(2026, 3, 5))


def test_who_does_not_agree_is_unknown_to_the_rules_and_not_without_a_home(registers):
    row = make.application(2, state="accepted", consents=False)
    make.consent(row.applicant)
    member = row.members.get(is_applicant=False)
    consent.refuse(member, by=row.created_by)
    tasks.check_application(row.pk, "apply")
    assert member.id_number not in {question.person.id_number for question, _p in registers.asked}
    found = row.assessments.get().result["findings"]
    result = {one["rule"]: one["result"] for one in found}
    assert result["HOUSING_AREA"] == "unknown" and result["VEHICLE"] == "unknown"

"""Consent: who has agreed, and what follows."""

from datetime import date

import pytest

from applications import authority, consent, states, submission, tasks, verification
from applications.models import Consent
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

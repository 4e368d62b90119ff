"""From a draft to an accepted case."""

import pytest

from applications import consent, household, promises, states, submission
from applications.material_items import BY_KEY
from applications.models import Application, Consent, Member
from core import workdays
from core.models import Notice, OutboxMessage, Transition
from core.refusals import Refusal
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def draft_of(citizen, *others):
    """A draft with the household confirmed and everybody's consent, ready to be sent."""
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    consent.give(row.applicant, method="online", by=citizen.user)
    entries = [submission.Entry(one.name, one.id_number, one.relation) for one in others]
    submission.confirm_household(row, entries, by=citizen.user)
    street = accounts.bureau("street")
    return submission.save_step(row, "check", by=citizen.user, street=street)


def test_a_draft_is_found_again_and_keeps_its_case_number(registers):
    citizen = accounts.citizen()
    first = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    again = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    assert first.pk == again.pk and again.case_no.startswith("YZ")
    assert household.current_for(citizen.user) == first


def test_sending_accepts_at_once_and_promises_fifteen_working_days(registers):
    citizen = accounts.citizen(phone="13800000001")
    row = submission.submit(draft_of(citizen), by=citizen.user)
    assert row.state == states.ACCEPTED
    accepted_on = row.accepted_at.astimezone(workdays_zone()).date()
    assert row.promised_due == workdays.add_workdays(accepted_on, 15)
    assert row.statutory_due == workdays.add_workdays(accepted_on, 45)
    assert [one.to_state for one in Transition.objects.filter(case_no=row.case_no)] == [
        states.SUBMITTED,
        states.ACCEPTED,
    ]
    assert row.members.get().holding
    assert row.case_no in Notice.objects.get(code="application.accepted").text


def test_sms_texts_are_short_and_hold_no_name_number_or_link(registers):
    citizen = accounts.citizen(phone="13800000001")
    other = make.person("10")
    row = draft_of(citizen, make.Person(other.name, other.id_number, "10"))
    Member.objects.filter(application=row, position=1).update(phone="13800000002")
    submission.submit(row, by=citizen.user)
    texts = [one.payload["text"] for one in OutboxMessage.objects.filter(destination="sms")]
    assert len(texts) == 2
    for text in texts:
        assert len(text) <= 70 and "http" not in text
        assert citizen.name not in text and citizen.id_number not in text


def test_sending_twice_returns_the_same_case(registers):
    citizen = accounts.citizen()
    row = draft_of(citizen)
    first = submission.submit(row, by=citizen.user)
    second = submission.submit(row, by=citizen.user)
    assert first.case_no == second.case_no
    assert Transition.objects.filter(case_no=first.case_no).count() == 2
    assert Notice.objects.filter(code="application.accepted").count() == 1


def test_without_consent_nothing_is_sent_and_nothing_changes(registers):
    citizen = accounts.citizen()
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    with pytest.raises(submission.NotReady) as refused:
        submission.submit(row, by=citizen.user)
    assert refused.value.field == "consent"
    row.refresh_from_db()
    assert row.state == states.DRAFT and not row.members.filter(holding=True).exists()


def test_a_person_in_another_open_case_is_told_by_sentence_29_and_loses_nothing(registers):
    spouse = make.person("10")
    one, other = accounts.citizen(), accounts.citizen()
    submission.submit(draft_of(one, spouse), by=one.user)
    row = draft_of(other, spouse)
    with pytest.raises(submission.AlreadyInAnother) as refused:
        submission.submit(row, by=other.user)
    assert "已在另一份申请或保障中" in str(refused.value)
    assert spouse.name not in str(refused.value) and spouse.id_number not in str(refused.value)
    row.refresh_from_db()
    assert row.state == states.DRAFT and row.members.count() == 2
    assert not row.members.filter(holding=True).exists()


def test_after_a_withdrawal_everybody_may_apply_again(registers):
    spouse = make.person("10")
    one, other = accounts.citizen(), accounts.citizen()
    first = submission.submit(draft_of(one, spouse), by=one.user)
    submission.withdraw(first, by=one.user)
    first.refresh_from_db()
    assert first.state == states.WITHDRAWN and first.closed_at
    assert submission.submit(draft_of(other, spouse), by=other.user).state == states.ACCEPTED


def test_a_withdrawal_after_the_roster_is_frozen_is_refused(registers):
    row = make.application(state=states.IN_ROUND)
    assert not submission.may_withdraw(row)
    with pytest.raises(Refusal):
        submission.withdraw(row, by=row.created_by)
    row.refresh_from_db()
    assert row.state == states.IN_ROUND and row.members.get().holding


def test_an_older_tab_is_told_and_overwrites_nothing(registers):
    citizen = accounts.citizen()
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    seen = row.version
    submission.save_step(row, "wishes", by=citizen.user, seen=seen, wishes={"low_floor": True})
    with pytest.raises(submission.ChangedElsewhere):
        submission.save_step(row, "wishes", by=citizen.user, seen=seen, wishes={"low_floor": False})
    row.refresh_from_db()
    assert row.wishes == {"low_floor": True}


def test_a_spouse_or_minor_child_is_left_out_only_with_a_reason(registers):
    citizen, child = accounts.citizen(), make.person("20", child=True)
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    without = submission.Entry(child.name, child.id_number, "20", excluded=True)
    with pytest.raises(submission.WrongMember) as refused:
        submission.confirm_household(row, [without], by=citizen.user)
    assert refused.value.field == "excluded_reason"
    assert row.members.count() == 1
    uncle = make.person("97")
    optional = submission.Entry(uncle.name, uncle.id_number, "97", excluded=True)
    submission.confirm_household(row, [optional], by=citizen.user)
    assert row.members.get(relation="97").excluded


@pytest.mark.parametrize(
    ("number", "sentence"),
    [("33021219850505991", "您填了17位"), ("330212198505059910", "可能有一位填错")],
)
def test_a_wrong_number_is_answered_by_sentence_25_and_not_repeated(registers, number, sentence):
    citizen = accounts.citizen()
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    with pytest.raises(submission.WrongMember) as refused:
        submission.confirm_household(row, [submission.Entry("某", number, "10")], by=citizen.user)
    assert sentence in str(refused.value) and number not in str(refused.value)


def test_the_household_is_drawn_up_with_names_and_relations_only(registers, monkeypatch):
    citizen, spouse, child = accounts.citizen(), make.person("10"), make.person("20", child=True)
    brother = make.person("71")
    drawn = household.queries.HouseholdDraft(
        tuple(
            household.queries.Relative(one.name, one.id_number, one.relation)
            for one in (spouse, child, brother)
        ),
        certain=True,
    )
    monkeypatch.setattr(household.queries, "household_of", lambda *_a, **_k: drawn)
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    consent.give(row.applicant, method="online", by=citizen.user)
    household.draw_up(row, by=citizen.user)
    household.draw_up(row, by=citizen.user)
    inside = row.members.filter(excluded=False).values_list("relation", flat=True)
    assert set(inside) == {"01", "10", "20"} and row.members.count() == 4
    assert not Consent.objects.exclude(member__is_applicant=True).exists()
    assert not row.evidence.exclude(member__is_applicant=True).exists()


def test_no_household_is_drawn_up_without_consent(registers):
    citizen = accounts.citizen()
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    with pytest.raises(submission.NotReady):
        household.draw_up(row, by=citizen.user)
    assert not registers.asked


def test_a_promise_is_kept_once(registers):
    citizen = accounts.citizen()
    row = draft_of(citizen)
    for _again in range(2):
        promises.give(row, BY_KEY["MEMBERS"], by=citizen.user)
    assert row.commitments.count() == 1


def test_a_sent_application_cannot_be_edited(registers):
    citizen = accounts.citizen()
    row = submission.submit(draft_of(citizen), by=citizen.user)
    with pytest.raises(submission.NotReady):
        submission.save_step(row, "wishes", by=citizen.user, wishes={"low_floor": True})
    assert Application.objects.get(pk=row.pk).wishes == {}


def workdays_zone():
    from core import clock

    return clock.LOCAL

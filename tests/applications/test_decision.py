"""Letters: drafted by one, signed by another; and a second look by a third."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from applications import (
    change_settling,
    changes,
    decision,
    publicity,
    reconsiderations,
    states,
    waiting,
)
from applications.change_effects import Told
from applications.models import Change, Decision, Reconsideration
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry, Notice, Transition
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def refused() -> Decision:
    return decision.sign(desk.refusal_drafted(), by=desk.district())


def state_of(letter: Decision) -> str:
    letter.application.refresh_from_db()
    return letter.application.state


def citizen_of(letter: Decision):
    return letter.application.created_by


def counts() -> tuple[int, ...]:
    tables = (Decision, Reconsideration, AuditEntry, Transition, Notice)
    return tuple(table.objects.count() for table in tables)


def test_a_refusal_takes_effect_with_the_second_signature():
    letter = refused()
    assert state_of(letter) == states.REFUSED
    assert letter.served_at is not None
    assert letter.signed_by != letter.drafted_by
    assert not letter.application.members.filter(holding=True).exists()


def test_nobody_signs_their_own_draft():
    draft = desk.refusal_drafted()
    before = counts()
    with pytest.raises(decision.DecisionRefused, match="拟稿人"):
        decision.sign(draft, by=draft.drafted_by)
    assert (state_of(draft), counts()) == (states.DISTRICT_REVIEW, before)


def test_the_database_refuses_one_person_for_both():
    draft = desk.refusal_drafted()
    with pytest.raises(IntegrityError, match="decision_signed_by_another"), transaction.atomic():
        Decision.objects.filter(pk=draft.pk).update(
            signed_by=draft.drafted_by, signed_at=clock.now()
        )


def test_a_letter_is_signed_once():
    letter = refused()
    before = counts()
    with pytest.raises(decision.DecisionRefused, match="已经签发"):
        decision.sign(letter, by=desk.district())
    assert counts() == before


def test_a_reviewer_of_a_department_signs_nothing():
    draft = desk.refusal_drafted()
    with pytest.raises(decision.DecisionRefused, match="复审人员"):
        decision.sign(draft, by=accounts.staff(Role.REVIEWER))
    assert state_of(draft) == states.DISTRICT_REVIEW


def test_the_letter_gives_reason_and_remedy():
    letter = refused()
    assert letter.text.startswith("您家这次不符合条件。")
    assert "15个工作日" in letter.text and "60日" in letter.text and "6个月" in letter.text
    assert letter.reasons[0]["clause"]


def test_letters_are_numbered_in_a_row():
    numbers = [desk.refusal_drafted().letter_no for _n in range(2)]
    first, second = (int(number.split("〕")[1].rstrip("号")) for number in numbers)
    assert second == first + 1 or (first, second) == (1, 2)


def test_the_check_code_finds_a_signed_letter_only():
    draft = desk.refusal_drafted()
    assert decision.by_check_code(draft.check_code) is None
    letter = decision.sign(draft, by=desk.district())
    assert decision.by_check_code(decision.grouped(letter.check_code).lower()) == letter
    assert decision.by_check_code("nonsense") is None


def test_a_returned_draft_cannot_be_signed():
    draft = desk.refusal_drafted()
    decision.withdraw_draft(draft, by=desk.district(), reason="依据不全")
    with pytest.raises(decision.DecisionRefused, match="退回"):
        decision.sign(draft, by=desk.district())


def test_one_case_has_one_draft_at_a_time():
    draft = desk.refusal_drafted()
    with pytest.raises(decision.DecisionRefused, match="等待签发"):
        decision.draft_refusal(draft.application, by=desk.district())


def test_the_approval_is_signed_after_registration():
    case = desk.at_district()
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    draft = case.decisions.get()
    with pytest.raises(decision.DecisionRefused, match="公示结束"):
        decision.sign(draft, by=desk.district())
    waiting.register(case, by=desk.WORKER)
    desk.agrees_to_electronic_service(case)
    letter = decision.sign(draft, by=desk.district())
    assert letter.served_at and state_of(letter) == states.WAITLISTED


# -- Re-consideration ----------------------------------------------------------------------------


def test_the_household_asks_and_is_answered_in_fifteen_working_days():
    letter = refused()
    request = reconsiderations.ask(letter, by=citizen_of(letter), text="合同已经退了")
    assert state_of(letter) == states.RECONSIDERATION
    assert request.due_on == workdays.add_workdays(clock.today(), 15)


def test_asking_without_a_word_changes_nothing():
    letter = refused()
    before = counts()
    with pytest.raises(reconsiderations.ReconsiderationRefused):
        reconsiderations.ask(letter, by=citizen_of(letter), text="  ")
    assert (state_of(letter), counts()) == (states.REFUSED, before)


def test_asking_too_late_is_refused_with_the_other_ways(monkeypatch):
    letter = refused()
    later = clock.now() + timedelta(days=62)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(reconsiderations.ReconsiderationRefused, match="行政复议"):
        reconsiderations.ask(letter, by=citizen_of(letter), text="合同已经退了")


@pytest.mark.parametrize("who", ["drafted_by", "signed_by"])
def test_those_who_decided_do_not_answer(who):
    letter = refused()
    request = reconsiderations.ask(letter, by=citizen_of(letter), text="合同已经退了")
    before = counts()
    with pytest.raises(reconsiderations.ReconsiderationRefused, match="另一位"):
        reconsiderations.answer(request, by=getattr(letter, who), overturned=False, text="维持")
    assert (state_of(letter), counts()) == (states.RECONSIDERATION, before)


def test_upheld_ends_the_case():
    letter = refused()
    request = reconsiderations.ask(letter, by=citizen_of(letter), text="合同已经退了")
    reconsiderations.answer(request, by=desk.district(), overturned=False, text="合同仍在备案")
    assert state_of(letter) == states.UPHELD


def test_overturned_goes_to_public_notice_and_replaces_the_letter():
    letter = refused()
    request = reconsiderations.ask(letter, by=citizen_of(letter), text="合同已经退了")
    reconsiderations.answer(request, by=desk.district(), overturned=True, text="合同已注销")
    assert state_of(letter) == states.PUBLICITY
    letter.refresh_from_db()
    assert letter.replaced
    case = letter.application
    assert case.members.filter(holding=True).exists() and case.closed_at is None
    assert publicity.visible(clock.today()).filter(application=case).exists()


def test_an_answer_is_given_once():
    letter = refused()
    request = reconsiderations.ask(letter, by=citizen_of(letter), text="合同已经退了")
    reconsiderations.answer(request, by=desk.district(), overturned=False, text="维持")
    with pytest.raises(reconsiderations.ReconsiderationRefused, match="已经答复"):
        reconsiderations.answer(request, by=desk.district(), overturned=True, text="改了")
    assert state_of(letter) == states.UPHELD


# -- What the family had reported ----------------------------------------------------------------


def reported(case, kind: str = Change.Kind.AID) -> Change:
    told = Told(kind, clock.today(), None, {"aid": "DB"})
    return changes.report(case, told, by=case.created_by, key=uuid4()).change


def test_no_refusal_is_signed_over_a_change_that_nobody_has_looked_at():
    draft = desk.refusal_drafted()
    change = reported(draft.application)
    before = counts()
    with pytest.raises(decision.DecisionRefused, match="还没有核对"):
        decision.sign(draft, by=desk.district())
    assert (state_of(draft), counts()) == (states.DISTRICT_REVIEW, before)
    change_settling.no_effect(change, by=desk.district(), note="低保没有批")
    decision.sign(draft, by=desk.district())
    assert state_of(draft) == states.REFUSED


def test_a_refusal_puts_away_what_waited_and_an_overturned_one_takes_it_up_again():
    draft = desk.refusal_drafted()
    change = reported(draft.application)
    Change.objects.filter(pk=change.pk).update(  # told while the notice was up
        state=states.CHANGE_REPORTED, waits_for=Change.Waits.NOTICE
    )
    letter = decision.sign(draft, by=desk.district())
    change.refresh_from_db()
    assert change.state == states.CHANGE_RETRACTED and change.settled_at
    request = reconsiderations.ask(letter, by=citizen_of(letter), text="合同已取消")
    reconsiderations.answer(
        request, by=desk.district(), overturned=True, text="合同已取消，撤销原决定"
    )
    change.refresh_from_db()
    assert (change.state, change.settled_at) == (states.CHANGE_REPORTED, None)
    assert change.waits_for == Change.Waits.NOTICE

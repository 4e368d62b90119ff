"""Desks that list, ask, confirm and take back in the same instant, on a real database."""

import pytest

from accounts.roles import BureauKind
from applications import (
    correction,
    correction_lists,
    duties,
    referrals,
    review,
    seconding,
    states,
    undoing,
)
from applications.models import MissingList, Opinion, Referral, ReviewTask
from applications.models.review import Second, Stage
from core.models import Notice, Transition
from tests.concurrency.test_review import at_once, refusals
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db(transaction=True)
CIVIL, HOUSING, LAND = BureauKind.CIVIL_AFFAIRS, BureauKind.HOUSING, BureauKind.REAL_ESTATE


def ready(case, kind):
    task = desk.task_of(case, Stage.JOINT, kind)
    return task, desk.reviewer_for(task)


def listing(case, kind, what):
    task, by = ready(case, kind)
    return lambda: correction_lists.write(task, by=by, items=desk.missing(what))


def opining(case, kind):
    task, by = ready(case, kind)
    return lambda: review.opine(task, by=by, verdict="agree", text="符合")


def test_two_lists_and_the_last_opinion_at_once_make_one_notice_with_all_items():
    case = desk.in_joint_review()
    for kind in duties.DEPARTMENTS:
        if kind not in (CIVIL, HOUSING, LAND):
            desk.agree(desk.task_of(case, Stage.JOINT, kind))
    results = at_once(
        listing(case, CIVIL, "结婚证"), listing(case, HOUSING, "购房合同"), opining(case, LAND)
    )
    assert refusals(results) == []
    case.refresh_from_db()
    assert case.state == states.CORRECTION
    assert {one.text[:3] for one in correction.open_items(case)} == {"结婚证", "购房合"}
    assert Notice.objects.filter(code="correction.asked").count() == 1
    moves = Transition.objects.filter(case_no=case.case_no, to_state=states.CORRECTION)
    assert moves.count() == 1
    assert MissingList.objects.exclude(sent_at=None).count() == 2


def test_two_workers_at_the_last_day_send_one_notice():
    case = desk.in_joint_review()
    listing(case, CIVIL, "结婚证")()
    MissingList.objects.update(due_on="2020-01-01")
    at_once(*([correction_lists.send_due] * 3))
    assert Notice.objects.filter(code="correction.asked").count() == 1
    assert case.pauses.count() == 1


def test_one_desk_that_lists_twice_at_once_keeps_one_list():
    case = desk.in_joint_review()
    results = at_once(listing(case, CIVIL, "结婚证"), listing(case, CIVIL, "离婚证"))
    assert len(refusals(results)) == 1
    assert MissingList.objects.filter(withdrawn_at=None).count() == 1


def test_a_list_withdrawn_as_the_last_answer_comes_is_sent_or_gone_never_both():
    case = desk.in_joint_review()
    listing(case, CIVIL, "结婚证")()
    for kind in (BureauKind.HUMAN_RESOURCES, BureauKind.FLOATING_POPULATION, HOUSING):
        desk.agree(desk.task_of(case, Stage.JOINT, kind))
    task, by = ready(case, CIVIL)
    results = at_once(lambda: correction_lists.withdraw(task, by=by), opining(case, LAND))
    case.refresh_from_db()
    sent = case.state == states.CORRECTION
    assert len(refusals(results)) == int(sent)
    assert Notice.objects.filter(code="correction.asked").count() == int(sent)


def undoing_street(case):
    task = desk.task_of(case, Stage.STREET)
    by = desk.reviewer_for(task)
    review.opine(task, by=by, verdict="agree", text="符合")
    case.refresh_from_db()
    return lambda: undoing.undo(task, by=by, reason="点错了")


def test_taking_back_against_the_next_desks_claim_exactly_one_wins():
    for _n in range(3):
        case = desk.under_review()
        undo = undoing_street(case)
        task, by = ready(case, HOUSING)
        results = at_once(undo, lambda t=task, b=by: review.claim(t, by=b))
        assert len(refusals(results)) == 1
        case.refresh_from_db()
        task = ReviewTask.objects.get(pk=task.pk)
        won = case.state == states.STREET_REVIEW
        assert (task.state == states.TASK_CANCELLED) is won
        assert (task.state == states.TASK_CLAIMED) is not won
        assert Opinion.objects.filter(task__application=case, undone_at=None).count() == int(
            not won
        )


def test_taking_back_against_the_next_desks_opinion_exactly_one_wins():
    case = desk.under_review()
    results = at_once(undoing_street(case), opining(case, HOUSING))
    assert len(refusals(results)) == 1
    case.refresh_from_db()
    standing = Opinion.objects.standing().filter(task__application=case).count()
    assert standing == (0 if case.state == states.STREET_REVIEW else 2)


def test_taking_back_twice_at_once_opens_one_task():
    case = desk.under_review()
    undo = undoing_street(case)
    assert len(refusals(at_once(undo, undo))) == 1
    assert case.tasks.filter(stage=Stage.STREET).count() == 2


def override(case):
    task, first = ready(case, CIVIL)
    how = {"INCOME": {"how": "verified_pass", "reason": "看过流水"}}
    review.opine(task, by=first, verdict="agree", settled=how, text="符合")
    return task, first


def test_two_second_persons_at_once_leave_one_name():
    case = desk.in_joint_review([desk.NO_INCOME_REPORT])
    task, _first = override(case)
    both = [desk.reviewer_for(task) for _n in range(2)]
    results = at_once(
        lambda: seconding.confirm(task, by=both[0]),
        lambda: seconding.send_back(task, by=both[1], reason="流水不全"),
    )
    assert len(refusals(results)) == 1
    opinion = Opinion.objects.get(task=task)
    assert opinion.second in (Second.CONFIRMED, Second.RETURNED)
    assert case.tasks.filter(stage=Stage.JOINT, bureau=task.bureau).count() == (
        1 if opinion.second == Second.CONFIRMED else 2
    )


def test_confirming_against_taking_back_exactly_one_wins():
    case = desk.in_joint_review([desk.NO_INCOME_REPORT])
    task, first = override(case)
    second = desk.reviewer_for(task)
    results = at_once(
        lambda: seconding.confirm(task, by=second),
        lambda: undoing.undo(task, by=first, reason="点错了"),
    )
    assert len(refusals(results)) == 1
    opinion = Opinion.objects.get(task=task)
    assert (opinion.undone_at is None) == (opinion.second == Second.CONFIRMED)


def test_the_last_confirmation_and_the_last_opinion_at_once_consolidate_once():
    case = desk.in_joint_review([desk.NO_INCOME_REPORT])
    task, _first = override(case)
    for kind in duties.DEPARTMENTS:
        if kind not in (CIVIL, LAND):
            desk.agree(desk.task_of(case, Stage.JOINT, kind))
    second = desk.reviewer_for(task)
    results = at_once(lambda: seconding.confirm(task, by=second), opining(case, LAND))
    assert refusals(results) == []
    case.refresh_from_db()
    assert case.state == states.DISTRICT_REVIEW
    assert case.tasks.filter(stage=Stage.DISTRICT).count() == 1


def test_the_same_question_asked_and_answered_twice_at_once_stands_once():
    case = desk.in_joint_review()
    task, by = ready(case, HOUSING)
    land = accounts.bureau(LAND)

    def ask():
        return referrals.ask(task, by=by, bureau=land, question="有住房吗", reason="核对")

    assert len(refusals(at_once(ask, ask))) == 1
    made = Referral.objects.get()
    both = [accounts.staff(bureau=land) for _n in range(2)]
    answers = [lambda w=who: referrals.answer(made, by=w, text="没有") for who in both]
    assert len(refusals(at_once(*answers))) == 1
    assert Referral.objects.get().answered_by in both

"""Reviewers who act in the same instant, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from applications import decision, duties, publicity, review, states
from applications.models import Decision, Opinion, ReviewTask, WaitEntry
from applications.models.review import Stage
from core import clock
from core.models import Transition
from core.refusals import Refusal
from tests.factories import review as desk

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Runs every act in its own thread and connection, all from one signal; errors are returned."""
    ready = Barrier(len(acts))

    def run(act):
        try:
            ready.wait(timeout=10)
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refusals(results) -> list[str]:
    return [str(one) for one in results if isinstance(one, Refusal)]


def test_two_reviewers_on_one_task_give_one_opinion_and_one_clear_refusal():
    task = desk.task_of(desk.in_joint_review(), Stage.JOINT, duties.DEPARTMENTS[0])
    both = [desk.reviewer_for(task) for _n in range(2)]
    results = at_once(
        *(lambda who=who: review.opine(task, by=who, verdict="agree", text="符合") for who in both)
    )
    assert Opinion.objects.filter(task=task).count() == 1
    (why,) = refusals(results)
    assert "已由" in why


def test_two_claims_of_one_task_leave_one_owner():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    both = [desk.reviewer_for(task) for _n in range(2)]
    results = at_once(*(lambda who=who: review.claim(task, by=who) for who in both))
    assert len(refusals(results)) == 1
    assert ReviewTask.objects.get(pk=task.pk).claimed_by in both


def test_two_last_opinions_at_once_consolidate_exactly_once():
    case = desk.in_joint_review()
    *first, one, other = duties.DEPARTMENTS
    for kind in first:
        desk.agree(desk.task_of(case, Stage.JOINT, kind))
    last = [desk.task_of(case, Stage.JOINT, kind) for kind in (one, other)]
    at_desk = [(task, desk.reviewer_for(task)) for task in last]
    results = at_once(
        *(lambda t=t, w=w: review.opine(t, by=w, verdict="agree", text="符合") for t, w in at_desk)
    )
    assert refusals(results) == []
    case.refresh_from_db()
    assert case.state == states.DISTRICT_REVIEW
    assert case.tasks.filter(stage=Stage.DISTRICT).count() == 1
    moves = Transition.objects.filter(case_no=case.case_no, to_state=states.DISTRICT_REVIEW)
    assert moves.count() == 1


def test_five_departments_at_once_neither_lose_nor_block_each_other():
    case = desk.in_joint_review()
    tasks = [desk.task_of(case, Stage.JOINT, kind) for kind in duties.DEPARTMENTS]
    at_desk = [(task, desk.reviewer_for(task)) for task in tasks]
    results = at_once(
        *(lambda t=t, w=w: review.opine(t, by=w, verdict="agree", text="符合") for t, w in at_desk)
    )
    assert refusals(results) == []
    assert Opinion.objects.filter(task__application=case, task__stage=Stage.JOINT).count() == 5
    assert case.tasks.filter(stage=Stage.DISTRICT).count() == 1


def test_two_signatures_at_once_serve_one_letter():
    draft = desk.refusal_drafted()
    signers = [desk.district() for _n in range(2)]
    results = at_once(*(lambda who=who: decision.sign(draft, by=who) for who in signers))
    assert len(refusals(results)) == 1
    assert Decision.objects.get(pk=draft.pk).signed_by in signers


def test_two_workers_closing_a_notice_register_once(monkeypatch):
    case = desk.at_district()
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    notice = case.publicities.get()
    after = notice.ends_on.replace(year=notice.ends_on.year + 1)
    results = at_once(*([lambda: publicity.close(notice.pk, today=after)] * 2))
    assert sorted(results) == [False, True]
    assert WaitEntry.objects.filter(application=case).count() == 1
    assert clock.today() < after


def test_drafting_letters_at_once_numbers_each_differently():
    cases = [
        desk.at_district([desk.OFFPLAN], {"HOUSING_OFFPLAN": "confirmed_fail"}) for _n in range(3)
    ]
    drafter = desk.district()
    results = at_once(*(lambda c=c: decision.draft_refusal(c, by=drafter) for c in cases))
    assert refusals(results) == []
    assert len({one.letter_no for one in Decision.objects.all()}) == 3

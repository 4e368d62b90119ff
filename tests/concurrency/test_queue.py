"""Hand-overs, claims, declarations and counts in the same instant, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from accounts.roles import Role
from applications import (
    absences,
    claims,
    conflicts,
    hand_overs,
    queue_counts,
    review,
    saved_views,
    states,
)
from applications.models import Absence, HandOver, Kin, Recusal, ReviewTask, SavedView
from applications.models.review import Stage
from core import clock
from core.refusals import Refusal
from tests.factories import accounts
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


def refusals(results):
    return [str(one) for one in results if isinstance(one, Refusal)]


def street_task():
    return desk.task_of(desk.under_review(), Stage.STREET)


def fresh(task):
    return ReviewTask.objects.get(pk=task.pk)


def test_a_claim_that_runs_out_and_its_prolongation_leave_one_truth():
    task = street_task()
    holder, other = desk.reviewer_for(task), desk.reviewer_for(task)
    review.claim(task, by=holder)
    ReviewTask.objects.update(claim_expires_at=clock.now() - timedelta(minutes=1))
    at_once(
        lambda: claims.expire_due(), lambda: review.claim(task, by=other),
        lambda: claims.expire_due(),
    )  # fmt: skip
    row = fresh(task)
    assert (row.state, row.claimed_by) == (states.TASK_CLAIMED, other)
    assert queue_counts.drift() == []


def test_one_task_given_to_two_colleagues_at_once_passes_once():
    task = street_task()
    holder = desk.reviewer_for(task)
    two = [desk.reviewer_for(task) for _n in range(2)]
    review.claim(task, by=holder)
    results = at_once(*(lambda to=to: hand_overs.give(task, by=holder, to=to) for to in two))
    assert len(refusals(results)) == 1
    assert HandOver.objects.get().to == fresh(task).claimed_by


def test_two_leads_who_spread_at_once_give_each_task_once():
    tasks = [street_task() for _n in range(8)]
    leads = [accounts.staff([Role.STREET, Role.ADMIN], bureau=tasks[0].bureau) for _n in range(2)]
    results = at_once(*(lambda one=one: hand_overs.spread(by=one) for one in leads))
    given = sum(results)
    assert HandOver.objects.count() == given
    assert HandOver.objects.values("task").distinct().count() == given
    assert ReviewTask.objects.filter(state=states.TASK_CLAIMED).count() == given
    hand_overs.spread(by=leads[0])
    assert not ReviewTask.objects.filter(state=states.TASK_OPEN).exists()


def test_an_opinion_and_a_hand_over_at_once_lose_nothing():
    task = street_task()
    holder, other = desk.reviewer_for(task), desk.reviewer_for(task)
    review.claim(task, by=holder)
    at_once(
        lambda: review.opine(task, by=holder, verdict="agree", text="符合"),
        lambda: hand_overs.give(task, by=holder, to=other),
    )
    row = fresh(task)
    decided = row.state == states.TASK_DONE
    assert decided != (row.claimed_by == other and row.state == states.TASK_CLAIMED)
    assert queue_counts.drift() == []


def test_a_declaration_and_a_claim_at_once_leave_no_conflicted_claim():
    task = street_task()
    staff = desk.reviewer_for(task)
    number = task.application.applicant.id_number
    at_once(
        lambda: review.claim(task, by=staff),
        lambda: conflicts.declare_kin(staff, id_number=number, relation="sibling", by=staff),
    )
    conflicts.give_back_everywhere()
    assert fresh(task).state == states.TASK_OPEN


def test_the_same_declared_twice_at_once_stands_once():
    task = street_task()
    staff = desk.reviewer_for(task)
    number = task.application.applicant.id_number
    results = at_once(
        *[lambda: conflicts.declare_kin(staff, id_number=number, relation="spouse", by=staff)] * 2
    )
    assert len(refusals(results)) == 1 and Kin.objects.count() == 1
    results = at_once(*[lambda: conflicts.recuse(task.application, by=staff, reason="邻居")] * 2)
    assert len(refusals(results)) == 1 and Recusal.objects.count() == 1


def test_two_absences_of_the_same_days_at_once_are_one():
    task = street_task()
    one, two, three = (desk.reviewer_for(task) for _n in range(3))
    today = clock.today()
    results = at_once(
        *(
            lambda deputy=deputy: absences.enter(
                one, deputy=deputy, starts_on=today, ends_on=today, by=one
            )
            for deputy in (two, three)
        )
    )
    assert len(refusals(results)) == 1 and Absence.objects.count() == 1


def test_two_who_name_each_other_at_once_are_not_both_away():
    task = street_task()
    one, two = desk.reviewer_for(task), desk.reviewer_for(task)
    today = clock.today()
    results = at_once(
        lambda: absences.enter(one, deputy=two, starts_on=today, ends_on=today, by=one),
        lambda: absences.enter(two, deputy=one, starts_on=today, ends_on=today, by=two),
    )
    assert len(refusals(results)) == 1 and Absence.objects.count() == 1


def test_the_same_name_kept_twice_at_once_stands_once():
    staff = desk.reviewer_for(street_task())
    results = at_once(*[lambda: saved_views.keep(staff, name="急的", query="urgency=late")] * 2)
    assert len(refusals(results)) == 1 and SavedView.objects.count() == 1


def test_counts_hold_while_tasks_are_claimed_and_folded_at_once():
    tasks = [street_task() for _n in range(6)]
    staff = [desk.reviewer_for(one) for one in tasks]
    at_once(
        *(lambda t=t, s=s: review.claim(t, by=s) for t, s in zip(tasks, staff, strict=True)),
        lambda: queue_counts.fold(),
        lambda: queue_counts.fold(),
    )
    assert queue_counts.drift() == []
    cube = queue_counts.of_desk(staff[0], staff[0].bureau_id, clock.today(), clock.now())
    assert cube.total({"state": "claimed"}) == 6 and cube.total({}) == 6

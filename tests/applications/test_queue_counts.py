"""The counts of the queue: always what the list would show, whatever has written the tasks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Sum

from accounts.roles import BureauKind, Role
from applications import claims, conflicts, filters, queue_counts, review, states
from applications.models import Application, QueueCount, ReviewTask
from applications.models.review import Stage
from applications.views.queue import open_tasks
from core import clock
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def counted(staff, bureau_id=None, **chosen):
    cube = queue_counts.of_desk(
        staff, bureau_id or staff.bureau_id, clock.today(), clock.now()
    )  # fmt: skip
    return cube.total(chosen)


def options(staff, name, **chosen):
    cube = queue_counts.of_desk(staff, staff.bureau_id, clock.today(), clock.now())
    return {one.value: one.count for one in cube.facets(chosen)[name] if one.count}


def test_every_step_of_a_review_leaves_counts_and_tasks_alike():
    case = desk.in_joint_review([desk.OFFPLAN])
    assert queue_counts.drift() == []
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    staff = desk.reviewer_for(task)
    assert counted(staff) == 1 and counted(staff, tone="doubt") == 1
    review.claim(task, by=staff)
    assert counted(staff, state="claimed") == 1 and counted(staff, state="open") == 0
    review.release(task, by=staff)
    assert counted(staff, state="open") == 1
    desk.agree(desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS))
    assert queue_counts.drift() == []


def test_a_written_statement_and_a_cascade_move_the_counts_too():
    cases = [desk.under_review() for _n in range(3)]
    staff = desk.reviewer_for(desk.task_of(cases[0], Stage.STREET))
    assert counted(staff) == 3
    ReviewTask.objects.update(due_on=clock.today() - timedelta(days=30))
    assert counted(staff, urgency="late") == 3
    review.leave(cases[0], by=desk.WORKER)
    assert counted(staff) == 2
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM applications_reviewtask WHERE application_id = %s", [cases[1].pk]
        )
    assert counted(staff) == 1
    assert queue_counts.drift() == []


def test_folding_changes_rows_and_no_count():
    for _n in range(4):
        task = desk.task_of(desk.under_review(), Stage.STREET)
        review.claim(task, by=desk.reviewer_for(task))
    staff, before = desk.reviewer_for(task), QueueCount.objects.count()
    told = options(staff, "state")
    queue_counts.fold()
    assert QueueCount.objects.count() == 1 < before
    assert options(staff, "state") == told == {"claimed": 4}
    assert queue_counts.fold() == 0 and queue_counts.drift() == []


def test_a_task_follows_the_street_of_its_case():
    case = desk.in_joint_review(street=accounts.bureau("330212101"))
    staff = desk.reviewer_for(desk.task_of(case, Stage.JOINT, BureauKind.HOUSING))
    assert options(staff, "street") == {"330212101": 1}
    Application.objects.filter(pk=case.pk).update(street=accounts.bureau("330212102"))
    assert options(staff, "street") == {"330212102": 1}
    assert queue_counts.drift() == []


def test_a_facet_counts_under_all_other_choices_but_its_own():
    for channel in ("online", "online", "window"):
        desk.under_review(channel=channel)
    staff = desk.reviewer_for(ReviewTask.objects.first())
    assert options(staff, "channel", channel="window") == {"online": 2, "window": 1}
    assert options(staff, "stage", channel="window") == {"street": 1}
    assert counted(staff, channel="window", stage="street") == 1
    assert counted(staff, channel="window", urgency="late") == 0


def test_cases_that_a_person_keeps_away_from_are_not_counted_for_them():
    case = desk.under_review(members=2)
    desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    kin, other = desk.reviewer_for(task), desk.reviewer_for(task)
    kin.id_index = case.members.get(position=1).id_index
    kin.save()
    assert counted(kin) == 1 and counted(other) == 2


def test_a_claim_that_ran_out_counts_as_free_before_it_was_freed():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    staff = desk.reviewer_for(task)
    review.claim(task, by=desk.reviewer_for(task))
    ReviewTask.objects.update(claim_expires_at=clock.now() - timedelta(minutes=1))
    assert options(staff, "state") == {"open": 1}
    assert claims.expire_due() == 1
    assert options(staff, "state") == {"open": 1} and queue_counts.drift() == []


def test_matches_of_a_search_are_counted_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(queue_counts, "MOST", 2)
    for _n in range(3):
        desk.under_review(members=[applications.person(name="陈广福")])
    staff = desk.reviewer_for(ReviewTask.objects.first())
    tasks = filters.TaskFilter({"q": "chen"}, queryset=open_tasks(staff, "")).qs
    cube = queue_counts.of_rows(tasks, clock.today(), clock.now())
    assert cube.capped and cube.total({}) == 2


def test_the_sums_are_those_of_the_table():
    for _n in range(3):
        desk.in_joint_review([desk.OFFPLAN])
    total = QueueCount.objects.aggregate(n=Sum("n"))["n"]
    assert total == ReviewTask.objects.filter(state__in=filters.OPEN_STATES).count() == 15
    district = accounts.staff(Role.DISTRICT)
    cube = queue_counts.of_desk(district, None, clock.today(), clock.now())
    assert cube.total({}) == 15 and cube.total({"stage": "joint", "tone": "doubt"}) == 3


def test_nothing_of_a_decided_task_is_counted():
    case = desk.at_district()
    assert states.TASK_DONE in case.tasks.values_list("state", flat=True)
    assert {one.state for one in QueueCount.objects.all()} <= set(filters.OPEN_STATES)
    queue_counts.fold()
    assert QueueCount.objects.count() == 1  # the centre's own task
    assert conflicts.give_back_everywhere() == 0

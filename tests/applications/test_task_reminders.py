"""Reminders: the desk at a share of its time and on the last day, then its lead; once each."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import BureauKind, Role
from applications import periods, review, task_reminders, todos
from applications.models import ReviewTask, StaffNotice
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry, OutboxMessage
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 6, 8)
DUE = date(2026, 6, 15)  # the fifth working day after it


def task_of(kind=BureauKind.REAL_ESTATE):
    """A task of five working days, opened on a Monday in June."""
    made = desk.task_of(desk.in_joint_review(), Stage.JOINT, kind)
    opened = datetime.combine(MONDAY, time(9), tzinfo=clock.LOCAL)
    ReviewTask.objects.exclude(pk=made.pk).update(due_on=DUE + timedelta(days=900))
    ReviewTask.objects.filter(pk=made.pk).update(opened_at=opened, due_on=DUE)
    made.refresh_from_db()
    return made


def told(task, staff=None):
    rows = StaffNotice.objects.filter(task=task, **({"staff": staff} if staff else {}))
    return sorted(rows.values_list("kind", flat=True))


def test_the_shares_are_data_without_a_source_yet():
    assert not periods.of("task_remind").verified and periods.of("task_remind").value == 60
    assert not periods.of("task_escalate").verified and periods.of("task_escalate").value == 80
    assert workdays.add_workdays(MONDAY, 5) == DUE


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2026, 6, 10), []),
        (date(2026, 6, 11), ["share"]),
        (date(2026, 6, 12), ["share", "escalated"]),
        (date(2026, 6, 14), ["share", "escalated"]),  # a Sunday adds no working day
        (DUE, ["due", "escalated"]),
        (DUE + timedelta(days=9), ["due", "escalated"]),
    ],
)
def test_each_step_is_reached_on_its_working_day(day, kinds):
    assert task_reminders.due_kinds(task_of(), day) == kinds


def test_the_desk_is_reminded_once_at_the_share_and_once_on_the_day():
    task = task_of()
    mine, other = desk.reviewer_for(task), accounts.staff(Role.REVIEWER)
    for _twice in range(2):
        task_reminders.sweep(date(2026, 6, 11))
    assert told(task, mine) == ["share"] and not told(task, other)
    for _twice in range(2):
        task_reminders.sweep(DUE)
    assert told(task, mine) == ["due", "share"]
    assert AuditEntry.objects.filter(verb="staff.told", detail__kind="share").count() == 1


def test_an_outage_of_days_does_not_tell_the_share_after_the_day():
    task = task_of()
    mine = desk.reviewer_for(task)
    task_reminders.sweep(DUE + timedelta(days=1))
    assert told(task, mine) == ["due"]


def test_who_holds_the_task_is_reminded_alone():
    task = task_of()
    mine, other = desk.reviewer_for(task), desk.reviewer_for(task)
    review.claim(task, by=mine)
    task_reminders.sweep(date(2026, 6, 11))
    assert told(task, mine) == ["share"] and told(task, other) == []


def test_kin_and_people_who_left_are_not_reminded():
    task = task_of()
    kin, gone = desk.reviewer_for(task), desk.reviewer_for(task)
    kin.id_index = task.application.applicant.id_index
    kin.save()
    gone.user.is_active = False
    gone.user.save()
    task_reminders.sweep(date(2026, 6, 11))
    assert told(task) == []


def test_the_lead_of_the_desk_hears_before_it_is_late_else_the_district():
    task = task_of()
    desk.reviewer_for(task)
    district = desk.district()
    task_reminders.sweep(date(2026, 6, 12))
    assert told(task, district) == ["escalated"]
    other = task_of(BureauKind.HUMAN_RESOURCES)
    desk.reviewer_for(other)
    lead = accounts.staff(Role.LEADER, bureau=other.bureau)
    task_reminders.sweep(date(2026, 6, 12))
    assert told(other, lead) == ["escalated"] and not told(other, district)


def test_a_task_that_is_done_is_left_alone():
    task = task_of()
    desk.reviewer_for(task)
    desk.settle(task, {})
    task_reminders.sweep(DUE)
    assert told(task) == []


def test_a_desk_elsewhere_is_reminded_there_too():
    task = task_of()
    desk.reviewer_for(task)
    task_reminders.sweep(date(2026, 6, 11))
    task_reminders.sweep(date(2026, 6, 11))
    sent = OutboxMessage.objects.get(destination=todos.DESTINATION, kind="todo.reminded")
    assert sent.key == f"task-{task.pk}-share" and sent.payload["reminder"] == "share"
    here = task_of(BureauKind.CIVIL_AFFAIRS)
    desk.reviewer_for(here)
    task_reminders.sweep(date(2026, 6, 11))
    assert not OutboxMessage.objects.filter(key=f"task-{here.pk}-share").exists()


def test_the_sweep_reads_the_quiet_tasks_in_two_queries():
    task_of()
    desk.reviewer_for(desk.task_of(desk.in_joint_review(), Stage.JOINT, BureauKind.HOUSING))
    ReviewTask.objects.update(opened_at=clock.now(), due_on=clock.today() + timedelta(days=60))
    workdays.is_workday(MONDAY)
    with CaptureQueriesContext(connection) as asked:
        assert task_reminders.sweep(clock.today()) == 0
    assert len(asked) <= 3


# -- The page --------------------------------------------------------------------------------------


def at_desk(staff):
    client = Client()
    client.force_login(staff.user)
    return client


def test_the_messages_of_a_person_are_theirs_and_lead_to_the_task():
    task = task_of()
    mine, other = desk.reviewer_for(task), accounts.staff(Role.REVIEWER)
    task_reminders.sweep(date(2026, 6, 11))
    page = at_desk(mine).get("/review/messages/").content.decode()
    assert "任务时间过了大半" in page and task.case_no in page and "1条没有看过" in page
    assert task.case_no not in at_desk(other).get("/review/messages/").content.decode()
    notice = StaffNotice.objects.get(staff=mine)
    assert at_desk(other).post(f"/review/messages/{notice.pk}/").status_code == 404
    assert at_desk(mine).post(f"/review/messages/{notice.pk}/").url == f"/review/{task.pk}/"
    notice.refresh_from_db()
    assert notice.read_at


def test_all_messages_are_marked_as_read_and_an_empty_list_says_so():
    task = task_of()
    mine = desk.reviewer_for(task)
    client = at_desk(mine)
    assert "现在没有消息" in client.get("/review/messages/").content.decode()
    task_reminders.sweep(DUE)
    assert "1条新消息" in client.get("/review/").content.decode()
    assert client.post("/review/messages/").status_code == 302
    assert "新消息" not in client.get("/review/").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_messages():
    task = task_of()
    mine = desk.reviewer_for(task)
    task_reminders.sweep(DUE)
    client = at_desk(mine)
    client.get("/review/messages/")
    with CaptureQueriesContext(connection) as few:
        client.get("/review/messages/")
    for kind in ("share", "escalated"):
        StaffNotice.objects.create(
            staff=mine, kind=kind, key=f"task-{task.pk}", task=task,
            application=task.application, at=clock.now(),
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        client.get("/review/messages/")
    assert len(many) == len(few) < 10

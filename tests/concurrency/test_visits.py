"""Visits that arrive twice, or from two people, in the same second."""

from uuid import uuid4

import pytest

from accounts.roles import BureauKind
from applications import task_reminders, todos, visits
from applications.models import StaffNotice, Visit, VisitCall, VisitOrder
from applications.models.review import Stage
from applications.visits import VisitConflict, VisitRefused
from core.models import Notice, OutboxMessage
from tests.applications.visiting import NOBODY, OTHERWISE, WELL, street_of, visit
from tests.concurrency.test_changes import at_once
from tests.factories import review as desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_double_send_of_one_form_is_one_visit():
    case = desk.under_review()
    clerk, key = street_of(case), uuid4()
    results = at_once(*(lambda: visit(case, clerk, key=key, **WELL) for _n in range(4)))
    assert {one.pk for one in results} == {Visit.objects.get().pk}


def test_two_colleagues_at_one_door_are_one_visit_and_one_sentence():
    case = desk.under_review()
    first, second = street_of(case), street_of(case)
    results = at_once(lambda: visit(case, first, **WELL), lambda: visit(case, second, **OTHERWISE))
    assert Visit.objects.count() == 1
    assert sum(isinstance(one, VisitConflict) for one in results) == 1


def test_attempts_at_once_are_counted_each_and_lead_to_one_call():
    case = desk.under_review()
    people = [street_of(case) for _n in range(3)]
    at_once(*((lambda who=who: visit(case, who, **NOBODY)) for who in people))
    assert sorted(Visit.objects.values_list("attempt", flat=True)) == [1, 2, 3]
    assert VisitCall.objects.count() == 1
    assert Notice.objects.filter(code="visit.missed").count() == 1


def test_two_orders_at_once_are_one():
    case = desk.under_review()
    people = [street_of(case), desk.district()]
    results = at_once(
        *((lambda who=who: visits.order(case, by=who, reason="看看")) for who in people)
    )
    assert VisitOrder.objects.count() == 1
    assert sum(isinstance(one, VisitRefused) for one in results) == 1


def test_a_call_answered_by_two_is_answered_once():
    case = desk.under_review()
    clerk = street_of(case)
    for _n in range(3):
        visit(case, clerk, **NOBODY)
    call, other = VisitCall.objects.get(), street_of(case)
    results = at_once(
        lambda: visits.called(call, by=clerk, reached=True, text="周六"),
        lambda: visits.called(call, by=other, reached=False, text="关机"),
    )
    assert sum(isinstance(one, VisitRefused) for one in results) == 1


def test_reminders_swept_twice_at_once_tell_once():
    case = desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, BureauKind.REAL_ESTATE)
    mine = desk.reviewer_for(task)
    day = task.due_on
    at_once(*(lambda: task_reminders.sweep(day) for _n in range(3)))
    assert StaffNotice.objects.filter(staff=mine, task=task, kind="due").count() == 1
    assert OutboxMessage.objects.filter(key=f"task-{task.pk}-due").count() == 1


def test_a_to_do_swept_twice_at_once_is_told_once():
    case = desk.in_joint_review()
    OutboxMessage.objects.filter(destination=todos.DESTINATION).delete()
    case.tasks.update(todo="")
    told = at_once(todos.settle, todos.settle, todos.settle)
    assert sum(told) == OutboxMessage.objects.filter(destination=todos.DESTINATION).count() == 3

"""Calendar, batches and parts that pass by themselves, when several act in the same instant."""

from datetime import date

import pytest

from applications import (
    auto_pass,
    batches,
    calendar_changes,
    escalations,
    forecast,
    recalculation,
    review,
    states,
)
from applications.calendar_changes import Day
from applications.forecast import Span
from applications.models import AutoPass, Batch, Escalation, Opinion, Recalculation
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry, CalendarChange, CalendarDay, Notice
from tests.applications.test_auto_pass import with_period
from tests.concurrency.test_review import at_once, refusals
from tests.factories import applications as build
from tests.factories import clocks as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _the_desk_of_these_tests_may_pass(monkeypatch):
    with_period(monkeypatch, f"auto_{make.KIND}", value=True)


DAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def nothing_runs_by_itself(monkeypatch):
    """What a verb hands over is called by the test."""
    from applications import tasks_clocks

    for task in (tasks_clocks.recalculate, tasks_clocks.pass_batch):
        monkeypatch.setattr(task, "delay", lambda *_args: None)
    yield
    workdays.forget()


# -- The calendar --------------------------------------------------------------------------------


def test_two_administrators_enter_one_day_and_one_is_told():
    people = [make.admin(), make.admin()]
    results = at_once(
        *(
            lambda who=who: calendar_changes.enter(
                Day(DAY, False), by=who, source="通知", reason="活动"
            )
            for who in people
        )
    )
    assert CalendarChange.objects.count() == 1
    (why,) = refusals(results)
    assert "在等确认" in why


def test_two_people_confirm_one_entry_and_it_counts_once():
    change = calendar_changes.enter(Day(DAY, False), by=make.admin(), source="通知", reason="活动")
    people = [make.leader(), make.admin()]
    results = at_once(*(lambda who=who: calendar_changes.confirm(change, by=who) for who in people))
    assert len(refusals(results)) == 1
    assert CalendarDay.objects.count() == 1 and Recalculation.objects.count() == 1


def test_confirming_and_putting_aside_at_once_leave_one_of_the_two():
    change = calendar_changes.enter(Day(DAY, False), by=make.admin(), source="通知", reason="活动")
    one, other = make.leader(), make.admin()
    results = at_once(
        lambda: calendar_changes.confirm(change, by=one),
        lambda: calendar_changes.decline(change, by=other),
    )
    assert len(refusals(results)) == 1
    change.refresh_from_db()
    assert CalendarDay.objects.exists() is (change.state == "confirmed")


def test_two_workers_on_one_recalculation_tell_each_family_once():
    cases = []
    for _n in range(6):
        case = make.accepted("2026-03-02T09:00", state=states.STREET_REVIEW)
        case.promised_due = date(2026, 3, 12)
        case.save()
        cases.append(case)
    run = recalculation.begin("change-1", by=recalculation.SYSTEM)
    at_once(*(lambda: recalculation.run(run.pk) for _n in range(3)))
    run.refresh_from_db()
    assert (run.cases, run.moved, run.later) == (6, 6, 6) and run.finished_at
    assert Notice.objects.filter(code="case.date_moved").count() == 6
    assert AuditEntry.objects.filter(verb="calendar.recalculated").count() == 1


# -- Escalation ----------------------------------------------------------------------------------


def test_two_sweeps_at_once_record_a_level_once(monkeypatch):
    slow = {stage: Span(9, 20, 30, measured=True) for stage in forecast.STAGES}
    monkeypatch.setattr(forecast, "measured", lambda today: slow)
    case = desk.under_review()
    at_once(*(lambda: escalations.sweep(clock.today()) for _n in range(3)))
    assert Escalation.objects.filter(application=case).count() == 1
    assert AuditEntry.objects.filter(verb="case.escalated").count() == 1


# -- Batches -------------------------------------------------------------------------------------


def opened(me) -> Batch:
    batch = batches.begin(by=me)
    for item in batch.items.filter(sampled=True):
        batches.look(item, by=me)
    return batch


def test_two_people_with_the_same_tasks_give_each_task_one_opinion():
    tasks = [make.agreeing() for _n in range(4)]
    people = [make.reviewer(), make.reviewer()]
    mine = [opened(one) for one in people]
    for batch, who in zip(mine, people, strict=True):
        batches.pass_on(batch, by=who, text="同意")
    at_once(*(lambda pk=batch.pk: batches.go_on(pk) for batch in mine))
    assert Opinion.objects.filter(task__in=tasks).count() == 4
    counts = [batches.counts_of(batch) for batch in mine]
    assert sum(one["passed"] for one in counts) == 4 == sum(one["left"] for one in counts)
    assert {batch.state for batch in Batch.objects.all()} == {"done"}


def test_a_double_click_and_two_workers_pass_a_batch_once():
    tasks, me = [make.agreeing() for _n in range(4)], make.reviewer()
    batch = opened(me)
    results = at_once(*(lambda: batches.pass_on(batch, by=me, text="同意") for _n in range(2)))
    assert refusals(results) == []
    assert AuditEntry.objects.filter(verb="batch.passed").count() == 1
    settled = at_once(*(lambda: batches.go_on(batch.pk) for _n in range(3)))
    assert sum(settled) == 4
    assert Opinion.objects.filter(batch=batch, task__in=tasks).count() == 4
    assert AuditEntry.objects.filter(verb="batch.done").count() == 1


def test_asking_twice_for_a_batch_draws_one_sample():
    _tasks, me = [make.agreeing() for _n in range(3)], make.reviewer()
    results = at_once(*(lambda: batches.begin(by=me) for _n in range(2)))
    assert results[0].pk == results[1].pk and Batch.objects.count() == 1


# -- Parts that pass by themselves ---------------------------------------------------------------


def test_a_person_and_the_rule_on_one_task_give_one_opinion():
    task, me = make.agreeing(), make.reviewer()
    at_once(
        lambda: auto_pass.pass_one(task.pk),
        lambda: review.opine(task, by=me, verdict="agree", text="符合"),
    )
    opinion = Opinion.objects.get(task=task)
    assert opinion.automatic is (opinion.by is None)
    assert AutoPass.objects.count() == int(opinion.automatic)


def test_two_sweeps_at_once_pass_a_part_once():
    tasks = [make.agreeing() for _n in range(3)]
    passed = at_once(*(auto_pass.sweep for _n in range(3)))
    assert sum(passed) == 3
    assert Opinion.objects.filter(task__in=tasks, automatic=True).count() == 3


def test_a_late_answer_that_contradicts_is_never_passed_over():
    """Whichever comes first, in the end a person has the question."""
    for _n in range(3):
        task = make.agreeing()
        case = task.application

        def late(case=case):
            row = case.evidence.get(source="property")
            row.status, row.fetched_at, row.unread = "found", clock.now(), False
            row.save()
            build.assessment(
                case, "ineligible", findings=[build.finding("HOUSING_AREA", "fail", actual="90")]
            )
            review.refresh_findings(case)

        at_once(late, lambda task=task: auto_pass.pass_one(task.pk))
        newest = desk.task_of(case, Stage.JOINT, make.KIND)
        assert newest.state == states.TASK_OPEN
        assert newest.findings == ["HOUSING_AREA"]
        assert not Opinion.objects.filter(task=newest).exists()

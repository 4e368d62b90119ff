"""An outage belongs to the case: it is told, it costs no time, it ends by itself or by a person."""

from datetime import timedelta

import pytest
from kombu.exceptions import OperationalError

from applications import deadlines, outcomes, reports, settling, states, tasks, verification
from applications.models import Evidence, Pause
from core import clock, workdays
from core.models import Notice
from datashare import queries
from datashare.reading import read
from datashare.replies import Faulted
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def accepted(members=1, **fields):
    return make.application(members, state=states.ACCEPTED, **fields)


def asked(row):
    verification.request_checks(row, by=row.created_by)
    return run(row)


def run(row):
    tasks.check_application(row.pk, "apply")
    row.refresh_from_db()
    return row


def days_pass(count):
    day = workdays.add_workdays(clock.today(), count)
    clock.advance(clock.local_midnight(day) + timedelta(hours=10) - clock.now())
    verification.sweep()


def told(row, code):
    return Notice.objects.filter(case_no=row.case_no, code=f"application.{code}")


def test_the_pause_names_every_silent_department_and_the_family_is_told_once(registers):
    registers.silent["property"] = "timeout"
    row = asked(accepted())
    registers.silent["property"] = "http_500"
    registers.silent["vehicle"] = "timeout"
    row.evidence.filter(source="vehicle").update(status="pending", due_at=clock.now())
    run(row)
    pause = row.pauses.get(ended_at=None)
    assert pause.reason == Pause.Reason.SOURCE
    assert "不动产" in pause.detail and "机动车" in pause.detail
    assert told(row, "source_silent").count() == 1


def test_the_clock_stands_and_runs_on_from_the_next_day(registers):
    registers.silent["property"] = "timeout"
    row = asked(accepted())
    before = deadlines.clock_of(row, clock.today())
    days_pass(1)
    registers.silent.clear()
    days_pass(1)
    row.refresh_from_db()
    after = deadlines.clock_of(row, clock.today())
    assert (after.gross, after.net) == (before.gross + 2, before.net)
    assert after.promised_due > before.promised_due and row.state == states.STREET_REVIEW


def test_two_days_are_counted_from_the_silence_and_not_from_the_acceptance(registers):
    registers.silent["property"] = "timeout"
    row = asked(accepted(accepted_days_ago=10))
    verification.sweep()
    row.refresh_from_db()
    assert row.state == states.ACCEPTED  # silent for a second: nobody works by hand yet
    days_pass(2)
    row.refresh_from_db()
    assert row.state == states.STREET_REVIEW and told(row, "by_hand").count() == 1
    assert not told(row, "checked").exists()


def test_going_on_without_a_register_ends_the_pause_and_its_late_answer_is_read(registers):
    registers.silent["property"] = "timeout"
    row = asked(accepted())
    days_pass(2)
    rows = settling.silent(row)
    assert [one.source for one in rows] == ["property"] and rows[0].silent_since
    assert verification.go_on_without(row, [one.pk for one in rows], by=row.created_by) == 1
    row.refresh_from_db()
    assert not row.pending_sources and not row.pauses.filter(ended_at=None).exists()
    days_pass(1)
    row.refresh_from_db()
    assert not row.pauses.filter(ended_at=None).exists()  # asked on, and silent without a pause
    registers.silent.clear()
    days_pass(1)
    one = row.evidence.get(source="property")
    assert one.status == Evidence.Status.NO_RECORD and one.waived_at is None
    assert row.assessments.first().created_at > rows[0].silent_since + timedelta(days=3)


def test_going_on_without_what_has_answered_meanwhile_changes_nothing(registers):
    row = asked(accepted())
    one = row.evidence.get(source="property")
    assert verification.go_on_without(row, [one.pk], by=row.created_by) == 0
    one.refresh_from_db()
    assert one.waived_at is None


def test_a_register_that_falls_silent_after_the_review_opened_pauses_and_resumes(registers):
    row = asked(accepted())
    assert row.state == states.STREET_REVIEW
    registers.silent["vehicle"] = "timeout"
    row.evidence.filter(source="vehicle").update(status="pending", due_at=clock.now())
    run(row)
    assert row.pending_sources and row.pauses.filter(ended_at=None).exists()
    assert row.state == states.STREET_REVIEW
    registers.silent.clear()
    clock.advance(timedelta(hours=5))
    verification.sweep()
    row.refresh_from_db()
    assert not row.pending_sources and told(row, "source_back").count() == 1


@pytest.mark.parametrize("why", ["throttled", "no_store"])
def test_what_we_never_sent_ourselves_is_nobodys_silence_and_waits(registers, monkeypatch, why):
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    monkeypatch.setattr(registers, "answer", lambda question: not_asked(question, why))
    run(row)
    assert set(row.evidence.values_list("status", "attempts")) == {("pending", 0)}
    assert not row.pending_sources and row.state == states.ACCEPTED


def test_a_register_that_rests_is_waited_for_as_long_as_it_rests(registers, monkeypatch):
    rests = {entry: {"retry_in": 900} for entry in verification.RECHECK_SOURCES}
    monkeypatch.setattr(queries, "allowances", lambda: rests)
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    monkeypatch.setattr(registers, "answer", lambda question: not_asked(question, "resting"))
    run(row)
    one = row.evidence.first()
    assert (one.status, one.attempts, one.error) == ("unavailable", 0, "resting")
    assert one.due_at - clock.now() > timedelta(minutes=14)
    assert row.pending_sources and told(row, "source_silent").count() == 1


def test_a_question_without_authority_is_put_ever_more_seldom(registers, monkeypatch):
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    monkeypatch.setattr(registers, "answer", lambda question: not_asked(question, "no_authority"))
    waits = []
    for attempts in (1, 2, 3):
        run(row)
        one = row.evidence.first()
        assert (one.status, one.attempts) == ("unavailable", attempts)
        waits.append(one.due_at - one.asked_at)
        clock.advance(waits[-1] + timedelta(seconds=1))
    assert waits == sorted(waits) and waits[-1] >= timedelta(minutes=1) > waits[0]


def test_answers_are_written_though_nobody_can_say_how_long_a_register_rests(
    registers, monkeypatch
):
    def too_busy():
        raise TimeoutError

    monkeypatch.setattr(queries, "allowances", too_busy)
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    answer = registers.answer

    def one_rests(question):
        return not_asked(question, "resting") if question.source == "vehicle" else answer(question)

    monkeypatch.setattr(registers, "answer", one_rests)
    run(row)
    (silent,) = row.evidence.exclude(status__in=["found", "no_record"])
    assert silent.source == "vehicle"
    assert silent.due_at - clock.now() > timedelta(seconds=25)


def not_asked(question, why):
    assert why in queries.NOT_ASKED
    return read(question.source, question.person.id_number, Faulted(why), fetched_at=clock.now())


def test_a_report_under_way_stays_so_while_its_register_rests(registers, monkeypatch):
    row = accepted()
    registers.order(row.applicant.id_number)
    asked(row)
    reports.look_now(by=row.created_by)
    monkeypatch.setattr(queries, "allowances", lambda: {"income_check": {"retry_in": 60}})
    registers.silent["income_check"] = "stopped"
    verification.sweep()
    one = row.evidence.get(source="income_check")
    assert one.status == Evidence.Status.ORDERED and one.receipt and not row.pending_sources


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_stops_no_acceptance_and_loses_no_question(registers, monkeypatch):
    def away(*_args, **_settings):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.check_application, "apply_async", away)
    row = accepted()
    assert verification.request_checks(row, by=row.created_by) > 0
    verification.sweep()
    row.refresh_from_db()
    assert row.state == states.STREET_REVIEW


@pytest.mark.parametrize(
    "attempts,wait",
    [(0, outcomes.RETRIES[0]), (3, outcomes.RETRIES[3]), (40, outcomes.RETRIES[-1])],
)
def test_each_silence_waits_longer_up_to_some_hours(registers, attempts, wait):
    registers.silent["property"] = "timeout"
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    row.evidence.update(attempts=attempts)
    run(row)
    left = row.evidence.get(source="property").due_at - clock.now()
    assert timedelta(0) <= wait - left < timedelta(seconds=5)


def test_a_silence_pauses_the_clock_though_another_question_still_waits_its_turn(
    registers, monkeypatch
):
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    usual = registers.answer
    registers.silent["property"] = "timeout"

    def answer(question):
        waits = question.source == "vehicle"
        return not_asked(question, "throttled") if waits else usual(question)

    monkeypatch.setattr(registers, "answer", answer)
    run(row)
    assert set(row.evidence.filter(source="vehicle").values_list("status", flat=True)) == {
        "pending"
    }
    assert row.pending_sources and row.pauses.filter(ended_at=None).exists()
    assert row.state == states.ACCEPTED and not row.assessments.exists()

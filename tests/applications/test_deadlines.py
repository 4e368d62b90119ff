"""The clocks of an application."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import deadlines, periods, states
from applications.models import Application, Pause
from core import clock
from core.audit import System
from core.models import AuditEntry
from tests.factories import applications

BY = System("test")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL)


def accepted(day: str) -> Application:
    case = applications.application(state=states.ACCEPTED)
    case.accepted_at = at(f"{day}T10:00")
    deadlines.start(case, case.accepted_at)
    case.save()
    return case


def paused(case: Application, began: str, ended: str | None, reason: str = "source") -> Pause:
    return Pause.objects.create(
        application=case, reason=reason, began_at=at(began), ended_at=at(ended) if ended else None
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "promised", "statutory"),
    [
        ("2021-09-24", date(2021, 10, 20), date(2021, 12, 1)),
        ("2022-01-21", date(2022, 2, 16), None),
        ("2026-02-10", date(2026, 3, 9), None),
    ],
)
def test_due_dates_follow_the_moved_holidays(day, promised, statutory):
    case = accepted(day)
    assert case.promised_due == promised
    assert statutory is None or case.statutory_due == statutory


@pytest.mark.django_db
def test_the_day_of_acceptance_does_not_count():
    case = accepted("2021-09-24")
    assert deadlines.clock_of(case, date(2021, 9, 24)).net == 0
    assert deadlines.clock_of(case, date(2021, 9, 26)).net == 1  # a Sunday worked for the festival


@pytest.mark.django_db
def test_paused_days_count_gross_but_not_net():
    case = accepted("2021-09-06")
    paused(case, "2021-09-08T09:00", "2021-09-10T16:00")
    stood = deadlines.clock_of(case, date(2021, 9, 14))
    assert (stood.gross, stood.net) == (6, 4)
    assert stood.paused is None and stood.running


@pytest.mark.django_db
def test_pauses_that_overlap_count_once():
    case = accepted("2021-09-06")
    paused(case, "2021-09-08T09:00", "2021-09-10T16:00")
    paused(case, "2021-09-09T09:00", "2021-09-13T16:00", "correction")
    assert deadlines.clock_of(case, date(2021, 9, 14)).net == 3


@pytest.mark.django_db
def test_an_open_pause_stops_the_clock_and_names_its_reason():
    case = accepted("2021-09-06")
    paused(case, "2021-09-08T09:00", None)
    stood = deadlines.clock_of(case, date(2021, 9, 24))
    assert stood.net == 2
    assert stood.paused.reason == "source" and not stood.running


@pytest.mark.django_db
def test_due_dates_move_when_a_pause_ends(monkeypatch):
    case = accepted("2021-09-06")
    before = case.promised_due
    paused(case, "2021-09-08T09:00", None)
    assert case.promised_due == before
    monkeypatch.setattr(clock, "now", lambda: at("2021-09-10T16:00"))
    deadlines.resume(case, "source", by=BY)
    case.refresh_from_db()
    # the two paused days come back behind Mid-Autumn
    assert case.promised_due == deadlines.clock_of(case, date(2021, 9, 13)).promised_due
    assert (case.promised_due - before).days == 2


@pytest.mark.django_db
def test_a_pause_for_the_same_reason_stands_once():
    case = accepted("2021-09-06")
    first = deadlines.pause(case, Pause.Reason.SOURCE, by=BY, detail="property")
    again = deadlines.pause(case, Pause.Reason.SOURCE, by=BY)
    assert first == again
    assert case.pauses.count() == 1
    assert AuditEntry.objects.filter(verb="clock.paused").count() == 1


@pytest.mark.django_db
def test_resuming_a_clock_that_runs_changes_nothing():
    case = accepted("2021-09-06")
    assert deadlines.resume(case, Pause.Reason.SOURCE, by=BY) is None
    assert not AuditEntry.objects.filter(verb="clock.resumed").exists()


@pytest.mark.django_db
def test_the_clock_ends_with_the_decision():
    case = accepted("2021-09-06")
    case.decided_at = at("2021-09-13T11:00")
    stood = deadlines.clock_of(case, date(2021, 12, 1))
    assert stood.net == 5 and not stood.running and not stood.late


@pytest.mark.django_db
def test_a_due_date_beyond_the_published_calendar_is_provisional():
    case = accepted("2021-09-06")
    assert not deadlines.clock_of(case, date(2021, 9, 7)).provisional
    far = accepted("2040-03-01")
    assert deadlines.clock_of(far, date(2040, 3, 2)).provisional


@pytest.mark.django_db
def test_a_calendar_published_later_moves_the_due_dates():
    case = accepted("2021-09-06")
    case.promised_due = case.promised_due + timedelta(days=9)
    case.save()
    deadlines.recompute(case)
    case.refresh_from_db()
    assert case.promised_due == deadlines.clock_of(case, date(2021, 9, 7)).promised_due


def test_every_period_names_its_source_or_its_mark():
    table = periods.table()
    assert table["statutory"].value == 45 and table["promised"].value == 15
    assert table["reconsideration"].verified and not table["street"].verified


def test_a_period_with_neither_source_nor_mark_is_refused():
    with pytest.raises(ValueError, match="needs either"):
        periods._period("x", {"text": "x", "value": 1, "unit": "days"})


@pytest.mark.django_db
def test_the_familys_page_reads_the_pauses_once(client):
    case = applications.application(state=states.JOINT_REVIEW)
    case.accepted_at = clock.now() - timedelta(days=9)
    deadlines.start(case, case.accepted_at)
    case.save()
    paused(case, "2026-01-08T09:00", "2026-01-09T16:00")
    client.force_login(case.created_by)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/my/case/{case.case_no}/").status_code == 200
    assert sum('FROM "applications_pause"' in one["sql"] for one in queries) == 1

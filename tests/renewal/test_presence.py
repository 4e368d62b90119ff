"""A day and a home, never who or when; a door that is silent says nothing about anybody."""

import json
from datetime import date, timedelta

import pytest

from allocation import handover
from core import clock
from core.models import OutboxMessage
from renewal.models import DoorDay, HomePresence, PresenceReport, Violation
from renewal.occupancy import presence
from renewal.violations import leads, steps
from tests.allocation.receivers import receivers
from tests.factories import tenancies
from tests.factories import violations as make

pytestmark = pytest.mark.django_db
DAYS = 190


@pytest.fixture
def lease():
    return tenancies.lease(2)


def reporting(lease, *, days=DAYS, but=(), today=None):
    """The door of a home reports each of so many days before today."""
    today = today or clock.today()
    estate, building, unit = presence.door(lease.home)
    DoorDay.objects.bulk_create(
        DoorDay(estate=estate, building=building, unit=unit, day=today - timedelta(days=n))
        for n in range(1, days + 1)
        if n not in but
    )


def place(lease):
    return {
        "communityId": lease.home.estate.code, "buildingNo": lease.home.building,
        "unitNo": lease.home.unit, "roomNo": lease.home.room,
    }  # fmt: skip


def test_a_home_without_presence_behind_a_door_that_reports_is_a_lead(lease):
    reporting(lease)
    assert leads.note_idle(clock.today()) == 1
    row = Violation.objects.get()
    assert row.kind == "idle" and row.state == "found" and row.found_by is None
    assert leads.note_idle(clock.today()) == 0


@pytest.mark.parametrize(
    ("days", "but"),
    [(0, ()), (120, ()), (DAYS, range(1, 5)), (DAYS, range(40, 60))],
    ids=["never reported", "new door", "silent now", "silent for weeks"],
)
def test_a_broken_or_silent_door_makes_no_lead(lease, days, but):
    reporting(lease, days=days, but=but)
    assert leads.note_idle(clock.today()) == 0


def test_presence_within_the_months_makes_no_lead(lease):
    reporting(lease)
    HomePresence.objects.create(home=lease.home, last_on=clock.today() - timedelta(days=150))
    assert leads.note_idle(clock.today()) == 0


@pytest.mark.parametrize("today", [date(2030, 8, 31), date(2031, 1, 1), date(2032, 2, 29)])
def test_the_line_is_six_months_whatever_the_month(today):
    with make.on(today, hour=0):
        lease = tenancies.lease(1)
        reporting(lease, today=today)
        line = presence.periods.months_later(today, -6)
        kept = HomePresence.objects.create(home=lease.home, last_on=line + timedelta(days=1))
        assert presence.silent(today) == []
        kept.last_on = line
        kept.save()
        assert [one.since for one in presence.silent(today)] == [line]


def test_what_a_person_closed_comes_back_only_with_new_months(lease):
    reporting(lease)
    leads.note_idle(clock.today())
    steps.set_aside(Violation.objects.get(), words="在儿子家养病", by=make.officer())
    assert leads.note_idle(clock.today()) == 0


def test_who_came_back_is_not_established_as_idle(lease):
    reporting(lease)
    leads.note_idle(clock.today())
    officer = make.officer()
    row = make.ordered(Violation.objects.get(), officer)
    after = row.due_on + timedelta(days=1)
    with make.on(after):
        assert steps.why_not_confirm(row, make.officer()) == ""
        HomePresence.objects.create(home=lease.home, last_on=row.due_on)
        row.lease.home.refresh_from_db()
        assert steps.why_not_confirm(Violation.objects.get(), make.officer())


def test_of_a_report_only_places_are_read():
    day = date(2030, 5, 1)
    home = {"communityId": "A", "buildingNo": "1", "unitNo": "2", "roomNo": "301"}
    told = {
        "day": "2030-05-01", "doors": [{**home, "opened": 40}],
        "homes": [{**home, "person": "张三", "at": "2030-05-01T23:10:00"}],
    }  # fmt: skip
    read = presence.read(told, day)
    assert read.doors == {("A", "1", "2")} and read.homes == {("A", "1", "2", "301")}
    for wrong in (None, {}, {**told, "day": "2030-05-02"}, {**told, "homes": [{"roomNo": 1}]}):
        with pytest.raises(ValueError):
            presence.read(wrong, day)
    columns = {one.name for one in HomePresence._meta.fields}
    assert columns == {"id", "home", "last_on"}


def test_a_late_report_moves_nothing_back_and_a_day_is_taken_in_once(lease):
    day = clock.today() - timedelta(days=1)
    report = presence.read({"day": day.isoformat(), "doors": [place(lease)],
                            "homes": [place(lease)]}, day)  # fmt: skip
    assert presence.take_in(report, day) and not presence.take_in(report, day)
    earlier = day - timedelta(days=3)
    assert presence.take_in(report, earlier)
    assert HomePresence.objects.get().last_on == day


def test_days_are_fetched_signed_from_the_access_system_and_a_failure_is_tried_again(
    lease, settings
):
    with receivers(settings.OUTBOX_SECRET) as (address, mock):
        settings.OUTBOX_DESTINATIONS = {**settings.OUTBOX_DESTINATIONS,
                                        "access": f"{address}/access/"}  # fmt: skip
        mock.modes["access"] = "down"
        assert presence.pull_due() == 0
        assert PresenceReport.objects.filter(done_at=None).exclude(error="").count() == 2
        mock.modes["access"] = "ok"
        handover.tell_again(lease, "access")
        message = OutboxMessage.objects.get()
        mock.holdings["access"].apply({**message.payload, "kind": "grant"})
        assert presence.pull_due() == 7 and presence.pull_due() == 0
    assert HomePresence.objects.get().last_on == clock.today() - timedelta(days=1)
    assert DoorDay.objects.count() == 7
    kept = json.dumps(list(HomePresence.objects.values("home_id", "last_on")), default=str)
    assert lease.application.applicant.id_index not in kept


def test_silence_is_found_in_a_constant_number_of_queries(lease, django_assert_num_queries):
    reporting(lease)
    with django_assert_num_queries(2):
        assert len(presence.silent(clock.today())) == 1
    for _ in range(3):
        reporting(tenancies.lease(1))
    with django_assert_num_queries(2):
        assert len(presence.silent(clock.today())) == 4

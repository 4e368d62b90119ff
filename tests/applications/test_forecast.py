"""When a case will be answered, and what is done about one that will be late."""

from datetime import date, timedelta

import pytest

from accounts.roles import BureauKind, Role
from applications import deadlines, escalations, forecast, periods, publicity, states
from applications.forecast import Level, Span
from applications.models import Escalation
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry
from tests.factories import accounts
from tests.factories import applications as build
from tests.factories import clocks as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
KNOWN = {
    Stage.STREET: Span(1, 2, 4, measured=True),
    Stage.JOINT: Span(1, 3, 6, measured=True),
    Stage.DISTRICT: Span(0, 1, 2, measured=True),
}


@pytest.fixture
def day(monkeypatch):
    """2026-03-02, a Monday without a festival near it."""
    monkeypatch.setattr(clock, "now", lambda: make.at("2026-03-02T10:00"))
    return date(2026, 3, 2)


def at_street(accepted: str = "2026-03-02T09:00", opened: str = "2026-03-02T09:00"):
    case = make.accepted(accepted, state=states.STREET_REVIEW)
    make.task(case, Stage.STREET, opened)
    return case


# -- The range -----------------------------------------------------------------------------------


def test_what_is_ahead_adds_up_with_the_notice_behind_it(day):
    told = forecast.of(at_street(), day, stages=KNOWN)
    notice = timedelta(days=publicity.days_of_notice(day) + 1)
    assert told.earliest == workdays.add_workdays(day, 2) + notice
    assert told.likely == workdays.add_workdays(day, 6) + notice
    assert told.latest == workdays.add_workdays(day, 12) + notice
    assert told.sure and told.level == "" and told.net == 6


def test_days_that_a_desk_has_had_already_are_not_ahead(day):
    fresh = forecast.of(at_street(), day, stages=KNOWN)
    older = forecast.of(
        at_street("2026-02-25T09:00", "2026-02-25T09:00"), day, stages=KNOWN
    )  # three working days at the street
    assert older.latest < fresh.latest
    assert older.earliest == fresh.earliest - (fresh.earliest - older.earliest)
    assert older.earliest >= day


def test_a_forecast_never_lies_before_today(day):
    case = make.accepted("2025-11-03T09:00", state=states.DISTRICT_REVIEW)
    make.task(case, Stage.DISTRICT, "2025-12-01T09:00")
    told = forecast.of(case, day, stages=KNOWN)
    assert told.earliest >= day and told.earliest <= told.likely <= told.latest
    assert not told.sure  # longer at the desk than nine of ten were


def test_a_notice_that_hangs_tells_the_day_itself(day):
    case = make.accepted("2026-02-10T09:00", state=states.PUBLICITY)
    case.publicities.create(starts_on=day, ends_on=day + timedelta(days=7))
    make.pause(case, "publicity", "2026-03-02T09:00")
    told = forecast.of(case, day, stages=KNOWN)
    assert told.earliest == told.latest == day + timedelta(days=8)
    assert told.sure


def test_a_family_with_days_to_answer_moves_the_late_end_alone(day):
    case = make.accepted("2026-03-02T09:00", state=states.CORRECTION)
    make.task(case, Stage.JOINT, "2026-03-02T09:00")
    make.pause(case, "correction", "2026-03-02T09:00")
    case.supplements.create(item="correction-1", text="租房合同", due_on=date(2026, 3, 16))
    told = forecast.of(case, day, stages=KNOWN)
    notice = timedelta(days=publicity.days_of_notice(day) + 1)
    assert told.latest == workdays.add_workdays(date(2026, 3, 16), 8) + notice
    assert told.earliest == workdays.add_workdays(day, 1) + notice
    assert not told.sure


@pytest.mark.parametrize("state", [states.WAITLISTED, states.REFUSED, states.SUBMITTED])
def test_a_case_that_is_answered_or_not_accepted_has_none(day, state):
    assert forecast.of(build.application(state=state), day, stages=KNOWN) is None


# -- What is measured ----------------------------------------------------------------------------


def test_too_few_cases_tell_nothing_but_the_period(day):
    few = periods.of("forecast_samples").value - 1
    assert forecast.span_of([1] * few, 5) == Span(0, 5, 5, measured=False)


def test_enough_cases_tell_low_middle_and_high():
    days = list(range(1, 21))
    assert forecast.span_of(days, 5) == Span(2, 10, 18, measured=True)


def test_stages_are_measured_on_what_they_took_lately_without_the_pauses(day):
    for n in range(20):
        case = make.accepted("2026-02-02T09:00", state=states.JOINT_REVIEW)
        make.task(case, Stage.STREET, "2026-02-02T09:00", "2026-02-05T09:00")
        if n % 2:
            make.pause(case, "correction", "2026-02-03T09:00", "2026-02-05T08:00")
    for _n in range(30):  # long ago: not asked
        case = make.accepted("2025-09-01T09:00", state=states.JOINT_REVIEW)
        make.task(case, Stage.STREET, "2025-09-01T09:00", "2025-09-29T09:00")
    measured = forecast.measured(day)
    assert measured[Stage.STREET] == Span(1, 1, 3, measured=True)
    assert measured[Stage.DISTRICT] == Span(0, 3, 3, measured=False)


def test_the_joint_stage_lasts_until_the_last_department(day):
    for _n in range(20):
        case = make.accepted("2026-02-02T09:00", state=states.DISTRICT_REVIEW)
        opened = "2026-02-02T09:00"
        make.task(case, Stage.JOINT, opened, "2026-02-03T09:00", kind=BureauKind.HOUSING)
        make.task(case, Stage.JOINT, opened, "2026-02-06T09:00", kind=BureauKind.CIVIL_AFFAIRS)
    assert forecast.measured(day)[Stage.JOINT] == Span(4, 4, 4, measured=True)


def test_measuring_takes_no_more_queries_for_more_cases(day, django_assert_max_num_queries):
    for _n in range(25):
        case = make.accepted("2026-02-02T09:00", state=states.JOINT_REVIEW)
        make.task(case, Stage.STREET, "2026-02-02T09:00", "2026-02-05T09:00")
    with django_assert_max_num_queries(6):
        forecast.measured(day)


# -- The family ----------------------------------------------------------------------------------


def test_a_family_hears_a_range_only_where_it_is_known(day, monkeypatch):
    case = at_street()
    assert forecast.for_family(case, day) == ""  # nothing was measured
    monkeypatch.setattr(forecast, "measured", lambda today: KNOWN)
    told = forecast.for_family(case, day)
    assert "预计" in told and "估算" in told
    monkeypatch.setattr(
        forecast, "measured", lambda today: KNOWN | {Stage.JOINT: Span(9, 20, 30, measured=True)}
    )
    assert forecast.for_family(case, day) == ""  # it will be late: people see to that first


# -- Escalation ----------------------------------------------------------------------------------

SLOW = KNOWN | {Stage.JOINT: Span(5, 14, 20, measured=True)}


def test_a_case_is_told_before_it_is_late_and_once_a_level(day, monkeypatch):
    monkeypatch.setattr(forecast, "measured", lambda today: SLOW)
    case = at_street()
    assert escalations.sweep(day) == 1
    assert escalations.sweep(day) == 0
    one = case.escalations.get()
    assert (one.level, one.rank) == (Level.AT_RISK, 4)
    assert one.desks == [case.street.code]
    assert AuditEntry.objects.filter(verb="case.escalated", case_no=case.case_no).count() == 1


def test_it_climbs_from_level_to_level_and_each_is_recorded_once(day, monkeypatch):
    monkeypatch.setattr(forecast, "measured", lambda today: SLOW)
    case = at_street()
    seen = []
    for moment in ("2026-03-02", "2026-03-27", "2026-05-06", "2026-05-20", "2026-05-21"):
        monkeypatch.setattr(clock, "now", lambda moment=moment: make.at(f"{moment}T10:00"))
        escalations.sweep(clock.today())
        seen.append(escalations.of(case).level)
    assert seen == [
        Level.AT_RISK, Level.LATE, Level.LEGAL_RISK, Level.LEGAL_LATE, Level.LEGAL_LATE,
    ]  # fmt: skip
    assert case.escalations.count() == 4
    assert case.escalations.filter(ended_at=None).count() == 1


def test_what_is_in_time_again_or_answered_leaves_the_board(day, monkeypatch):
    monkeypatch.setattr(forecast, "measured", lambda today: SLOW)
    one, other = at_street(), at_street()
    escalations.sweep(day)
    other.state = states.WAITLISTED
    other.save()
    assert [row.application for row in escalations.standing()] == [one]
    monkeypatch.setattr(forecast, "measured", lambda today: KNOWN)
    escalations.sweep(day)
    assert not Escalation.objects.filter(ended_at=None).exists()
    monkeypatch.setattr(forecast, "measured", lambda today: SLOW)
    assert escalations.sweep(day) == 0  # it stands again, and was recorded before
    assert [row.application for row in escalations.standing()] == [one]


def test_a_paused_clock_does_not_make_a_case_late(day, monkeypatch):
    monkeypatch.setattr(forecast, "measured", lambda today: KNOWN)
    case = make.accepted("2026-01-05T09:00", state=states.CORRECTION)
    make.task(case, Stage.STREET, "2026-01-05T09:00")
    make.pause(case, "correction", "2026-01-06T09:00")
    escalations.sweep(day)
    assert not case.escalations.exists()


def test_the_board_names_the_desks_and_begins_with_the_most_urgent(day, monkeypatch, client):
    monkeypatch.setattr(forecast, "measured", lambda today: SLOW)
    soon = at_street()
    late = at_street("2025-12-01T09:00", "2025-12-01T09:00")
    escalations.sweep(day)
    client.force_login(make.admin())
    page = client.get("/office/late/").content.decode()
    assert page.index(late.case_no) < page.index(soon.case_no)
    assert soon.street.name in page and "已超过法定期限" in page
    assert "督办的申请" in client.get("/office/").content.decode()
    assert "列入督办" in client.get(f"/office/cases/{late.case_no}/").content.decode()
    task = late.tasks.get()
    client.force_login(desk.reviewer_for(task).user)
    assert "列入督办" in client.get(f"/review/{task.pk}/").content.decode()
    assert client.get("/office/late/").status_code == 403


def test_the_board_masks_names_and_costs_the_same_for_many(
    day, monkeypatch, client, django_assert_max_num_queries
):
    monkeypatch.setattr(forecast, "measured", lambda today: SLOW)
    cases = [at_street() for _n in range(12)]
    escalations.sweep(day)
    client.force_login(make.leader())
    client.get("/office/late/")
    with django_assert_max_num_queries(14):
        page = client.get("/office/late/").content.decode()
    assert all(one.case_no in page for one in cases)
    assert cases[0].applicant.name not in page


def test_a_district_reviewer_reaches_the_task_from_the_board(day, monkeypatch, client):
    monkeypatch.setattr(forecast, "measured", lambda today: SLOW)
    case = at_street()
    escalations.sweep(day)
    client.force_login(accounts.staff(Role.DISTRICT).user)
    assert f"/review/{case.tasks.get().pk}/" in client.get("/office/late/").content.decode()


def test_an_empty_board_says_so(client):
    client.force_login(make.admin())
    assert "没有要督办的办件" in client.get("/office/late/").content.decode()


def test_the_level_agrees_with_the_clock(day):
    case = at_street("2025-12-01T09:00", "2025-12-01T09:00")
    assert deadlines.clock_of(case, day).net > 45
    assert forecast.of(case, day, stages=KNOWN).level == Level.LEGAL_LATE

"""What stops the clock, and where the time of a case went."""

from datetime import date

import pytest

from accounts.roles import BureauKind, Role
from applications import deadlines, desk_time, periods, states
from applications.models import Pause
from applications.models.review import Stage
from core import clock
from tests.factories import accounts
from tests.factories import clocks as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
TODAY = date(2021, 9, 14)


@pytest.mark.parametrize("reason", ["correction", "publicity", "objection", "out_of_province"])
def test_the_four_reasons_of_the_procedure_stop_the_clock(reason):
    case = make.accepted("2021-09-06T10:00")
    make.pause(case, reason, "2021-09-08T09:00", "2021-09-10T16:00")
    stood = deadlines.clock_of(case, TODAY)
    assert (stood.gross, stood.net) == (6, 4)


@pytest.mark.parametrize("reason", ["source", "consent"])
def test_other_waiting_stops_it_only_where_the_table_of_periods_says_so(reason, monkeypatch):
    case = make.accepted("2021-09-06T10:00")
    make.pause(case, reason, "2021-09-08T09:00", "2021-09-10T16:00")
    make.pause(case, reason, "2021-09-13T09:00")
    rows = dict(periods.table())
    for flag in (True, False):
        name = f"pause_{reason}"
        changed = rows | {name: periods.Period(name, "x", flag, "flag")}
        monkeypatch.setattr(periods, "table", lambda changed=changed: changed)
        stood = deadlines.clock_of(case, TODAY)
        assert stood.net == (3 if flag else 6)
        assert (stood.paused is not None) is flag


def test_nothing_else_stops_it():
    assert {one for one in Pause.Reason.values if deadlines.stops(one)} <= {
        "correction", "publicity", "objection", "out_of_province", "source", "consent",
    }  # fmt: skip
    assert not deadlines.stops("holiday of the desk")


def test_pauses_with_different_reasons_over_each_other_count_once():
    case = make.accepted("2021-09-06T10:00")
    make.pause(case, "correction", "2021-09-08T09:00", "2021-09-10T16:00")
    make.pause(case, "out_of_province", "2021-09-09T09:00", "2021-09-13T16:00")
    make.pause(case, "objection", "2021-09-09T10:00", "2021-09-09T16:00")
    assert deadlines.clock_of(case, TODAY).net == 3


def story():
    """A street of two days, three departments beside each other, a district that has the case."""
    case = make.accepted("2021-09-06T10:00", state=states.DISTRICT_REVIEW)
    make.task(case, Stage.STREET, "2021-09-06T10:00", "2021-09-08T15:00")
    joint = "2021-09-08T15:00"
    make.task(case, Stage.JOINT, joint, "2021-09-08T15:01", kind=BureauKind.HOUSING, automatic=True)
    make.task(case, Stage.JOINT, joint, "2021-09-13T09:00", kind=BureauKind.CIVIL_AFFAIRS)
    make.task(case, Stage.JOINT, joint, "2021-09-10T09:00", kind=BureauKind.REAL_ESTATE)
    make.task(case, Stage.DISTRICT, "2021-09-13T09:00")
    make.pause(case, "correction", "2021-09-08T16:00", "2021-09-09T16:00")
    return case


def test_each_desk_has_its_own_days_and_the_last_department_is_named():
    rows = desk_time.of(story(), TODAY)
    told = [(one.code, one.net, one.gross, one.critical, one.holds) for one in rows]
    assert [one[1:] for one in told if one[0] == "civil_affairs"] == [(2, 3, True, False)]
    assert [one[1:] for one in told if one[0] == "real_estate"] == [(1, 2, False, False)]
    assert [one[1:] for one in told if one[0] == "housing"] == [(0, 0, False, False)]
    assert [one[1:] for one in told if one[0] == "centre"] == [(1, 1, False, True)]
    assert rows[0].stage == Stage.STREET and (rows[0].net, rows[0].gross) == (2, 2)
    assert [one.automatic for one in rows if one.code == "housing"] == [True]


def test_no_department_is_last_while_one_is_still_at_it():
    case = story()
    make.task(case, Stage.JOINT, "2021-09-08T15:00", kind=BureauKind.HUMAN_RESOURCES)
    assert not any(one.critical for one in desk_time.of(case, TODAY))


def test_a_task_taken_back_unanswered_used_no_time():
    case = story()
    case.tasks.filter(bureau__code="real_estate").update(state=states.TASK_CANCELLED)
    assert "real_estate" not in {one.code for one in desk_time.of(case, TODAY)}


def test_the_shares_take_three_queries(django_assert_num_queries):
    case = story()
    with django_assert_num_queries(2):
        desk_time.of(case, TODAY)


def test_the_task_page_shows_where_the_time_went_net_and_gross(client):
    task = make.agreeing()
    client.force_login(desk.reviewer_for(task).user)
    page = client.get(f"/review/{task.pk}/").content.decode()
    assert "时间用在哪里" in page and task.application.street.name in page
    assert "净" in page and "总" in page
    assert "预计" in page


def test_the_api_tells_clock_and_desks(client):
    task = make.agreeing()
    client.force_login(accounts.staff(Role.DISTRICT).user)
    told = client.get(f"/api/v1/cases/{task.application.case_no}/").json()
    assert told["clock"]["net"] == 0 and told["clock"]["gross"] == 0
    assert told["clock"]["promised"] == 15 and told["clock"]["statutory"] == 45
    assert told["clock"]["earliest"] >= clock.today().isoformat()
    assert {one["bureau"] for one in told["desks"]} >= {"real_estate", task.application.street.code}
    assert all({"net", "gross", "critical", "automatic"} <= set(one) for one in told["desks"])


def far(case):
    """Its promised day lies in a year of which nobody knows the calendar."""
    case.promised_due, case.statutory_due = date(2040, 3, 15), date(2040, 5, 4)
    case.save()
    case.tasks.update(due_on=date(2040, 3, 9))
    return case


def test_a_day_beyond_the_published_calendar_is_marked_wherever_it_is_shown(client):
    from applications import receipts, standing

    task = make.agreeing(applicant=accounts.citizen())
    case = far(task.application)
    assert "（暂定）" in receipts.sentence(case, [])
    assert [value for _name, value in receipts._facts(case) if "（暂定）" in value] == [
        "2040年3月15日（星期四）（暂定）", "2040年5月4日（星期五）（暂定）",
    ]  # fmt: skip
    assert "（暂定）" in standing.of(case).due
    staff = desk.reviewer_for(task)
    client.force_login(staff.user)
    assert "2040年3月9日（暂定）" in client.get("/review/").content.decode()
    assert "2040年3月9日（星期五）（暂定）" in client.get(f"/review/{task.pk}/").content.decode()
    client.force_login(accounts.staff(Role.ADMIN).user)
    sheet = client.get(f"/office/cases/{case.case_no}/").content.decode()
    assert "2040年3月15日（星期四）（暂定）" in sheet
    client.force_login(case.created_by)
    assert "（暂定）" in client.get(f"/my/case/{case.case_no}/").content.decode()


def test_a_day_of_a_known_year_is_not_marked():
    assert deadlines.told(date(2026, 3, 9)) == "2026年3月9日（星期一）"
    assert deadlines.told(None) == "—"

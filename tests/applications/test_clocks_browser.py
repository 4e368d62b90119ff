"""Calendar, late cases, batches and checks as a browser shows them: axe, width, keyboard."""

from datetime import date

import pytest

from accounts.roles import BureauKind
from applications import auto_pass, batches, calendar_changes, escalations, forecast, periods
from applications.calendar_changes import Day
from applications.forecast import Span
from applications.models import Batch
from core import clock, workdays
from core.models import CalendarChange
from tests.applications.test_auto_pass import with_period
from tests.browsing import enter, faults_of, look_at, picture, width_of
from tests.factories import clocks as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def story(monkeypatch):
    """A calendar with every kind of row, late cases, a batch half looked at, a drawn pass."""
    slow = {stage: Span(9, 20, 30, measured=True) for stage in forecast.STAGES}
    monkeypatch.setattr(forecast, "measured", lambda today: slow)
    row = periods.of("auto_check_share")
    rows = periods.table() | {"auto_check_share": periods.Period(row.name, row.text, 100, row.unit)}
    monkeypatch.setattr(periods, "table", lambda: rows)
    with_period(monkeypatch, f"auto_{make.KIND}", value=True)
    admin, leader = make.admin(), make.leader()
    year = clock.today().year
    words = {"by": admin, "source": "国务院办公厅关于部分节假日安排的通知（国办发明电〔2026〕1号）"}
    done = calendar_changes.enter(Day(date(year, 5, 19), False), reason="台风停工", **words)
    calendar_changes.confirm(done, by=leader)
    days = [Day(date(year, 6, n), n % 2 == 0, "活动") for n in (15, 16, 17)]
    waiting = calendar_changes.enter_all(days, reason="x", **words)
    checked = auto_pass.pass_one(make.agreeing().pk)
    tasks, me = [make.agreeing() for _n in range(5)], make.reviewer()
    batch = batches.begin(by=me)
    batches.look(batch.items.filter(sampled=True).first(), by=me)
    escalations.sweep(clock.today())
    yield {"admin": admin, "leader": leader, "me": me, "batch": batch, "waiting": waiting[0],
           "done": done, "checked": checked, "task": tasks[0], "year": year}  # fmt: skip
    workdays.forget()


def addresses(story):
    year, batch = story["year"], story["batch"].pk
    return [
        (story["admin"], f"/office/calendar/?year={year}"),
        (story["admin"], f"/office/calendar/?year={year + 2}"),
        (story["admin"], "/office/calendar/day/"),
        (story["admin"], "/office/calendar/notice/"),
        (story["leader"], f"/office/calendar/changes/{story['waiting'].pk}/"),
        (story["admin"], f"/office/calendar/changes/{story['done'].pk}/"),
        (story["admin"], "/office/late/"),
        (story["admin"], f"/office/cases/{story['task'].application.case_no}/"),
        (story["me"].user, "/review/"),
        (story["me"].user, f"/review/{story['task'].pk}/"),
        (story["me"].user, "/review/batch/"),
        (story["me"].user, f"/review/batch/{batch}/"),
        (story["me"].user, "/review/batch/checks/"),
        (story["me"].user, f"/review/batch/checks/{story['checked'].pk}/"),
    ]


def test_no_page_has_a_fault_or_runs_over_at_any_width(page, client, live_server, story):
    for user, address in addresses(story):
        enter(page, client, live_server, user)
        look_at(page, live_server, address)
        assert page.locator("h1").count() == 1


def test_a_day_goes_into_force_by_two_people_and_the_keyboard(page, client, live_server, story):
    enter(page, client, live_server, story["admin"])
    page.goto(f"{live_server.url}/office/calendar/day/")
    for label, value in (("年", str(story["year"])), ("月", "8"), ("日", "12")):
        page.get_by_role("textbox", name=label, exact=True).fill(value)
    page.get_by_label("放假", exact=True).check()
    page.get_by_label("依据的文件").fill("区政府通知")
    page.get_by_label("为什么改").fill("台风停工")
    page.get_by_role("button", name="先看影响").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="生效以后").or_(page.get_by_text("生效以后")).first.wait_for()
    assert faults_of(page) == []
    picture(page, "office/calendar/day/effect")
    page.get_by_role("button", name="交另一位同事确认").focus()
    page.keyboard.press("Enter")
    page.get_by_text("确认后生效").first.wait_for()
    change = CalendarChange.objects.get(date=date(story["year"], 8, 12))
    enter(page, client, live_server, story["leader"])
    page.goto(f"{live_server.url}/office/calendar/changes/{change.pk}/")
    page.get_by_role("button", name="确认生效").focus()
    page.keyboard.press("Enter")
    page.get_by_text("日历已生效").first.wait_for()
    change.refresh_from_db()
    assert change.state == "confirmed"


def test_the_wrong_lines_of_a_notice_are_named_on_the_page(page, client, live_server, story):
    enter(page, client, live_server, story["admin"])
    page.goto(f"{live_server.url}/office/calendar/notice/")
    page.get_by_label("依据的文件").fill("通知")
    page.get_by_label("每行一天或一段").fill("2027-02-05~2027-02-11,休,春节\n二月,休")
    page.get_by_role("button", name="先看影响").click()
    page.get_by_text("第2行").wait_for()
    assert faults_of(page) == []
    assert width_of(page) == 0
    picture(page, "office/calendar/notice/wrong")


def test_a_batch_is_looked_at_and_passed_by_keyboard(page, client, live_server, story):
    batch = story["batch"]
    enter(page, client, live_server, story["me"].user)
    for item in batch.items.filter(sampled=True, opened_at=None):
        page.goto(f"{live_server.url}/review/batch/{batch.pk}/")
        page.locator("#sample").get_by_role("link", name=item.task.case_no).focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/review/{item.task_id}/")
    page.goto(f"{live_server.url}/review/batch/{batch.pk}/")
    assert faults_of(page) == []
    picture(page, "review/batch/ready")
    page.get_by_role("button", name="同意这5件").focus()
    page.keyboard.press("Enter")
    page.get_by_text("逐件写入意见").first.wait_for()
    assert faults_of(page) == []
    batches.go_on(batch.pk)
    page.goto(f"{live_server.url}/review/batch/{batch.pk}/")
    assert page.get_by_text("已同意5件").first.is_visible()
    assert Batch.objects.get(pk=batch.pk).state == "done"
    assert batch.bureau.kind == BureauKind.REAL_ESTATE

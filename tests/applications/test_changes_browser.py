"""/my/change/ on a phone in a real browser: from the first question to the receipt; axe; width."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from applications import change_settling, changes, states
from applications.change_effects import Told
from applications.models import Application, Change
from applications.models.review import Stage
from core import clock
from tests import browsing
from tests.applications.test_changes import child_number
from tests.browsing import look_at
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Tasks are run by hand here."""
    from applications import tasks, tasks_changes

    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)
    monkeypatch.setattr(tasks_changes.go_on, "apply_async", lambda *_a, **_k: None)


def signed_in(live_server, page: Page, user, width: int = 360) -> None:
    browsing.enter(page, Client(), live_server, user)
    page.set_viewport_size({"width": width, "height": 800})


def sound(page: Page) -> None:
    """No violation, nothing wider than the screen, one h1."""
    browsing.sound(page)
    assert page.locator("h1").count() == 1


def family() -> Application:
    return make.application(make.couple_with_child(), state=states.STREET_REVIEW)


def day(page: Page) -> None:
    today = clock.today()
    page.get_by_label("年", exact=True).fill(str(today.year))
    page.get_by_label("月", exact=True).fill(str(today.month))
    page.get_by_label("日", exact=True).fill(str(today.day))


def test_a_birth_from_the_first_question_to_the_receipt(live_server, page):
    row = family()
    signed_in(live_server, page, row.created_by)
    page.goto(f"{live_server.url}/my/case/{row.case_no}/")
    page.get_by_role("link", name="报告家庭变化").click()
    sound(page)
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_text("请选择发生了什么。").first).to_be_visible()
    sound(page)
    page.get_by_label("孩子出生或收养").check()
    page.get_by_role("button", name="继续").click()
    sound(page)
    page.get_by_label("姓名").fill("试小")
    page.get_by_label("身份证号").fill(child_number())
    page.get_by_role("button", name="看影响").click()
    expect(page.get_by_role("alert")).to_contain_text("哪一天")
    expect(page.get_by_label("姓名")).to_have_value("试小")
    sound(page)
    day(page)
    page.get_by_role("button", name="看影响").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("看影响，再确认")
    sound(page)
    assert not Change.objects.exists()
    page.get_by_role("button", name="返回修改").click()
    expect(page.get_by_label("姓名")).to_have_value("试小")
    page.get_by_role("button", name="看影响").click()
    page.get_by_role("button", name="确认报告").dblclick()
    page.wait_for_url("**/my/change/*/")
    sound(page)
    assert Change.objects.count() == 1 and row.members.count() == 4


@pytest.mark.parametrize(
    "kind", ["death", "marriage", "divorce", "majority", "aid", "work", "home", "moved"]
)
def test_every_question_page_is_sound_on_a_phone(live_server, page, kind):
    row = family()
    if kind == "marriage":
        row.members.filter(relation="10").update(excluded=True, holding=False)
    signed_in(live_server, page, row.created_by)
    page.goto(f"{live_server.url}/my/change/?what={kind}")
    sound(page)
    assert "死亡" not in page.inner_text("main")


def test_the_way_works_without_javascript(live_server, browser):
    row = family()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    signed_in(live_server, page, row.created_by)
    page.goto(f"{live_server.url}/my/change/?what=aid")
    page.get_by_label("不再享受救助").check()
    day(page)
    page.get_by_role("button", name="看影响").click()
    page.get_by_role("button", name="确认报告").click()
    page.wait_for_url("**/my/change/*/")
    assert Change.objects.get().kind == "aid"
    context.close()


def test_the_desks_pages_and_the_familys_answer_are_sound(live_server, page):
    row = family()
    make.evidence(row, "death", member=row.members.get(relation="10"))
    told = Told("death", clock.today(), row.members.get(relation="10"))
    change = changes.report(row, told, by=row.created_by, key=uuid4(), proof="证明 1").change
    district = desk.district()
    signed_in(live_server, page, district.user)
    for address in (reverse("review_changes"), reverse("review_change", args=[change.pk])):
        look_at(page, live_server, address)
    change_settling.ask(change, by=district, question="请问是哪一天？")
    page.context.clear_cookies()
    signed_in(live_server, page, row.created_by)
    look_at(page, live_server, reverse("my_change_one", args=[change.pk]))
    page.get_by_label("实际情况是").fill("九月一日")
    page.get_by_role("button", name="提交说明").click()
    expect(page.get_by_text("已收到您的说明")).to_be_visible()


def test_the_task_with_news_of_the_family_is_sound(live_server, page):
    case = desk.in_joint_review([])
    task = desk.task_of(case, Stage.JOINT, "civil_affairs")
    told = Told("aid", clock.today(), None, {"aid": ""})
    changes.report(case, told, by=case.created_by, key=uuid4())
    signed_in(live_server, page, desk.reviewer_for(task).user, 1440)
    page.goto(live_server.url + reverse("review_task", args=[task.pk]))
    sound(page)

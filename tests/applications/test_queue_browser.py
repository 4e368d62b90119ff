"""The queue and its pages as a browser shows them: axe, width, keyboard, without JavaScript."""

import pytest

from accounts.roles import Role
from applications import absences, conflicts, hand_overs, review, saved_views, states
from applications.models import ReviewTask
from applications.models.review import Stage
from core import clock
from tests.browsing import enter, faults_of, look_at, width_of
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def story():
    """A desk with free, claimed, late and handed-over tasks, an absence, views and kin."""
    flagged = accounts.bureau("330212004")
    cases = [desk.in_joint_review([desk.OFFPLAN], street=flagged, members=2) for _n in range(5)]
    tasks = [desk.task_of(one, Stage.JOINT, "housing") for one in cases]
    lead = accounts.staff([Role.REVIEWER, Role.ADMIN], bureau=tasks[0].bureau, name="周科长")
    me, other, absent = (
        accounts.staff(Role.REVIEWER, bureau=tasks[0].bureau, name=name)
        for name in ("李审核", "王同事", "赵请假")
    )
    today = clock.today()
    ReviewTask.objects.filter(pk=tasks[0].pk).update(due_on=today.replace(year=today.year - 1))
    review.claim(tasks[1], by=me)
    review.claim(tasks[2], by=other)
    review.claim(tasks[3], by=other)
    hand_overs.give(tasks[3], by=other, to=me, note="家里下午有人")
    absences.enter(absent, deputy=me, starts_on=today, ends_on=today, by=lead)
    view = saved_views.keep(me, name="有待核实的", query="tone=doubt")
    saved_views.make_default(saved_views.keep(me, name="全部未超期", query="urgency=later"))
    conflicts.declare_kin(me, id_number=accounts.id_number(), relation="in_law", by=me)
    conflicts.recuse(cases[4], by=other, reason="申请人是我的邻居")
    return {"tasks": tasks, "me": me, "other": other, "lead": lead, "view": view}


def addresses(story):
    me, pk = story["me"].user, story["tasks"][1].pk
    return [
        ("queue", me, "/review/?view=0"),
        ("filtered", me, "/review/?tone=doubt&q=chen"),
        ("views", me, "/review/views/"),
        ("task", me, f"/review/{pk}/"),
        ("give", me, f"/review/{pk}/give/"),
        ("recuse", me, f"/review/{pk}/recuse/"),
        ("desk", story["lead"].user, "/review/desk/"),
        ("desk-own", me, "/review/desk/"),
        ("absences", story["lead"].user, "/review/absences/"),
        ("kin", me, "/review/kin/"),
        ("recusals", accounts.staff(Role.AUDITOR).user, "/audit/recusals/"),
    ]


def test_no_page_has_a_fault_or_runs_over_at_any_width(page, client, live_server, story):
    for name, user, address in addresses(story):
        enter(page, client, live_server, user)
        look_at(page, live_server, address, name=name)


def test_a_refused_form_has_no_fault_either(page, client, live_server, story):
    enter(page, client, live_server, story["lead"].user)
    page.goto(f"{live_server.url}/review/absences/")
    page.get_by_role("button", name="登记").click()
    assert page.get_by_text("请选择「代办人」").first.is_visible()
    assert faults_of(page) == [] and width_of(page) == 0


def test_keys_move_open_claim_and_give_back(page, client, live_server, story):
    enter(page, client, live_server, story["me"].user)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/review/?view=0")
    rows = page.locator("#queue tr[data-row]")
    late = story["tasks"][0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert rows.nth(0).evaluate("row => row.classList.contains('is-chosen')")
    page.keyboard.press("a")
    page.wait_for_url(f"**/review/{late.pk}/")
    assert ReviewTask.objects.get(pk=late.pk).claimed_by == story["me"]
    page.keyboard.press("a")
    assert page.get_by_label("同意", exact=True).is_checked()
    page.keyboard.press("r")
    assert page.get_by_label("不同意", exact=True).is_checked()
    page.goto(f"{live_server.url}/review/?view=0")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_url("**/review/*")
    page.get_by_role("heading", name="待办", exact=True).wait_for()
    assert ReviewTask.objects.get(pk=late.pk).state == states.TASK_OPEN
    page.goto(f"{live_server.url}/review/?view=0")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{late.pk}/")


def test_views_and_claims_work_without_javascript(browser, client, live_server, story):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, client, live_server, story["me"].user)
    page.goto(f"{live_server.url}/review/?channel=online")
    page.get_by_text("保存现在的筛选").click()
    page.get_by_label("名称").fill("网上来的")
    page.get_by_role("button", name="保存").click()
    assert page.get_by_role("link", name="网上来的").get_attribute("aria-current") == "true"
    page.get_by_role("link", name="管理常用筛选").click()
    page.get_by_role("row", name="网上来的").get_by_role("button", name="设为默认").click()
    page.goto(f"{live_server.url}/review/")
    assert page.url.endswith("?channel=online")
    free = story["tasks"][0]
    page.get_by_role("button", name=f"认领 {free.case_no}").click()
    assert ReviewTask.objects.get(pk=free.pk).claimed_by == story["me"]
    context.close()


def test_a_task_is_handed_over_by_keyboard_alone(page, client, live_server, story):
    enter(page, client, live_server, story["me"].user)
    page.goto(f"{live_server.url}/review/{story['tasks'][1].pk}/give/")
    page.get_by_label("转给").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")  # the lead stands first, 王同事 second
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("已转给王同事").wait_for()
    assert ReviewTask.objects.get(pk=story["tasks"][1].pk).claimed_by == story["other"]

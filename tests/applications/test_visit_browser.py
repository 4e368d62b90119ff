"""Visits on a phone without a network: what is typed stays, and is sent exactly once."""

import re

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Error

from applications import task_reminders, visit_photos, visits
from applications.models import Application, ReviewTask, StaffNotice, Visit
from applications.models.review import Stage
from core.models import Contact
from tests.applications.visiting import NOBODY, OTHERWISE, street_of, visit
from tests.browsing import enter, faults_of, look_at, picture
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def case():
    """A family with an address and a phone at the street's review."""
    me = accounts.citizen(name="试小满", phone="13800001111")
    row = desk.under_review(applicant=me, members=3, declared={"actual_rent": "1500"})
    applications.evidence(
        row, "household_register", status="found",
        rows=[{"czrkxm": me.name, "czrkgmsfhm": me.id_number, "czrkzz": "鄞州区百丈街道某路8号"}],
    )  # fmt: skip
    return row


@pytest.fixture
def photo(tmp_path):
    """A photo as a phone takes it."""
    path = tmp_path / "door.jpg"
    Image.effect_noise((800, 600), 60).convert("RGB").save(path, "JPEG")
    return str(path)


def too_wide(page):
    """What runs over the right edge of the screen, by tag and class."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll('main *')].filter(one =>
          one.getBoundingClientRect().right > innerWidth + 1).map(one =>
          `${one.tagName} ${one.className} ${one.textContent.slice(0, 20)}`)"""
    )


def open_list(page, client, live_server, clerk):
    """Online, until the phone has its list and the worker stands ready."""
    enter(page, client, live_server, clerk.user)
    page.goto(live_server.url + reverse("visit_list"))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(page, lambda: kept(page, "day") == 2)


COUNT = """() => new Promise(done => { const ask = indexedDB.open('yz-visit');
  ask.onsuccess = () => { const base = ask.result, all = {}; let left = 3;
  for (const name of ['day', 'drafts', 'photos']) {
    const got = base.transaction(name).objectStore(name).getAll();
    got.onsuccess = () => { all[name] = got.result.length; if (!--left) { base.close();
      done(all); } }; } }; })"""


def kept(page, name):
    """How many rows of a store the phone holds; asked again while a page is on its way."""
    for _n in range(20):
        try:
            return page.evaluate(COUNT)[name]
        except Error:
            page.wait_for_timeout(200)
    raise AssertionError("the page never stood still")


def fill(page, told):
    page.wait_for_selector("[data-visit-form][data-armed]")
    page.locator(f"input[name=outcome][value={told['outcome']}]").check()
    page.get_by_label("同行人姓名").fill(told["companion"])
    if told["outcome"] != "nobody":
        page.locator(f"input[name=met][value={told['met']}]").check()
        page.locator(f"input[name=lived_in][value={told['lived_in']}]").check()
        page.get_by_label("住着几个人").fill(str(told["persons"]))
    if told.get("differs"):
        page.get_by_label("哪里和申报不同").fill(told["differs"])


def until(page, condition):
    for _n in range(100):
        if condition():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it did not come")


def test_a_visit_filled_in_without_a_network_is_sent_once_when_it_is_back(
    page, client, live_server, case, photo
):
    clerk = street_of(case)
    open_list(page, client, live_server, clerk)
    page.context.set_offline(True)
    page.reload()
    assert page.get_by_text("现在没有网络").is_visible()
    assert page.get_by_text("某路8号").is_visible()
    assert page.get_by_role("link", name=re.compile("打电话")).get_attribute("href") == (
        "tel:13800001111"
    )
    assert (faults_of(page), too_wide(page)) == ([], [])
    picture(page, "offline-list")
    page.get_by_role("link", name="填写核实表").click()
    fill(page, OTHERWISE)
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_text("已留在这台手机上：1张").wait_for()
    assert (faults_of(page), too_wide(page)) == ([], [])
    picture(page, "offline-form")
    page.reload()  # the phone was locked, the page thrown away
    page.get_by_text("已留在这台手机上：1张").wait_for()
    assert page.get_by_label("哪里和申报不同").input_value() == OTHERWISE["differs"]
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/review/visit/")
    page.get_by_text("没有发送的：1份").wait_for()
    picture(page, "offline-queue")
    assert not Visit.objects.exists()

    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until(page, lambda: Visit.objects.exists() and visit_photos.of(Visit.objects.get()).exists())
    made = Visit.objects.get()
    assert made.differs == OTHERWISE["differs"] and made.by_id == clerk.pk
    until(page, lambda: kept(page, "drafts") == 0)
    assert kept(page, "photos") == 0
    page.get_by_text("现在没有要上门的家庭").wait_for()  # the list comes anew by itself
    assert Visit.objects.count() == 1 and visit_photos.of(made).count() == 1


def test_two_tabs_that_send_at_once_make_one_visit(page, client, live_server, case, photo):
    open_list(page, client, live_server, street_of(case))
    address = live_server.url + reverse("visit_form", args=[case.ref])
    page.goto(address)
    fill(page, OTHERWISE)
    page.wait_for_timeout(600)  # the draft is kept
    other = page.context.new_page()
    other.goto(address)
    other.wait_for_selector("[data-visit-form][data-armed]")
    assert other.get_by_label("哪里和申报不同").input_value() == OTHERWISE["differs"]
    page.context.set_offline(True)
    page.get_by_role("button", name="提交").click(no_wait_after=True)
    other.get_by_role("button", name="提交").click(no_wait_after=True)
    page.wait_for_url("**/review/visit/")
    page.context.set_offline(False)
    for tab in (page, other):
        tab.evaluate("window.dispatchEvent(new Event('online'))")
    until(page, lambda: Visit.objects.exists())
    page.wait_for_timeout(1500)
    assert Visit.objects.count() == 1


def test_an_answer_that_was_lost_on_the_way_is_asked_for_again(page, client, live_server, case):
    open_list(page, client, live_server, street_of(case))
    page.goto(live_server.url + reverse("visit_form", args=[case.ref]))
    fill(page, NOBODY)
    lost = []

    def swallow(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/review/visit/*-*/", swallow)
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/review/visit/")
    until(page, lambda: kept(page, "drafts") == 0)
    assert lost == [200]
    assert Visit.objects.get().attempt == 1


def test_a_sign_in_that_ran_out_is_asked_for_and_then_it_is_sent(page, client, live_server, case):
    clerk = street_of(case)
    open_list(page, client, live_server, clerk)
    page.context.set_offline(True)
    page.goto(live_server.url + reverse("visit_form", args=[case.ref]))
    fill(page, OTHERWISE)
    page.get_by_role("button", name="提交").click()
    page.get_by_text("没有发送的：1份").wait_for()
    page.context.clear_cookies()
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    link = page.get_by_role("link", name="去登录")
    link.wait_for()
    picture(page, "signed-out")
    link.click()
    page.wait_for_url("**/accounts/staff/sign-in/**")
    until(page, lambda: kept(page, "day") < 2)  # the list is forgotten, the record is not
    assert kept(page, "drafts") == 1 and not Visit.objects.exists()
    enter(page, client, live_server, clerk.user)
    page.goto(live_server.url + reverse("visit_list"))
    until(page, lambda: Visit.objects.exists())
    assert Visit.objects.get().differs == OTHERWISE["differs"]


def test_a_colleague_was_there_first_nothing_typed_is_lost(page, client, live_server, case):
    open_list(page, client, live_server, street_of(case))
    page.goto(live_server.url + reverse("visit_form", args=[case.ref]))
    fill(page, OTHERWISE)
    visit(case, street_of(case, "先到的人"))
    page.get_by_role("button", name="提交").click()
    page.get_by_text("先到的人").first.wait_for()
    assert page.get_by_label("哪里和申报不同").input_value() == OTHERWISE["differs"]
    picture(page, "conflict")
    page.goto(live_server.url + reverse("visit_list"))
    page.get_by_role("button", name=re.compile("一起保留")).click()
    until(page, lambda: Visit.objects.filter(second=True).exists())


def test_signing_out_forgets_the_list_and_warns_of_what_is_not_sent(
    page, client, live_server, case
):
    open_list(page, client, live_server, street_of(case))
    page.goto(live_server.url + reverse("visit_form", args=[case.ref]))
    fill(page, OTHERWISE)
    page.wait_for_timeout(600)
    page.get_by_role("button", name="退出登录").click()
    page.get_by_text("还有1份没有发送").wait_for()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/accounts/staff/sign-in/")
    until(page, lambda: kept(page, "day") < 2)
    assert kept(page, "drafts") == 1


def test_what_is_missing_is_said_before_anything_is_sent(page, client, live_server, case):
    open_list(page, client, live_server, street_of(case))
    page.goto(live_server.url + reverse("visit_form", args=[case.ref]))
    page.wait_for_selector("[data-visit-form][data-armed]")
    page.locator("input[name=outcome][value=differs]").check()
    page.get_by_role("button", name="提交").click()
    summary = page.get_by_role("alert")
    for sentence in ("请写明同行人", "请选择见到了谁", "请写明哪里不同"):
        assert summary.get_by_text(re.compile(sentence)).is_visible()
    assert faults_of(page) == []
    assert not Visit.objects.exists()


def test_the_form_is_sent_without_javascript(browser, client, live_server, case, photo):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    enter(page, client, live_server, street_of(case).user)
    page.goto(live_server.url + reverse("visit_list"))
    page.get_by_role("link", name="填写核实表").click()
    page.locator("input[name=outcome][value=nobody]").check()
    page.get_by_label("同行人姓名").fill("网格员老陈")
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/review/visit/done/**")
    assert visit_photos.of(Visit.objects.get()).count() == 1
    context.close()


def test_no_page_has_a_fault_or_runs_over(page, client, live_server, case):
    clerk = street_of(case)
    Contact.objects.create(
        person_index=case.applicant.id_index, address="姜山镇某村1号" * 6,
        changed_at=case.accepted_at,
    )  # fmt: skip
    visits.order(case, by=clerk, reason="看看阁楼是不是住人" * 6)
    for _n in range(3):
        last = visit(case, clerk, **NOBODY)
    met = visit(desk.under_review(), clerk, **OTHERWISE)
    task = desk.task_of(case, Stage.STREET)
    ReviewTask.objects.filter(pk=task.pk).update(opened_at=Application.objects.get(
        pk=case.pk).accepted_at)  # fmt: skip
    task_reminders.sweep(task.due_on)
    assert StaffNotice.objects.filter(staff=clerk).exists()
    addresses = {
        "list": reverse("visit_list"),
        "form": reverse("visit_form", args=[case.ref]),
        "note": reverse("visit_note", args=[case.ref]),
        "nobody": reverse("visit_done", args=[last.key]),
        "done": reverse("visit_done", args=[met.key]),
        "call": reverse("visit_call", args=[case.visit_calls.get().pk]),
        "order": reverse("visit_order", args=[task.pk]),
        "messages": reverse("review_messages"),
        "queue": reverse("review_queue"),
        "task": reverse("review_task", args=[desk.task_of(met.application, Stage.STREET).pk]),
    }
    enter(page, client, live_server, clerk.user)
    for name, address in addresses.items():
        look_at(page, live_server, address, widths=(360, 1440), name=name)

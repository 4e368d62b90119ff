"""Deciding at the desk as a browser shows it: axe, width, keyboard, and without scripts.

Pictures are taken where SHOTS names a folder.
"""

import pytest

from accounts.roles import BureauKind, Role
from applications import correction, correction_lists, referrals, review, seconding
from applications.models import Opinion
from applications.models.review import Stage
from tests.browsing import enter, faults_of, look_at, picture
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CIVIL, HOUSING, LAND = BureauKind.CIVIL_AFFAIRS, BureauKind.HOUSING, BureauKind.REAL_ESTATE
MET = {"INCOME": {"how": "verified_pass", "reason": "看过半年的工资流水，低于规定"}}


@pytest.fixture
def story():
    """A family of three: an override waits, two desks miss papers, one asks another."""
    case = desk.in_joint_review(
        [desk.OFFPLAN, desk.NO_INCOME_REPORT], members=make.couple_with_child()
    )
    civil, housing = (desk.task_of(case, Stage.JOINT, kind) for kind in (CIVIL, HOUSING))
    first, second = desk.reviewer_for(civil), desk.reviewer_for(civil)
    at_housing = desk.reviewer_for(housing)
    review.opine(
        civil, by=first, verdict="agree", settled=MET, text="经核实，家庭收入符合规定。同意。",
        reason_codes=["INCOME.statements_seen", "paper_seen"],
    )  # fmt: skip
    made = referrals.ask(
        housing, by=at_housing, bureau=accounts.bureau(LAND), question="合同里的房子登记了吗",
        reason="备案合同是2021年的",
    )  # fmt: skip
    land = desk.task_of(case, Stage.JOINT, LAND)
    at_land = desk.reviewer_for(land)
    correction_lists.write(
        land, by=at_land,
        items=[{"key": "", "what": "购房合同原件", "why": "登记部门没有查到这份合同"}],
    )  # fmt: skip
    return {"case": case, "civil": civil, "first": first, "second": second, "housing": housing,
            "at_housing": at_housing, "land": land, "at_land": at_land, "asked": made}  # fmt: skip


def told_once(story):
    """Another case, after the one notice was sent and answered."""
    case = desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, LAND)
    correction_lists.write(task, by=story["at_land"], items=desk.missing("结婚证"))
    for other in case.tasks.filter(stage=Stage.JOINT).exclude(pk=task.pk):
        correction_lists.nothing_missing(other, by=desk.reviewer_for(other))
    answers = {one.pk: "已寄出" for one in correction.open_items(case)}
    correction.answer(case, by=case.created_by, answers=answers)
    return task


def addresses(story):
    civil, housing, land = (f"/review/{story[name].pk}/" for name in ("civil", "housing", "land"))
    told = told_once(story)
    return [
        ("first", story["first"], civil),
        ("second", story["second"], civil),
        ("seconds", story["second"], "/review/seconds/"),
        ("queue", story["second"], "/review/"),
        ("task", story["at_housing"], housing),
        ("return", story["at_housing"], f"{housing}return/"),
        ("refer", story["at_housing"], f"{housing}refer/"),
        ("withdraw", story["at_land"], f"{land}return/"),
        ("told", story["at_land"], f"/review/{told.pk}/return/"),
        ("asked", story["at_land"], "/review/asked/"),
        ("asked-one", story["at_land"], f"/review/asked/{story['asked'].pk}/"),
        ("asker", story["at_housing"], f"/review/asked/{story['asked'].pk}/"),
        ("overrides", accounts.staff(Role.AUDITOR), "/audit/overrides/"),
        ("audit", accounts.staff(Role.AUDITOR), "/audit/"),
    ]


def test_no_page_has_a_fault_or_runs_over_at_any_width(page, client, live_server, story):
    for name, staff, address in addresses(story):
        enter(page, client, live_server, staff.user)
        look_at(page, live_server, address, name=name)


def test_after_an_opinion_it_is_taken_back_by_keyboard(page, client, live_server):
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    staff = desk.reviewer_for(task)
    enter(page, client, live_server, staff.user)
    page.goto(f"{live_server.url}/review/{task.pk}/")
    page.get_by_label("同意", exact=True).check()
    page.get_by_role("button", name="提交意见").press("Enter")
    page.get_by_role("link", name="撤回这条意见（到").press("Enter")
    page.wait_for_url(f"**/review/{task.pk}/#undo")
    picture(page, "undo")
    assert faults_of(page) == []
    page.get_by_label("撤回的原因").fill("选错了")
    page.keyboard.press("Enter")
    again = page.get_by_text("意见已撤回，任务还由您办理。")
    again.wait_for()
    assert Opinion.objects.get(task=task).undone_at is not None


def test_without_scripts_the_server_drafts_and_the_opinion_is_given(browser, client, live_server):
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, HOUSING)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    enter(page, client, live_server, desk.reviewer_for(task).user)
    page.goto(f"{live_server.url}/review/{task.pk}/")
    page.get_by_label("核实不符", exact=True).check()
    page.get_by_label("不符：备案合同的面积计入后超过规定").check()
    page.get_by_label("已看原件").check()
    page.get_by_label("不同意", exact=True).check()
    page.get_by_role("button", name="按选择起草说明").click()
    words = page.get_by_label("说明", exact=True).input_value()
    assert words.startswith("经核实，期房合同不符合规定：备案合同的面积计入后超过规定")
    assert page.get_by_label("不符：备案合同的面积计入后超过规定").is_checked()
    page.get_by_role("button", name="提交意见").click()
    page.get_by_text("意见已提交。").wait_for()
    assert Opinion.objects.get(task=task).text == words
    context.close()


def test_the_second_person_confirms_on_a_phone(page, client, live_server, story):
    page.set_viewport_size({"width": 360, "height": 800})
    enter(page, client, live_server, story["second"].user)
    page.goto(f"{live_server.url}/review/")
    page.get_by_role("link", name="待第二人确认1件").click()
    page.get_by_role("link", name=story["case"].case_no).click()
    page.get_by_label("确认，意见算数").check()
    page.get_by_role("button", name="提交结论").click()
    page.get_by_text("从现在起算数").wait_for()
    assert seconding.to_second(story["second"]).count() == 0

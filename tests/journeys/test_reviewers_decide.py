"""The desks at work: a clean case in the fewest clicks, a contested one, one that runs late."""

from datetime import datetime, timedelta

import pytest
import yaml
from django.core.management import call_command
from playwright.sync_api import Page, expect

from accounts.roles import BureauKind, Role
from applications import duties, states
from applications.models import Application, Opinion, Pause, StaffNotice
from applications.models.review import Second
from core import clock, workdays
from core.models import Notice
from tests.factories import accounts
from tests.factories import review as make
from tests.journeys import accessible, applying, deciding, signing_in
from tests.journeys.conftest import CAST

pytestmark = pytest.mark.browser

CANCELLED_ON = datetime(2021, 10, 12, 9, 30, tzinfo=clock.LOCAL)


class Clicks:
    """Every press of the mouse by which a desk works, counted by the browser itself."""

    def __init__(self, page: Page) -> None:
        self.seen = 0
        page.expose_function("countClick", self._one)
        page.add_init_script("addEventListener('click', e => e.isTrusted && countClick(), true)")

    def _one(self) -> None:
        self.seen += 1


def test_a_clean_case_takes_three_clicks_and_the_next_one_two(stack, desk):
    first, second = make.in_joint_review(), make.in_joint_review()
    task = make.task_of(first, "joint", BureauKind.CIVIL_AFFAIRS)
    page = desk()
    signing_in.as_staff(page, make.reviewer_for(task))
    clicks = Clicks(page)
    page.goto("/review/")
    accessible.look(page)
    page.get_by_role("link", name="办理第一件").click()
    deciding.submit_opinion(page)
    assert clicks.seen == 3
    # -- no way back to the list: the next case lies open
    expect(page.get_by_role("heading", level=1)).to_contain_text("部门联审")
    deciding.submit_opinion(page)
    assert clicks.seen == 5
    given = Opinion.objects.filter(task__bureau=task.bureau, by__isnull=False)
    assert {one.task.application_id for one in given} == {first.pk, second.pk}


def test_a_contested_case_is_asked_answered_and_turns_when_the_contract_is_cancelled(
    stack, cast, tmp_path, phone, desk
):
    father, mother, _daughter = cast["H07"].household
    tell(tmp_path, "H07", mother.id_number)
    stack.break_down("property", "http_500")

    # -- accepted at once, with a register that is away and a name that differs
    his, hers = phone(), phone()
    signing_in.as_citizen(his, father.name, father.id_number, at="/apply/")
    applying.up_to_the_family(his)
    signing_in.as_citizen(hers, mother.name, mother.id_number)
    applying.agree_by_code(hers, applying.code_for(his, mother.name))
    case = applying.case(to_the_receipt_without_waiting(his))
    stack.until(lambda: case.pauses.filter(reason=Pause.Reason.SOURCE, ended_at=None).exists())
    assert not case.decisions.exists() and deciding.now(case) == states.ACCEPTED
    his.goto(f"/my/case/{case.case_no}/")
    expect(his.locator("main")).to_contain_text("等部门答复")
    expect(his.locator("main")).not_to_contain_text("不符合")

    # -- the register answers, the case goes on by itself
    stack.mend()
    stack.pass_time(timedelta(hours=6))
    stack.until(lambda: deciding.now(case) == states.STREET_REVIEW, seconds=60)
    assert not case.pauses.filter(reason=Pause.Reason.SOURCE, ended_at=None).exists()
    read = {one["rule"]: one["result"] for one in case.assessments.first().result["findings"]}
    assert read["HOUSING_OFFPLAN"] == "fail" and "unknown" in of_rule(case, "IDENTITY")

    # -- the departments: the contract is confirmed, the name settled by two people
    deciding.street_agrees(desk(), case)
    deciding.departments_answer(desk, case)
    named = Opinion.objects.get(task__application=case, second=Second.CONFIRMED)
    assert named.second_by != named.by and "IDENTITY" in named.settled
    assert deciding.now(case) == states.DISTRICT_REVIEW

    # -- a refusal is drafted; before anybody signs, the contract is cancelled
    deciding.district_drafts_a_refusal(desk(), case)
    draft = case.decisions.get()
    stack.live_at(CANCELLED_ON)
    tell(tmp_path, "H07b", mother.id_number)
    report_that_the_contract_was_cancelled(his, case)
    signer = desk()
    signing_in.as_staff(signer, accounts.staff(Role.DISTRICT))
    signer.goto(f"/review/sign/{draft.pk}/")
    expect(signer.get_by_role("heading", level=1)).to_be_visible()
    expect(signer.get_by_role("button", name="签发", exact=True)).to_have_count(0)

    # -- the street has looked: the register says so, too; what was drafted does not stand any more
    stack.until(lambda: not case.evidence.filter(status="pending").exists())
    street_settles_the_change(desk(), case)
    stack.until(lambda: "pass" in of_rule(case, "HOUSING_OFFPLAN"), seconds=60)
    stack.until(lambda: asked_again(case))
    draft.refresh_from_db()
    assert draft.replaced and draft.signed_at is None

    # -- the district looks once more and agrees, the family waits
    deciding.district_agrees(desk(), case)
    deciding.publicity_passes(stack, case)
    assert case.wait_entry.tier == "ZPX"
    told = Notice.objects.filter(case_no=case.case_no)
    assert not any("不符合" in one.text for one in told)
    call_command("replay")
    call_command("audit_verify")


def test_a_late_case_is_reminded_put_on_the_board_and_still_decided(stack, desk):
    case = make.in_joint_review()
    task = make.task_of(case, "joint", BureauKind.HOUSING)
    slow = make.reviewer_for(task)
    lead = accounts.staff(Role.ADMIN)
    soon = workdays.add_workdays(task.due_on, 0)
    stack.live_at(clock.now() + (soon - clock.today()))
    stack.until(lambda: StaffNotice.objects.filter(staff=slow, application=case).exists())
    stack.live_at(clock.now() + timedelta(days=40))
    stack.until(lambda: case.escalations.filter(ended_at=None).exists(), seconds=60)

    # -- nothing has happened to the family
    assert deciding.now(case) == states.JOINT_REVIEW and not case.decisions.exists()
    board = desk()
    signing_in.as_staff(board, lead)
    board.goto("/office/late/")
    accessible.look(board)
    expect(board.locator("main")).to_contain_text(case.case_no)
    page = desk()
    signing_in.as_staff(page, slow)
    page.goto("/review/?urgency=late")
    expect(page.locator("main")).to_contain_text("超期")
    page.get_by_role("link", name=case.case_no).click()
    expect(page.locator("main")).to_contain_text("列入督办")
    deciding.submit_opinion(page)
    assert Opinion.objects.get(task=task).by == slow


# -- The story's own steps -------------------------------------------------------------------------


def tell(folder, name: str, wife: str) -> None:
    """The departments know this household as the cast does, but for the wife's name on her card."""
    told = next(one for one in yaml.safe_load(CAST.read_text("utf-8")) if one["case"] == name)
    told["records"]["identity_card"][wife][0]["CZRKXM"] = "林方"
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump([told], allow_unicode=True), "utf-8")
    call_command("mock_cast", str(file))


def to_the_receipt_without_waiting(page: Page) -> str:
    """On to the receipt while a register has not answered."""
    page.goto("/apply/family/")
    promise = page.get_by_label("我承诺我是孩子的父母或者法定监护人")
    guardian = page.get_by_label("我是孩子的监护人")
    for box in (guardian, promise):
        if box.count():
            box.check()
    applying.go_on(page, "继续")
    page.wait_for_url("**/apply/known/")
    return applying.from_what_is_known_to_the_receipt(page)


def street_settles_the_change(page: Page, case: Application) -> None:
    signing_in.as_staff(page, accounts.staff(Role.STREET, bureau=case.street))
    page.goto(f"/review/changes/{case.changes.get().pk}/")
    expect(page.locator("main")).to_contain_text("撤销")
    page.locator("[name=verdict][value=updated]").check()
    page.locator("[name=note]").fill("备案系统查到合同已于10月10日撤销。")
    page.get_by_role("button", name="记录核对结果").click()
    expect(page.locator("body")).to_contain_text("已记录")


def of_rule(case: Application, rule: str) -> set[str]:
    found = case.assessments.first().result["findings"]
    return {one["result"] for one in found if one["rule"] == rule}


def asked_again(case: Application) -> bool:
    """The case is back with the department that settled the contract."""
    kind = duties.department_of("HOUSING_OFFPLAN")
    open_ = case.tasks.filter(bureau__kind=kind, state=states.TASK_OPEN)
    return deciding.now(case) in (states.JOINT_REVIEW, states.DISTRICT_REVIEW) and (
        open_.exists() or case.tasks.filter(stage="district", state=states.TASK_OPEN).exists()
    )


def report_that_the_contract_was_cancelled(page: Page, case: Application) -> None:
    page.goto(f"/my/change/?case={case.case_no}")
    page.get_by_label("买房、卖房或合同取消").check()
    page.get_by_role("button", name="继续").click()
    whose = page.get_by_role("radio", name="郑海涛")
    if whose.count():
        whose.check()
    page.get_by_label("购房合同取消了").check()
    for part, value in (("年", "2021"), ("月", "10"), ("日", "10")):
        page.get_by_label(part, exact=True).fill(value)
    page.get_by_role("button", name="看影响").click()
    accessible.look(page)
    page.get_by_role("button", name="确认").click()
    expect(page.locator("main")).to_contain_text("您报告的")

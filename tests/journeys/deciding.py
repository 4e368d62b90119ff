"""The desks: street, five departments, district, each in a browser of its own."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import auto_pass, duties, reason_codes, states
from applications.models import Application, Decision
from core import clock, workdays
from tests.factories import accounts
from tests.journeys import signing_in


def street_agrees(page: Page, case: Application) -> None:
    signing_in.as_staff(page, accounts.staff(Role.STREET, bureau=case.street))
    agree(page, case)


def departments_agree(desk: Callable[[], Page], case: Application) -> None:
    """All at the same time: each opens the case before any of them has answered.

    Where the registers all agree a part passes by itself, and nobody is asked.
    """
    pages = []
    for kind in duties.DEPARTMENTS:
        if not _needs_a_person(case, kind):
            continue
        page = desk()
        signing_in.as_staff(page, accounts.staff(Role.REVIEWER, bureau=accounts.bureau(kind)))
        open_task(page, case)
        _take(page)
        pages.append(page)
    for page in pages:
        submit_opinion(page)


def departments_answer(desk: Callable[[], Page], case: Application) -> None:
    """Each settles what is its own: a failed rule is confirmed, an unclear one found to be met."""
    for kind in duties.DEPARTMENTS:
        if not _needs_a_person(case, kind):
            continue
        page = desk()
        signing_in.as_staff(page, accounts.staff(Role.REVIEWER, bureau=accounts.bureau(kind)))
        open_task(page, case)
        _take(page)
        failed = _settle(page, case)
        submit_opinion(page, "不同意" if failed else "同意")
        page.context.close()
        if case.tasks.filter(bureau__kind=kind, state=states.TASK_SECOND).exists():
            _confirm(desk(), case, kind)


def _confirm(page: Page, case: Application, kind: str) -> None:
    """A colleague of the desk confirms what was found to be met against the registers."""
    signing_in.as_staff(page, accounts.staff(Role.REVIEWER, bureau=accounts.bureau(kind)))
    page.goto("/review/seconds/")
    page.get_by_role("link", name=case.case_no).click()
    page.get_by_label("确认，意见算数", exact=True).check()
    page.get_by_role("button", name="提交结论").click()
    expect(page.locator("body")).to_contain_text("从现在起算数")
    page.context.close()


def _needs_a_person(case: Application, kind: str) -> bool:
    """Whether this department's part does not pass by itself; waits for one that does."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        task = case.tasks.filter(stage="joint", bureau__kind=kind).order_by("-round").first()
        if task is not None and task.state == states.TASK_DONE:
            return False
        if task is not None and auto_pass.why_not(task):
            return True
        time.sleep(0.5)
    return True


def _take(page: Page) -> None:
    """The desk claims the task: from then on no rule takes it."""
    page.get_by_role("button", name="认领").click()
    page.get_by_role("button", name="放回").wait_for()


def _settle(page: Page, case: Application) -> bool:
    """Ticks an answer for every doubtful rule of this desk; whether one has failed."""
    results = [
        _settle_rule(page, str(box.get_attribute("name")).removeprefix("reason__"), case)
        for box in page.locator("[name^=reason__]").all()
    ]
    return any(results)


def _settle_rule(page: Page, rule: str, case: Application) -> bool:
    found = case.assessments.first().result["findings"]
    failed = any(one["result"] == "fail" for one in found if one["rule"] == rule)
    how = "confirmed_fail" if failed else "verified_pass"
    page.locator(f"[name=how__{rule}][value={how}]").check()
    reason = reason_codes.of_rule(rule, [how])[0].code
    page.locator(f"[name=codes__{rule}][value='{reason}']").check()
    page.locator(f"[name=reason__{rule}]").fill("已向登记部门核实。")
    return failed


def district_drafts_a_refusal(page: Page, case: Application) -> None:
    centre = accounts.bureau(BureauKind.CENTRE)
    signing_in.as_staff(page, accounts.staff(Role.DISTRICT, bureau=centre))
    open_task(page, case)
    submit_opinion(page, "拟不符合条件的决定，交另一位同事签发")


def sign(page: Page, signer: Staff, decision: Decision) -> None:
    """The second person reads the letter and signs it."""
    signing_in.as_staff(page, signer)
    page.goto("/review/sign/")
    page.get_by_role("row").filter(has_text=decision.case_no).get_by_role("link").click()
    page.get_by_role("button", name="签发", exact=True).click()
    page.wait_for_url("**/review/sign/")


def district_agrees(page: Page, case: Application) -> None:
    centre = accounts.bureau(BureauKind.CENTRE)
    signing_in.as_staff(page, accounts.staff(Role.DISTRICT, bureau=centre))
    open_task(page, case)
    submit_opinion(page, "同意，进入公示")


def agree(page: Page, case: Application) -> None:
    open_task(page, case)
    submit_opinion(page)


def open_task(page: Page, case: Application) -> None:
    page.goto("/review/")
    page.get_by_role("link", name=case.case_no).click()
    page.get_by_role("button", name="提交意见").wait_for()


def submit_opinion(page: Page, word: str = "同意") -> None:
    page.get_by_label(word, exact=True).check()
    page.get_by_role("button", name="提交意见").click()
    expect(page.locator("body")).to_contain_text("意见已提交")


def publicity_passes(stack, case: Application) -> None:
    """The clock goes past the last day of the notice, and nobody has objected."""
    notice = case.publicities.get()
    after = workdays.add_workdays(notice.ends_on, 1)
    stack.pass_time(after - clock.today())
    stack.until(lambda: now(case) == states.WAITLISTED)


def now(case: Application) -> str:
    case.refresh_from_db()
    return case.state

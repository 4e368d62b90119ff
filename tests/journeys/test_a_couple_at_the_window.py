"""A couple without a phone at the window, while the property register is silent: one visit."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Bureau
from accounts.roles import Role
from applications import states
from applications.models import Application
from core.models import AuditEntry
from tests.factories import accounts
from tests.journeys import signing_in

pytestmark = pytest.mark.browser
MOST_KEYS = 14  # the clerk's; three minutes leave twelve seconds for each


def test_a_couple_is_accepted_in_one_visit_by_keyboard_with_a_register_down(stack, cast, desk):
    husband, wife = cast["H21"].household
    clerk = accounts.staff(Role.WINDOW, bureau=Bureau.objects.get(code="330212011"))
    page = desk()
    signing_in.as_staff(page, clerk)
    page.goto("/window/")
    pressed: list[str] = []

    # -- the reader types the card; no phone; the authorisation is signed on paper
    page.keyboard.type(f"{husband.name}|男|汉|19800917|白鹤街道|{husband.id_number}|鄞州分局|")
    page.keyboard.press("Enter")
    press(page, pressed, "Tab", "Tab", "Space", "Tab", "Tab", "Space", "F8")
    page.wait_for_url(re.compile(r"/window/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("cell", name=wife.name, exact=True).first).to_be_visible()

    # -- the wife signs, too; one register is down and holds nobody up
    press(page, pressed, "F6", "Enter")
    stack.until(lambda: asked_about_both(husband, wife))
    expect(page.get_by_text("照常受理，系统会自动再查，不影响申请人。")).to_be_visible()
    press(page, pressed, "F8")
    expect(page.get_by_role("heading", level=1)).to_have_text("已受理")
    case = Application.objects.get()
    assert case.visits == 1 and case.papers == 0 and case.street == clerk.bureau
    assert len(pressed) <= MOST_KEYS, pressed

    # -- nobody is refused: the clock waits for the register, the file says who saw it
    stack.until(lambda: case.pauses.filter(reason="source", ended_at=None).exists())
    assert now(case).pending_sources
    assert case.state in (states.ACCEPTED, states.STREET_REVIEW)
    looks = AuditEntry.objects.filter(verb="looked", case_no=case.case_no)
    assert looks.exists() and {one.purpose for one in looks} == {"窗口受理"}

    # -- the day's list has it
    press(page, pressed, "F2")
    page.wait_for_url("**/window/")
    page.goto("/window/day/")
    expect(page.locator("main")).to_contain_text(case.case_no)


def press(page: Page, pressed: list[str], *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        pressed.append(key)


def asked_about_both(*people) -> bool:
    case = Application.objects.get()
    waiting = case.evidence.filter(status="pending").exists()
    answered = case.evidence.filter(member__name__in=[one.name for one in people])
    return not waiting and answered.values("member").distinct().count() == len(people)


def now(case: Application) -> Application:
    case.refresh_from_db()
    return case

"""The annual re-check at the office, and the steps of an exit, each by a person."""

from typing import Any

from playwright.sync_api import Page

from core import clock
from renewal import states
from renewal.models import Campaign, ExitCase


def run_campaign(stack: Any, page: Page) -> Campaign:
    """Planned and started by hand; the worker does the rest."""
    page.goto("/office/recheck/")
    page.get_by_role("button", name="建立").click()
    page.wait_for_url(f"**/office/recheck/{clock.today().year}/")
    page.get_by_role("button", name="开始").click()
    campaign = Campaign.objects.get()
    stack.until(lambda: _state(campaign) == states.C_DONE, 60)
    page.reload()
    return campaign


def act(page: Page, case: ExitCase, button: str, words: str = "") -> None:
    """One step of an exit on its page."""
    page.goto(f"/office/exits/{case.pk}/")
    press = page.get_by_role("button", name=button, exact=True)
    if words:
        page.locator("form").filter(has=press).get_by_label("说明", exact=True).fill(words)
    press.click()
    page.get_by_role("heading", level=1).wait_for()
    assert not page.locator(".yz-error").count(), page.locator("main").inner_text()


def _state(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.state

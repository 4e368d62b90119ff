"""Outreach on a phone in a real browser: the street's pages and the person's own; axe; width."""

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from renewal import states
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts
from tests.factories import discovery as found

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def sound(page: Page) -> None:
    assert faults_of(page) == [], page.url
    assert width_of(page) <= 0, page.url
    assert page.locator("h1").count() == 1


def test_from_a_found_household_to_the_draft_that_the_person_deletes(page, client, live_server):
    clerk = accounts.staff([Role.STREET, Role.WINDOW])
    row = found.outreach(street=clerk.bureau, home="unknown")
    enter(page, client, live_server, clerk.user)
    page.goto(f"{live_server.url}/review/outreach/?what=free")
    sound(page)
    page.locator("#queue a").click()
    sound(page)
    page.get_by_role("button", name="我来联系").click()
    page.get_by_label("上门").check()
    page.get_by_label("联系上本人或家人").check()
    page.get_by_role("button", name="记录", exact=True).click()
    page.get_by_label("备一份网上草稿").check()
    sound(page)
    page.get_by_label("本人说了愿意申请").check()
    page.get_by_role("button", name="起草申请").click()
    expect(page.get_by_text("草稿还没有提交")).to_be_visible()
    sound(page)
    enter(page, client, live_server, accounts.staff(Role.DISTRICT).user)
    page.goto(f"{live_server.url}/review/outreach/numbers/")
    sound(page)
    enter(page, client, live_server, accounts.citizen(number=row.person_number).user)
    page.goto(f"{live_server.url}/my/outreach/")
    sound(page)
    page.get_by_role("button", name="删除这份草稿").click()
    page.get_by_role("button", name="不要再联系我").click()
    expect(page.get_by_role("button", name="可以再联系我")).to_be_visible()
    sound(page)
    row.refresh_from_db()
    assert row.state == states.O_NOT_WANTED

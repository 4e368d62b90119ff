"""部门数据 as a browser shows it: axe, width, console, both languages, and on paper."""

import re

import pytest
from django.conf import settings

from accounts.roles import Role
from applications import states
from datashare import queries
from tests.browsing import look_at
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories.calls import call
from tests.office.conftest import ordered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HAN = re.compile(r"[\u4e00-\u9fff]")
PAGES = ["/office/sources/", "/office/sources/catalogue/", "/office/sources/income_check/"]


@pytest.fixture
def admin(page, client, live_server, monkeypatch):
    """An administrator before a bad day: a silent source, one that rests, cases that wait."""
    known = {"left": 12_000, "daily": 200_000, "rate": 50, "breaker": "open", "retry_in": 12}
    monkeypatch.setattr(
        queries, "allowances", lambda: {"income_check": {**known, "rest": 0}, "property": known}
    )
    for kind in ("timeout", "quota", "somebody_else"):
        call("property", "unavailable", error=kind)
    call("income_check", ms=900)
    case = make.application(state=states.ACCEPTED)
    make.evidence(case, "property", status="unavailable")
    ordered(case, days_ago=3)
    client.force_login(accounts.staff(Role.ADMIN).user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    page.emulate_media(reduced_motion="reduce")
    return page


@pytest.mark.parametrize("address", PAGES)
def test_a_page_passes_axe_fits_its_width_and_says_nothing_in_the_console(
    admin, live_server, address
):
    said: list[str] = []
    admin.on("console", lambda message: said.append(message.text))
    admin.on("pageerror", lambda error: said.append(str(error)))
    look_at(admin, live_server, address)
    assert said == []


@pytest.mark.parametrize("address", PAGES)
def test_a_page_in_english_says_nothing_in_chinese_but_laws_and_the_name(
    admin, live_server, address
):
    admin.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}]
    )
    admin.set_viewport_size({"width": 1440, "height": 900})
    admin.goto(live_server.url + address)
    assert admin.locator("html").get_attribute("lang") == "en"
    words = admin.locator("main").inner_text()
    han = {
        line for line in words.splitlines() if any("\u4e00" <= sign <= "\u9fff" for sign in line)
    }
    assert han == set()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_whole_on_paper(admin, live_server, address):
    admin.emulate_media(media="print")
    admin.set_viewport_size({"width": 760, "height": 1000})  # A4 between its margins
    admin.goto(live_server.url + address)
    assert fits(admin)
    tables = admin.locator(".yz-table-wrap")
    for at in range(tables.count()):
        wrap = tables.nth(at)
        if wrap.is_visible():
            assert wrap.evaluate("one => one.scrollWidth <= one.clientWidth + 1")


def fits(page):
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")

"""一站式 with minutes and pages of the application, wide and narrow: axe and width."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

from accounts.roles import Role
from applications import states
from tests.factories import accounts
from tests.factories import applications as make
from tests.office.conftest import filled_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.mark.parametrize("width", [1440, 360])
def test_the_page_of_figures_is_sound(live_server, page, width):
    for slower in range(1, 7):
        filled_in(make.application(state=states.STREET_REVIEW), slower=slower)
    client = Client()
    client.force_login(accounts.staff(Role.LEADER).user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/office/onestop/", "/office/cases/?figure=drafts_left"):
        page.goto(live_server.url + address, wait_until="networkidle")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == [], address
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), address

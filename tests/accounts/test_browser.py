"""Signing in, in a real browser: content policy, cookies and redirects hold together."""

import re

import pytest
from aiohttp import web

from accounts.mock_portal.server import Setup, application
from accounts.models import Citizen
from core import clock
from tests.factories import accounts as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def mock_portal(settings, live_server) -> web.Application:
    """Registered with two sites; only by the visitor's own can the session be found again."""
    mine = live_server.url
    return application(
        Setup(
            service_code=settings.PORTAL_SERVICE_CODE,
            service_password=settings.PORTAL_SERVICE_PASSWORD,
            callbacks=[f"{site}/accounts/citizen/callback/" for site in ("http://other", mine)],
            now=lambda: clock.now().astimezone(clock.LOCAL),
        )
    )


@pytest.mark.parametrize("by_post", [False, True])
def test_a_citizen_signs_in_and_is_back_where_they_were_going(
    page, live_server, settings, serve, by_post
):
    refused = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Policy" in message.text else 0
    )
    server = serve(mock_portal(settings, live_server))
    settings.PORTAL_URL = settings.PORTAL_BACKEND_URL = f"http://127.0.0.1:{server.port}"
    page.goto(f"{live_server.url}/accounts/citizen/sign-in/?next=/accounts/citizen/sign-in/")
    page.get_by_role("link", name="用浙里办登录").click()
    page.get_by_label("姓名").fill("测试甲")
    page.get_by_label("身份证号码").fill(make.id_number())
    if by_post:
        page.get_by_text("让这次登录出一点问题").click()
        page.get_by_label("用 POST 送回票据").check()
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(re.escape(live_server.url) + "/(my|accounts/citizen/sign-in)/"))
    assert Citizen.objects.get().name == "测试甲"
    assert not refused


def test_a_member_of_staff_signs_in_with_password_and_code(page, live_server, reviewer, wall):
    page.goto(f"{live_server.url}/accounts/staff/sign-in/")
    page.get_by_label("用户名").fill(reviewer.username)
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="继续").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("密码").fill(make.PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.get_by_label("6位验证码").fill(reviewer.code())
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{live_server.url}/review/")

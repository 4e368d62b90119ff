"""Everybody signs in as in real life: citizens by the province's page, staff with two factors."""

from urllib.parse import quote

from playwright.sync_api import Page

from accounts import second_factor
from accounts.models import Staff
from core import clock
from tests.factories import accounts


def as_citizen(page: Page, name: str, number: str, at: str = "/my/") -> None:
    """Through the mock of the province's sign-in, typed in by hand."""
    page.goto(f"/accounts/citizen/sign-in/?next={quote(at)}")
    page.get_by_role("link", name="用浙里办登录").click()
    page.get_by_label("姓名").fill(name)
    page.get_by_label("身份证号码").fill(number)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(f"**{at}")


def as_staff(page: Page, member: Staff) -> None:
    """With password and the six digits of an authenticator that is bound beforehand."""
    secret = second_factor.new_secret()
    second_factor.keep(member.user, secret)
    member.user.set_password(accounts.PASSWORD)
    member.user.save(update_fields=["password"])
    page.goto("/accounts/staff/sign-in/")
    page.get_by_label("用户名").fill(member.user.username)
    page.get_by_label("密码").fill(accounts.PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.get_by_label("6位验证码").fill(second_factor.code_at(secret, clock.real_seconds() // 30))
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_function("() => !location.pathname.startsWith('/accounts/')")

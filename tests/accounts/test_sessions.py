"""A session of staff ends by idleness, by age and by a newer sign-in."""

import pytest
from django.test import Client

from tests.factories import accounts as make

pytestmark = pytest.mark.django_db


def sign_in(reviewer, wall) -> Client:
    wall.advance(60)  # a fresh code for each sign-in
    client = Client()
    client.post(
        "/accounts/staff/sign-in/", {"username": reviewer.username, "password": make.PASSWORD}
    )
    assert client.post("/accounts/staff/code/", {"code": reviewer.code()}).status_code == 302
    return client


def signed_in(client: Client) -> bool:
    client.get("/accounts/citizen/sign-in/")
    return "_auth_user_id" in client.session


def test_half_an_hour_without_a_request_ends_the_session(reviewer, wall):
    client = sign_in(reviewer, wall)
    wall.advance(30 * 60)
    assert signed_in(client)
    wall.advance(30 * 60 + 1)
    answer = client.get("/accounts/citizen/sign-in/")
    assert not signed_in(client)
    assert "自动退出" in answer.content.decode()


def test_a_page_that_polls_by_itself_keeps_no_session_open(reviewer, wall):
    client = sign_in(reviewer, wall)
    for _minute in range(31):
        wall.advance(60)
        client.get("/accounts/citizen/sign-in/", headers={"X-Poll": "1"})
    assert not signed_in(client)


def test_after_eight_hours_even_a_busy_session_ends(reviewer, wall):
    client = sign_in(reviewer, wall)
    for _quarter in range(32):
        wall.advance(15 * 60)
        assert signed_in(client)
    wall.advance(60)
    assert not signed_in(client)


def test_a_newer_sign_in_ends_the_older_session_and_says_so(reviewer, wall):
    older = sign_in(reviewer, wall)
    newer = sign_in(reviewer, wall)
    answer = older.get("/accounts/citizen/sign-in/")
    assert "别处登录" in answer.content.decode()
    assert not signed_in(older)
    assert signed_in(newer)


def test_several_sessions_may_be_allowed(reviewer, wall, settings):
    settings.STAFF_ONE_SESSION = False
    older = sign_in(reviewer, wall)
    sign_in(reviewer, wall)
    assert signed_in(older)


def test_moving_the_demos_clock_by_a_year_ends_no_session(reviewer, wall):
    from datetime import timedelta

    from core import clock

    client = sign_in(reviewer, wall)
    clock.advance(timedelta(days=365))
    assert signed_in(client)


def test_stopping_the_account_ends_its_session_at_once(reviewer, wall):
    client = sign_in(reviewer, wall)
    user = reviewer.staff.user
    user.is_active = False
    user.save()
    assert client.get("/accounts/staff/sign-in/").status_code == 200

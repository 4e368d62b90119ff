"""The demo's sign-ins, and that production has none of them."""

import io
import runpy

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts import demo
from accounts.models import Staff, User
from accounts.roles import Role
from core.models import AuditEntry
from tests.factories import accounts as make
from yinzhou_housing import urls

pytestmark = pytest.mark.django_db


def test_there_is_a_post_for_every_role_and_every_street():
    posts = demo.posts()
    assert {role for one in posts for role in one.roles} == set(Role)
    assert len({one.key for one in posts}) == len(posts)
    assert sum(one.key.startswith("street-") for one in posts) == 25


def test_writing_the_posts_again_changes_nothing():
    assert demo.ensure() == len(demo.posts())
    assert demo.ensure() == 0
    assert Staff.objects.count() == len(demo.posts())


def test_another_installation_has_other_passwords(settings):
    before = demo.post("admin").password, demo.post("admin").secret
    settings.SECRET_KEY = "another installation"
    after = demo.post("admin").password, demo.post("admin").secret
    assert not set(before) & set(after)
    demo.ensure()
    settings.SECRET_KEY = "a third one"
    assert demo.ensure() == len(demo.posts())


def test_the_printed_sign_in_opens_the_door(client, wall):
    out = io.StringIO()
    call_command("demo_signins", stdout=out)
    key, _role, password, _, code, *_rest = next(
        line.split() for line in out.getvalue().splitlines() if line.startswith("district ")
    )
    client.post("/accounts/staff/sign-in/", {"username": key, "password": password})
    assert client.post("/accounts/staff/code/", {"code": code}).url == "/review/"


def test_one_click_signs_in_as_a_post(client):
    answer = client.post("/demo/as/civil-affairs/", {"next": "/review/?facet=late"})
    assert answer.url == "/review/?facet=late"
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert user.username == "civil-affairs"
    assert AuditEntry.objects.get().detail == {"way": "demo"}


def test_two_visitors_may_be_the_same_post_at_once():
    first, second = Client(), Client()
    for visitor in (first, second):
        visitor.post("/demo/as/district/")
    first.get("/accounts/citizen/sign-in/")
    assert "_auth_user_id" in first.session
    assert "_auth_user_id" in second.session


@pytest.mark.parametrize(("key", "username"), [("street", "street-"), ("window", "window-")])
def test_a_role_alone_means_its_first_street(client, key, username):
    client.post(f"/demo/as/{key}/")
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert user.username.startswith(username)


def test_one_click_signs_in_as_a_citizen(client):
    citizen = make.citizen()
    assert client.post(f"/demo/as/citizen-{citizen.pk}/").url == "/my/"
    assert client.session["_auth_user_id"] == str(citizen.user_id)


@pytest.mark.parametrize("key", ["nobody", "citizen-0", "citizen-x"])
def test_an_unknown_key_is_not_found(client, key):
    assert client.post(f"/demo/as/{key}/").status_code == 404


def test_a_link_alone_signs_nobody_in(client):
    assert client.get("/demo/as/admin/").status_code == 405


def test_the_page_of_people_shows_a_button_for_each_role(client):
    page = client.get("/demo/as/").content.decode()
    assert page.count("/demo/as/") >= len(Role)


def test_production_knows_no_address_of_the_demo(settings):
    settings.DEMO = False
    patterns = runpy.run_path(urls.__file__)["urlpatterns"]
    assert not [entry for entry in patterns if str(entry.pattern).startswith("demo")]


def test_even_if_the_address_were_left_in_it_would_do_nothing(client, settings):
    settings.DEMO = False
    assert client.post("/demo/as/admin/").status_code == 404
    assert client.get("/demo/as/").status_code == 404
    assert not User.objects.exists()


@pytest.mark.parametrize("command", ["demo_signins", "mock_portal"])
def test_production_refuses_the_commands_of_the_demo(settings, command):
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command(command)

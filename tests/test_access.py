"""Role × view: every address says who may come in, and the table of docs/access.md is that."""

from pathlib import Path

import pytest
from django.conf import settings as project
from django.test import RequestFactory
from django.urls import path

from accounts import truth_table
from accounts.access import (
    AccessPermission,
    Audience,
    Verdict,
    Visitor,
    citizen_only,
    declaration,
    kiosk_only,
    public,
    signed_in,
    staff_only,
    staff_only_rule,
)
from accounts.roles import Role
from tests.factories import accounts as make

TABLE = Path(project.BASE_DIR) / "docs" / "access.md"


def test_every_address_of_the_project_says_who_may_come_in():
    assert truth_table.undeclared() == []


def test_the_table_in_the_docs_is_the_one_in_force():
    assert TABLE.read_text(encoding="utf-8") == truth_table.render(), (
        "run manage.py gendocs and read the difference"
    )


# -- The rule itself -------------------------------------------------------------------------

ANYBODY = {
    "anonymous": Visitor(),
    "citizen": Visitor(kind="citizen"),
    "reviewer": Visitor(kind="staff", roles=frozenset({Role.REVIEWER})),
    "admin": Visitor(kind="staff", roles=frozenset({Role.ADMIN})),
    "no role": Visitor(kind="staff"),
    "kiosk": Visitor(kiosk=True),
}
OPEN, ASK, SHUT = Verdict.ALLOWED, Verdict.SIGN_IN, Verdict.REFUSED


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (public, [OPEN, OPEN, OPEN, OPEN, OPEN, OPEN]),
        (signed_in, [ASK, OPEN, OPEN, OPEN, OPEN, ASK]),
        (citizen_only, [ASK, OPEN, SHUT, SHUT, SHUT, ASK]),
        (staff_only(Role.REVIEWER), [ASK, SHUT, OPEN, SHUT, SHUT, ASK]),
        (staff_only(Role.REVIEWER, Role.ADMIN), [ASK, SHUT, OPEN, OPEN, SHUT, ASK]),
        (staff_only(), [ASK, SHUT, OPEN, OPEN, SHUT, ASK]),
        (kiosk_only, [SHUT, SHUT, SHUT, SHUT, SHUT, OPEN]),
    ],
)
def test_each_declaration_lets_in_whom_it_names(mark, expected):
    @mark
    def view(request): ...

    access = declaration(view)
    assert [access.verdict(visitor) for visitor in ANYBODY.values()] == expected


def test_a_class_based_view_carries_its_declaration():
    from django.views.generic import View

    @staff_only(Role.ADMIN)
    class Page(View): ...

    assert declaration(Page.as_view()).roles == {Role.ADMIN}


def test_an_action_of_a_viewset_may_be_marked_apart_from_its_class():
    from rest_framework.decorators import action
    from rest_framework.viewsets import ViewSet

    class Cases(ViewSet):
        access = staff_only_rule(Role.REVIEWER)

        def list(self, request): ...

        @action(detail=False)
        @staff_only(Role.AUDITOR)
        def all(self, request): ...

    assert declaration(Cases.as_view({"get": "list"}), "GET").roles == {Role.REVIEWER}
    assert declaration(Cases.as_view({"get": "all"}), "GET").roles == {Role.AUDITOR}


@pytest.mark.django_db
def test_the_permission_of_the_api_reads_the_same_declaration():
    class Closed:
        action = "list"

    class ForReviewers(Closed):
        access = staff_only_rule(Role.REVIEWER)

    request = RequestFactory().get("/api/v1/cases/")
    request.user = make.staff(Role.REVIEWER).user
    permission = AccessPermission()
    assert permission.has_permission(request, ForReviewers())
    assert not permission.has_permission(request, Closed())
    request.user = make.staff(Role.OPERATOR).user
    assert not permission.has_permission(request, ForReviewers())


# -- At the door -----------------------------------------------------------------------------


def _answer(request, **kwargs):
    from django.http import HttpResponse

    return HttpResponse("open")


def _view(mark=None):
    def view(request):
        return _answer(request)

    return mark(view) if mark else view


urlpatterns = [
    path("undeclared/", _view()),
    path("review/x/", _view(staff_only(Role.REVIEWER))),
    path("my/x/", _view(citizen_only)),
    path("office/any/", _view(signed_in)),
    path("kiosk/x/", _view(kiosk_only)),
    path("api/v1/x/", _view(staff_only(Role.REVIEWER))),
    path("api/v1/undeclared/", _view()),
]


@pytest.fixture
def doors(settings):
    """The project's addresses and a few more, one of them without a declaration."""
    from yinzhou_housing import urls

    before = urlpatterns[:]
    urlpatterns.extend(urls.urlpatterns)
    settings.ROOT_URLCONF = __name__
    yield
    urlpatterns[:] = before


@pytest.mark.django_db
class TestRequests:
    """Real requests through the whole middleware."""

    pytestmark = pytest.mark.usefixtures("doors")

    def test_a_view_that_says_nothing_is_refused_to_everybody_and_logged(self, client, caplog):
        for user in (None, make.citizen().user, make.staff(Role.ADMIN).user):
            if user:
                client.force_login(user)
            assert client.get("/undeclared/").status_code == 403
            assert client.get("/api/v1/undeclared/").status_code == 403
        assert "view without access declaration" in caplog.text

    @pytest.mark.parametrize(
        ("address", "sign_in"),
        [
            ("/review/x/", "/accounts/staff/sign-in/?next=%2Freview%2Fx%2F"),
            ("/my/x/", "/accounts/citizen/sign-in/?next=%2Fmy%2Fx%2F"),
            ("/office/any/", "/accounts/staff/sign-in/?next=%2Foffice%2Fany%2F"),
        ],
    )
    def test_a_stranger_is_led_to_the_fitting_sign_in(self, client, address, sign_in):
        assert client.get(address).url == sign_in

    def test_after_a_post_nobody_is_led_back_to_it(self, client):
        assert client.post("/review/x/").url == "/accounts/staff/sign-in/"

    def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(self, client):
        answer = client.get("/review/x/", headers={"HX-Request": "true"})
        assert answer.headers["HX-Redirect"] == "/accounts/staff/sign-in/"

    def test_a_program_is_told_by_its_status(self, client):
        assert client.get("/api/v1/x/").status_code == 401
        client.force_login(make.citizen().user)
        answer = client.get("/api/v1/x/")
        assert (answer.status_code, list(answer.json())) == (403, ["detail"])

    def test_the_wrong_role_is_refused_with_a_sentence(self, client):
        client.force_login(make.staff(Role.OPERATOR).user)
        answer = client.get("/review/x/")
        assert answer.status_code == 403
        assert "您的岗位没有这个页面的权限" in answer.content.decode()

    def test_the_right_role_comes_in(self, client):
        client.force_login(make.staff(Role.REVIEWER).user)
        assert client.get("/review/x/").content == b"open"

    def test_staff_do_not_use_the_citizens_pages(self, client):
        client.force_login(make.staff(Role.REVIEWER).user)
        assert client.get("/my/x/").status_code == 403

    def test_a_role_taken_away_counts_from_the_next_request(self, client):
        staff = make.staff(Role.REVIEWER)
        client.force_login(staff.user)
        assert client.get("/review/x/").status_code == 200
        staff.roles = [Role.OPERATOR]
        staff.save()
        assert client.get("/review/x/").status_code == 403

    def test_a_browser_is_no_kiosk(self, client):
        client.force_login(make.staff(Role.ATTENDANT).user)
        assert client.get("/kiosk/x/").status_code == 403


def test_monitoring_comes_straight_and_not_through_the_proxy(settings):
    from accounts.middleware import from_monitoring

    ask = RequestFactory().get
    assert from_monitoring(ask("/metrics", REMOTE_ADDR="127.0.0.1"))
    assert not from_monitoring(ask("/metrics", REMOTE_ADDR="10.1.2.3"))
    assert not from_monitoring(
        ask("/metrics", REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "10.1.2.3"})
    )
    settings.MONITORING_NETWORKS = ["10.1.0.0/16"]
    assert from_monitoring(ask("/metrics", REMOTE_ADDR="10.1.2.3"))


def test_the_visitors_address_is_what_our_own_proxy_saw(settings):
    from accounts.middleware import client_address

    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "1.1.1.1, 2.2.2.2"}
    )
    assert client_address(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert client_address(request) == "2.2.2.2"


def test_only_views_that_cannot_carry_a_decorator_are_declared_by_name():
    from accounts import declared

    # core stands below accounts, so it cannot import the decorators
    ours = ("accounts.", "datashare.", "applications.", "allocation.", "renewal.", "office.")
    assert not [name for name in declared.VIEWS if name.startswith(ours)]
    assert set(declared.VIEWS.values()) <= {audience.value for audience in Audience}


@pytest.mark.django_db
@pytest.mark.usefixtures("doors")
def test_no_browser_keeps_the_pages_of_somebody_signed_in(client):
    assert "Cache-Control" not in client.get("/accounts/signed-out/").headers
    client.force_login(make.staff(Role.REVIEWER).user)
    assert client.get("/review/x/").headers["Cache-Control"] == "private, no-store"

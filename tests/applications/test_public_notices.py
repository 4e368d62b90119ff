"""The public page: masked, never indexed, never kept, gone at midnight, not to be harvested."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from django.urls import reverse

from applications import periods, public_limits, publicity
from applications.models.review import Stage
from core import clock
from core.identity.masking import mask_in_public
from tests.factories import applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def posted(**fields):
    case = desk.at_district(**fields)
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    return case.publicities.get()


def at(monkeypatch, day, hour=0, minute=0):
    moment = clock.local_midnight(day) + timedelta(hours=hour, minutes=minute)
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王强", "*强"),  # two characters: the surname goes
        ("陈广福", "*广福"),
        ("欧阳强", "**强"),  # a compound surname goes as a whole
        ("欧阳建国", "**建国"),
        ("欧阳", "*阳"),
        ("阿依古丽·买买提", "******买提"),
        ("库尔班江", "*尔班江"),
        ("强", "*"),
        ("", ""),
    ],
)
def test_no_surname_shows_on_a_public_notice(name, shown):
    assert mask_in_public(name) == shown


def test_the_page_names_no_surname_child_number_or_phone(client):
    people = applications.couple_with_child()
    posted(members=people)
    page = client.get(reverse("public_notices")).content.decode()
    for one in people:
        assert one.name not in page and one.id_number not in page
    assert people[2].name[1:] not in page.replace(people[0].name[1:], "")


def test_no_search_engine_takes_it_and_nobody_keeps_it(client):
    notice = posted()
    for address in (reverse("public_notices"), reverse("public_object", args=[notice.pk]),
                    reverse("public_follow"), reverse("public_objected")):  # fmt: skip
        response = client.get(address)
        assert response["X-Robots-Tag"] == "noindex, noarchive"
        assert 'name="robots" content="noindex, noarchive"' in response.content.decode()
        assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
    robots = client.get("/robots.txt")
    assert robots["Content-Type"].startswith("text/plain")
    assert "Disallow: /public/notices/" in robots.content.decode()


def test_it_is_gone_at_midnight_of_the_last_day_before_any_worker_came(client, monkeypatch):
    notice = posted()
    at(monkeypatch, notice.ends_on, 23, 59)
    assert notice.case_no in client.get(reverse("public_notices")).content.decode()
    at(monkeypatch, notice.ends_on + timedelta(days=1))
    notice.refresh_from_db()
    assert notice.closed_at is None
    assert notice.case_no not in client.get(reverse("public_notices")).content.decode()
    gone = client.get(reverse("public_object", args=[notice.pk]))
    assert gone.status_code == 410 and notice.case_no not in gone.content.decode()
    assert "监察机关" in gone.content.decode()  # what remains


def test_nobody_harvests_the_list(client):
    posted()
    most = periods.of("notice_views").value
    cache.clear()
    for _n in range(most):
        assert client.get(reverse("public_notices")).status_code == 200
    stopped = client.get(reverse("public_notices"))
    assert stopped.status_code == 429 and stopped["Retry-After"] == "900"
    other = client.get(reverse("public_notices"), REMOTE_ADDR="203.0.113.9")
    assert other.status_code == 200


def test_a_cache_that_is_away_closes_nothing(client, monkeypatch):
    def broken(*_args):
        raise OSError("no cache")

    monkeypatch.setattr(public_limits.tries, "spent", broken)
    assert client.get(reverse("public_notices")).status_code == 200


def test_only_our_own_proxies_are_believed(settings):
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.2.3.4")
    assert public_limits.address_of(request) == "10.0.0.1"
    settings.PROXY_ADDRESSES = ["10.0.0.1"]
    assert public_limits.address_of(request) == "1.2.3.4"
    spoofed = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="9.9.9.9, 1.2.3.4"
    )
    assert public_limits.address_of(spoofed) == "1.2.3.4"


def test_the_list_costs_no_more_for_more_households(client, django_assert_max_num_queries):
    posted()
    client.get(reverse("public_notices"))
    with django_assert_max_num_queries(30) as first:
        client.get(reverse("public_notices"))
    for _n in range(3):
        posted()
    with django_assert_max_num_queries(len(first)):
        client.get(reverse("public_notices"))
    assert publicity.visible(clock.today()).count() == 4

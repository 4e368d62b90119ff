"""字号、长者模式、语言: kept in cookies, and nowhere else to be led to."""

import datetime as dt
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from core import display

pytestmark = pytest.mark.django_db


def test_a_text_size_stays_and_brings_the_person_back(client):
    answer = client.post("/prefs/", {"size": "xlarge", "next": "/help/"})
    assert answer.status_code == 302 and answer["Location"] == "/help/"
    assert 'data-size="xlarge"' in client.get("/help/").content.decode()
    client.post("/prefs/", {"size": "normal", "next": "/help/"})
    assert "data-size" not in client.get("/help/").content.decode()


def test_elder_mode_offers_the_telephone_on_every_page(client):
    client.post("/prefs/", {"elder": "on"})
    html = client.get("/").content.decode()
    assert "data-elder" in html and "yz-elder-bar" in html


def test_the_language_is_kept(client):
    client.post("/prefs/", {"language": "en"})
    assert '<html lang="en"' in client.get("/").content.decode()


@pytest.mark.parametrize("away", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(client, away):
    assert client.post("/prefs/", {"size": "large", "next": away})["Location"] == "/"


def test_an_unknown_value_changes_nothing(client):
    answer = client.post("/prefs/", {"size": "huge", "elder": "maybe", "language": "xx"})
    assert not answer.cookies


def test_a_preference_is_only_changed_by_a_post(client):
    assert client.get("/prefs/").status_code == 405


@pytest.mark.parametrize("page", ["403.html", "403_csrf.html", "404.html", "500.html"])
def test_an_error_page_needs_nothing_and_names_a_telephone(page):
    html = render_to_string(page)
    assert "0574-12345" in html and html.count("<h1>") == 1


def test_facts_are_written_in_chinese_form():
    with translation.override("zh-hans"):
        assert display.day(dt.date(2026, 12, 3)) == "2026年12月3日（星期四）"
        assert display.day_short(dt.date(2026, 3, 5)) == "2026年3月5日"
        assert display.rent(Decimal("137.5")) == "137.50元/月"
        assert display.money(Decimal("12480")) == "12,480.00元"
        assert display.area(Decimal("29.83")) == "29.83平方米"
        assert display.area_short("29.835") == "29.84㎡"
        assert display.wan(9999) == "9,999" and display.wan(12480) == "1.2万"
        assert display.percent(Decimal("0.986")) == "98.6%"
        assert display.day(None) == display.money(None) == display.area("") == "—"


def test_pages_are_chinese_first_whatever_the_browser_prefers(client):
    page = client.get("/", headers={"accept-language": "en-US,en"})
    assert page.headers["Content-Language"] == "zh-hans"
    client.post("/prefs/", {"language": "en", "next": "/"})
    assert client.get("/").headers["Content-Language"] == "en"

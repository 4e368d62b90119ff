"""部门数据: what the last day says of each source, and the catalogue of all of them."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis.exceptions import RedisError

from accounts.roles import Role
from applications import states
from core import clock
from datashare import catalogue, queries
from datashare.gateway import faults
from office import source_words, sources
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories.calls import call
from tests.office.conftest import ordered

pytestmark = pytest.mark.django_db
HEALTH, CATALOGUE = "/office/sources/", "/office/sources/catalogue/"
ALL = [entry.code for entry in catalogue.entries()]


@pytest.fixture(autouse=True)
def quiet_quota(monkeypatch):
    """Nothing used up: what the gateway's own tests say of quota and breaker is not said again."""
    plenty = {"left": 200_000, "daily": 200_000, "rate": 50, "rest": 0}
    known = {code: {**plenty, "breaker": "closed", "retry_in": 0} for code in ALL}
    monkeypatch.setattr(queries, "allowances", lambda: known)


@pytest.fixture
def admin(client):
    client.force_login(accounts.staff(Role.ADMIN).user)
    return client


def row(client, code):
    rows = client.get(HEALTH).context["rows"]
    assert sorted(one.code for one in rows) == sorted(ALL)
    return next(one for one in rows if one.code == code)


def allow(monkeypatch, **known):
    monkeypatch.setattr(queries, "allowances", lambda: {"property": known})


# -- The last day ---------------------------------------------------------------------------------


def test_times_are_those_of_the_answered_questions_of_the_last_day(admin):
    for ms in (80, 90, 100, 110, 900):
        call("property", ms=ms)
    call("property", "unavailable", ms=5000)
    call("property", ms=1, minutes_ago=60 * 25)
    one = row(admin, "property")
    assert (one.calls, one.failed) == (6, 1)
    assert (one.median_ms, one.most_ms, one.slowest_ms) == (100, 900, 900)
    assert (one.state, row(admin, "death").state) == ("unknown", "later")


def test_silent_sources_come_first_and_those_for_whom_more_cases_wait_before_others(admin):
    call("vehicle")
    for source in ("marriage", "property"):
        call(source, "unavailable")
    make.evidence(make.application(state=states.ACCEPTED), "property", status="unavailable")
    context = admin.get(HEALTH).context
    assert [one.code for one in context["rows"]][:3] == ["property", "marriage", "vehicle"]
    assert [one.code for one in context["silent"]] == ["property", "marriage"]


def test_every_kind_of_failure_is_said_in_words_beside_its_code(admin):
    for kind in faults.VERDICTS:
        call("property", "unavailable", error=kind)
    page = admin.get(HEALTH).content.decode()
    for kind in faults.VERDICTS:
        assert str(source_words.fault(kind)) in page
        assert f">{kind}</code>" in page
    assert set(faults.VERDICTS) <= set(source_words.FAULTS)
    assert {one.value for one in faults.Verdict} == set(source_words.VERDICTS)


def test_a_kind_that_nobody_described_still_shows_as_its_code(admin):
    call("property", "unavailable", error="quite_new")
    assert [str(one.word) for one in row(admin, "property").errors] == ["quite_new"]


def test_the_hours_of_the_day_stand_in_the_picture_and_in_the_table_behind_the_chart(
    admin, monkeypatch
):
    noon = datetime(2026, 5, 6, 12, 30, tzinfo=clock.LOCAL)
    monkeypatch.setattr(clock, "now", lambda: noon)
    call("property", minutes_ago=0)
    call("property", "unavailable", minutes_ago=45)
    call("death", minutes_ago=45)
    call("property", minutes_ago=60 * 23 + 50)
    context = admin.get(HEALTH).context
    answered, silent = (one["values"] for one in context["chart"]["series"])
    hours = context["chart"]["categories"]
    assert (hours[0], hours[-1], len(hours)) == ("12:00", "12:00", 25)
    assert (answered[-1], answered[-2], answered[0]) == (1, 1, 1)
    assert (silent[-2], sum(silent), sum(answered)) == (1, 1, 3)
    page = admin.get(HEALTH).content.decode()
    assert "不动产登记最近24小时：查询3次，没有答复1次" in page


# -- Quota, rest, breaker -------------------------------------------------------------------------


def test_what_is_left_of_the_day_and_the_pace(admin, monkeypatch):
    allow(monkeypatch, left=150_000, daily=200_000, rate=50, rest=0)
    page = admin.get(HEALTH).content.decode()
    assert "150,000" in page
    assert "每秒50次" in page


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({"rest": 30.0}, "配额用完，30秒后再问"),
        ({"rest": 3000.0}, "配额用完，50分钟后再问"),
        ({"rest": 0, "breaker": "open", "retry_in": 0.2}, "连续失败已暂停，1秒后试探"),
        ({"rest": 0, "breaker": "half_open", "retry_in": 0}, "正在试探是否恢复"),
        ({"rest": 0, "breaker": "closed", "retry_in": 0}, ""),
    ],
)
def test_why_a_source_is_left_alone_and_when_it_is_asked_again(admin, monkeypatch, known, line):
    allow(monkeypatch, left=10, **known)
    call("property")
    one = row(admin, "property")
    assert one.allowance.line == line
    assert one.state == ("paused" if line else "met")


def test_without_the_store_that_keeps_the_quota_the_rest_of_the_page_stands(admin, monkeypatch):
    def away():
        raise RedisError("away")

    monkeypatch.setattr(queries, "allowances", away)
    call("property")
    page = admin.get(HEALTH).content.decode()
    assert "暂时读不到配额" in page
    assert row(admin, "property").calls == 1


# -- Who waits ------------------------------------------------------------------------------------


def test_cases_that_wait_for_a_source_are_counted_and_listed_behind_the_number(admin):
    both, one = (make.application(2, state=states.ACCEPTED) for _n in range(2))
    for member in both.members.all():
        make.evidence(both, "property", member=member, status="unavailable")
    make.evidence(both, "marriage", status="unavailable")
    make.evidence(one, "property", status="unavailable")
    make.evidence(make.application(state=states.WITHDRAWN), "property", status="unavailable")
    make.evidence(make.application(), "property", status="unavailable")  # a draft
    context = admin.get(HEALTH).context
    assert context["waiting"] == 2
    listed = {
        each.code: admin.get(each.waiting_href).context["page"].paginator.count
        for each in context["rows"]
    }
    assert listed == {each.code: each.waiting.cases for each in context["rows"]}
    assert (listed["property"], listed["marriage"], listed["vehicle"]) == (2, 1, 0)
    assert admin.get(context["waiting_href"]).context["page"].paginator.count == 2


def test_reports_under_way_are_counted_with_the_oldest(admin):
    older, newer = (make.application(state=states.ACCEPTED) for _n in range(2))
    ordered(newer, days_ago=1)
    first = ordered(older, days_ago=6)
    ordered(make.application(state=states.WITHDRAWN), days_ago=9)
    context = admin.get(HEALTH).context
    assert (context["ordered"], context["oldest"]) == (2, first.ordered_at)
    assert admin.get(context["ordered_href"]).context["page"].paginator.count == 2
    assert row(admin, "income_check").waiting.ordered == 2


def test_an_answer_about_somebody_else_is_reported_for_thirty_days(admin):
    call("death", "unavailable", error="somebody_else", minutes_ago=60 * 24 * 20)
    call("death", "unavailable", error="somebody_else", minutes_ago=60 * 24 * 40)
    assert row(admin, "death").wrong == 1
    assert "有答复说的是另一个人" in admin.get(HEALTH).content.decode()


def test_who_may_not_open_the_lists_sees_the_counts_without_links(client):
    make.evidence(make.application(state=states.ACCEPTED), "property", status="unavailable")
    client.force_login(accounts.staff(Role.SYSTEM).user)
    page = client.get(HEALTH).content.decode()
    assert "1件办件" in page
    assert "/office/cases/" not in page


# -- Cost and access ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [HEALTH, CATALOGUE, "/office/sources/property/"])
def test_a_page_costs_the_same_number_of_queries_for_more_calls(admin, path):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert admin.get(path).status_code == 200
        return len(asked)

    cost()
    few = cost()
    for source in ALL:
        call(source)
        call(source, "unavailable", error="quota")
        make.evidence(make.application(state=states.ACCEPTED), source, status="unavailable")
    assert cost() == few
    assert few <= 14


@pytest.mark.parametrize("path", [HEALTH, CATALOGUE, "/office/sources/property/"])
def test_the_catalogue_is_for_administrators_leaders_and_the_system_administrator(client, path):
    for role in (Role.ADMIN, Role.LEADER, Role.SYSTEM):
        client.force_login(accounts.staff(role).user)
        assert client.get(path).status_code == 200
    client.force_login(accounts.staff(Role.REVIEWER).user)
    assert client.get(path).status_code == 403


# -- The catalogue --------------------------------------------------------------------------------


def test_the_catalogue_lists_every_source_with_a_page_of_its_own(admin):
    pages = admin.get(CATALOGUE).context["pages"]
    assert [one.code for one in pages] == ALL
    for one in pages:
        assert admin.get(one.href).status_code == 200
    assert admin.get("/office/sources/nowhere/").status_code == 404


def test_a_page_says_what_an_empty_answer_means(admin):
    assert "查不到就是没有" in admin.get("/office/sources/property/").content.decode()
    assert "查不到不等于没有" in admin.get("/office/sources/marriage/").content.decode()


def test_a_page_says_owner_law_purposes_terms_and_fields_in_both_languages(admin):
    for code in ALL:
        entry = catalogue.entry(code)
        page = admin.get(f"/office/sources/{code}/").content.decode()
        assert entry.owner in page
        for law in entry.laws:
            assert law.text in page
        for field in entry.fields:
            assert f"<code>{field.name}</code>" in page
    english = admin.get("/office/sources/property/", headers={"accept-language": "en"})
    assert english.status_code == 200


def test_a_page_tells_what_failed_lately_and_what_is_done_about_it(admin):
    call("property", "unavailable", error="quota", minutes_ago=60 * 50)
    call("property", "unavailable", error="timeout", minutes_ago=60)
    call("property", "unavailable", error="timeout", minutes_ago=60 * 24 * 31)
    failures = admin.get("/office/sources/property/").context["failures"]
    assert [(one.kind, one.count) for one in failures] == [("timeout", 1), ("quota", 1)]
    assert "配额恢复后再查" in str(failures[1].then)
    assert clock.now() - failures[0].last < timedelta(hours=2)


def test_the_wait_is_told_as_exactly_as_a_person_needs():
    assert [sources._in_words(n) for n in (0.2, 119, 120, 7199, 7200, 40000)] == [
        "1秒", "119秒", "2分钟", "120分钟", "2小时", "11小时",
    ]  # fmt: skip

"""A page of a large queue is read from an index: no table is walked, nothing is sorted."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Bureau
from accounts.roles import BureauKind, Role
from applications import queue_counts
from applications.models import QueueCount, ReviewTask
from benchmarks import queue_rows
from core import clock
from tests.factories import accounts

FEW, MANY = 1_200, 48_000


@pytest.fixture(scope="module")
def _large(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        if not Bureau.objects.exists():
            Bureau.objects.ensure_all()
        owner = accounts.citizen().user
        written = queue_rows.write(MANY, user_id=owner.pk, today=clock.today())
        yield written
        queue_rows.take_away()
        QueueCount.objects.all().delete()
        owner.citizen.delete()
        owner.delete()


@pytest.fixture
def large(_large, db):
    return _large


def plan_of(query, params):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}", params)
        (found,) = cursor.fetchone()
    return (found if isinstance(found, list) else json.loads(found))[0]["Plan"]


def nodes(plan):
    yield plan
    for one in plan.get("Plans", []):
        yield from nodes(one)


def readers():
    return {
        "department": accounts.staff(Role.REVIEWER),
        "street": accounts.staff(Role.STREET, bureau=accounts.bureau("330212005")),
        "district": accounts.staff(Role.DISTRICT, bureau=accounts.bureau(BureauKind.CENTRE)),
    }


DEEP = {"after": f"{clock.today().isoformat()}.1"}
ASKED = [
    {}, DEEP, {"urgency": "late"}, {"urgency": "today"}, {"urgency": "soon"}, {"urgency": "later"},
    {"tone": "doubt"}, {"channel": "window"}, {"state": "open"}, {"state": "claimed"},
    {"street": "330212005"}, {"street": "330212005", "tone": "doubt"}, {"holder": "me"},
    {"stage": "joint"}, {"q": "0001234"}, {"q": "cgf"}, {"q": "wangxiaoyu"},
]  # fmt: skip


@pytest.mark.parametrize("who", ["department", "street", "district"])
@pytest.mark.parametrize("asked", ASKED, ids=lambda one: "-".join(one.values()) or "all")
def test_no_page_walks_a_table(large, who, asked):
    """Every statement of the page about tasks, words and people; the counts are their own sums."""
    client = Client()
    client.force_login(readers()[who].user)
    scope = {"scope": "all"} if who == "district" else {}
    client.get("/review/", {**scope, **asked})
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/review/", {**scope, **asked}).status_code == 200
    tables = ("applications_reviewtask", "applications_searchword", "applications_member",
              "applications_application", "applications_namedperson")  # fmt: skip
    looked = 0
    for one in captured:
        if not any(f'FROM "{table}"' in one["sql"] for table in tables):
            continue
        looked += 1
        walked = [
            node["Relation Name"] for node in nodes(plan_of(one["sql"].replace("%", "%%"), []))
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in tables[:3]
        ]  # fmt: skip
        assert not walked, one["sql"]
    assert looked >= 2


@pytest.mark.parametrize("who", ["department", "street", "district"])
def test_the_first_page_is_read_in_order_and_nothing_large_is_sorted(large, who):
    client = Client()
    client.force_login(readers()[who].user)
    scope = {"scope": "all"} if who == "district" else {}
    for asked in ({}, DEEP, {"urgency": "later"}, {"tone": "doubt"}, {"street": "330212005"}):
        with CaptureQueriesContext(connection) as captured:
            client.get("/review/", {**scope, **asked})
        (page,) = [one["sql"] for one in captured if "LIMIT 51" in one["sql"]]
        found = list(nodes(plan_of(page.replace("%", "%%"), [])))
        # of a small desk the planner may sort the few rows that an index gave it
        sorted_rows = [one["Plan Rows"] for one in found if one["Node Type"] == "Sort"]
        assert all(n < MANY / 100 for n in sorted_rows), (asked, sorted_rows, page)
        assert any("task_queue" in one.get("Index Name", "") for one in found), (asked, page)


def test_the_counts_of_a_large_queue_are_exact(large):
    assert queue_counts.drift() == []
    staff = accounts.staff(Role.REVIEWER)
    cube = queue_counts.of_desk(staff, staff.bureau_id, clock.today(), clock.now())
    tasks = ReviewTask.objects.filter(bureau=staff.bureau)
    assert cube.total({}) == tasks.count() == MANY // 6
    late = tasks.filter(due_on__lt=clock.today(), doubt=True, channel="window").count()
    assert cube.total({"urgency": "late", "tone": "doubt", "channel": "window"}) == late > 0


@pytest.mark.parametrize("asked", [{}, {"tone": "doubt"}, {"q": "li"}], ids=str)
def test_a_large_queue_takes_as_many_queries_as_a_small_one(large, asked):
    small, big = accounts.staff(Role.REVIEWER, bureau=accounts.bureau("operator")), accounts.staff()
    numbers = []
    for staff in (small, big):
        client = Client()
        client.force_login(staff.user)
        client.get("/review/", asked)
        with CaptureQueriesContext(connection) as captured:
            client.get("/review/", asked)
        numbers.append(len(captured))
    # an empty page does not look up the people of its rows and the questions about them
    assert numbers[1] - numbers[0] in (0, 1, 2)


def test_a_thousand_tasks_and_fifty_thousand_take_the_same_queries(db):
    owner = accounts.citizen().user
    client = Client()
    client.force_login(accounts.staff(Role.REVIEWER).user)
    numbers = []
    for size in (FEW, MANY):
        queue_rows.take_away()
        QueueCount.objects.all().delete()
        queue_rows.write(size, user_id=owner.pk, today=clock.today())
        for asked in ({}, DEEP, {"tone": "doubt"}, {"q": "li"}):
            client.get("/review/", asked)
            with CaptureQueriesContext(connection) as captured:
                client.get("/review/", asked)
            numbers.append(len(captured))
    assert numbers[:4] == numbers[4:]
    assert max(numbers) < 20

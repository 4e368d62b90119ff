"""待办: a page of the queue at a million tasks beside the same page with none, in one run.

The pages are asked for through the whole application (middleware, session, view, template), by one
reviewer of a department, of a street and of the centre who looks at every desk: the first page, one
deep in the queue, filters, searches. The reference is the same page of somebody with the same role
whose desk has no task at all. Goal: the slowest twentieth is at most three times the empty page's.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Bureau, Staff, User
from accounts.roles import BureauKind, Role
from applications import queue_counts
from benchmarks import queue_rows
from benchmarks.figures import Figure
from core import clock
from datashare.mock_gateway.city import City

TASKS, TRIES = 1_000_000, 60
GOAL = 3.0


def figures(city: City) -> Iterator[Figure]:
    """Three readers' slowest twentieth, empty and full; and how many queries a page takes."""
    settings.ALLOWED_HOSTS = ["testserver"]
    queue_rows.take_away()  # what a run that was stopped has left
    user = User.objects.filter(kind=User.Kind.STAFF).order_by("pk")[0]
    with _readers() as readers:
        try:
            written = queue_rows.write(TASKS, user_id=user.pk, today=clock.today())
            assert not queue_counts.drift()
            for name, (reader, idle) in readers.items():
                yield _figure(name, reader, idle, written)
        finally:
            queue_rows.take_away()


def _figure(name: str, reader: Client, idle: Client, written: int) -> Figure:
    empty, empty_queries = _measured(idle, {})
    worst, slowest, most = 0.0, {}, 0
    pages = _pages(name)
    for asked in pages:
        took, queries = _measured(reader, asked)
        most = max(most, queries)
        if took > worst:
            worst, slowest = took, asked
    return Figure(
        f"queue_{name}", worst * 1000, "ms", empty * 1000, worst / empty, GOAL, "low",
        f"p95 of the slowest of {len(pages)} pages ({slowest or 'the first'}) at {written:,} open "
        f"tasks, {most} queries at most; reference: an empty queue, {empty_queries} queries",
    )  # fmt: skip


def _pages(name: str) -> list[dict[str, str]]:
    deep = (clock.today() + timedelta(days=20)).isoformat() + ".1"
    scope = {"scope": "all"} if name == "district" else {}
    street = Bureau.objects.streets().order_by("code")[4].code
    asked = [
        {}, {"after": deep}, {"urgency": "late"}, {"urgency": "later"}, {"tone": "doubt"},
        {"channel": "window"}, {"state": "open"}, {"state": "claimed"}, {"street": street},
        {"street": street, "tone": "doubt", "channel": "window", "urgency": "soon"},
        {"q": "0012345"}, {"q": "王"}, {"q": "li"}, {"q": "chenguangfu"}, {"q": "cgf"},
        {"q": "王", "street": street}, {"q": "nobody"}, {"holder": "me"},
    ]  # fmt: skip
    return [{**scope, **one} for one in asked]


def _measured(client: Client, asked: dict[str, str]) -> tuple[float, int]:
    """Seconds of the slowest twentieth of the tries, and the number of queries of one."""
    client.get("/review/", asked)  # what is read once: session, calendar, streets
    took = []
    for _try in range(TRIES):
        began = time.perf_counter()
        answer = client.get("/review/", asked)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.status_code
    with CaptureQueriesContext(connection) as captured:
        client.get("/review/", asked)
    return statistics.quantiles(took, n=20)[-1], len(captured)


@contextmanager
def _readers() -> Iterator[dict[str, tuple[Client, Client]]]:
    """By kind a reviewer with work, and one of the same role at a desk that has none."""
    made: list[Staff] = []
    try:
        readers = {}
        for name, role, kind in (
            ("department", Role.REVIEWER, BureauKind.CIVIL_AFFAIRS),
            ("street", Role.STREET, BureauKind.STREET),
            ("district", Role.DISTRICT, BureauKind.CENTRE),
        ):
            made += [_reader(role, kind), _reader(role, BureauKind.OPERATOR)]
            readers[name] = (_signed_in(made[-2]), _signed_in(made[-1]))
        yield readers
    finally:
        for one in made:
            user = one.user
            one.delete()
            user.delete()


def _reader(role: str, kind: str) -> Staff:
    user = User.objects.create_user(f"bench-queue-{role}-{kind}", kind=User.Kind.STAFF)
    bureau = Bureau.objects.of_kind(kind).order_by("code")[0]
    return Staff.objects.create(user=user, name="待办测量", bureau=bureau, roles=[role])


def _signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.user)
    return client

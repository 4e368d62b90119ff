"""复核速度: register calls a second of the annual re-check.

Run as an operator starts it: `manage.py recheck` over the households in force of the demo city.
Two figures: beside the quota that it is given (calls a second and source), and, with no quota
to keep, beside a bare loop that asks the same questions of the same mock.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Max

from accounts.models import User
from applications.models import Evidence
from benchmarks import bare
from benchmarks.figures import Figure
from core import clock
from datashare import mock_control, queries
from datashare.mock_gateway.city import City
from datashare.sources import CATALOGUE
from renewal import campaigns, states
from renewal.models import Campaign
from yinzhou_housing.celery import app

QUOTA, BURST = 8.0, 16  # calls a second and source; calls that may come at once
HOUSEHOLDS = 90
GOAL_OF_QUOTA, GOAL_OF_BARE = 0.95, 0.15
NO_LIMIT = {"rate": 100_000.0, "burst": 10_000, "daily": 10_000_000}
MOCKS_QUOTA = {"rate": 50.0, "burst": 50, "daily": 200_000}


def figures(city: City) -> Iterator[Figure]:
    """Under a quota first, then without one."""
    with workers_aside():
        yield _beside_the_quota()
        with quota_lifted():
            yield _beside_the_bare_loop()


def _beside_the_quota() -> Figure:
    asked, took = _campaign(QUOTA, burst=BURST)
    allowed = (max(asked.values()) - BURST) / QUOTA  # the busiest register sets the pace
    calls = sum(asked.values())
    return Figure(
        name="recheck_of_quota", value=calls / took, unit="calls/s", reference=calls / allowed,
        ratio=allowed / took, goal=GOAL_OF_QUOTA, better="high",
        note=f"{calls} calls in {took:.1f} s at {QUOTA:g} a second and source",
    )  # fmt: skip


def _beside_the_bare_loop() -> Figure:
    asked, took = _campaign(NO_LIMIT["rate"], burst=NO_LIMIT["burst"])
    calls = sum(asked.values())
    reference = bare.calls_per_second(_questions(Campaign.objects.latest("pk")))
    return Figure(
        name="recheck_of_bare_loop", value=calls / took, unit="calls/s", reference=reference,
        ratio=calls / took / reference, goal=GOAL_OF_BARE, better="high",
        note=f"{calls} calls in {took:.1f} s, answers stored and rules read",
    )  # fmt: skip


def _campaign(rate: float, burst: float) -> tuple[Counter[str], float]:
    """One campaign run by the command; calls by source, and seconds of the asking.

    From its first question to its last answer: what Python needs to start is no part of it.
    """
    year = (Campaign.objects.aggregate(last=Max("year"))["last"] or clock.today().year) + 1
    by = User.objects.get(username="admin")
    begin_anew(by)
    campaign = campaigns.plan(year, by=by, limit=HOUSEHOLDS)
    environment = {
        **os.environ,
        "DATASHARE_INTERFACES": json.dumps(
            {source: {"rate": rate, "burst": burst} for source in CATALOGUE}
        ),
    }
    before = _calls()
    command = ["manage.py", "recheck", "--year", str(year), "--by", by.username]
    subprocess.run([sys.executable, *command], env=environment, check=True, capture_output=True)
    asked = Evidence.objects.filter(round=campaign.round)
    still_open = asked.filter(status__in=("pending", "unavailable")).count()
    if still_open:
        raise RuntimeError(f"{still_open} questions were not answered")
    first, last = _span(campaign)
    return _calls() - before, last - first


def begin_anew(by: User) -> None:
    """As if the last re-check were over, and a year ago.

    A campaign holds its households until then, and what is fresh or valid is not asked again.
    """
    for one in Campaign.objects.filter(state__in=states.CAMPAIGN.open_ids):
        campaigns.cancel(one, by=by, reason="bench")
    year = timedelta(days=366)
    asked = Evidence.objects.filter(fetched_at__gte=clock.now() - year)
    asked.update(fetched_at=F("fetched_at") - year, valid_to=clock.today() - timedelta(days=1))


def _span(campaign: Campaign) -> tuple[float, float]:
    """When the first question was leased and the last answer written, in seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM min(asked_at)), extract(epoch FROM max(fetched_at)) "
            "FROM applications_evidence WHERE round = %s",
            [campaign.round],
        )
        first, last = cursor.fetchone()
    return float(first), float(last)


def _questions(campaign: Campaign) -> list[queries.Question]:
    rows = Evidence.objects.filter(round=campaign.round).select_related("member")
    return [
        queries.Question(one.source, queries.Person(one.member.name, one.member.id_number))
        for one in rows
    ]


def _calls() -> Counter[str]:
    return Counter(mock_control.stats()["calls"])


@contextmanager
def workers_aside() -> Iterator[None]:
    """The demo's own worker of the bulk queue would lend a hand, at another pace."""
    deadline = time.monotonic() + 30
    while not _is_aside(app.control.inspect().active_queues() or {}):
        if time.monotonic() > deadline:
            raise RuntimeError("the worker of the bulk queue does not step aside")
        app.control.cancel_consumer("bulk", reply=True)
    try:
        yield
    finally:
        app.control.purge()
        app.control.add_consumer("bulk", reply=True)


def _is_aside(queues: dict[str, list[dict[str, Any]]]) -> bool:
    """Both workers have answered, and none takes from the bulk queue."""
    names = [queue["name"] for taken in queues.values() for queue in taken]
    return len(queues) > 1 and "bulk" not in names


@contextmanager
def quota_lifted() -> Iterator[None]:
    _set_quota(NO_LIMIT)
    try:
        yield
    finally:
        _set_quota(MOCKS_QUOTA)


def _set_quota(quota: dict[str, Any]) -> None:
    mock_control.post("quota", {"source": "*", **quota})

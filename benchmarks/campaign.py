"""年度复核的规模: planning of 100,000 households, and how calls, time and memory grow.

Planning, with its dry run, and a page of the list are measured over copies of one of the demo's
households, written in a transaction that is undone at the end. Growth is measured by campaigns over
some of the demo's own, run in this process beside the mock without a quota: calls and seconds a
household, each beside those of the smallest campaign.

Sizes are 1,000, 3,000 and 8,000 households, or fewer in that proportion where the city has not so
many; CAMPAIGN_SIZES names others.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.http import QueryDict

from accounts.models import User
from allocation import states as allocation_states
from allocation.models import Home, Lease
from applications.models import Member
from benchmarks import copies, memory
from benchmarks.figures import Figure
from benchmarks.recheck import NO_LIMIT, begin_anew, quota_lifted, workers_aside
from core import clock
from datashare import mock_control
from datashare.mock_gateway.city import City
from datashare.sources import CATALOGUE
from renewal import campaign_list, campaigns, estimates
from renewal.models import Campaign

FEW, MANY = 10_000, 100_000  # households that are planned
_LINEAR = 1.25  # time and calls a household, beside those of the smallest
_FLAT = 1.2


def figures(city: City) -> Iterator[Figure]:
    """Planning first, then growth."""
    yield from _planning()
    with workers_aside(), quota_lifted(), _no_pace():
        yield from _growth()


# -- Planning -------------------------------------------------------------------------------------


def _planning() -> Iterator[Figure]:
    few, _little, _page = _planned(FEW)
    many, peak, page = _planned(MANY)
    yield Figure(
        "plan_100000", many, "s", few * MANY / FEW, many * FEW / few / MANY, _LINEAR, "low",
        f"{MANY:,} households planned with their dry run; reference: ten times {FEW:,}",
    )  # fmt: skip
    yield Figure(
        "plan_memory", peak, "MiB", _little, peak / _little, _FLAT, "low",
        f"peak of the process planning {MANY:,}; reference: {FEW:,}",
    )  # fmt: skip
    yield Figure(
        "campaign_page", page, "s", 1.0, page, 1.0, "low",
        f"numbers and a page of the list of {MANY:,} households; reference: a second",
    )  # fmt: skip


def _planned(number: int) -> tuple[float, float, float]:
    """Seconds and peak of planning so many, and seconds of the numbers with a page of the list."""
    with _undone():
        _households(number)
        memory.forget_peak()
        began = time.perf_counter()
        made = campaigns.plan(_free_year(), by=User.objects.get(username="admin"))
        took, peak = time.perf_counter() - began, memory.peak()
        assert made.rechecks.count() >= number
        copies.run("ANALYZE renewal_recheck")
        began = time.perf_counter()
        campaign_list.of(made, QueryDict("number=renewed"))
        return took, peak, time.perf_counter() - began


def _households(number: int) -> None:
    """``number`` copies of a household in force: case, applicant, home and lease."""
    lease = Lease.objects.filter(state=allocation_states.L_FILED).order_by("pk")[0]
    copies.applications(lease.application, number)
    applicant = lease.application.members.get(is_applicant=True)
    copies.hanging(Member, applicant.pk, application_id="c.id", holding="false")
    copies.hanging(Home, lease.home_id, code="'COPY' || c.id", room="'' || c.id")
    copies.hanging(
        Lease, lease.pk, application_id="c.id", number="c.case_no", offer_id="NULL",
        home_id=f"(SELECT id FROM {Home._meta.db_table} WHERE code = 'COPY' || c.id)",
        previous_id="NULL",
    )  # fmt: skip
    copies.run("ANALYZE")


# -- Growth ---------------------------------------------------------------------------------------


def _growth() -> Iterator[Figure]:
    """Three and eight times as many as the first, each beside it."""
    few, *more = _sizes()
    calls, seconds, little = _run(few)
    first, pace = calls / few, seconds / few
    for size in more:
        calls, seconds, peak = _run(size)
        told = f"{calls:,} calls of {size:,} households; reference: {few:,}"
        name = f"{round(size / few)}x"
        yield Figure(
            f"campaign_calls_{name}", calls / size, "calls", first, calls / size / first, _LINEAR,
            "low", f"a household, {told}",
        )  # fmt: skip
        yield Figure(
            f"campaign_time_{name}", 1000 * seconds / size, "ms", 1000 * pace,
            seconds / size / pace, _LINEAR, "low",
            f"a household, {calls / seconds:.0f} calls a second, {told}",
        )  # fmt: skip
        yield Figure(
            f"campaign_memory_{name}", peak, "MiB", little, peak / little, _FLAT, "low",
            f"peak of the process, {told}",
        )  # fmt: skip


def _sizes() -> list[int]:
    """1,000, 3,000 and 8,000 households, or as many in that proportion as the city has."""
    if told := os.environ.get("CAMPAIGN_SIZES"):
        return [int(one) for one in told.split(",")]
    there = min(estimates.of().in_force, 8000)
    return [max(1, there * one // 8) for one in (1, 3, 8)]


def _run(size: int) -> tuple[int, float, float]:
    """Calls, seconds and the process's peak of a campaign over so many households."""
    by = User.objects.get(username="admin")
    begin_anew(by)
    made = campaigns.start(campaigns.plan(_free_year(), by=by, limit=size), by=by)
    before = Counter(mock_control.stats()["calls"])
    memory.forget_peak()
    began = time.perf_counter()
    while campaigns.step(made.pk):
        pass
    took, peak = time.perf_counter() - began, memory.peak()
    calls = Counter(mock_control.stats()["calls"]) - before
    made.refresh_from_db()
    if not campaigns.is_under_way(made) and made.finished_at is None:
        raise RuntimeError("the campaign did not end")
    return sum(calls.values()), took, peak


def _free_year() -> int:
    last = Campaign.objects.aggregate(last=Max("year"))["last"]
    return int(last or clock.today().year) + 1


@contextmanager
def _no_pace() -> Iterator[None]:
    """Our own side keeps no quota either."""
    before = settings.DATASHARE_INTERFACES
    pace = {"rate": NO_LIMIT["rate"], "burst": NO_LIMIT["burst"], "daily": 10_000_000}
    settings.DATASHARE_INTERFACES = dict.fromkeys(CATALOGUE, pace)
    try:
        yield
    finally:
        settings.DATASHARE_INTERFACES = before


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)

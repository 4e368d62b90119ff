"""日在家上报: on which days anybody opened a home's door; a day and a home, never who or when.

Fetched day by day from the access system, signed. Of the answer only the places are read. What is
kept is the last day of each home, and which doors reported: a door that is broken or silent says
nothing about anybody, so that its homes become no lead.
"""

import json
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from http.client import HTTPException
from math import ceil
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max
from django.db.models.functions import Greatest

from allocation import handover
from allocation import states as allocation_states
from allocation.models import Home, Lease
from applications import periods
from core import audit, clock, webhooks
from renewal import violation_rules
from renewal.models import DoorDay, HomePresence, PresenceReport

SYSTEM = audit.System("门禁上报")
_TIMEOUT = 20  # seconds for a day's report
_MOST_FAILED = 2  # days of one run; their waits stay under a task's soft limit of 50 seconds
_MOST = 8 << 20  # bytes of an answer
Door = tuple[str, str, str]
Place = tuple[str, str, str, str]


@dataclass(frozen=True)
class Report:
    """One day: the doors that reported, and the homes whose door was opened."""

    doors: frozenset[Door]
    homes: frozenset[Place]


@dataclass(frozen=True)
class Silence:
    """A household whose door told of nobody since a day, though the door itself reported."""

    lease: Lease
    since: date
    reported: int  # days of the period on which the door reported


# -- Taking in -------------------------------------------------------------------------------------


def pull_due() -> int:
    """Fetches the days that are over and not yet in, the newest first; how many came.

    A day that fails for good holds nobody up; a system that is away is left alone until later.
    """
    today = clock.today()
    back = int(violation_rules.of("report_again"))
    days = [today - timedelta(days=n) for n in range(1, back + 1)]
    done = PresenceReport.objects.filter(day__in=days, done_at__isnull=False)
    known, came, failed = set(done.values_list("day", flat=True)), 0, 0
    for day in days:
        if day in known:
            continue
        if pull(day):
            came += 1
        elif (failed := failed + 1) == _MOST_FAILED:
            break
    return came


def pull(day: date) -> bool:
    """Fetches one day; a failure is noted and tried again. No network inside a transaction."""
    try:
        report = read(fetch(day), day)
    except (OSError, ValueError, HTTPException) as error:
        failed = type(error).__name__[:60]
        PresenceReport.objects.update_or_create(day=day, defaults={"error": failed})
        return False
    return take_in(report, day)


def fetch(day: date) -> Any:
    """The access system's answer for a day. Raises OSError, ValueError, HTTPException."""
    body = json.dumps({"day": day.isoformat()}).encode()
    mark = f"presence-{day:%Y%m%d}-{clock.real_seconds()}"
    request = urllib.request.Request(
        f"{settings.OUTBOX_DESTINATIONS[handover.ACCESS]}presence",
        data=body,
        headers=webhooks.headers(mark, body, settings.OUTBOX_SECRET),
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        return json.loads(response.read(_MOST))


def read(told: Any, day: date) -> Report:
    """The places of an answer; everything else in it is left unread. Raises ValueError."""
    if not isinstance(told, dict) or told.get("day") != day.isoformat():
        raise ValueError("not the report of that day")
    doors, homes = told.get("doors"), told.get("homes")
    if not isinstance(doors, list) or not isinstance(homes, list):
        raise ValueError("a report names doors and homes")
    return Report(
        frozenset(_place(one, ("communityId", "buildingNo", "unitNo")) for one in doors),
        frozenset(_place(one, ("communityId", "buildingNo", "unitNo", "roomNo")) for one in homes),
    )


def take_in(report: Report, day: date) -> bool:
    """Keeps one day: which doors reported, and the last day of each home. False if it was in."""
    ours = _ours()
    with transaction.atomic():
        row, _new = PresenceReport.objects.select_for_update().get_or_create(day=day)
        if row.done_at is not None:
            return False
        DoorDay.objects.bulk_create(
            [DoorDay(estate=e, building=b, unit=u, day=day) for e, b, u in sorted(report.doors)],
            ignore_conflicts=True,
        )
        known = [ours[place] for place in report.homes if place in ours]
        _note_homes(known, day)
        row.done_at, row.error, row.doors = clock.now(), "", len(report.doors)
        row.homes, row.unknown = len(known), len(report.homes) - len(known)
        row.save()
        audit.record("presence.reported", by=SYSTEM, thing=row, doors=row.doors, homes=row.homes)
        return True


def forget_old() -> int:
    """Drops days of doors that no question needs any more."""
    before = clock.today() - timedelta(days=periods.of("door_days_kept").value)
    return DoorDay.objects.filter(day__lt=before).delete()[0]


def _place(one: Any, names: tuple[str, ...]) -> Any:
    if not isinstance(one, dict) or not all(isinstance(one.get(name), str) for name in names):
        raise ValueError("a place has its parts in words")
    return tuple(one[name][:20] for name in names)


def _ours() -> dict[Place, int]:
    rows = Home.objects.values_list("estate__code", "building", "unit", "room", "pk")
    return {(e, b, u, r): pk for e, b, u, r, pk in rows}


def _note_homes(keys: Iterable[int], day: date) -> None:
    keys = set(keys)
    HomePresence.objects.bulk_create(
        [HomePresence(home_id=pk, last_on=day) for pk in sorted(keys)], ignore_conflicts=True
    )
    # a late report of an earlier day moves nothing back
    HomePresence.objects.filter(home__in=keys).update(last_on=Greatest(F("last_on"), day))


# -- Silence ---------------------------------------------------------------------------------------


def silent(today: date) -> list[Silence]:
    """Households without presence for the period of §27, where the door itself kept reporting.

    A constant number of queries. UNKNOWN (door new, broken, silent) is not idle: not in the list.
    """
    line = periods.months_later(today, -periods.of("idle").value)
    reported = _reported(line, today)
    rows = (
        Lease.objects.filter(state__in=allocation_states.L_IN_FORCE, term__startswith__lte=line)
        .exclude(home__presence__last_on__gt=line)
        .select_related("home__estate", "home__presence", "application")
        .order_by("pk")
    )
    return [
        Silence(one, since(one), reported[door(one.home)])
        for one in rows
        if door(one.home) in reported
    ]


def since(lease: Lease) -> date:
    """The last day of presence, or the first day of the lease where there was none under it."""
    first: date = lease.term.lower
    seen = getattr(lease.home, "presence", None)
    return max(first, seen.last_on) if seen is not None else first


def door(home: Home) -> Door:
    """The door behind which a home lies, as the access system calls it."""
    return home.estate.code, home.building, home.unit


def _reported(line: date, today: date) -> dict[Door, int]:
    """Days by door, of the doors that reported often enough and until now."""
    wanted = ceil((today - line).days * violation_rules.of("door_coverage"))
    fresh = today - timedelta(days=int(violation_rules.of("door_fresh")))
    rows = (
        DoorDay.objects.filter(day__gte=line, day__lt=today)
        .values("estate", "building", "unit")
        .annotate(days=Count("pk"), last=Max("day"))
        .filter(days__gte=wanted, last__gte=fresh)
    )
    return {(one["estate"], one["building"], one["unit"]): one["days"] for one in rows}

"""Proactive discovery (主动发现): new entrants of aid without home and case become street tasks.

A search goes through the changes of whole days, person by person in the order of their blind
indexes. Whoever stands with us already is passed over before any register is asked. The others are
asked about on the named duty alone (docs/adr/0037), and of who does not match only a count is
kept. A register that is silent leaves its question open: unknown stays in, marked so.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db import IntegrityError, transaction

from accounts.models import Bureau
from applications import periods
from core import audit, clock, locks
from core.identity import ciphers, numbers
from datashare.models import Call
from renewal import discovery_asking, discovery_standing, states
from renewal.discovery_asking import BASIS, Entrant, Told
from renewal.models import DiscoveryRun, Outreach

WORKER = audit.System("worker")
BATCH = 25  # people asked about together
_HELD = timedelta(minutes=5)  # a stride that was killed is taken up again after this
_AGAIN = timedelta(minutes=15)  # how long a search rests while the household register is away
GRANTED = "aid_granted"
Known = Outreach.Known


class Change(Protocol):
    """A line of the feed: a change on a day, about a person, seen at a source."""

    @property
    def on(self) -> date: ...
    @property
    def kind(self) -> str: ...
    @property
    def id_number(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def what(self) -> str: ...


Feed = Callable[[date, date], Iterable[Change]]


@dataclass
class _Judged:
    """What became of a batch: tasks to write, and counts."""

    found: list[Told] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    asked: int = 0


# -- The search ------------------------------------------------------------------------------------


def begin(*, today: date, by: Any = WORKER) -> DiscoveryRun | None:
    """The search of the days up to yesterday: the open one, or a new one; None if all is done.

    The first looks back a month; later ones look again at the last days, for what came in late.
    """
    with transaction.atomic():
        locks.advisory("discovery")
        if standing := DiscoveryRun.objects.filter(finished_at=None).first():
            return standing
        last = today - timedelta(days=1)
        before = DiscoveryRun.objects.order_by("-last_day").first()
        if before is not None and before.last_day >= last:
            return None
        first = _first_day(before, last)
        run = DiscoveryRun.objects.create(
            first_day=first, last_day=last, day=first, started_at=clock.now()
        )
        audit.record("discovery.begun", by=by, thing=run, first=first, last=last)
        return run


def step(run_id: int, feed: Feed, *, seconds: float = 10.0) -> bool:
    """One stride; whether there is more to do now.

    Safe to run twice at once (the second finds it held) and to be killed anywhere: place and counts
    are written with the tasks of each batch.
    """
    run = _take(run_id)
    if run is None:
        return False
    until = time.monotonic() + seconds
    more = True
    try:
        while more and time.monotonic() < until:
            more = _day(run, feed, until)
    finally:
        _let_go(run.pk)
    return more


def entrants(changes: Iterable[Change]) -> list[Entrant]:
    """People newly granted aid, each once, in the order of their blind indexes."""
    found: dict[str, Entrant] = {}
    for one in changes:
        if one.kind == GRANTED and numbers.is_valid(one.id_number):
            index = ciphers.blind_index(one.id_number)
            entrant = Entrant(index, one.id_number, one.name, one.source, one.what, one.on)
            found.setdefault(index, entrant)
    return [found[index] for index in sorted(found)]


def _first_day(before: DiscoveryRun | None, last: date) -> date:
    if before is None:
        return last - timedelta(days=periods.of("discovery_first").value - 1)
    overlap = timedelta(days=periods.of("discovery_overlap").value)
    return min(before.last_day + timedelta(days=1) - overlap, last)


def _take(run_id: int) -> DiscoveryRun | None:
    """Holds the search for a stride; None if it is done, held, or has asked enough tonight."""
    with transaction.atomic():
        run = DiscoveryRun.objects.select_for_update().get(pk=run_id)
        now, today = clock.now(), clock.today()
        if run.finished_at or (run.held_until and run.held_until > now):
            return None
        if run.night != today:
            run.night, run.asked_tonight = today, 0
        if run.asked_tonight >= periods.of("discovery_nightly").value:
            return None
        run.held_until = now + _HELD
        run.save(update_fields=["night", "asked_tonight", "held_until"])
        return run


def _let_go(run_id: int) -> None:
    now = clock.now()
    DiscoveryRun.objects.filter(pk=run_id, waits_since=None).update(held_until=None)
    waiting = DiscoveryRun.objects.filter(pk=run_id, waits_since__isnull=False)
    waiting.update(held_until=now + _AGAIN)


def _day(run: DiscoveryRun, feed: Feed, until: float) -> bool:
    """Goes on with the run's day; whether the search goes on after it."""
    waiting = [one for one in entrants(feed(run.day, run.day)) if one.index > run.after]
    while waiting:
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        judged = _judge(run, batch)
        if judged is None:
            return False
        _write(run, judged, after=batch[-1].index)
        if run.asked_tonight >= periods.of("discovery_nightly").value:
            return False
        if waiting and time.monotonic() >= until:
            return True
    return _next_day(run)


def _next_day(run: DiscoveryRun) -> bool:
    with transaction.atomic():
        row = locks.fresh(run)
        if row.day >= row.last_day:
            row.finished_at = clock.now()
            audit.record("discovery.finished", by=WORKER, thing=row, **row.counts)
        else:
            row.day, row.after = row.day + timedelta(days=1), ""
        row.save(update_fields=["day", "after", "finished_at"])
        run.day, run.after, run.finished_at = row.day, row.after, row.finished_at
        return row.finished_at is None


# -- One batch -------------------------------------------------------------------------------------


def _judge(run: DiscoveryRun, batch: list[Entrant]) -> _Judged | None:
    """Asks about those who do not stand with us yet; None while the household register is away."""
    judged = _Judged()
    judged.counts["seen"] += len(batch)
    known = discovery_standing.of({one.index for one in batch}, clock.today())
    judged.counts.update(known.values())
    left = [one for one in batch if one.index not in known]
    before = _asked_before(run, {one.index for one in left})
    judged.counts["asked_before"] += len(before)
    left = [one for one in left if one.index not in before]
    judged.asked = len(left)
    asking = discovery_asking.Asking(left, case_no=case_number(run), by=WORKER)
    if left and asking.register_is_away() and _may_wait(run):
        return None
    for told in asking.answers():
        judged.counts[told.verdict] += 1
        if told.verdict in (discovery_asking.FOUND, discovery_asking.UNSURE):
            judged.found.append(told)
    return judged


def case_number(run: DiscoveryRun) -> str:
    """What stands as case in the log of calls: the search, for there is no case."""
    return f"ZDFX-{run.started_at.astimezone(clock.LOCAL):%Y%m%d}"


def _asked_before(run: DiscoveryRun, indexes: set[str]) -> set[str]:
    """Those whom an earlier search asked about, within the days that are looked at again."""
    since = run.started_at - timedelta(days=periods.of("discovery_overlap").value + 7)
    calls = Call.objects.filter(
        person_index__in=indexes, basis=BASIS, source=discovery_asking.REGISTER,
        started_at__gte=since, started_at__lt=run.started_at,
    )  # fmt: skip
    return set(calls.exclude(case_no=case_number(run)).values_list("person_index", flat=True))


def _may_wait(run: DiscoveryRun) -> bool:
    """Whether the search waits for the register: for a day, then it goes on without."""
    now = clock.now()
    since: datetime = run.waits_since or now
    if now >= periods.of("discovery_wait").later(since):
        return False
    DiscoveryRun.objects.filter(pk=run.pk).update(waits_since=since)
    run.waits_since = since
    return True


def _write(run: DiscoveryRun, judged: _Judged, *, after: str) -> None:
    """Tasks, place and counts of a batch in one transaction."""
    with transaction.atomic():
        row = locks.fresh(run)
        counts = Counter(row.counts)
        counts.update(judged.counts)
        for told in judged.found:
            if note(told, by=WORKER) is None:
                counts[told.verdict] -= 1
                counts["in_hand"] += 1
        row.counts = {word: number for word, number in counts.items() if number}
        row.asked_tonight += judged.asked
        row.after, row.waits_since = after, None
        row.held_until = clock.now() + _HELD
        row.save(update_fields=["counts", "asked_tonight", "after", "waits_since", "held_until"])
        run.after, run.asked_tonight, run.waits_since = row.after, row.asked_tonight, None


def note(told: Told, *, by: Any) -> Outreach | None:
    """The task of a household that matched; None if somebody of it stands with us by now."""
    with transaction.atomic():
        locks.advisory("outreach", told.household_key)
        if discovery_standing.of(set(told.indexes), clock.today()):
            return None
        try:
            with transaction.atomic():
                return make(told, by=by)
        except IntegrityError:
            return None


def make(told: Told, *, by: Any) -> Outreach:
    """Writes the task, for the street by the register's address; the caller has looked who it is.

    Raises IntegrityError where the person or the household has an open one.
    """
    now, today = clock.now(), clock.today()
    with transaction.atomic():
        made = Outreach.objects.create(
            person_number=told.number, person_index=told.index, household_key=told.household_key,
            name=told.name, street=_street(told), evidence=told.evidence, address=told.address,
            home=told.home, found_on=today, found_at=now, state_since=now,
            expires_on=periods.of("outreach_expires").after(today),
            next_on=periods.of("outreach_first").after(today), state=states.O_FOUND,
        )  # fmt: skip
        audit.record("outreach.found", by=by, thing=made, subjects=[told.index], home=told.home)
        return made


def _street(told: Told) -> Bureau | None:
    return Bureau.objects.of_area(told.area) if told.area else None

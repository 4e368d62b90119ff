"""并发查询 sends questions out together within the process's event loop and brings replies home.

No database here: a question in, a typed reply and what the log needs out. A waiting citizen's
questions all go out at once; bulk work goes out in lanes, one a source, each a short stretch of
the quota ahead.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import redis.asyncio as aioredis
from django.conf import settings

from core import clock
from datashare.cells import Unreadable, day
from datashare.gateway.client import Answer, Evidence, Gateway, Site
from datashare.gateway.engine import engine
from datashare.gateway.faults import NO_AUTHORITY, Fault
from datashare.gateway.kept import session
from datashare.gateway.quota import Reservation
from datashare.gateway.state import allowances as allowances_of
from datashare.questions import Purpose, Question
from datashare.reading import read
from datashare.replies import Faulted, Reply
from datashare.sources import CATALOGUE
from datashare.sources.source import Asked

log = logging.getLogger(__name__)
T = TypeVar("T")
STALE_YEARS = 8  # a register whose newest copy is older has not been kept up
# when a copy was synchronised; a household entry's own date of change may be old and right
STAMPS = ("tong_time", "tongTime")
Pair = tuple[Question, Purpose]
Placed = tuple[int, Pair]  # a question's place among those sent together
# a place in a reservation, or the fault that refused it
Slot = tuple[Reservation, int] | Fault
# whether a question may start at this moment, asked right before it does
MayStart = Callable[[Pair], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Asking:
    """One question that went out, with everything that the log and the cache need."""

    place: int  # among the questions sent together
    question: Question
    purpose: Purpose
    matter: str  # under which it was asked: the case's, or the one the interface was granted for
    started_at: datetime
    answer: Answer
    reply: Reply

    @property
    def started(self) -> bool:
        """False if its consent ended while it waited for its place: nothing was asked."""
        return self.answer.fault != NO_AUTHORITY or self.answer.attempts > 0


@dataclass(frozen=True, slots=True)
class Errand:
    """How a batch of questions is to be asked: by whom, how long it may wait, and for whom."""

    operator: str
    max_wait: float  # seconds a question may wait for its place in the quota
    bulk: bool  # nobody waits for the answers
    home: list[Asking]  # filled as answers come, so that an interruption loses none of them
    may_start: MayStart | None = None


def send(pairs: Sequence[Placed], errand: Errand) -> Future[None]:
    """Send questions out; the caller may do something else until all are home."""
    return engine().submit(_ask_all(site(), settings.REDIS_URL, pairs, errand))


def allowances() -> dict[str, dict[str, Any]]:
    """See `queries.allowances`."""
    return engine().submit(_allowances(site(), settings.REDIS_URL)).result(10)


def site() -> Site:
    """The gateway as the settings describe it."""
    return Site(
        url=settings.DATASHARE_GATEWAY_URL,
        app_key=settings.DATASHARE_APP_KEY,
        app_secret=settings.DATASHARE_APP_SECRET,
        prefix=getattr(settings, "DATASHARE_REDIS_PREFIX", "yz:datashare"),
        timeout=getattr(settings, "DATASHARE_TIMEOUT", 5.0),
        interfaces=getattr(settings, "DATASHARE_INTERFACES", {}),
        lower_case_keys=getattr(settings, "DATASHARE_LOWER_CASE_KEYS", False),
    )


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in this thread, or beside it where an event loop already turns in it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    context = contextvars.copy_context()
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(context.run, asyncio.run, work).result()


# -- In the loop -----------------------------------------------------------------------------------


async def _ask_all(here: Site, store: str, pairs: Sequence[Placed], errand: Errand) -> None:
    """All questions within the one session of this process."""
    async with session(here, store) as gateway, asyncio.TaskGroup() as group:

        def start(placed: Placed, slot: Slot) -> None:
            group.create_task(_ask_one(gateway, placed, slot, errand))

        if errand.bulk:
            for source, waiting in _lanes(pairs).items():
                group.create_task(_lane(gateway, source, waiting, errand.max_wait, start))
            return
        slots = await _reserve(gateway, [pair[0] for _, pair in pairs], errand.max_wait)
        for placed, slot in zip(pairs, slots, strict=True):
            start(placed, slot)


def _lanes(pairs: Sequence[Placed]) -> dict[str, deque[Placed]]:
    lanes: defaultdict[str, deque[Placed]] = defaultdict(deque)
    for placed in pairs:
        lanes[placed[1][0].source].append(placed)
    return lanes


async def _lane(
    gateway: Gateway,
    source: str,
    waiting: deque[Placed],
    max_wait: float,
    start: Callable[[Placed, Slot], None],
) -> None:
    """Start one source's questions as places are granted, a short stretch ahead each time."""
    interface, until = gateway.site.interface(source), time.monotonic() + max_wait
    while waiting:
        try:
            async with gateway.lanes[source]:
                left, slots = until - time.monotonic(), len(waiting)
                granted = await gateway.quota.reserve_bulk(
                    interface, gateway.today(), slots=slots, max_wait=left
                )
        except Fault as fault:
            refused: Slot = fault
        except aioredis.RedisError as error:
            refused = _without_store(error)
        else:
            for index in range(granted.slots):
                start(waiting.popleft(), (granted, index))
            continue
        while waiting:
            start(waiting.popleft(), refused)


async def _reserve(gateway: Gateway, questions: list[Question], max_wait: float) -> list[Slot]:
    """A place in its source's quota for each question: one round trip a source, not a call."""
    counts = Counter(question.source for question in questions)
    made = await asyncio.gather(
        *(_places(gateway, source, count, max_wait) for source, count in counts.items())
    )
    granted = dict(zip(counts, made, strict=True))
    places: Counter[str] = Counter()
    slots: list[Slot] = []
    for question in questions:
        grant = granted[question.source]
        slots.append(grant if isinstance(grant, Fault) else (grant, places[question.source]))
        places[question.source] += 1
    return slots


async def _places(
    gateway: Gateway, source: str, count: int, max_wait: float
) -> Reservation | Fault:
    try:
        return await gateway.quota.reserve(
            gateway.site.interface(source), gateway.today(), slots=count, max_wait=max_wait
        )
    except Fault as fault:
        return fault
    except aioredis.RedisError as error:
        return _without_store(error)


def _without_store(error: Exception) -> Fault:
    """No place can be had where the store of quotas does not answer; the log says how it failed."""
    log.warning("no place in a quota: %s", type(error).__name__)
    return Fault("no_store")


async def _ask_one(gateway: Gateway, placed: Placed, slot: Slot, errand: Errand) -> None:
    """One question to the wire and back; a failure is an unavailable reply."""
    place, pair = placed
    question, purpose = pair
    matter = gateway.site.interface(question.source).matter or purpose.matter
    if isinstance(slot, Fault):
        answer = Answer(fault=slot.kind, detail=slot.detail)
    else:
        answer = await gateway.call(
            question.source,
            parameters(question),
            evidence(question, purpose, errand.operator, matter),
            slot=slot,
            max_wait=errand.max_wait,
            bulk=errand.bulk,
            may_start=partial(errand.may_start, pair) if errand.may_start else None,
        )
    # when it went out: before that it may have waited long for its place
    started_at = clock.now() - timedelta(milliseconds=answer.duration_ms)
    reply = _reply(question, answer, started_at)
    errand.home.append(Asking(place, question, purpose, matter, started_at, answer, reply))


async def _allowances(here: Site, store: str) -> dict[str, dict[str, Any]]:
    async with session(here, store) as gateway:
        return await allowances_of(gateway)


# -- What is sent, and what came back --------------------------------------------------------------


def parameters(question: Question) -> dict[str, str]:
    """The parameters by which a source is asked."""
    person = question.person
    asked = Asked(person.name, person.id_number, clock.today(), dict(question.params))
    return CATALOGUE[question.source].request(asked)


def evidence(question: Question, purpose: Purpose, operator: str, matter: str = "") -> Evidence:
    """The purpose as it travels with the question."""
    sponsor = purpose.sponsor or question.person  # who applies, not who is asked about
    material = purpose.material or CATALOGUE[question.source].name
    return Evidence(
        matter or purpose.matter, purpose.case_no, operator, material,
        sponsor.name, sponsor.id_number,
    )  # fmt: skip


def _reply(question: Question, answer: Answer, at: datetime) -> Reply:
    """The typed reply to an answer, read by the one door that cast files and replay use."""
    fault = answer.fault or ("stale" if is_stale(answer.rows, at) else "")
    content: Any = Faulted(fault) if fault else list(answer.rows)
    person = question.person
    reply = read(question.source, person.id_number, content, name=person.name, fetched_at=at)
    return replace(reply, request_id=answer.request_id, asked_at=at)


def is_stale(rows: Iterable[Mapping[str, Any]], at: datetime) -> bool:
    """Whether every copy that says its age is years old: the register no longer follows."""
    stamps = [on for row in rows for key in STAMPS if (on := _stamp(row.get(key)))]
    return bool(stamps) and max(stamps).year < at.year - STALE_YEARS


def _stamp(value: Any) -> date | None:
    """The day of a copy; none for a stamp that makes no sense."""
    try:
        return day(value)
    except Unreadable:
        return None

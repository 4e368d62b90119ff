"""并发查询 sends questions out together within one event loop and brings replies home.

No database here: a question in, a typed reply and what the log needs out.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import redis.asyncio as aioredis
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connections

from core import clock
from datashare.gateway.client import Answer, Evidence, Gateway, Site
from datashare.gateway.faults import NO_AUTHORITY, Fault
from datashare.gateway.quota import Quota, Reservation
from datashare.questions import Purpose, Question
from datashare.reading import read
from datashare.replies import Faulted, Reply
from datashare.sources import CATALOGUE
from datashare.sources.source import Asked

T = TypeVar("T")
CONCURRENCY = 100  # a household of four goes out at once
STALE_YEARS = 8  # a register whose newest copy is older has not been kept up
STAMPS = ("tong_time", "tongTime", "czrksjxgxsj")
# a place in a reservation, or the fault that refused it
Slot = tuple[Reservation, int] | Fault
# whether a question may start at this moment, asked right before it does
MayStart = Callable[[tuple[Question, Purpose]], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Asking:
    """One question that went out, with everything that the log and the cache need."""

    question: Question
    purpose: Purpose
    started_at: datetime
    answer: Answer
    reply: Reply

    @property
    def started(self) -> bool:
        """False if its consent ended while it waited for its place: nothing was asked."""
        return self.answer.fault != NO_AUTHORITY or self.answer.attempts > 0


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in this thread, or beside it where an event loop already turns in it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _to_the_end(work)
    context = contextvars.copy_context()
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(context.run, _beside, work).result()


def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    async def run() -> T:
        return await work

    # what the work asks of the database runs in this thread, on this thread's connection
    return async_to_sync(run)()


def _beside(work: Coroutine[Any, Any, T]) -> T:
    try:
        return _to_the_end(work)
    finally:
        connections.close_all()  # this thread's own


async def ask_all(
    pairs: list[tuple[Question, Purpose]], operator: str, max_wait: float, may_start: MayStart
) -> list[Asking]:
    """All questions within one session and one event loop.

    `may_start` is asked right before a question goes out: its consent may have ended meanwhile.
    """
    limit = asyncio.Semaphore(CONCURRENCY)
    redis = aioredis.Redis.from_url(settings.REDIS_URL, retry=None, socket_timeout=2)
    try:
        async with Gateway(site(), redis, clock.today()) as gateway:
            slots = await _reserve(gateway, [question for question, _purpose in pairs], max_wait)

            async def one(pair: tuple[Question, Purpose], slot: Slot) -> Asking:
                async with limit:
                    return await _ask_one(gateway, *pair, slot, operator, may_start)

            return list(await asyncio.gather(*map(one, pairs, slots)))
    finally:
        await redis.aclose()


async def allowances_now() -> dict[str, dict[str, Any]]:
    here, today = site(), clock.today()
    async with aioredis.Redis.from_url(settings.REDIS_URL, retry=None, socket_timeout=2) as redis:
        quota = Quota(redis, here.prefix)
        return {source: await quota.left(here.interface(source), today) for source in CATALOGUE}


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


async def _reserve(gateway: Gateway, questions: list[Question], max_wait: float) -> list[Slot]:
    """A place in its source's quota for each question: one round trip a source, not a call."""
    counts = Counter(question.source for question in questions)
    granted: dict[str, Reservation | Fault] = {}
    for source, count in counts.items():
        try:
            granted[source] = await gateway.quota.reserve(
                gateway.site.interface(source), gateway.day, slots=count, max_wait=max_wait
            )
        except Fault as fault:
            granted[source] = fault
        except aioredis.RedisError:
            granted[source] = Fault("internal", detail="redis")
    places: Counter[str] = Counter()
    slots: list[Slot] = []
    for question in questions:
        grant = granted[question.source]
        slots.append(grant if isinstance(grant, Fault) else (grant, places[question.source]))
        places[question.source] += 1
    return slots


async def _ask_one(
    gateway: Gateway,
    question: Question,
    purpose: Purpose,
    slot: Slot,
    operator: str,
    may_start: MayStart,
) -> Asking:
    """One question to the wire and back; a failure is an unavailable reply."""
    spec, person = CATALOGUE[question.source], question.person
    started_at = clock.now()
    if isinstance(slot, Fault):
        answer = Answer(fault=slot.kind, detail=slot.detail)
    else:
        params = spec.request(
            Asked(person.name, person.id_number, clock.today(), dict(question.params))
        )
        sponsor = purpose.sponsor or person  # who applies, not who is asked about
        evidence = Evidence(
            purpose.matter,
            purpose.case_no,
            operator,
            purpose.material or spec.name,
            sponsor.name,
            sponsor.id_number,
        )
        answer = await gateway.call(
            question.source,
            params,
            evidence,
            slot=slot,
            may_start=partial(may_start, (question, purpose)),
        )
    return Asking(question, purpose, started_at, answer, _reply(question, answer, started_at))


def _reply(question: Question, answer: Answer, at: datetime) -> Reply:
    """The typed reply to an answer, read by the one door that cast files and replay use."""
    fault = answer.fault or ("stale" if is_stale(answer.rows, at) else "")
    content: Any = Faulted(fault) if fault else list(answer.rows)
    return read(question.source, question.person.id_number, content, fetched_at=at)


def is_stale(rows: Iterable[Mapping[str, Any]], at: datetime) -> bool:
    """Whether every copy that says its age is years old: the register no longer follows."""
    stamps = [
        str(row[key]) for row in rows for key in STAMPS if str(row.get(key, ""))[:4].isdigit()
    ]
    return bool(stamps) and int(max(stamps)[:4]) < at.year - STALE_YEARS

"""网关调用 one question: its place in the quota, its tries, its pages, what a failure means."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

import redis.asyncio as aioredis

from core import clock
from datashare.gateway.board import Board
from datashare.gateway.breaker import COUNTED, Breaker
from datashare.gateway.envelope import Opened, Row
from datashare.gateway.faults import NO_AUTHORITY, Fault, Verdict
from datashare.gateway.interfaces import Interface
from datashare.gateway.quota import Quota, Reservation
from datashare.gateway.site import Evidence, Site
from datashare.gateway.tokens import Tokens
from datashare.gateway.wire import Wire

PAUSES = (0.05, 0.25)  # seconds before the second and the third try of a passing disturbance
RETRY_WAIT = 2.0  # seconds a second try may wait for its place in the quota
RENEWALS = 3  # refused signatures in a row before we believe that our keys are wrong
OVERTAKEN = 6  # times that one question may meet a pair that others have just replaced
MOST_PAGES = 20  # an answer about one person that has more is no answer about one person

MayStart = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question brought: rows, or the kind of fault; never an exception.

    `duration_ms` is the departments' time, from the first try on; the wait for a place in the
    quota is ours and not in it.
    """

    rows: tuple[Row, ...] = ()
    fault: str = ""
    detail: str = ""
    request_id: str = ""
    attempts: int = 0
    duration_ms: int = 0
    pages: int = 1
    total: int | None = None  # rows on all pages, where the envelope says so


@dataclass(slots=True)
class _Question:
    """One question on its way: what is sent, and how often it was tried and why."""

    interface: Interface
    params: Mapping[str, Any]
    evidence: Evidence
    bulk: bool
    may_start: MayStart | None
    one_page: bool = False
    places: int = 0  # slots of the quota reserved for it
    attempts: int = 0
    renewals: int = 0
    overtaken: int = 0
    disturbances: int = 0
    began: float = field(default=0.0)

    def answer(self, **parts: Any) -> Answer:
        took = round((time.perf_counter() - self.began) * 1000) if self.began else 0
        return Answer(attempts=self.attempts, duration_ms=took, **parts)


class Gateway:
    """The client of one site inside one event loop: `async with Gateway(site, redis)`."""

    def __init__(self, site: Site, redis: aioredis.Redis, day: date | None = None) -> None:
        self.site = site
        self.redis = redis
        self._day = day
        self.board = Board(redis, site.prefix, self.today)
        self.quota = Quota(redis, site.prefix)
        self.breaker = Breaker(redis, site.prefix)
        self.tokens = Tokens(
            redis,
            site.prefix,
            app_secret=site.app_secret,
            fetch=self._fetch_pair,
            lifetimes=site.lifetimes,
            board=self.board,
        )

    def today(self) -> date:
        """The day whose allowance the calls use up."""
        return self._day or clock.today()

    async def __aenter__(self) -> Self:
        bulk = min(self.site.bulk_connections, self.site.connections)
        self.wire = Wire(self.site)
        # questions wait here, not for a connection: that wait would count as a slow department
        self._places = asyncio.Semaphore(max(1, self.site.connections - bulk))
        self._bulk_places = asyncio.Semaphore(bulk)
        # bulk queues here for its places, first come first served: in Redis it would have to poll
        self.lanes: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.tokens.close()
        await self.wire.close()

    async def call(
        self,
        source: str,
        params: Mapping[str, Any],
        evidence: Evidence,
        *,
        slot: tuple[Reservation, int] | None = None,
        max_wait: float = 5.0,
        bulk: bool = False,
        may_start: MayStart | None = None,
        one_page: bool = False,
    ) -> Answer:
        """Ask one source; always an `Answer`.

        `slot` is a place in a reservation made for several calls; without one the call reserves
        its own and waits at most `max_wait` seconds for it. `may_start` is awaited right before
        each try: False ends the call with the fault `no_authority`. With `one_page` the page asked
        for comes alone, with the number of pages, for whoever reads on page by page.
        """
        interface = self.site.interface(source)
        question = _Question(interface, params, evidence, bulk, may_start, one_page)
        try:
            await self._pace(question, slot, max_wait)
            async with self._bulk_places if bulk else self._places:
                opened = await self._whole(question)
            return question.answer(
                rows=opened.rows, request_id=opened.request_id, pages=opened.pages,
                total=opened.total,
            )  # fmt: skip
        except Fault as fault:
            return question.answer(fault=fault.kind, detail=fault.detail)
        except aioredis.RedisError:
            return question.answer(fault="internal" if question.attempts else "no_store")
        finally:
            await self._give_back(question)

    # -- pace ----------------------------------------------------------------------------------

    async def _pace(
        self, question: _Question, slot: tuple[Reservation, int] | None, max_wait: float
    ) -> None:
        """Wait for a place in the quota. Raises `Fault`."""
        if slot is None:
            reserve = self.quota.reserve_bulk if question.bulk else self.quota.reserve
            slot = await reserve(question.interface, self.today(), slots=1, max_wait=max_wait), 0
        question.places += 1
        reservation, index = slot
        if (wait := reservation.left(index)) > 0:
            await asyncio.sleep(wait)

    async def _give_back(self, question: _Question) -> None:
        """Places that were reserved and not used are there for others."""
        if (unused := question.places - question.attempts) > 0:
            with suppress(aioredis.RedisError):
                await self.quota.give_back(question.interface.source, self.today(), unused)

    # -- tries ---------------------------------------------------------------------------------

    async def _whole(self, question: _Question) -> Opened:
        """All pages of the answer; a part of it would be a wrong one."""
        first = await self._tries(question)
        if first.pages <= 1 or question.one_page:
            return first
        if first.pages > MOST_PAGES:
            raise Fault("pages", detail=str(first.pages)[:8])
        rows, params = list(first.rows), question.params
        for page in range(2, first.pages + 1):
            await self._pace(question, None, RETRY_WAIT)
            question.params = {**params, "pageNo": str(page)}
            rows += (await self._tries(question)).rows
        return Opened(tuple(rows), first.request_id, first.pages)

    async def _tries(self, question: _Question) -> Opened:
        """Try until there is an answer or the fault's verdict says to stop."""
        last: Fault | None = None
        while True:
            try:
                secret, probe = await self._cleared(question)
            except Fault as fault:
                # what the department answered says more than that it is left alone since
                raise (last or fault) from None
            question.attempts += 1
            question.began = question.began or time.perf_counter()
            try:
                opened = await self.wire.ask(
                    question.interface, question.params, question.evidence, secret
                )
            except Fault as fault:
                last = fault
                await self._note(question.interface.source, fault, probe)
                await self._after(fault, question, secret)
            else:
                if await self.breaker.succeeded(question.interface.source, probe):
                    self.board.forget()
                return opened

    async def _cleared(self, question: _Question) -> tuple[str, str]:
        """Right before sending: the secret, and the mark of a probe; or the reason not to send."""
        source = question.interface.source
        await self.tokens.current()  # may wait for a renewal, after which the rest is looked at
        if question.may_start is not None and not await question.may_start():
            raise Fault(NO_AUTHORITY)
        secret, sight = await self.tokens.current(), await self.board.look()
        if source in sight.rests or source in self.board.halted:
            raise Fault("stopped")
        probe = await self.breaker.admit(source) if source in sight.breakers else ""
        return secret, probe

    async def _note(self, source: str, fault: Fault, probe: str) -> None:
        """Tell the breaker; a refusal that makes sense is an answer."""
        if fault.kind in COUNTED:
            opened = await self.breaker.failed(source, probe)
        else:
            opened = await self.breaker.succeeded(source, probe)
        if opened:
            self.board.forget()

    async def _after(self, fault: Fault, question: _Question, secret: str) -> None:
        """Prepare the next try, or raise the fault when there is to be none."""
        if fault.verdict is Verdict.STOP:
            # the board first: what waits in this process must not go out while Redis is told
            await self._stop(question.interface, fault)
            raise fault
        if fault.verdict is Verdict.RENEW:
            again = await self._has_other_secret(question, secret)
        elif fault.verdict is Verdict.RETRY:
            question.disturbances += 1
            # A source that does not answer in time gets one more chance, not two: people wait.
            tries = 1 if fault.kind == "timeout" else len(PAUSES)
            if again := question.disturbances <= tries:
                await asyncio.sleep(PAUSES[question.disturbances - 1])
        else:
            again = False
        if not again:
            raise fault
        try:
            await self._pace(question, None, RETRY_WAIT)
        except Fault:
            raise fault from None

    async def _has_other_secret(self, question: _Question, secret: str) -> bool:
        """Whether to try once more with another pair.

        A call that met the change of pair was overtaken; that is nobody's failure.
        """
        if await self.tokens.refuse(secret):
            question.renewals += 1
        else:
            question.overtaken += 1
        return question.renewals < RENEWALS and question.overtaken < OVERTAKEN

    async def _stop(self, interface: Interface, fault: Fault) -> None:
        source = interface.source
        self.board.halted.add(source)
        try:
            await self.quota.stop(interface, of_the_day=fault.detail.endswith("day"))
        finally:
            self.board.forget()
            self.board.halted.discard(source)

    async def _fetch_pair(self, endpoint: str, secret: str) -> dict[str, Any]:
        return await self.wire.pair(endpoint, secret)


__all__ = ["Answer", "Evidence", "Gateway", "Site"]

"""调用配额 how fast each source may be asked, by all workers together.

One script decides atomically: the rest after a code 18, the breaker, the day's allowance and the
pace (GCRA: one stored number, the theoretical arrival time of the next call). Reserving several
slots at once is one round trip; the caller then spaces its calls by the waits it was given.

**A waiting citizen goes before a campaign.** Slots are handed out in the order in which they are
reserved, so nothing reserved later goes out earlier. Bulk work reserves only a short stretch ahead
and fills only a part of the bucket: the room left is a citizen's at once, and once citizens have
taken it, bulk waits until they have gone. It also leaves a part of the day's allowance to them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import redis.asyncio as aioredis

from core import clock
from datashare.gateway.faults import Fault
from datashare.gateway.interfaces import Interface
from datashare.gateway.scripts import RESERVE, STOP

REST = 5  # seconds of rest after a first code 18: the quota of a second or a minute was meant
LONGEST_REST = 3600
BULK_BURST = 0.5  # the part of the bucket that bulk may fill
BULK_DAY = 0.95  # the part of the day's allowance that bulk may use up
HORIZON = 0.5  # seconds ahead for which bulk reserves at most
AT_ONCE = 4  # slots that bulk leaves free for somebody who asks now: a household of four


@dataclass(frozen=True, slots=True)
class Reservation:
    """Slots granted at one source: the k-th call (from 0) waits `wait(k)` seconds."""

    first: float
    interval: float
    slots: int = 1
    made: float = field(default_factory=time.monotonic)

    def wait(self, index: int) -> float:
        """Seconds from the reservation until call number `index` may go out."""
        return max(0.0, self.first + index * self.interval)

    def left(self, index: int) -> float:
        """Seconds from now until call number `index` may go out."""
        return max(0.0, self.made + self.wait(index) - time.monotonic())


class Quota:
    """The pace of every source, kept in Redis under one prefix."""

    def __init__(self, redis: aioredis.Redis, prefix: str) -> None:
        self.redis = redis
        self.prefix = f"{prefix}:quota"
        self.halts = f"{prefix}:halts"
        self._reserve = redis.register_script(RESERVE)
        self._stop = redis.register_script(STOP)

    def _key(self, source: str, part: str) -> str:
        return f"{self.prefix}:{source}:{part}"

    async def reserve(
        self, interface: Interface, day: date, *, slots: int = 1, max_wait: float = 5.0
    ) -> Reservation:
        """Slots for `slots` calls of somebody who waits, the last within `max_wait` seconds.

        Raises `Fault`: "stopped" while the source rests after a code 18 or the day's allowance
        leaves no room, "resting" while its breaker is open, "throttled" when our pace leaves none.
        Nothing is used up then.
        """
        verdict, ms, granted = await self._ask(interface, day, slots, max_wait, bulk=False)
        if verdict != "go":
            raise _fault(verdict)
        return Reservation(ms / 1000, 1 / interface.rate, granted)

    async def reserve_bulk(
        self, interface: Interface, day: date, *, slots: int, max_wait: float
    ) -> Reservation:
        """Some of `slots` slots (at least one), a short stretch ahead; waits until there are any.

        Raises `Fault` like `reserve`; "throttled" when there was no room in `max_wait` seconds.
        """
        deadline = time.monotonic() + max_wait
        while True:
            ahead = horizon(interface)
            verdict, ms, granted = await self._ask(interface, day, slots, ahead, bulk=True)
            if verdict == "go":
                return Reservation(ms / 1000, 1 / interface.rate, granted)
            if verdict != "throttled" or time.monotonic() + ms / 1000 > deadline:
                raise _fault(verdict)
            # until half of the stretch is free again: few round trips, and never a gap
            await asyncio.sleep(ms / 1000 + ahead / 2)

    async def give_back(self, source: str, day: date, slots: int = 1) -> None:
        """Slots of the day that were reserved and not used: the call did not go out."""
        await self.redis.decrby(self._key(source, f"day:{day}"), slots)

    async def stop(self, interface: Interface, *, of_the_day: bool = False) -> int:
        """Rest a source after its code 18; the seconds of rest.

        Until the next day begins where the day's quota was meant: the gateway says so, or we have
        used it up by our own count. Else for a short time, doubling with each further code 18.
        """
        source, today = interface.source, clock.today()
        left = clock.local_midnight(today + timedelta(days=1)) - clock.now()
        keys = [self.halts, self._key(source, "stops"), self._key(source, f"day:{today}")]
        arguments: list[str | float] = [
            source, REST, LONGEST_REST, str(today), interface.daily,
            max(1, round(left.total_seconds())), int(of_the_day),
        ]  # fmt: skip
        return int(await self._stop(keys=keys, args=arguments))

    async def resume(self, source: str) -> None:
        """Forget a source's rest: a person says that its quota is back."""
        await self.redis.hdel(self.halts, f"rest:{source}")
        await self.redis.delete(self._key(source, "stops"))

    async def used(self, sources: list[str], day: date) -> Mapping[str, int]:
        """Calls of the day by source, in one round trip."""
        values = await self.redis.mget([self._key(source, f"day:{day}") for source in sources])
        return {
            source: max(0, int(value or 0)) for source, value in zip(sources, values, strict=True)
        }

    async def _ask(
        self, interface: Interface, day: date, slots: int, ahead: float, *, bulk: bool
    ) -> tuple[str, float, int]:
        source = interface.source
        keys = [self._key(source, "pace"), self._key(source, f"day:{day}"), self.halts]
        burst, daily = interface.burst, interface.daily
        if bulk:
            burst, daily = bulk_burst(interface), int(daily * BULK_DAY)
        arguments: list[Any] = [
            source, interface.rate, burst, slots, ahead, daily, str(day), int(bulk)
        ]  # fmt: skip
        verdict, ms, granted = await self._reserve(keys=keys, args=arguments)
        return verdict.decode() if isinstance(verdict, bytes) else verdict, ms, granted


def bulk_burst(interface: Interface) -> int:
    """How many calls bulk may send at once."""
    return max(1, int(interface.burst * BULK_BURST))


def horizon(interface: Interface) -> float:
    """Seconds ahead for which bulk may reserve: what then waits still fits into the bucket."""
    free = interface.burst - bulk_burst(interface) - AT_ONCE
    return min(HORIZON, max(free / interface.rate, 0.1))


def _fault(verdict: str) -> Fault:
    # nothing goes out before tomorrow: for whoever asked the source rests, as after a code 18
    return Fault("stopped", detail="day") if verdict == "spent" else Fault(verdict)

"""调用配额 how fast each source may be asked, by all workers together.

One Lua script does the whole decision atomically on the Redis server and by its clock: the rest
period after a code 18, the day's allowance and the pace (GCRA: one stored number, the theoretical
arrival time of the next call). Reserving several slots at once is one round trip; the caller then
spaces its calls by the waits it was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import redis.asyncio as aioredis

from datashare.gateway.faults import Fault
from datashare.gateway.interfaces import Interface

# KEYS: tat, day counter, rest. ARGV: rate, burst, slots, longest wait (s), day allowance.
# Answer: {verdict, first wait in ms (may be negative: a credit), seconds of rest}.
RESERVE = """
local rest = redis.call('PTTL', KEYS[3])
if rest > 0 then return {'stopped', 0, rest} end
local slots = tonumber(ARGV[3])
local used = tonumber(redis.call('GET', KEYS[2]) or '0')
if used + slots > tonumber(ARGV[5]) then return {'throttled', 0, 0} end
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local interval = 1000 / tonumber(ARGV[1])
local burst = tonumber(ARGV[2])
local tat = tonumber(redis.call('GET', KEYS[1]) or '0')
if tat < now then tat = now end
local first = tat - (burst - 1) * interval - now
if first + (slots - 1) * interval > tonumber(ARGV[4]) * 1000 then
  return {'throttled', 0, math.ceil(first)}
end
tat = tat + slots * interval
redis.call('SET', KEYS[1], string.format('%.3f', tat), 'PX', math.ceil(tat - now) + 10000)
redis.call('INCRBY', KEYS[2], slots)
redis.call('EXPIRE', KEYS[2], 172800)
return {'go', math.ceil(first), 0}
"""
# A second code 18 right after the first rest doubles it: the quota may be a day's, not a second's.
STOP = """
local times = redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], 7200)
local rest = math.min(tonumber(ARGV[1]) * 2 ^ (times - 1), tonumber(ARGV[2]))
redis.call('SET', KEYS[1], times, 'EX', math.ceil(rest))
return math.ceil(rest)
"""
REST = 30  # seconds of rest after a first code 18
LONGEST_REST = 3600


@dataclass(frozen=True, slots=True)
class Reservation:
    """Slots granted at one source: the k-th call (from 0) waits `wait(k)` seconds."""

    first: float
    interval: float

    def wait(self, index: int) -> float:
        """Seconds from the reservation until call number `index` may go out."""
        return max(0.0, self.first + index * self.interval)


class Quota:
    """The pace of every source, kept in Redis under one prefix."""

    def __init__(self, redis: aioredis.Redis, prefix: str) -> None:
        self.redis = redis
        self.prefix = f"{prefix}:quota"
        self._reserve = redis.register_script(RESERVE)
        self._stop = redis.register_script(STOP)

    def _key(self, source: str, part: str) -> str:
        return f"{self.prefix}:{source}:{part}"

    async def reserve(
        self, interface: Interface, day: date, *, slots: int = 1, max_wait: float = 5.0
    ) -> Reservation:
        """Slots for `slots` calls, the last within `max_wait` seconds.

        Raises `Fault("stopped")` while the source rests after a code 18 and `Fault("throttled")`
        when our pace or the day's allowance leaves no room; nothing is used up then.
        """
        source = interface.source
        keys = [
            self._key(source, "pace"),
            self._key(source, f"day:{day}"),
            self._key(source, "rest"),
        ]
        arguments = [interface.rate, interface.burst, slots, max_wait, interface.daily]
        verdict, first, _ = await self._reserve(keys=keys, args=arguments)
        verdict = verdict.decode() if isinstance(verdict, bytes) else verdict
        if verdict != "go":
            raise Fault(verdict)
        return Reservation(first / 1000, 1 / interface.rate)

    async def stop(self, source: str) -> int:
        """Rest a source after its code 18; the seconds of rest."""
        keys = [self._key(source, "rest"), self._key(source, "stops")]
        return int(await self._stop(keys=keys, args=[REST, LONGEST_REST]))

    async def resume(self, source: str) -> None:
        """Forget a source's rest: it answered, or a person says that its quota is back."""
        await self.redis.delete(self._key(source, "rest"), self._key(source, "stops"))

    async def left(self, interface: Interface, day: date) -> dict[str, Any]:
        """What remains of the day's allowance, and the seconds of rest if the source rests."""
        source = interface.source
        used = int(await self.redis.get(self._key(source, f"day:{day}")) or 0)
        rest = await self.redis.pttl(self._key(source, "rest"))
        return {"left": max(0, interface.daily - used), "rest": max(0, rest) / 1000}

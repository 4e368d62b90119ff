"""熔断 a source that fails again and again is left alone for a while, by all workers together.

*Closed*: calls go out and are counted. Enough failures in a window, and more of them than answers,
*open* it: nothing is sent, every question is answered at once with the fault "resting". When the
pause is over it is *half open*: exactly one question of all workers goes out as a probe; its
answer closes the breaker, its failure opens it again for twice as long, up to a bound. What counts
is whether the source answered at all: a refusal that makes sense (a code) is an answer.
"""

from __future__ import annotations

import secrets
from collections import Counter

import redis.asyncio as aioredis

from datashare.gateway.faults import Fault
from datashare.gateway.scripts import ADMIT, REPORT

COUNTED = frozenset({"timeout", "http_500", "connection", "garbage", "empty"})
WINDOW = 30  # seconds
FAILURES = 8  # two questions that failed all their tries are somebody's bad luck
SHARE = 0.5
PAUSE, LONGEST_PAUSE = 5, 120  # seconds
LEASE = 15  # seconds a probe may take; longer than any call: its worker died
CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"


class Breaker:
    """The breakers of all sources, kept in Redis under one prefix."""

    def __init__(self, redis: aioredis.Redis, prefix: str) -> None:
        self.prefix = f"{prefix}:breaker"
        self.halts = f"{prefix}:halts"
        self._report = redis.register_script(REPORT)
        self._admit = redis.register_script(ADMIT)
        self._good: Counter[str] = Counter()  # answers not yet reported

    def _keys(self, source: str) -> list[str]:
        return [f"{self.prefix}:{source}", self.halts]

    async def admit(self, source: str) -> str:
        """A mark if this call is the probe, "" if the breaker is closed; else Fault("resting")."""
        mark = secrets.token_hex(8)
        verdict, ms = await self._admit(keys=self._keys(source), args=[source, mark, LEASE])
        verdict = verdict.decode() if isinstance(verdict, bytes) else verdict
        if verdict == "resting":
            raise Fault("resting", detail=f"{ms / 1000:.0f}s")
        return mark if verdict == "probe" else ""

    async def succeeded(self, source: str, probe: str = "") -> bool:
        """The source answered; whether that closed its breaker.

        Answers of a closed breaker are only noted: they matter beside failures and travel with
        the next one.
        """
        if probe:
            return await self._tell(source, good=1, bad=0, probe=probe) == CLOSED
        self._good[source] += 1
        return False

    async def failed(self, source: str, probe: str = "") -> bool:
        """The source did not answer; whether its breaker is open now."""
        good = min(self._good.pop(source, 0), FAILURES)  # long health must not outvote an end
        return await self._tell(source, good=good, bad=1, probe=probe) == OPEN

    async def _tell(self, source: str, *, good: int, bad: int, probe: str) -> str:
        arguments: list[str | float] = [
            source, good, bad, probe, WINDOW, FAILURES, SHARE, PAUSE, LONGEST_PAUSE,
        ]  # fmt: skip
        verdict = await self._report(keys=self._keys(source), args=arguments)
        return verdict.decode() if isinstance(verdict, bytes) else verdict

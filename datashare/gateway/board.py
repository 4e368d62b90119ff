"""公告板 what all workers know at this moment, read in one round trip for everybody who asks.

Right before a call goes out it needs the shared secret and must know that its source neither rests
after a code 18 nor has an open breaker. Reading that for every call would double the traffic to
Redis, so a sight of the board serves all calls of `LOOK_SECONDS`; what this process learns itself
(`forget`) counts at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import redis.asyncio as aioredis

from datashare.gateway.scripts import LOOK

LOOK_SECONDS = 0.02  # another worker's code 18 is known after so long: less than a call's interval


@dataclass(frozen=True, slots=True)
class Sight:
    """One look: the secret (may be empty) with its seconds to live, and what is halted.

    `rests` and `breakers`: source → seconds left; a breaker with 0 left waits for its probe.
    """

    secret: str = ""
    lives: float = 0.0
    rests: Mapping[str, float] = field(default_factory=dict)
    breakers: Mapping[str, float] = field(default_factory=dict)


class Board:
    """The shared state of one site; belongs to one event loop."""

    def __init__(self, redis: aioredis.Redis, prefix: str, today: Callable[[], date]) -> None:
        self.keys = [f"{prefix}:token:request", f"{prefix}:halts"]
        self.today = today
        self._script = redis.register_script(LOOK)
        self._sight, self._until = Sight(), 0.0
        self.halted: set[str] = set()  # sources whose code 18 we are just telling the others
        self._reading: asyncio.Future[Sight] | None = None
        self._news = 0

    async def look(self) -> Sight:
        """What holds now. Raises RedisError."""
        while time.monotonic() >= self._until:
            news = self._news
            if self._reading is None:
                self._reading = asyncio.ensure_future(self._read())
            try:
                sight = await asyncio.shield(self._reading)
            finally:
                if self._reading is not None and self._reading.done():
                    self._reading = None
            if news == self._news:  # nothing happened meanwhile that the answer cannot know
                return sight
        return self._sight

    def forget(self) -> None:
        """This process has changed something: the next look goes to Redis."""
        self._news += 1
        self._until = 0.0
        self._reading = None

    async def _read(self) -> Sight:
        news = self._news
        secret, lives, *halts = await self._script(keys=self.keys, args=[str(self.today())])
        left: dict[str, dict[str, float]] = {"rest": {}, "breaker": {}}
        for source, why, ms in zip(halts[::3], halts[1::3], halts[2::3], strict=True):
            left[_text(why)][_text(source)] = ms / 1000
        sight = Sight(_text(secret), max(0, lives) / 1000, left["rest"], left["breaker"])
        if news == self._news:
            self._sight, self._until = sight, time.monotonic() + LOOK_SECONDS
        return sight


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value

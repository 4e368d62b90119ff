"""密钥对 the pair of secrets that signs calls, shared by all workers through Redis.

The first pair is asked for with the app secret (ByKey), later ones with the refresh secret
(BySec); a new pair ends the old one at once, so exactly one worker may ask: a Redis lock, and
the others wait for its result. How long a secret lives is kept by Redis' own expiry: no clock is
read here, and none can disagree.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import redis.asyncio as aioredis

from datashare.gateway.faults import Fault

# requestSecret lives 15 min, refreshSecret 48 h: both are replaced well before.
REQUEST_SECONDS = 12 * 60
REFRESH_SECONDS = 47 * 3600
LOCK_SECONDS = 12  # a worker that dies while renewing holds the others up no longer than this
WAIT_SECONDS = 20
POLL_SECONDS = 0.02
HELD_SECONDS = 1.0  # a secret once read is used so long without asking Redis again
FAILURE_SECONDS = 3  # after a failed renewal everybody waits this long before the next

DELETE_IF_EQUAL = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

# (endpoint, secret that signs) → the pair object of the answer
Fetch = Callable[[str, str], Awaitable[dict[str, Any]]]


def sign(app_key: str, secret: str, request_time: str) -> str:
    """The gateway's signature: md5 of key, secret and time in ms, lower-case hex."""
    text = f"{app_key}{secret}{request_time}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Seconds for which each secret is used; shorter than the gateway's own lifetimes."""

    request: float = REQUEST_SECONDS
    refresh: float = REFRESH_SECONDS


class Tokens:
    """The shared pair. `fetch` asks a token endpoint and raises `Fault`."""

    def __init__(
        self,
        redis: aioredis.Redis,
        prefix: str,
        *,
        app_secret: str,
        fetch: Fetch,
        lifetimes: Lifetimes | None = None,
    ) -> None:
        self.redis = redis
        self.app_secret = app_secret
        self.fetch = fetch
        self.lifetimes = lifetimes or Lifetimes()
        self.request_key = f"{prefix}:token:request"
        self.refresh_key = f"{prefix}:token:refresh"
        self.lock_key = f"{prefix}:token:lock"
        self.failure_key = f"{prefix}:token:failure"
        self._delete_if_equal = redis.register_script(DELETE_IF_EQUAL)
        self._held, self._held_until = "", 0.0
        self._reading = asyncio.Lock()

    async def current(self) -> str:
        """A requestSecret to sign with; waits while another worker renews. Raises `Fault`."""
        if not self._holds():
            async with self._reading:  # a household's questions start together: one asks for all
                if not self._holds():
                    return await self._shared()
        return self._held

    def _holds(self) -> bool:
        return bool(self._held) and time.monotonic() < self._held_until

    async def _shared(self) -> str:
        """The secret that all workers share, renewed by us if nobody else is at it."""
        for _ in range(round(WAIT_SECONDS / POLL_SECONDS)):
            if secret := await self._read(self.request_key):
                self._held, self._held_until = secret, time.monotonic() + self._keep()
                return secret
            if kind := await self._read(self.failure_key):
                raise Fault("no_token", detail=kind)
            if await self._renewed_by_us():
                continue
            await asyncio.sleep(POLL_SECONDS)
        raise Fault("no_token", detail="lock")

    async def refuse(self, secret: str) -> None:
        """The gateway refused this secret; forget it unless somebody has replaced it already."""
        self._held = ""
        await self._delete_if_equal(keys=[self.request_key], args=[secret])

    def _keep(self) -> float:
        """Never longer than a part of the secret's own life."""
        return min(HELD_SECONDS, self.lifetimes.request / 10)

    async def _read(self, key: str) -> str:
        value = await self.redis.get(key)
        return value.decode() if isinstance(value, bytes) else value or ""

    async def _renewed_by_us(self) -> bool:
        """Take the lock and renew; False when another worker holds it."""
        owner = secrets.token_hex(8)
        if not await self.redis.set(self.lock_key, owner, nx=True, ex=LOCK_SECONDS):
            return False
        try:
            if not await self._read(self.request_key):  # it may have come while we took the lock
                await self._store(await self._renew())
        except Fault as fault:
            await self.redis.set(self.failure_key, fault.kind, ex=FAILURE_SECONDS)
        finally:
            await self._delete_if_equal(keys=[self.lock_key], args=[owner])
        return True

    async def _renew(self) -> dict[str, Any]:
        """BySec while we hold a refresh secret, ByKey otherwise or when it is refused (03)."""
        if refresh := await self._read(self.refresh_key):
            try:
                return await self.fetch("refreshTokenBySec", refresh)
            except Fault as fault:
                if fault.kind not in ("signature", "secret_expired", "unknown_code"):
                    raise
                await self.redis.delete(self.refresh_key)
        return await self.fetch("refreshTokenByKey", self.app_secret)

    async def _store(self, pair: dict[str, Any]) -> None:
        async with self.redis.pipeline(transaction=True) as pipe:
            pipe.set(
                self.refresh_key, pair["refreshSecret"], px=round(self.lifetimes.refresh * 1000)
            )
            pipe.set(
                self.request_key, pair["requestSecret"], px=round(self.lifetimes.request * 1000)
            )
            await pipe.execute()

"""密钥对 the pair of secrets that signs calls, shared by all workers through Redis.

The first pair is asked for with the app secret (ByKey), later ones with the refresh secret
(BySec); a new pair ends the old one at once, so exactly one worker may ask: a Redis lock, held by
a heartbeat, so that a worker killed while renewing delays the others briefly. A pair is renewed
*ahead*, in the background, while everybody goes on with the old one; a call that the change of
pair overtakes is sent again with the new one. How long a secret lives is kept by Redis' own
expiry: no clock is read here, and none can disagree.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import redis.asyncio as aioredis

from core import clock
from datashare.gateway.board import Board
from datashare.gateway.faults import Fault
from datashare.gateway.scripts import DELETE_IF_EQUAL, HOLD_ON

# requestSecret lives 15 min, refreshSecret 48 h: both are replaced well before.
REQUEST_SECONDS = 12 * 60
REFRESH_SECONDS = 47 * 3600
AHEAD = 0.2  # the last part of a secret's life, in which it is renewed in the background
LOCK_SECONDS = 2.0  # a worker that dies while renewing holds the others up no longer than this
HEARTBEAT = 0.5
WAIT_SECONDS = 20
POLL_SECONDS = 0.02
FAILURE_SECONDS = 3  # after a failed renewal everybody waits this long before the next

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
        board: Board | None = None,
    ) -> None:
        self.redis = redis
        self.app_secret = app_secret
        self.fetch = fetch
        self.lifetimes = lifetimes or Lifetimes()
        self.board = board or Board(redis, prefix, clock.today)
        self.request_key = f"{prefix}:token:request"
        self.refresh_key = f"{prefix}:token:refresh"
        self.lock_key = f"{prefix}:token:lock"
        self.failure_key = f"{prefix}:token:failure"
        self.ahead_key = f"{prefix}:token:ahead"
        self._delete_if_equal = redis.register_script(DELETE_IF_EQUAL)
        self._hold_on = redis.register_script(HOLD_ON)
        self._waiting: asyncio.Future[str] | None = None
        self._ahead: asyncio.Task[None] | None = None

    async def current(self) -> str:
        """A requestSecret to sign with; waits only while there is none. Raises `Fault`."""
        sight = await self.board.look()
        if not sight.secret:
            return await self._awaited()
        if sight.lives < self.lifetimes.request * AHEAD and (
            self._ahead is None or self._ahead.done()
        ):
            self._ahead = asyncio.create_task(self._renew_ahead(sight.secret))
        return sight.secret

    async def refuse(self, secret: str) -> bool:
        """The gateway refused this secret; whether it was still the one that all share.

        False when the pair has been changed meanwhile or is being changed: the call was merely
        overtaken. Otherwise the secret is forgotten, and the next `current` renews it.
        """
        self.board.forget()
        if await self._read(self.request_key) != secret:
            return False
        if await self._read(self.lock_key):
            await self._changed(secret)
            return False
        await self._delete_if_equal(keys=[self.request_key], args=[secret])
        self.board.forget()
        return True

    async def close(self) -> None:
        """End what goes on in the background."""
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)

    # -- waiting for a pair --------------------------------------------------------------------

    async def _awaited(self) -> str:
        """The next secret: a household's questions start together, and one waits for all."""
        if self._waiting is None or self._waiting.done():
            self._waiting = asyncio.ensure_future(self._shared())
        return await asyncio.shield(self._waiting)

    async def _shared(self) -> str:
        """The secret that all workers share, renewed by us if nobody else is at it."""
        for _ in range(round(WAIT_SECONDS / POLL_SECONDS)):
            if secret := await self._read(self.request_key):
                self.board.forget()
                return secret
            if kind := await self._read(self.failure_key):
                raise Fault("no_token", detail=kind)
            async with self._lock() as ours:
                if ours and not await self._read(self.request_key):
                    await self._renew_or_say_why()
            if not ours:
                await asyncio.sleep(POLL_SECONDS)
        raise Fault("no_token", detail="lock")

    async def _changed(self, secret: str) -> None:
        """Wait until whoever renews has put another pair in this one's place, or is gone."""
        for _ in range(round(WAIT_SECONDS / POLL_SECONDS)):
            if await self._read(self.request_key) != secret:
                break
            if not await self._read(self.lock_key):
                # it ended without a new pair for us to see: this secret is dead all the same
                await self._delete_if_equal(keys=[self.request_key], args=[secret])
                break
            await asyncio.sleep(POLL_SECONDS)
        self.board.forget()

    # -- renewing ------------------------------------------------------------------------------

    async def _renew_or_say_why(self) -> None:
        try:
            await self._store(await self._renew())
        except Fault as fault:
            await self.redis.set(self.failure_key, fault.kind, ex=FAILURE_SECONDS)

    async def _renew_ahead(self, secret: str) -> None:
        """Replace a pair before it lapses; nobody waits for it, and a failure harms nobody yet."""
        try:
            if await self._read(self.ahead_key):
                return
            async with self._lock() as ours:
                if ours and await self._read(self.request_key) == secret:
                    await self._store(await self._renew())
        except (Fault, aioredis.RedisError):
            await self._postpone()

    async def _postpone(self) -> None:
        try:
            await self.redis.set(self.ahead_key, "failed", ex=FAILURE_SECONDS)
        except aioredis.RedisError:
            return  # then nobody can ask anything, and this is the least of it

    @asynccontextmanager
    async def _lock(self) -> AsyncIterator[bool]:
        """The right to renew, kept alive while we hold it; False when another worker has it."""
        owner = secrets.token_hex(8)
        life = round(LOCK_SECONDS * 1000)
        if not await self.redis.set(self.lock_key, owner, nx=True, px=life):
            yield False
            return
        over = asyncio.Event()
        heart = asyncio.create_task(self._beat(owner, life, over))
        try:
            yield True
        finally:
            # a cancellation that meets an answer of Redis may be lost: the word alone ends it then
            over.set()
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
            await self._delete_if_equal(keys=[self.lock_key], args=[owner])

    async def _beat(self, owner: str, life: int, over: asyncio.Event) -> None:
        while not over.is_set():
            await asyncio.sleep(HEARTBEAT)
            await self._hold_on(keys=[self.lock_key], args=[owner, life])

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
        self.board.forget()

    async def _read(self, key: str) -> str:
        value = await self.redis.get(key)
        return value.decode() if isinstance(value, bytes) else value or ""

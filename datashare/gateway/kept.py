"""常开会话 the session with the gateway a process keeps open while its settings stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import redis.asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from datashare.gateway.client import Gateway
from datashare.gateway.engine import at_exit
from datashare.gateway.site import Site

REDIS_TIMEOUT = 2.0  # seconds
REDIS_CONNECTIONS = 16  # every lane of every batch may want one at once; a listen queue is short


@dataclass(eq=False)
class _Session:
    site: Site
    store: str
    gateway: Gateway
    users: int = 0

    async def close(self) -> None:
        await self.gateway.__aexit__()
        await self.gateway.redis.aclose()


# one for each loop: a child's loop is not its parent's, whose sockets it must leave alone
_kept: dict[asyncio.AbstractEventLoop, _Session] = {}


@asynccontextmanager
async def session(site: Site, store: str) -> AsyncIterator[Gateway]:
    """The gateway as these settings describe it, with the Redis at the address `store`."""
    loop = asyncio.get_running_loop()
    held = _kept.get(loop)
    if held is None or held.site != site or held.store != store:
        former, held = held, await _open(site, store)
        _kept[loop] = held
        if former is not None and not former.users:
            await former.close()
    held.users += 1
    try:
        yield held.gateway
    finally:
        held.users -= 1
        if not held.users and _kept.get(loop) is not held:  # replaced while it was in use
            await held.close()


async def _open(site: Site, store: str) -> _Session:
    # a connection that a restart of Redis has cut says so only when it is used, and a busy
    # machine may refuse one for a moment: neither is an outage of any department
    passing: tuple[Any, ...] = (RedisConnectionError, OSError)
    again = Retry(ExponentialBackoff(cap=0.2, base=0.02), 3, supported_errors=passing)
    pool = aioredis.BlockingConnectionPool.from_url(
        store, max_connections=REDIS_CONNECTIONS, timeout=5, retry=again,
        socket_timeout=REDIS_TIMEOUT,
    )  # fmt: skip
    redis = aioredis.Redis.from_pool(pool)
    return _Session(site, store, await Gateway(site, redis).__aenter__())


async def _farewell() -> None:
    if (held := _kept.pop(asyncio.get_running_loop(), None)) is not None:
        await held.close()


at_exit(_farewell)

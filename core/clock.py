"""The one reader of the system clock.

Verbs and rules take dates as arguments; only edges ask here. Outside production an offset kept in
Redis is added, so that a journey across web, worker and mock services can live a year in a minute.
Production refuses it (``settings.CLOCK_MAY_MOVE``).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import redis
from django.conf import settings

from core.refusals import Refusal

LOCAL = ZoneInfo("Asia/Shanghai")
_KEY = "yz:clock:offset"
_KEEP = 0.2  # seconds an offset read from Redis is believed; now() is called far more often
_known: dict[str, float] = {"offset": 0.0, "read": 0.0}
_held: ContextVar[datetime | None] = ContextVar("held", default=None)


class ClockRefused(Refusal):
    """The clock does not move in production."""


def now() -> datetime:
    """The present instant, aware, in UTC, offset included."""
    return _held.get() or datetime.now(UTC) + offset()


def today() -> date:
    """Today's date in Ningbo."""
    return now().astimezone(LOCAL).date()


def real_seconds() -> int:
    """Seconds of the real time, which nobody moves: how long a session or a one-time code lives.

    Moving the demo by a week must not throw everybody out, and the authenticator in somebody's
    hand knows nothing of the demo.
    """
    return int(time.time())


def offset() -> timedelta:
    """How far the demo's clock runs ahead; zero in production and when Redis is away."""
    if not settings.CLOCK_MAY_MOVE:
        return timedelta()
    if time.monotonic() - _known["read"] > _KEEP or not _known["read"]:
        _known.update(offset=_read(), read=time.monotonic())
    return timedelta(seconds=_known["offset"])


def advance(by: timedelta) -> timedelta:
    """Moves the clock of every process forward and returns the new offset."""
    _may_move()
    seconds = float(_store().incrbyfloat(_KEY, by.total_seconds()))
    _known.update(offset=seconds, read=time.monotonic())
    return timedelta(seconds=seconds)


@contextmanager
def held_at(moment: datetime) -> Iterator[None]:
    """Lets this thread live at ``moment``: the demo city's past is made by the real verbs."""
    _may_move()
    token = _held.set(moment)
    try:
        yield
    finally:
        _held.reset(token)


def reset() -> None:
    """Back to the real time."""
    _may_move()
    _store().delete(_KEY)
    _known.update(offset=0.0, read=time.monotonic())


def local_midnight(day: date) -> datetime:
    """The instant at which ``day`` begins in Ningbo."""
    return datetime.combine(day, datetime.min.time(), tzinfo=LOCAL)


def _may_move() -> None:
    if not settings.CLOCK_MAY_MOVE:
        raise ClockRefused("The clock does not move in production.")


def _store() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, retry=None, socket_timeout=1)


def _read() -> float:
    try:
        return float(_store().get(_KEY) or 0)  # type: ignore[arg-type]
    except redis.RedisError:
        return _known["offset"]  # the last one we knew is nearer the truth than none

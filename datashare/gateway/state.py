"""网关现状 quotas left, sources at rest, breakers open, for people to see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core import clock
from datashare.gateway.breaker import CLOSED, HALF_OPEN, OPEN
from datashare.gateway.client import Gateway
from datashare.sources import CATALOGUE


async def allowances(gateway: Gateway) -> dict[str, dict[str, Any]]:
    """By source: `left` and `daily` calls of the day, `rate` calls a second, `rest` seconds after
    a code 18, `breaker` (closed, open, half_open), `retry_in` seconds until it may be asked.

    Two round trips. Raises RedisError.
    """
    sight = await gateway.board.look()
    used = await gateway.quota.used(list(CATALOGUE), gateway.today())
    midnight = clock.local_midnight(clock.today() + timedelta(days=1))
    tomorrow = (midnight - clock.now()).total_seconds()
    found = {}
    for source in CATALOGUE:
        interface = gateway.site.interface(source)
        rest, pause = sight.rests.get(source, 0.0), sight.breakers.get(source)
        left = max(0, interface.daily - used[source])
        breaker = CLOSED if pause is None else OPEN if pause > 0 else HALF_OPEN
        found[source] = {
            "left": left,
            "daily": interface.daily,
            "rate": interface.rate,
            "rest": rest,
            "breaker": breaker,
            "retry_in": max(rest, pause or 0.0, 0.0 if left else tomorrow),
        }
    return found

"""/healthz (健康检查): the parts this process needs, named, in one short JSON."""

import asyncio
import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import redis.asyncio as aioredis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from health_check.base import HealthCheck
from health_check.checks import Cache, Database
from health_check.contrib.redis import Redis
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView

from accounts.access import PUBLIC

LEAST_FREE = 200 * 2**20  # bytes; below this a paper might not be kept


@dataclasses.dataclass
class Disk(HealthCheck):
    """Room left where citizens' papers are kept."""

    def run(self) -> None:
        place = Path(settings.MEDIA_ROOT)
        while not place.exists():  # made with the first paper
            place = place.parent
        if shutil.disk_usage(place).free < LEAST_FREE:
            raise ServiceUnavailable("almost full")


def _broker() -> aioredis.Redis:
    return aioredis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


PARTS: dict[str, Callable[[], HealthCheck]] = {
    "database": Database,
    "cache": Cache,
    "broker": lambda: Redis(client_factory=_broker),
    "disk": Disk,
}


class Health(HealthCheckView):
    """200 when every part answers, 503 otherwise; says which part, never why."""

    access = PUBLIC

    async def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        results = await asyncio.gather(*(make().get_result(None) for make in PARTS.values()))
        words = {
            name: "unavailable" if result.error else "ok"
            for name, result in zip(PARTS, results, strict=True)
        }
        well = set(words.values()) == {"ok"}
        return JsonResponse({"ok": well, **words}, status=200 if well else 503)

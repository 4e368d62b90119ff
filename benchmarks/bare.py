"""The bare loop: the same questions to the same mock, and nothing else.

No quota, no retries, no envelope, no log, no table: what aiohttp alone can do here. The secret is
the platform's own, for a second pair would end the first.
"""

import asyncio
import json
import time
from collections.abc import Iterable
from typing import Any

import aiohttp
import redis.asyncio as aioredis
from django.conf import settings

from core import clock
from datashare import asking
from datashare.gateway.client import Evidence, Gateway
from datashare.questions import Question
from datashare.sources import CATALOGUE
from datashare.sources.source import Asked

TOGETHER = 50  # keep-alive connections, as many as bulk work uses


def seconds_of_each(questions: Iterable[Question], *, together: int = TOGETHER) -> list[float]:
    """How long each call took, with so many under way at one time."""
    return asyncio.run(_loop(list(questions), together))[0]


def calls_per_second(questions: Iterable[Question], *, together: int = TOGETHER) -> float:
    """The whole loop's pace."""
    asked = list(questions)
    return len(asked) / asyncio.run(_loop(asked, together))[1]


async def _loop(questions: list[Question], together: int) -> tuple[list[float], float]:
    requests = await _requests(questions)
    limit = asyncio.Semaphore(together)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=together)) as http:

        async def one(url: str, content: dict[str, Any]) -> float:
            async with limit:
                began = time.perf_counter()
                async with http.post(url, **content) as answer:
                    body = json.loads(await answer.read())
                if body["code"] != "00":
                    raise RuntimeError(f"the mock refused a bare call with {body['code']}")
                return time.perf_counter() - began

        began = time.perf_counter()
        each = await asyncio.gather(*(one(*request) for request in requests))
        return list(each), time.perf_counter() - began


async def _requests(questions: list[Question]) -> list[tuple[str, dict[str, Any]]]:
    site = asking.site()
    redis = aioredis.Redis.from_url(settings.REDIS_URL)
    try:
        async with Gateway(site, redis) as gateway:
            credentials = gateway.wire.credentials(await gateway.tokens.current())
    finally:
        await redis.aclose()
    return [_request(site, question, credentials) for question in questions]


def _request(site: Any, question: Question, credentials: dict[str, str]) -> tuple[str, dict]:
    person, spec = question.person, CATALOGUE[question.source]
    interface = site.interface(question.source)
    asked = Asked(person.name, person.id_number, clock.today(), {})
    why = Evidence("BENCH", "BENCH", "bench", spec.name, person.name, person.id_number)
    content = {**spec.request(asked), "additional": why.as_text()}
    url = f"{site.url.rstrip('/')}/{interface.path}"
    if interface.passing == "headers":
        return url, {"headers": credentials, "json": content}
    return url, {"data": {**content, **credentials}}

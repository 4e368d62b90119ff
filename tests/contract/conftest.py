"""A running mock gateway, and a session of the client with it."""

import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
import redis.asyncio as aioredis
from django.conf import settings

from datashare.asking import in_a_loop
from datashare.gateway.client import Answer, Evidence, Gateway, Site
from tests.factories.departments import APP_KEY, APP_SECRET, Departments, departments

DAY = date(2026, 3, 18)
EVIDENCE = Evidence("公共服务-00610-000-002", "YZ1", "tester", "材料", "某人", "0" * 18)
Work = Callable[[Gateway], Awaitable[Any]]


@dataclass
class Client:
    """The client's side of the contract: one site, asked in a session of its own each time."""

    site: Site
    person: str
    evidence: Evidence = EVIDENCE
    answers: list[Answer] = field(default_factory=list)

    def __call__(self, source: str, **params: str) -> Answer:
        """Ask one source about the person."""
        return self.run(lambda gateway: gateway.call(source, self.params(**params), self.evidence))

    def params(self, **more: str) -> dict[str, str]:
        """The person under every name that an interface may look for."""
        names = ("czrkgmsfhm", "cardId", "sfzh", "idNo", "idCardCode", "qlrzjh", "aac002", "zjh")
        return {**dict.fromkeys(names, self.person), **more}

    def run(self, work: Work) -> Any:
        """One piece of work inside one session."""

        async def session() -> Any:
            redis = aioredis.Redis.from_url(settings.REDIS_URL, retry=None, socket_timeout=5)
            async with redis, Gateway(self.site, redis, DAY) as gateway:
                return await work(gateway)

        return in_a_loop(session())

    def with_site(self, **changes: Any) -> "Client":
        """The same client at a site that differs."""
        return Client(replace(self.site, **changes), self.person, self.evidence)


@pytest.fixture
def mock() -> Iterator[Departments]:
    """The departments answer at once and know sixty families."""
    with departments(on=DAY) as running:
        yield running


@pytest.fixture
def client(mock: Departments) -> Client:
    """A client whose keys are right, asking about an in-force tenant."""
    prefix = f"test:{uuid.uuid4().hex}"
    site = Site(mock.url, APP_KEY, APP_SECRET, prefix=prefix, timeout=10.0)
    return Client(site, mock.city.situations["tenant"][0])

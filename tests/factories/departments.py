"""The mock departments on a free port of loopback, in a thread of the test's process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web

from datashare.mock_gateway.city import City, build_city
from datashare.mock_gateway.control import create_app
from datashare.mock_gateway.faults import MockFault
from datashare.mock_gateway.protocol import Accounts
from datashare.mock_gateway.reports import Days
from datashare.mock_gateway.server import MockGateway
from datashare.mock_gateway.world import World

APP_KEY, APP_SECRET = "A330212TESTS", "5e" * 16


@dataclass(slots=True)
class Departments:
    """A running mock: its address, its state, and the day on which it lives."""

    url: str
    gateway: MockGateway
    day: list[date]

    @property
    def city(self) -> City:
        return self.gateway.world.city

    @property
    def calls(self) -> int:
        """How many questions reached a department."""
        return sum(self.gateway.calls.values())

    def break_down(self, source: str, mode: str, person: str = "", **more: Any) -> None:
        """A fault from now on; `more` is rate, seed, since, until, seconds or calls."""
        self.gateway.world.faults.append(MockFault(source, mode, person, **more))

    def mend(self) -> None:
        self.gateway.world.faults.clear()

    def live_on(self, day: date) -> None:
        self.day[0] = day

    def hurry_reports(self) -> None:
        """Every ordered report is there today."""
        self.gateway.apply("reports", {"hurry": True, "on": self.day[0]})

    def know(self, case: dict[str, Any]) -> list[str]:
        """Take in one case of a cast file."""
        return self.gateway.world.add_cast(case)


@contextmanager
def departments(
    *,
    on: date = date(2026, 3, 18),
    households: int = 60,
    seed: int = 11,
    latency: float = 0.0,
    app_key: str = APP_KEY,
    app_secret: str = APP_SECRET,
    report_days: str | int = 0,
) -> Iterator[Departments]:
    """Serve a city until the block ends; income reports take `report_days` ("1-10") to make."""
    day = [on]
    gateway = MockGateway(
        Accounts(app_key, app_secret),
        today=lambda: day[0],
        world=World(build_city(households, seed, on)),
        latency=latency,
    )
    gateway.world.desk.days = Days.parse(str(report_days))
    with served(create_app(gateway)) as url:
        yield Departments(f"{url}/gateway/", gateway, day)


@contextmanager
def served(app: web.Application) -> Iterator[str]:
    """Serve an application on a free port of loopback, in a thread, until the block ends."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(_end(runner), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(runner: web.AppRunner) -> None:
    """Close, and cancel what still hangs (a fault of the kind timeout does)."""
    await runner.cleanup()
    pending = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)

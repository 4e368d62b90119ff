"""The mock portal as a server of its own thread, and staff that can sign in."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from aiohttp import web
from django.urls import reverse

from accounts import second_factor
from accounts.mock_portal.server import Setup, application
from accounts.models import Staff
from core import clock
from tests.factories import accounts as make


@dataclass(frozen=True)
class Portal:
    """Where the mock portal listens."""

    url: str


class Server:
    """One aiohttp application on a free port, in a thread with a loop of its own."""

    def __init__(self, app: web.Application) -> None:
        self.app, self.port = app, 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        runner = web.AppRunner(self.app, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()


@pytest.fixture
def portal(settings) -> Iterator[Portal]:
    """A running mock portal that the settings point at."""
    setup = Setup(
        service_code=settings.PORTAL_SERVICE_CODE,
        service_password=settings.PORTAL_SERVICE_PASSWORD,
        callbacks=[f"http://testserver{reverse('accounts:citizen_callback')}"],
        now=lambda: clock.now().astimezone(clock.LOCAL),
        outbox_secret=settings.OUTBOX_SECRET,
    )
    with Server(application(setup)) as server:
        url = f"http://127.0.0.1:{server.port}"
        province = {"province": f"{url}/cases/"}
        settings.OUTBOX_DESTINATIONS = {**settings.OUTBOX_DESTINATIONS, **province}
        settings.PORTAL_URL = settings.PORTAL_BACKEND_URL = url
        yield Portal(url)


@pytest.fixture
def serve() -> Iterator[Callable[[web.Application], Server]]:
    """Serves aiohttp applications until the test is over."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(Server(app))


@dataclass(frozen=True)
class Enrolled:
    """A member of staff with a password and a second factor."""

    staff: Staff
    secret: str

    @property
    def username(self) -> str:
        return self.staff.user.username

    def code(self, steps: int = 0) -> str:
        """The code of the present step, or of one some steps away."""
        return second_factor.code_at(self.secret, clock.real_seconds() // 30 + steps)


class Wall:
    """The clock on the wall, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1_795_000_000

    def advance(self, seconds: float) -> None:
        self.seconds += int(seconds)


@pytest.fixture
def wall(monkeypatch) -> Wall:
    """Real seconds stand still, so that a code does not run out in the middle of a test."""
    stopped = Wall()
    monkeypatch.setattr(clock, "real_seconds", lambda: stopped.seconds)
    return stopped


@pytest.fixture
def reviewer(db, wall) -> Enrolled:
    staff = make.staff("reviewer", password=make.PASSWORD)
    secret = second_factor.new_secret()
    second_factor.keep(staff.user, secret)
    return Enrolled(staff, secret)

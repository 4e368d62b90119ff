"""What every test may rely on.

Random order (pytest-randomly), warnings are errors, an undefined template variable is a failure
(pyproject.toml); here: no network but loopback, Redis emptied before each test that has a
database, browser tests skipped with a sentence where there is no Chromium.
"""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

# Playwright's own loop runs in the thread of the test; Django would refuse its queries there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
]


class NetworkRefused(BaseException):
    """A test tried to leave the machine. Not an Exception, so that no retry swallows it."""


# -- No network but loopback -----------------------------------------------------------------
def _is_local(family: int, address: Any) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True
    return str(address[0]).startswith(LOOPBACK)


def _guarded(connect: Any) -> Any:
    def guard(self: socket.socket, address: Any) -> Any:
        if not _is_local(self.family, address):
            raise NetworkRefused(f"tests speak to loopback only, not to {address!r}")
        return connect(self, address)

    return guard


def pytest_configure(config: pytest.Config) -> None:
    """Closed before the first import of a test module."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


# -- Browser ----------------------------------------------------------------------------------
def browser_path() -> str | None:
    """The system's Chromium; YZ_BROWSER names another one."""
    given = os.environ.get("YZ_BROWSER")
    return given or next(filter(None, map(shutil.which, BROWSERS)), None)


def _uses_browser(item: pytest.Item) -> bool:
    fixtures = {"playwright", "browser", "context", "page"}
    return bool(
        item.get_closest_marker("browser") or fixtures & set(getattr(item, "fixturenames", ()))
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright leaves its event loop turning in the thread of the tests,
    and from then on nothing there can start a loop of its own. A file goes to one process as a
    whole, so a file with one browser test comes among the last. They are skipped, and counted as
    skipped, where there is no Chromium."""
    with_browser = {item.path for item in items if _uses_browser(item)}
    items.sort(key=lambda item: (item.path in with_browser, _uses_browser(item)))
    if browser_path():
        return
    missing = pytest.mark.skip(reason="no Chromium on this machine (Debian: apt install chromium)")
    for item in filter(_uses_browser, items):
        item.add_marker(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright starts the system's Chromium instead of one of its own."""
    return {
        **browser_type_launch_args,
        "executable_path": browser_path(),
        "args": BROWSER_FLAGS,
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A phone of 360 × 800 in Chinese; a test asks for another size where it matters."""
    size = {"width": 360, "height": 800}
    return {**browser_context_args, "locale": "zh-CN", "viewport": size, "screen": size}


# -- A clean slate ----------------------------------------------------------------------------
@pytest.fixture(scope="session")
def _making(django_db_blocker: Any) -> Iterator[Any]:
    """What is open while this process makes its database: the turn, and whether a copy is there."""
    from tests import template_database

    with ExitStack() as made:
        with django_db_blocker.unblock():
            server = made.enter_context(template_database.turn())
        yield made, server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, _making: Any
) -> None:
    """The test database begins as a copy of a migrated one, where there is one."""
    from django.conf import settings

    from tests import template_database

    if template_database.exists(_making[1]):
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = template_database.name()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, _making: Any, django_db_blocker: Any) -> Iterator[None]:
    """Keeps the first database for the next ones; at the end ends what killed processes and ended
    threads left open, so that the database can go."""
    from django.db import connection

    from tests import emptying, template_database

    emptying.install()
    made, server = _making
    if not template_database.exists(server):
        with django_db_blocker.unblock():
            template_database.keep(server)
    made.close()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


WITH_A_DATABASE = {"db", "transactional_db", "live_server", "django_db_setup"}


@pytest.fixture(autouse=True)
def _clean_redis(request: pytest.FixtureRequest) -> Iterator[None]:
    """Clock at zero, no locks, limits or queued work of an earlier test.

    Only tests with a database have one; plain rules run without any server.
    """
    if not _has_database(request):
        yield
        return
    _empty_redis()
    yield
    _forget_clock()


@pytest.fixture(autouse=True)
def _bureaus(request: pytest.FixtureRequest) -> None:
    """The bureaus that a migration writes: a transactional test empties their table too.

    The database is asked for here and not in the signature: there every test would have one.
    """
    if not _has_database(request):
        return
    request.getfixturevalue("_django_db_helper")
    from accounts.models import Bureau

    if not Bureau.objects.exists():
        Bureau.objects.ensure_all()


def _has_database(request: pytest.FixtureRequest) -> bool:
    marked = request.node.get_closest_marker("django_db") is not None
    return marked or bool(WITH_A_DATABASE & set(request.fixturenames))


def _empty_redis() -> None:
    import redis
    from django.conf import settings

    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5) as store:
        assert store.connection_pool.connection_kwargs.get("db"), "0 is the demo's own database"
        store.flushdb()
    _forget_clock()


def _forget_clock() -> None:
    from core import clock

    clock._known.update(offset=0.0, read=0.0)

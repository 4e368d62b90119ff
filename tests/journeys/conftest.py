"""People with phones, desks and a kiosk, in front of the platform on its real parts."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page

from applications.eligibility import cast as casts
from core import clock
from tests import stack as parts

CAST = Path(__file__).parent.parent / "cast" / "households.yaml"
THE_CASTS_DAY = datetime(2021, 9, 24, 9, 30, tzinfo=clock.LOCAL)
PHONE, DESK, KIOSK = (360, 800), (1440, 900), (1080, 1920)


@pytest.fixture(scope="session")
def _parts(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[parts.Stack]:
    """Web and mock services, once for all journeys: what nobody asks stands still."""
    running = parts.Stack(tmp_path_factory.mktemp("journeys"))
    running.start_gateway(on=THE_CASTS_DAY.date())
    running.start_portal()
    running.start_receivers()
    running.start_web()
    running.wait_for("gateway", "portal", "receivers", "web")
    yield running
    running.stop()


@pytest.fixture
def stack(_parts: parts.Stack, transactional_db: None, settings: Any) -> Iterator[parts.Stack]:
    """The whole platform, its worker and the periodic tasks, on empty tables."""
    running = _parts
    settings.DATASHARE_GATEWAY_URL = f"{running.url('gateway')}/gateway/"
    parts.declare_queues()
    running.mend()
    running.start_worker()
    with parts.ticking():
        yield running
    running.stop("worker")


@pytest.fixture
def cast(stack: parts.Stack) -> dict[str, casts.Case]:
    """The cast is known to the departments, and it is the cast's day."""
    stack.live_at(THE_CASTS_DAY)
    call_command("mock_cast", str(CAST))
    return {one.case: one for _name, one in casts.load_file(CAST)}


@pytest.fixture
def open_at(
    stack: parts.Stack, browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[Callable[..., Page]]:
    """A browser of one's own at a size; no page may break, and the browser has no complaint."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_(size: tuple[int, int]) -> Page:
        measures = {"width": size[0], "height": size[1]}
        own = {"viewport": measures, "screen": measures, "base_url": stack.url("web")}
        contexts.append(browser.new_context(**{**browser_context_args, **own}))
        page: Page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: complaints.append(_words(said)) if _is_bad(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda got: complaints.append(got.url) if got.status >= 500 else None)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def phone(open_at: Callable[..., Page]) -> Callable[[], Page]:
    """A citizen's phone."""
    return lambda: open_at(PHONE)


@pytest.fixture
def desk(open_at: Callable[..., Page]) -> Callable[[], Page]:
    """A screen in an office."""
    return lambda: open_at(DESK)


@pytest.fixture
def kiosk(open_at: Callable[..., Page]) -> Callable[[], Page]:
    """The self-service machine."""
    return lambda: open_at(KIOSK)


def _is_bad(said: Any) -> bool:
    """The browser's own complaint about one of our pages; the mock portal's are its own."""
    ours = "/favicon.ico" not in said.location["url"]
    return said.type == "error" and ours and "net::ERR_ABORTED" not in said.text


def _words(said: Any) -> str:
    return f"{said.text} {said.location['url']}"

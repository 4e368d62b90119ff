"""What the tests of the allocation share."""

from collections.abc import Iterator
from typing import Any

import pytest

from allocation import intentions
from allocation.mock_receivers.server import Receivers
from applications.models import Application
from tests.allocation.receivers import receivers


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """The check before allotment finds every household eligible, or what the test writes here.

    The check itself is the rules' and has tests of its own.
    """
    outcomes: dict[int, str] = {}

    def settle(application: Application, *_args: object, **_kwargs: object) -> str:
        return outcomes.get(application.pk, "eligible")

    monkeypatch.setattr(intentions, "settle", settle)
    return outcomes


@pytest.fixture
def mocks(settings: Any) -> Iterator[Receivers]:
    """Operator, access system and SMS gateway on loopback; what they hold and how they fail."""
    with receivers(settings.OUTBOX_SECRET) as (url, state):
        settings.OUTBOX_DESTINATIONS = {
            name: f"{url}/{name}/" for name in settings.OUTBOX_DESTINATIONS
        }
        yield state

"""What the tests of the allocation share."""

import pytest

from allocation import intentions
from applications.models import Application


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

"""A running set of mock departments, and settings that point at them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.departments import APP_KEY, APP_SECRET, Departments, departments


@pytest.fixture
def mock(settings: Any) -> Iterator[Departments]:
    """The departments answer at once and know sixty families."""
    with departments() as running:
        settings.DATASHARE_GATEWAY_URL = running.url
        settings.DATASHARE_APP_KEY, settings.DATASHARE_APP_SECRET = APP_KEY, APP_SECRET
        settings.DATASHARE_TIMEOUT = 10.0
        yield running

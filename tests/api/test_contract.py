"""The API answers what its description says, whatever it is asked (schemathesis)."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core import signals
from django.db import close_old_connections
from django.test import Client
from hypothesis import given
from hypothesis import settings as effort
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.factories import review as desk
from yinzhou_housing.wsgi import application as site

pytestmark = pytest.mark.django_db
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


@pytest.fixture
def described() -> Iterator[Any]:
    """The schema as served; the test's one connection stays open between requests."""
    events = (signals.request_started, signals.request_finished)
    for event in events:
        event.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", site)
    for event in events:
        event.connect(close_old_connections)


@pytest.fixture
def headers() -> dict[str, str]:
    """The session of somebody of the district, with a case to find."""
    desk.in_joint_review([desk.OFFPLAN])
    client = Client()
    client.force_login(desk.district().user)
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"}


def test_reading_never_breaks_and_answers_as_described(described, headers):
    reading = described.include(method="GET", path_regex="/(cases|queue|calls)/")
    operations = [found.ok() for found in reading.get_all_operations()]
    assert len(operations) >= 5
    for operation in operations:

        @given(case=operation.as_strategy())
        @effort(max_examples=10, deadline=None)
        def ask(case: Any) -> None:
            case.validate_response(case.call(headers=headers), checks=CHECKS)

        ask()

"""A worker that can be killed, beside departments that can be slow or away."""

from collections.abc import Iterator
from typing import Any

import pytest

from datashare.mock_gateway.city import City, build_city
from datashare.mock_gateway.faults import as_date
from tests import stack as parts

HOUSEHOLDS = 80


@pytest.fixture(scope="session")
def _departments(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[parts.Stack]:
    running = parts.Stack(tmp_path_factory.mktemp("crash"))
    yield running
    running.stop()


@pytest.fixture
def stack(
    _departments: parts.Stack, transactional_db: None, settings: Any
) -> Iterator[parts.Stack]:
    """Departments and broker are up; each test starts and kills its own workers."""
    running = _departments
    settings.DATASHARE_GATEWAY_URL = f"{running.url('gateway')}/gateway/"
    parts.declare_queues()
    if "gateway" not in running.programs:
        running.start_gateway(households=HOUSEHOLDS)
        running.wait_for("gateway")
    running.mend()
    with parts.ticking():
        yield running
    running.stop("worker")


@pytest.fixture
def city(stack: parts.Stack) -> City:
    """The people whom the departments know, as the mock itself builds them."""
    told = stack.gateway("stats")["city"]
    return build_city(told["households"], told["seed"], as_date(told["on"]))


@pytest.fixture
def people(city: City) -> Any:
    """The household of an applicant of the city, as the factories take people."""
    from tests.factories.applications import Person

    def household(applicant: str) -> list[Person]:
        return [
            Person(city.people[number].name, number, relation)
            for number, relation in city.family_of(applicant).members
        ]

    return household

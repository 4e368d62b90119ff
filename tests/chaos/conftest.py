"""Departments, broker and several workers as processes; each test breaks what it likes."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from datashare.mock_gateway.city import City, build_city
from datashare.mock_gateway.faults import as_date
from tests import stack as parts
from tests.factories.applications import Person

A_TRY = "1.5"  # seconds that a department gets for one try: a hanging one costs no more


class Chaos(parts.Stack):
    """A stack whose workers come, are killed and are replaced."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.started = 0
        self.workers: list[parts.Program] = []
        self.more: dict[str, str] = {}  # what else the processes are told

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "DATASHARE_TIMEOUT": A_TRY, **self.more}

    def add_workers(self, number: int, queues: str = parts.QUEUES) -> None:
        for _one in range(number):
            self.started += 1
            self.workers.append(self.start_worker(f"worker{self.started}", queues))

    def kill_a_worker(self) -> None:
        """-9, in the middle of whatever it does."""
        self.workers.pop(0).kill()

    def finish_workers(self) -> None:
        """What was begun is ended and written; nothing new is begun."""
        while self.workers:
            self.workers.pop().finish()

    # -- what the departments counted ----------------------------------------------------------

    def meters(self) -> dict[str, Any]:
        return dict(self.gateway("stats"))

    def asked(self, person: str) -> Counter[str]:
        """How often each department was asked about somebody."""
        return Counter(self.gateway(f"stats?person={person}")["asked"])

    def city(self) -> City:
        """The people whom the departments know, as the mock itself builds them."""
        told = self.meters()["city"]
        return build_city(told["households"], told["seed"], as_date(told["on"]))


@pytest.fixture
def chaos(
    transactional_db: None, settings: Any, tmp_path: Any, request: pytest.FixtureRequest
) -> Iterator[Chaos]:
    """A city of departments of its own for each test; the test starts its workers."""
    running = Chaos(tmp_path)
    settings.DATASHARE_GATEWAY_URL = f"{running.url('gateway')}/gateway/"
    parts.declare_queues()
    try:
        with parts.ticking():
            yield running
    finally:
        running.stop()


def family(city: City, applicant: str) -> list[Person]:
    """A household of the city, as the factories take people."""
    return [
        Person(city.people[number].name, number, relation)
        for number, relation in city.family_of(applicant).members
    ]

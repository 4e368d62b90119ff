"""How many answers a second the mock gateway gives: is it a bottleneck for the other figures?

Faults off, quota lifted. Once with its delays off, which shows what the process can do; once with
the departments' own delays, over as many connections as it takes to wait for them side by side.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from benchmarks import bare
from benchmarks.figures import Figure
from benchmarks.recheck import MOCKS_QUOTA, NO_LIMIT
from core import audit
from datashare import mock_control, queries
from datashare.duties import NOBODY
from datashare.mock_gateway.city import City
from datashare.queries import Person, Purpose, Question
from datashare.sources import CATALOGUE

CALLS = 12_000
CONNECTIONS = 50  # kept alive
WAITING = 400  # connections that wait for delays of 20 to 300 ms
DUTY = "interface_check"
GOAL = 1_500  # answers a second on two cores, shared with whoever asks


def figures(city: City) -> Iterator[Figure]:
    """Answers a second without and with delays."""
    questions = list(islice(_questions(city), CALLS))
    _renew_the_pair()
    with _unhindered():
        mock_control.post("latency", {"factor": 0})
        yield _figure("mock", bare.calls_per_second(questions, together=CONNECTIONS), CONNECTIONS)
        mock_control.post("latency", {"factor": 1})
        pace = bare.calls_per_second(questions, together=WAITING)
        yield _figure("mock-delayed", pace, WAITING)


def _renew_the_pair() -> None:
    """One question by the client: a mock started anew knows nothing of the pair in Redis."""
    question = Question("population", Person("测试", min(NOBODY)))
    purpose = Purpose("BENCH", "BENCH", f"duty:{DUTY}", kind=DUTY)
    queries.ask([question], purpose=purpose, by=audit.System("bench"))


def _figure(name: str, pace: float, connections: int) -> Figure:
    return Figure(
        name=name,
        value=pace,
        unit="calls/s",
        reference=GOAL,
        ratio=pace / GOAL,
        goal=1.0,
        better="high",
        note=f"{connections} connections, {len(CATALOGUE)} sources",
    )


def _questions(city: City) -> Iterator[Question]:
    for person in city.people.values():
        for source in CATALOGUE:
            yield Question(source, Person(person.name, person.id_number))


@contextmanager
def _unhindered() -> Iterator[None]:
    """No quota, and reports at once, until the block ends."""
    before = mock_control.stats()
    mock_control.post("quota", {"source": "*", **NO_LIMIT})
    mock_control.set_report_days("0")
    try:
        yield
    finally:
        mock_control.set_report_days(before["reports"]["days"])
        mock_control.post("latency", {"factor": before["latency"]})
        mock_control.post("quota", {"source": "*", **MOCKS_QUOTA})

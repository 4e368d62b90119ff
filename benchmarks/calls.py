"""提问速度: register calls through the front door, `queries.ask_many` and `queries.ask`.

With everything that a call leaves behind: authority, call log, encrypted answers. Beside a bare
loop over as many kept connections, with the departments' own delays and with none (which is the
harder one: nothing is left but our own work); beside the quota; a household beside its slowest
register; and how much memory 8,000 households take beside 1,000.
"""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

from django.conf import settings

from benchmarks import bare
from benchmarks.city import running_city
from benchmarks.figures import Figure
from benchmarks.recheck import MOCKS_QUOTA, NO_LIMIT
from core import audit
from datashare import mock_control, queries
from datashare.gateway.quota import BULK_BURST
from datashare.mock_gateway.city import City
from datashare.queries import Person, Purpose, Question
from datashare.sources import CATALOGUE

CALLS = 6_000
RATE, BURST, SECONDS = 20.0, 20, 12  # calls a second and source, and for how long
FAMILIES = 7
FEW, MANY, PER_HOUSEHOLD = 1_000, 8_000, 6  # households, questions about each
BY = audit.System("bench")
WHY = Purpose("公共服务-00610-000-002", "BENCH", "duty:annual_recheck", kind="annual_recheck")
INSTANT = [code for code, spec in CATALOGUE.items() if not spec.ordered]


def figures(city: City) -> Iterator[Figure]:
    """Speed, quota, household, memory."""
    with _departments(NO_LIMIT, latency=1):
        yield _beside_the_bare_loop(city, "calls_of_bare_loop", "the departments' own delays")
    with _departments(NO_LIMIT, latency=0):
        yield _beside_the_bare_loop(city, "calls_of_bare_loop_0", "no delays")
        yield _memory()
    with _departments(MOCKS_QUOTA, latency=1):
        yield _household_beside_its_slowest(city)
        yield _beside_the_quota(city)


def _beside_the_bare_loop(city: City, name: str, note: str) -> Figure:
    questions = list(islice(_questions(city), CALLS))
    with _paced(**NO_LIMIT):
        _asked(questions[:500])  # session and pair are there
        before = bare.calls_per_second(questions)
        took = _asked(questions)
        after = bare.calls_per_second(questions)
    pace, reference = len(questions) / took, (before + after) / 2
    return Figure(
        name=name, value=pace, unit="calls/s", reference=reference, ratio=pace / reference,
        goal=0.5, better="high", note=f"{CALLS} calls, {bare.TOGETHER} connections, {note}",
    )  # fmt: skip


def _beside_the_quota(city: City) -> Figure:
    each = round(RATE * SECONDS)
    questions = list(islice(_questions(city), each * len(INSTANT)))
    with _paced(rate=RATE, burst=BURST):
        took = _asked(questions)
    allowed = (each - int(BURST * BULK_BURST)) / RATE  # what comes at once is no part of the pace
    calls = len(questions)
    return Figure(
        name="calls_of_quota", value=calls / took, unit="calls/s", reference=calls / allowed,
        ratio=allowed / took, goal=0.95, better="high",
        note=f"{calls} calls in {took:.1f} s at {RATE:g} a second and source",
    )  # fmt: skip


def _household_beside_its_slowest(city: City) -> Figure:
    measured = []
    for family in islice((one for one in city.families if len(one.people) == 4), FAMILIES):
        people = [Person(city.people[number].name, number) for number in family.people]
        questions = [Question(source, person) for person in people for source in INSTANT]
        began = time.perf_counter()
        queries.ask(questions, purpose=WHY, by=BY)
        wall = time.perf_counter() - began
        time.sleep(1.5)  # the departments' bucket fills again
        measured.append((wall, max(bare.seconds_of_each(questions, together=4))))
    return Figure(
        name="household_of_slowest", value=statistics.median(wall for wall, _ in measured),
        unit="s", reference=statistics.median(alone for _, alone in measured),
        ratio=statistics.median(wall / alone for wall, alone in measured), goal=1.3, better="low",
        note=f"{len(measured)} households of four, {4 * len(INSTANT)} questions each",
    )  # fmt: skip


def _memory() -> Figure:
    few, many = (_peak(households) for households in (FEW, MANY))
    return Figure(
        name="memory_of_8000", value=many, unit="MiB", reference=few, ratio=many / few, goal=1.1,
        better="low", note=f"peak of one process, {MANY * PER_HOUSEHOLD} questions streamed",
    )  # fmt: skip


def _peak(households: int) -> float:
    """Peak resident memory of a process that asks about so many households."""
    code = (
        "import django; django.setup(); from benchmarks import calls; "
        f"print(calls.ask_about({households}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout.split()[-1])


def ask_about(households: int) -> float:
    """Stream so many households' questions through the front door; MiB at the peak."""
    questions = cycle(islice(_questions(running_city()), 5_000))
    with _paced(**NO_LIMIT):
        _asked(islice(questions, households * PER_HOUSEHOLD))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _asked(questions: Any) -> float:
    """Seconds until every question is answered and written down."""
    began = time.perf_counter()
    for reply in queries.ask_many(((one, WHY) for one in questions), by=BY):
        if reply.unavailable:
            raise RuntimeError(f"{reply.source} gave no answer: {reply.error}")
    return time.perf_counter() - began


def _questions(city: City) -> Iterator[Question]:
    for number, person in city.people.items():
        for source in INSTANT:
            yield Question(source, Person(person.name, number))


@contextmanager
def _departments(quota: dict[str, Any], *, latency: float) -> Iterator[None]:
    """The mock with this quota and these delays, for a while."""
    mock_control.post("quota", {"source": "*", **quota})
    mock_control.post("latency", {"factor": latency})
    try:
        yield
    finally:
        mock_control.post("quota", {"source": "*", **MOCKS_QUOTA})
        mock_control.post("latency", {"factor": 1})


@contextmanager
def _paced(**interface: Any) -> Iterator[None]:
    """Our own pace for every source, for a while."""
    usual = settings.DATASHARE_INTERFACES
    settings.DATASHARE_INTERFACES = {source: dict(interface) for source in CATALOGUE}
    try:
        yield
    finally:
        settings.DATASHARE_INTERFACES = usual

"""变更流: a night's feed of the whole city read and matched, how fast and in how much memory.

100,000 changes on pages as the gateway gives them, read by the platform's own verb with its
cursor, its log and its transaction a page, against the people of 8,000 households; the wire is left
out, for the mock is measured elsewhere. One row in fifty is about somebody who is wanted. What it
writes is taken away again.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from benchmarks import memory
from benchmarks.figures import Figure
from benchmarks.many import ON
from core import audit
from core.identity.ciphers import blind_index
from core.identity.numbers import check_character
from datashare import changes
from datashare.gateway.client import Answer
from datashare.mock_gateway.city import City
from datashare.models import Call, ChangeTaken, FeedCursor
from datashare.questions import Purpose

CHANGES, FEW = 100_000, 10_000
HOUSEHOLDS, PERSONS = 8_000, 2
WANTED = 50  # one row in so many
PACE, FLAT = 2_000, 1.1  # changes a second; memory beside that of a tenth
READER = "bench"
PURPOSE = Purpose("BENCH", "BENCH-FEED", "duty:change_watch")


def figures(city: City) -> Iterator[Figure]:
    """Changes a second, and the peak of memory beside that of a tenth of them."""
    people = [_id_number(place) for place in range(HOUSEHOLDS * PERSONS)]
    about = {blind_index(one): f"B{place // PERSONS:06}" for place, one in enumerate(people)}
    try:
        _seconds, small = _read(FEW, people, about)
        seconds, large = _read(CHANGES, people, about)
    finally:
        _clear()
    pace = CHANGES / seconds
    note = f"{CHANGES:,} changes, {HOUSEHOLDS:,} households"
    yield Figure("feed", pace, "rows/s", PACE, pace / PACE, 1.0, "high", note)
    yield Figure("feed-memory", large, "MiB", small, large / small, FLAT, "low", note)


def _read(count: int, people: list[str], about: Mapping[str, str]) -> tuple[float, float]:
    """Seconds and the peak in MiB for so many changes, all of one day."""
    _clear()
    FeedCursor.objects.create(reader=READER, day=ON, goal=ON)
    found = 0

    def keep(new: list[changes.Change]) -> None:
        nonlocal found
        found += len(new)

    with patch.object(changes, "_call", _pages(count, people)):
        memory.forget_peak()
        began = time.perf_counter()
        done = changes.take(
            READER, until=ON, by=audit.System("bench"), purpose=PURPOSE, about=about, keep=keep,
            seconds=3600,
        )  # fmt: skip
        seconds = time.perf_counter() - began
    if not done.done or found != count // WANTED:
        raise RuntimeError(f"{found} of {count // WANTED} were found ({done.silent or 'read'})")
    return seconds, memory.peak()


def _pages(count: int, people: list[str]) -> Any:
    """Stands where the wire does: any page of so many changes."""
    strangers = [_id_number(10_000_000 + place) for place in range(997)]
    pages = -(-count // changes.PAGE)

    def call(params: Mapping[str, str], _purpose: Purpose, _operator: str) -> Answer:
        first = (int(params["pageNo"]) - 1) * changes.PAGE
        rows = tuple(
            _row(n, people[n % len(people)] if n % WANTED == 0 else strangers[n % 997], ON)
            for n in range(first, min(first + changes.PAGE, count))
        )
        return Answer(rows=rows, pages=pages, total=count, attempts=1)

    return call


def _row(number: int, person: str, on: date) -> dict[str, str]:
    return {
        "bgbh": f"BENCH{number:09}", "bgrq": f"{on:%Y%m%d}", "bglx": "22", "sfzh": person,
        "xm": "测试", "sjly": "social_insurance", "bgsm": "某公司", "xgzjh": "",
    }  # fmt: skip


def _id_number(place: int) -> str:
    """A valid number that belongs to nobody; another for each place."""
    born = date(1950, 1, 1) + timedelta(days=place // 900)
    first = f"330212{born:%Y%m%d}{place % 900 + 100}"
    return first + check_character(first)


def _clear() -> None:
    FeedCursor.objects.filter(reader=READER).delete()
    ChangeTaken.objects.filter(reader=READER).delete()
    Call.objects.filter(basis=PURPOSE.basis, purpose=PURPOSE.matter).delete()

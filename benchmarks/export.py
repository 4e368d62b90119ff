"""导出: a million rows of the shared queue into a file, CSV and xlsx, by the platform's own verb.

A task of the demo is copied a million times in a transaction that is undone at the end. What is
measured is what a worker does: rows through the server's cursor, numbers unsealed and masked, the
line for everybody in the file among the looks, the file sealed on disk.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import QueryDict

from accounts.models import Staff
from accounts.roles import Role
from applications import states
from applications.models import ReviewTask
from benchmarks import copies, memory
from benchmarks.figures import Figure
from datashare.mock_gateway.city import City
from office import exports, sealed_file
from office.models import Export

ROWS, FEW = 1_000_000, 10_000
_PACE = {"csv": 10_000.0, "xlsx": 4_000.0}  # rows a second, the goal
_FLAT = 1.2


def figures(city: City) -> Iterator[Figure]:
    """Rows a second and the process's peak, beside the peak for a hundredth of the rows."""
    for format in ("csv", "xlsx"):
        _seconds, little, _size = _measured(format, FEW)
        seconds, much, size = _measured(format, ROWS)
        pace = ROWS / seconds
        yield Figure(
            f"export_{format}", pace, "rows/s", _PACE[format], pace / _PACE[format], 1.0, "high",
            f"{ROWS:,} rows in {seconds:.0f} s, {size / 2**20:.0f} MiB; reference: the goal",
        )  # fmt: skip
        yield Figure(
            f"export_{format}_memory", much, "MiB", little, much / little, _FLAT, "low",
            f"peak of the process with {ROWS:,} rows; reference: with {FEW:,}",
        )  # fmt: skip


def _measured(format: str, number: int) -> tuple[float, float, int]:
    """Seconds, peak in MiB, and bytes of a file of so many rows."""
    with _undone():
        staff = Staff.objects.filter(roles__contains=[Role.DISTRICT]).select_related("user")[0]
        task = ReviewTask.objects.filter(state=states.TASK_OPEN).order_by("pk")[0]
        copies.queue(task, number)
        query = QueryDict("scope=all")
        row = exports.ask("queue", format, query, purpose="测量导出的速度和内存", by=staff)
        memory.forget_peak()
        started = time.perf_counter()
        assert exports.make(row.pk, row.attempt)
        seconds = time.perf_counter() - started
        peak = memory.peak()
        row = Export.objects.get(pk=row.pk)
        assert row.done >= number
        sealed_file.discard(row.file)
        return seconds, peak, row.size


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)

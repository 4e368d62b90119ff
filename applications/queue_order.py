"""Order and pages of the queue (排序和翻页): by key, as quick at the end as at the start.

The one order is: day due, then number of the task. A page begins behind the key of the last row,
compared as one pair, so that an index of exactly that order answers it.
"""

from datetime import date
from typing import Any

from django.db.models import BigIntegerField, DateField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan

from applications.models import ReviewTask

ORDER = ("due_on", "pk")


def behind(tasks: QuerySet[ReviewTask], key: tuple[date, int] | None) -> QuerySet[ReviewTask]:
    """The tasks after a key, in the order of the queue."""
    ordered = tasks.order_by(*ORDER)
    if key is None:
        return ordered
    due, pk = key
    here = Func(F("due_on"), F("pk"), function="ROW", output_field=DateField())
    there = Func(
        Value(due, output_field=DateField()), Value(pk, output_field=BigIntegerField()),
        function="ROW", output_field=DateField(),
    )  # fmt: skip
    return ordered.filter(GreaterThan(here, there))


def key_in(text: str) -> tuple[date, int] | None:
    """``2026-12-03.17`` → its day and number; None for anything else."""
    day, _dot, pk = text.partition(".")
    try:
        key = date.fromisoformat(day), int(pk)
    except ValueError:
        return None
    return key if 0 <= key[1] < 2**63 else None


def key_of(task: Any) -> str:
    """The key of a row, as an address carries it."""
    return f"{task.due_on.isoformat()}.{task.pk}"

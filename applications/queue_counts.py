"""待办计数: how many tasks each choice of the queue would show, without reading the tasks.

The rows of QueueCount sum up to the open tasks of every desk by stage, state, doubt, way of
applying, street and day due; triggers add to them in the transaction that changes a task, so that a
count is never behind what the same person sees in the list. Of one person's view are taken off the
cases that they keep away from, and claims that have run out count as free. Where words are searched
for, the matches themselves are counted, up to ``MOST``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from accounts.models import Bureau, Staff
from applications import conflicts, filters, permissions, states
from applications.models import QueueCount, ReviewTask
from core import locks

MOST = 1000  # matches of a search that are counted; more are told as 1000+
FACETS = ("urgency", "stage", "tone", "state", "channel", "street")
_COLUMNS = ("stage", "state", "doubt", "channel", "street_id", "due_on")
_STREETS, _STREETS_SECONDS = "queue-streets", 60
Key = tuple[str, str, str, str, str, str]  # in the order of FACETS; street by its code


@dataclass(frozen=True)
class Option:
    """One choice of a facet and how many tasks it would show."""

    value: str
    label: Any
    count: int
    note: str = ""  # of a street: who administers it


@dataclass(frozen=True)
class Street:
    """A street as the queue names it; ``run_by`` where another administration runs it."""

    pk: int
    code: str
    name: str
    run_by: str


@dataclass
class Cube:
    """Tasks by every facet at once. ``capped``: there are more than were counted."""

    cells: Counter[Key] = field(default_factory=Counter)
    capped: bool = False

    def facets(self, chosen: Mapping[str, str]) -> dict[str, list[Option]]:
        """Counts for every choice of every facet.

        A facet counts under all other choices but its own: one sees what a change would bring.
        """
        wanted = [(at, chosen[name]) for at, name in enumerate(FACETS) if chosen.get(name)]
        counts: list[Counter[str]] = [Counter() for _name in FACETS]
        for key, n in self.cells.items():
            missed = [at for at, value in wanted if key[at] != value]
            if len(missed) > 1:
                continue
            for at in missed or range(len(FACETS)):
                counts[at][key[at]] += n
        return {name: _options(name, counts[at]) for at, name in enumerate(FACETS)}

    def total(self, chosen: Mapping[str, str]) -> int:
        """Tasks that all choices leave."""
        wanted = [(at, chosen[name]) for at, name in enumerate(FACETS) if chosen.get(name)]
        return sum(n for key, n in self.cells.items() if all(key[at] == v for at, v in wanted))


def of_desk(staff: Staff, bureau_id: int | None, today: date, now: datetime) -> Cube:
    """The tasks of one desk, or of all desks where ``bureau_id`` is None, as this person sees them.

    Queries whose cost does not grow with the tasks: the sums, the few cases that the person keeps
    away from, the few claims that have run out.
    """
    rows = QueueCount.objects.all()
    tasks = permissions.tasks_visible_to(staff).filter(state__in=filters.OPEN_STATES)
    if bureau_id is not None:
        rows, tasks = rows.filter(bureau_id=bureau_id), tasks.filter(bureau_id=bureau_id)
    cells = _cells(_summed(rows, today), today)
    away = conflicts.only_of(staff, tasks)
    cells.subtract(_cells(away.values_list(*_COLUMNS), today))
    lapsed = conflicts.free_of(staff, tasks.filter(filters.expired(now)))
    for key, n in _cells(lapsed.values_list(*_COLUMNS), today).items():
        cells[key] -= n
        cells[_free(key)] += n
    return Cube(+cells)


def of_rows(
    tasks: QuerySet[ReviewTask], today: date, now: datetime, *, capped: bool = False
) -> Cube:
    """The tasks of a search, counted one by one up to ``MOST``; ``capped``: it leaves some out."""
    rows = list(tasks.order_by().values_list(*_COLUMNS, "claim_expires_at")[: MOST + 1])
    standing: list[tuple[Any, ...]] = []
    lapsed: list[tuple[Any, ...]] = []
    for row in rows[:MOST]:
        *columns, ends = row
        over = columns[1] == states.TASK_CLAIMED and ends is not None and ends <= now
        (lapsed if over else standing).append(tuple(columns))
    cells = _cells(standing, today)
    for key, n in _cells(lapsed, today).items():
        cells[_free(key)] += n
    return Cube(cells, capped=capped or len(rows) > MOST)


_FOLD = """
WITH several AS (
    SELECT bureau_id, stage, state, doubt, channel, street, due_on FROM applications_queuecount
    GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING count(*) > 1 OR sum(n) = 0
), gone AS (
    DELETE FROM applications_queuecount c USING several s
    WHERE (c.bureau_id, c.stage, c.state, c.doubt, c.channel, c.street, c.due_on)
        = (s.bureau_id, s.stage, s.state, s.doubt, s.channel, s.street, s.due_on)
    RETURNING c.*
)
INSERT INTO applications_queuecount (bureau_id, stage, state, doubt, channel, street, due_on, n)
SELECT bureau_id, stage, state, doubt, channel, street, due_on, sum(n) FROM gone
GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0
"""


def fold() -> int:
    """Sums up the changes of each key into one row; the counts stay the same at every moment.

    Returns how many rows were written. Changes that come meanwhile are left for the next time.
    """
    with transaction.atomic():
        if not locks.try_advisory("queue.fold"):
            return 0  # another process is at it
        with connection.cursor() as cursor:
            cursor.execute(_FOLD)
            return cursor.rowcount


def drift() -> list[tuple[Any, ...]]:
    """Keys whose sum is not the number of their tasks; empty unless triggers were off."""
    with connection.cursor() as cursor:
        cursor.execute(_DRIFT)
        return cursor.fetchall()


_DRIFT = """
SELECT bureau_id, stage, state, doubt, channel, street, due_on, sum(n) FROM (
    SELECT bureau_id, stage, state, doubt, channel, street, due_on, n FROM applications_queuecount
    UNION ALL
    SELECT bureau_id, stage, state, doubt, channel, COALESCE(street_id, 0), due_on, -1
    FROM applications_reviewtask WHERE state IN ('open', 'claimed')
) AS both_sides (bureau_id, stage, state, doubt, channel, street, due_on, n)
GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0
"""


def streets() -> dict[int, Street]:
    """The streets and towns by key, held for a minute."""
    known: dict[int, Street] | None = cache.get(_STREETS)
    if known is None:
        rows = Bureau.objects.streets()
        known = {one.pk: Street(one.pk, one.code, one.name, one.jurisdiction) for one in rows}
        cache.set(_STREETS, known, _STREETS_SECONDS)
    return known


def _summed(rows: QuerySet[QueueCount], today: date) -> Iterable[tuple[Any, ...]]:
    """Sums by key, the day due already as its urgency."""
    by_urgency = rows.annotate(urgency=filters.urgency(today)).order_by()
    return by_urgency.values_list(
        "stage", "state", "doubt", "channel", "street", "urgency"
    ).annotate(total=Sum("n"))


def _cells(rows: Iterable[tuple[Any, ...]], today: date) -> Counter[Key]:
    known, soon = streets(), filters.soon_until(today)
    cells: Counter[Key] = Counter()
    for stage, state, doubt, channel, street, due, *n in rows:
        urgency = due if isinstance(due, str) else _urgency(due, today, soon)
        code = known[street].code if street in known else ""
        tone = filters.DOUBT if doubt else filters.CLEAN
        cells[urgency, stage, tone, state, channel, code] += n[0] if n else 1
    return cells


def _urgency(due: date, today: date, soon: date) -> str:
    if due < today:
        return filters.LATE
    if due == today:
        return filters.TODAY
    return filters.SOON if due <= soon else filters.LATER


def _free(key: Key) -> Key:
    return (*key[:3], states.TASK_OPEN, *key[4:])  # type: ignore[return-value]


def _options(name: str, counts: Counter[str]) -> list[Option]:
    if name == "street":
        listed = sorted(streets().values(), key=lambda one: one.code)
        return [
            Option(one.code, one.name, counts[one.code], one.run_by)
            for one in listed
            if counts[one.code]
        ]
    choices = dict(filters.TaskFilter.base_filters[name].extra["choices"])
    return [Option(value, label, counts[value]) for value, label in choices.items()]

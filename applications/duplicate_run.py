"""The nightly look over everybody (夜间比对): set-based, in steps, taken up where it was left.

One statement finds every pair of people who share a key; only those pairs are read and compared.
Each step is a transaction of its own, and every step may be repeated: a pair is laid before a
person once, whoever finds it.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice

from django.db import connection, transaction

from applications import duplicates, likeness_keys, likeness_table
from applications.models import DuplicateRun
from core import audit, clock

_LEASE = timedelta(minutes=5)
_AT_ONCE = 1000  # pairs a step
Pair = tuple[int, int]

# Who stands behind one key: alone says nothing, and neither does a crowd. Of one application only
# people of others are compared with one another. Counted by a window, which sorts: grouping some
# millions of keys that are nearly all different by a hash takes twice as long.
_PAIRS = """
    WITH held AS (
        SELECT member_id, unnest(keys) AS key FROM applications_likenesskey
    ), counted AS (
        SELECT member_id, key, count(*) OVER (PARTITION BY key) AS people FROM held
    ), shared AS MATERIALIZED (
        SELECT member_id, key FROM counted WHERE people BETWEEN 2 AND %(limit)s
    ), pairs AS (
        SELECT DISTINCT one.member_id AS low, other.member_id AS high
        FROM shared one JOIN shared other ON other.key = one.key
        WHERE one.member_id < other.member_id
    )
    SELECT low, high FROM pairs
    JOIN applications_member one ON one.id = low
    JOIN applications_member other ON other.id = high
    WHERE one.application_id <> other.application_id
    ORDER BY low, high
"""


def run(day: date, *, progress: Callable[[str, int, int], None] | None = None) -> DuplicateRun:
    """One day's look over everybody; returns at once where it is done or another worker is at it.

    ``progress`` hears the step's name, what is done and how much there is (0 where not known).
    """
    told = progress or (lambda _name, _done, _of: None)
    row = _take(day)
    if row is None:
        return DuplicateRun.objects.get(day=day)
    _keys(row, told)
    _compare(row, told)
    duplicates.lapse_gone()
    with transaction.atomic():
        row.finished_at = clock.now()
        row.save(update_fields=["finished_at"])
        audit.record("duplicates.run", by=duplicates.WORKER, thing=row, pairs=row.pairs,
                     compared=row.compared, found=row.found)  # fmt: skip
    return row


def latest() -> DuplicateRun | None:
    """The run that finished last."""
    return DuplicateRun.objects.exclude(finished_at=None).order_by("-day").first()


def pairs(limit: int) -> list[Pair]:
    """Every two members of different cases who share a key that at most ``limit`` people have."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"limit": limit})
        return cursor.fetchall()


# -- Steps ---------------------------------------------------------------------------------------


def _take(day: date) -> DuplicateRun | None:
    """The day's run on a lease; None if it is done or somebody else has it."""
    now = clock.now()
    with transaction.atomic():
        DuplicateRun.objects.bulk_create(
            [DuplicateRun(day=day, began_at=now, leased_until=now)], ignore_conflicts=True
        )
        row = DuplicateRun.objects.select_for_update().get(day=day)
        if row.finished_at is not None or row.leased_until > now:
            return None
        _extend(row)
        return row


def _extend(row: DuplicateRun) -> None:
    row.leased_until = clock.now() + _LEASE
    row.save(update_fields=["leased_until"])


def _keys(row: DuplicateRun, told: Callable[[str, int, int], None]) -> None:
    """Keys of those who left go, keys that are missing or older than an answer are made."""
    likeness_keys.prune()
    done = 0
    for members in likeness_keys.stale():
        likeness_keys.write_of(members)
        done += len(members)
        _extend(row)
        told("keys", done, 0)


def _compare(row: DuplicateRun, told: Callable[[str, int, int], None]) -> None:
    table = likeness_table.on(row.day)
    found = pairs(table.block_limit)
    row.pairs = len(found)
    after = (row.after_low, row.after_high)
    for some in _portions(pair for pair in found if tuple(pair) > after):
        with transaction.atomic():
            row.found += duplicates.keep(
                duplicates.alike(some, table), table.code, by=duplicates.WORKER
            )
            row.compared += len(some)
            row.after_low, row.after_high = some[-1]
            row.leased_until = clock.now() + _LEASE
            row.save()
        told("pairs", row.compared, row.pairs)


def _portions(coming: Iterator[Pair]) -> Iterator[list[Pair]]:
    while some := list(islice(coming, _AT_ONCE)):
        yield some

"""Locks that a verb takes first."""

from hashlib import blake2b
from typing import TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)


def fresh(thing: Row, *related: str) -> Row:
    """The same row as it stands now, locked until the transaction ends.

    ``related`` rows are read along with it and not locked.
    """
    # no_key: other transactions may still add rows that point at this one
    rows = type(thing)._base_manager.select_for_update(no_key=True, of=("self",))
    return (rows.select_related(*related) if related else rows).get(pk=thing.pk)


def advisory(*parts: object) -> None:
    """Waits for a lock named by ``parts``; it ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(parts)])


def try_advisory(*parts: object) -> bool:
    """Takes a lock named by ``parts`` if nobody holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(parts)])
        row = cursor.fetchone()
    return bool(row and row[0])


def _number(parts: tuple[object, ...]) -> int:
    text = "\0".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)

"""Raw rows → typed reply (读数): the one door, for the live path, cast files and replay alike."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datashare.cells import Row, Unreadable, fold, id_text, names_agree, same_person
from datashare.replies import FOUND, NO_RECORD, UNAVAILABLE, Faulted, Reply
from datashare.sources import CATALOGUE
from datashare.sources.source import Source
from datashare.unwrapping import Malformed, rows_in
from datashare.written import is_masked

_HERE = ZoneInfo("Asia/Shanghai")


def read(
    source: str,
    person_id: str,
    answer: Any,
    *,
    name: str = "",
    fetched_at: datetime | None = None,
) -> Reply:
    """What ``source`` said about ``person_id``; never raises for a bad answer.

    ``answer`` is a list of rows, anything the gateway's ``datas`` may hold, or a Faulted. ``name``
    of the person asked about, where it is known: it decides whether a masked number is theirs.
    """
    spec, number = CATALOGUE[source], id_text(person_id)

    def unusable(error: str) -> Reply:
        return Reply(source, number, UNAVAILABLE, fetched_at=fetched_at, error=error)

    if answer == []:  # the commonest answer by far
        if fetched_at is None:
            return Reply(spec.code, number, NO_RECORD)
        return _reply(spec, number, (), (), fetched_at)
    if isinstance(answer, Faulted):
        return unusable(answer.mode)
    try:
        rows = [Row(raw) for raw in rows_in(answer)]
        own = [row for row in rows if _is_about(spec, row, number, name)]
        if rows and not own:
            return unusable("somebody_else")
        records = _records(spec, own)
    except Malformed as malformed:
        return unusable(malformed.kind)
    except (Unreadable, ValueError, ArithmeticError, TypeError, AttributeError, LookupError):
        return unusable("unreadable")
    return _reply(spec, number, records, tuple(_kept(spec, row) for row in own), fetched_at)


def _reply(
    spec: Source,
    number: str,
    records: tuple[Any, ...],
    rows: tuple[Mapping[str, Any], ...],
    fetched_at: datetime | None,
) -> Reply:
    """A usable reply, with how long it counts as fresh and what is known of an order under way."""
    reply = Reply(
        spec.code,
        number,
        FOUND if records else NO_RECORD,
        records,
        rows,
        fetched_at,
        fresh_until=_fresh_until(spec, records, fetched_at),
    )
    return replace(reply, **_order(records)) if reply.ordered else reply


def _fresh_until(
    spec: Source, records: tuple[Any, ...], fetched_at: datetime | None
) -> datetime | None:
    """The end of the source's TTL, or of a report's own validity where that is sooner.

    An order under way is never fresh: it has to be asked about again.
    """
    if fetched_at is None:
        return None
    if any(getattr(record, "delivered", True) is False for record in records):
        return fetched_at
    until = fetched_at + timedelta(days=spec.ttl)
    for last in filter(None, (getattr(record, "valid_to", None) for record in records)):
        if spec.ordered:
            until = min(until, datetime.combine(last, time.max, _HERE if until.tzinfo else None))
    return until


def _order(records: tuple[Any, ...]) -> dict[str, Any]:
    """Receipt and expected day of the order: the latest, should several rows state one."""
    receipts = [record.receipt for record in records if record.receipt]
    expected = [record.expected for record in records if record.expected]
    return {"receipt": receipts[-1] if receipts else "", "expected": max(expected, default=None)}


def _is_about(spec: Source, row: Row, number: str, name: str) -> bool:
    """Whether a row is about the person asked. A row that names nobody answers the question.

    A masked number fits many people: it counts only with an equal name, where the row gives one.
    """
    named = spec.subjects(row)
    return not named or any(
        same_person(number, one.number)
        and (not is_masked(one.number) or names_agree(name, one.name))
        for one in named
    )


def _kept(spec: Source, row: Row) -> Mapping[str, Any]:
    """The row as it may be stored: without what no purpose needs (个人信息保护法第6条)."""
    if not row.has_any(spec.unwanted):
        return row.raw
    return {key: value for key, value in row.raw.items() if fold(key) not in spec.unwanted}


def _records(spec: Source, rows: list[Row]) -> tuple[Any, ...]:
    """The typed records, each once. Raises Unreadable, also for a row of an unknown layout."""
    if not all(row.has_any(spec.known) for row in rows):
        raise Unreadable("row")
    read_rows = [record for row in rows if (record := spec.read(row)) is not None]
    distinct = list(dict.fromkeys(read_rows))
    if spec.newest and len(distinct) > 1:
        newest = spec.newest
        distinct = [max(distinct, key=lambda record: newest(record) or date.min)]
    return tuple(distinct)

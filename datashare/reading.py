"""Raw rows → typed reply (读数): the one door, for the live path, cast files and replay alike."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datashare.cells import Row, Unreadable, id_text, is_empty, same_person
from datashare.replies import FOUND, NO_RECORD, UNAVAILABLE, Faulted, Reply
from datashare.sources import CATALOGUE
from datashare.sources.source import Source

_INNER = ("datas", "data", "date", "result", "rows", "list")  # "date" (sic) is seen in the wild
_HERE = ZoneInfo("Asia/Shanghai")
_GOOD_CODES = frozenset({"", "0", "00", "200", "success", "true"})


class Garbage(ValueError):
    """A reply that is no list of rows in any known shape. Carries no content."""


def read(source: str, person_id: str, answer: Any, *, fetched_at: datetime | None = None) -> Reply:
    """What ``source`` said about ``person_id``; never raises for a bad answer.

    ``answer`` is a list of rows, anything the gateway's ``datas`` may hold, or a Faulted.
    """
    spec, number = CATALOGUE[source], id_text(person_id)

    def unusable(error: str) -> Reply:
        return Reply(source, number, UNAVAILABLE, fetched_at=fetched_at, error=error)

    if answer == []:  # the commonest answer by far
        return _reply(spec, number, (), (), fetched_at)
    if isinstance(answer, Faulted):
        return unusable(answer.mode)
    try:
        rows = rows_of(answer)
        own = [row for row in rows if _is_about(spec, row, number)]
        if rows and not own:
            return unusable("somebody_else")
        records = _records(spec, own)
    except Garbage:
        return unusable("garbage")
    except (Unreadable, ValueError, ArithmeticError, TypeError, AttributeError):
        return unusable("unreadable")
    return _reply(spec, number, records, tuple(own), fetched_at)


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


def rows_of(answer: Any) -> list[Mapping[str, Any]]:
    """The rows inside any shape of ``datas``: list, object, JSON text, nested envelope, nothing.

    Raises Garbage for anything else, and for an envelope that reports a failure.
    """
    if is_empty(answer):
        return []
    if isinstance(answer, str):
        try:
            return rows_of(json.loads(answer))
        except ValueError:
            raise Garbage from None
    if isinstance(answer, Mapping):
        return _unwrapped(answer)
    if isinstance(answer, Iterable) and not isinstance(answer, bytes):
        rows = [row for row in answer if not is_empty(row)]
        if all(isinstance(row, Mapping) for row in rows):
            return rows
    raise Garbage


def _unwrapped(envelope: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A lone row, or what an envelope holds. A row is told by fields that no envelope has."""
    marks = {"success", "code", "status", "message", "msg", "errorCode", "errorMsg"}
    extra = {"requestId", "dataCount", "totalDataCount", "totalPage", "interfaces"}
    inner = [key for key in _INNER if key in envelope]
    if not inner or set(envelope) - marks - extra - set(_INNER) or _is_verdict(envelope, inner[0]):
        return [envelope]
    code = envelope.get("code", envelope.get("status", ""))
    if envelope.get("success") is False or str(code).lower() not in _GOOD_CODES:
        raise Garbage
    return rows_of(envelope[inner[0]])


def _is_verdict(envelope: Mapping[str, Any], key: str) -> bool:
    """Whether ``result`` is words (marriage_national) rather than a nested list."""
    value = envelope[key]
    if key != "result" or not isinstance(value, str) or is_empty(value):
        return False
    return not value.lstrip().startswith(("[", "{"))


def _is_about(spec: Source, raw: Mapping[str, Any], number: str) -> bool:
    named = spec.subjects(Row(raw))
    return not named or any(same_person(number, other) for other in named)


def _records(spec: Source, rows: list[Mapping[str, Any]]) -> tuple[Any, ...]:
    read_rows = [record for raw in rows if (record := spec.read(Row(raw))) is not None]
    distinct = list(dict.fromkeys(read_rows))
    if spec.newest and len(distinct) > 1:
        newest = spec.newest
        distinct = [max(distinct, key=lambda record: newest(record) or date.min)]
    return tuple(distinct)

"""What becomes of a question (查询结果): a reply turns into what is written on its row.

An answer, an order under way, a silence with the time of the next try, or nothing sent at all. A
batch is written in two statements, one for the rows and one for the archive; an UPDATE per row
would cost more than asking.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import redis
from django.db import connection, transaction

from applications import archive, reports
from applications.models import Evidence, EvidenceAnswer
from core import clock
from datashare import queries
from datashare.authorities import NO_AUTHORITY
from datashare.replies import Reply

# waits after the first, second … silence of a register: quick, then minutes, then hours
RETRIES = (
    timedelta(seconds=5),
    timedelta(seconds=20),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=4),
)
REST = timedelta(seconds=30)  # until a register that may not be asked now is thought of again
_LONGEST_REST = timedelta(hours=12)
PENDING, UNAVAILABLE = Evidence.Status.PENDING, Evidence.Status.UNAVAILABLE
ORDERED = Evidence.Status.ORDERED
FOUND, NO_RECORD = Evidence.Status.FOUND, Evidence.Status.NO_RECORD
OPEN = (PENDING, UNAVAILABLE, ORDERED)
ANSWERED = (FOUND, NO_RECORD)


class Leased(NamedTuple):
    """A row that this worker holds: what asking and writing back need, and nothing encrypted."""

    id: int
    application_id: int
    member_id: int
    round: str
    source: str
    status: str
    attempts: int
    error: str
    receipt: str
    ordered_at: datetime | None
    silent_since: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is written back for one row. ``rows`` None: those that stand there stay."""

    status: str
    rows: list[dict[str, Any]] | None
    error: str
    fetched_at: datetime | None
    due_at: datetime
    receipt: str = ""
    ordered_at: datetime | None = None
    expected_on: date | None = None
    silent_since: datetime | None = None
    valid_to: date | None = None
    call_ref: str = ""
    tried: bool = True  # False: nothing was sent, which is nobody's silence


def write_back(
    token: str, rows: Sequence[Leased], answers: Mapping[int, Reply]
) -> frozenset[tuple[int, str]]:
    """Writes answers where the lease still holds; the cases and rounds touched.

    All or nothing: what a killed worker had not committed is asked again.
    """
    now = clock.now()
    rests = _rests(answers)
    outcomes = {one.id: outcome_of(one, answers.get(one.id), now, rests) for one in rows}
    with transaction.atomic():
        held = _written(token, outcomes)
        mine = [one for one in rows if one.id in held]
        archive.write(_entries(mine, answers, outcomes, now))
    return frozenset((one.application_id, one.round) for one in mine)


def outcome_of(
    one: Leased, reply: Reply | None, now: datetime, rests: Mapping[str, timedelta] | None = None
) -> Outcome:
    """What a reply makes of a row: an answer, an order under way, or a silence and the next try.

    Without authority time brings no answer: thought of ever more seldom, and people go on by hand.

    ``rests``: how long registers that may not be asked now rest.
    """
    if reply is not None and reply.error in queries.NOT_ASKED - {NO_AUTHORITY}:
        return _not_asked(one, reply.error, now + (rests or {}).get(one.source, REST), now)
    if reply is None or reply.unavailable:
        return _silent(one, reply.error if reply else "consent", now)
    if reply.ordered:
        return _ordered(one, reply, now)
    return Outcome(
        status=FOUND if reply.rows else NO_RECORD,
        rows=[dict(row) for row in reply.rows],
        error="",
        fetched_at=reply.fetched_at or now,
        due_at=now,
        receipt=one.receipt or archive.receipt_in(reply),
        ordered_at=one.ordered_at,
        valid_to=archive.valid_to(reply),
        call_ref=reply.request_id[:40],
    )


def _not_asked(one: Leased, error: str, due_at: datetime, now: datetime) -> Outcome:
    """Nothing was sent. Whoever only waits for a place in the queue waits on as before; where a
    register rests, is out of quota or unreachable the case must say so.
    """
    waits = error in queries.OUR_OWN or (one.ordered_at and one.status == ORDERED)
    return Outcome(
        status=one.status if waits else UNAVAILABLE,
        rows=None,
        error=one.error if waits else error[:60],
        fetched_at=None,
        due_at=due_at,
        receipt=one.receipt,
        ordered_at=one.ordered_at,
        silent_since=one.silent_since if waits else one.silent_since or now,
        tried=False,
    )


def _rests(answers: Mapping[int, Reply]) -> dict[str, timedelta]:
    """How long the registers rest that could not be asked; asked for only where there are any."""
    sources = {one.source for one in answers.values() if one.error in queries.NOT_ASKED}
    if not sources:
        return {}
    try:
        known = queries.allowances()
    except (redis.RedisError, TimeoutError):
        return {}
    rests = {one: timedelta(seconds=float(known[one]["retry_in"])) for one in sources}
    shortest = RETRIES[0]
    return {one: min(max(rest, shortest), _LONGEST_REST) for one, rest in rests.items()}


def _silent(one: Leased, error: str, now: datetime) -> Outcome:
    """A fault. A report that is in the making stays so: only the question failed."""
    wait = RETRIES[min(one.attempts + 1, len(RETRIES)) - 1]
    if one.ordered_at and not reports.is_overdue(one.ordered_at, _day(now)):
        return Outcome(
            status=ORDERED, rows=None, error=error[:60], fetched_at=None,
            due_at=reports.after_a_fault(now), receipt=one.receipt, ordered_at=one.ordered_at,
        )  # fmt: skip
    return Outcome(
        status=UNAVAILABLE, rows=None, error=(reports.OVERDUE if one.ordered_at else error)[:60],
        fetched_at=None, due_at=now + (reports.DAILY if one.ordered_at else wait),
        receipt=one.receipt, ordered_at=one.ordered_at, silent_since=one.silent_since or now,
    )  # fmt: skip


def _ordered(one: Leased, reply: Reply, now: datetime) -> Outcome:
    """A receipt. Past the longest time the register counts as silent, and is asked daily."""
    same = one.receipt == reply.receipt and one.ordered_at
    ordered_at = one.ordered_at if same else reports.ordered_at(reply, now)
    late = reports.is_overdue(ordered_at or now, _day(now))
    return Outcome(
        status=UNAVAILABLE if late else ORDERED,
        rows=[dict(row) for row in reply.rows],
        error=reports.OVERDUE if late else "",
        fetched_at=None,
        due_at=reports.next_look(reply.expected, now),
        receipt=reply.receipt,
        ordered_at=ordered_at,
        expected_on=reply.expected,
        silent_since=(one.silent_since or now) if late else None,
        call_ref=reply.request_id[:40],
    )


def _entries(
    rows: Iterable[Leased],
    answers: Mapping[int, Reply],
    outcomes: Mapping[int, Outcome],
    now: datetime,
) -> list[EvidenceAnswer]:
    """What the archive has not heard yet: answers always, receipts and silences once."""
    entries = []
    for one in rows:
        made, reply = outcomes[one.id], answers.get(one.id)
        if made.status in ANSWERED and reply is not None:
            entries.append(archive.answer(one.id, made.status, reply, asked_at=now))
        elif made.status == ORDERED and made.rows is not None and reply is not None:
            if (one.receipt, one.status) != (made.receipt, ORDERED):
                entries.append(archive.answer(one.id, ORDERED, reply, asked_at=now))
        elif made.status == UNAVAILABLE and (one.status, one.error) != (UNAVAILABLE, made.error):
            entries.append(archive.silence(one.id, made.error, asked_at=now, rows=made.rows))
    return entries


_WRITE = """
WITH held AS (
    SELECT id FROM applications_evidence
    WHERE id = ANY(%s) AND lease = %s ORDER BY id FOR NO KEY UPDATE
)
UPDATE applications_evidence AS e SET
    status = v.status, rows = COALESCE(v.rows, e.rows), error = v.error,
    fetched_at = COALESCE(v.fetched_at, e.fetched_at), due_at = v.due_at, receipt = v.receipt,
    ordered_at = v.ordered_at, expected_on = COALESCE(v.expected_on, e.expected_on),
    silent_since = v.silent_since, valid_to = v.valid_to, call_ref = v.call_ref,
    attempts = LEAST(e.attempts + v.tried::int, 32767), lease = '', leased_until = NULL,
    unread = e.unread OR v.answered AND (e.silent_since IS NOT NULL OR e.ordered_at IS NOT NULL),
    waived_at = CASE WHEN v.answered THEN NULL ELSE e.waived_at END
FROM held JOIN unnest(
    %s::bigint[], %s::text[], %s::bytea[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::text[], %s::timestamptz[], %s::date[], %s::timestamptz[], %s::date[], %s::text[],
    %s::boolean[], %s::boolean[]
) AS v(id, status, rows, error, fetched_at, due_at, receipt, ordered_at, expected_on,
       silent_since, valid_to, call_ref, answered, tried) ON v.id = held.id
WHERE e.id = held.id
RETURNING e.id
"""


def _written(token: str, outcomes: dict[int, Outcome]) -> set[int]:
    """Writes the outcomes of rows whose lease still holds; their ids."""
    sealed = Evidence._meta.get_field("rows").get_db_prep_value
    made = outcomes.values()
    columns = (
        list(outcomes),
        [str(one.status) for one in made],
        [None if one.rows is None else sealed(one.rows, connection) for one in made],
        [one.error for one in made],
        [one.fetched_at for one in made],
        [one.due_at for one in made],
        [one.receipt for one in made],
        [one.ordered_at for one in made],
        [one.expected_on for one in made],
        [one.silent_since for one in made],
        [one.valid_to for one in made],
        [one.call_ref for one in made],
        [one.status in ANSWERED for one in made],
        [one.tried for one in made],
    )
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [list(outcomes), token, *columns])
        return {row[0] for row in cursor.fetchall()}


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()

"""Asking the registers (查询): lease what is due, ask outside any transaction, write back.

A question is an Evidence row and the work item at once. A worker writes only where the lease is
still its own; a killed worker's rows are due again when their lease ends. Nothing waits for a
worker's memory, so nothing is lost with it, and a task delivered twice finds nothing left to do.
A campaign of thousands goes through the same few statements: a batch is one statement for the
lease, one for the answers and one for the archive, however many rows it has.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q

from applications import archive, authority, evaluation, reports
from applications.models import Application, Evidence, EvidenceAnswer, Member
from applications.models.evidence import RECHECK_ROUND
from core import audit, clock
from datashare import queries
from datashare.queries import Person, Purpose, Question
from datashare.replies import Reply

WORKER = audit.System("worker")
MATTER = "公共服务-00610-000-002"
LEASE = timedelta(seconds=60)  # longer than the slowest batch: a task is stopped after 50 s
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
BATCH, BULK_BATCH = 200, 1000  # rows in memory at once; a campaign's batch mixes all registers
BULK_WAIT = 15.0  # seconds a campaign's question may wait for its place in the quota
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


@dataclass(frozen=True, slots=True)
class Stride:
    """What one batch did: rows asked about, and the cases and rounds whose rows were written."""

    asked: int
    touched: frozenset[tuple[int, str]] = frozenset()


def stride(
    round: str | None = None, limit: int = BATCH, *, application_id: int | None = None
) -> Stride:
    """Leases up to ``limit`` rows that are due, asks and writes back.

    Opens its own transactions: the registers are asked outside of any.
    """
    token = secrets.token_hex(16)
    rows = lease(token, round, limit, application_id)
    if not rows:
        return Stride(0)
    answers = ask(rows, bulk=round is not None and of_a_campaign(round))
    return Stride(len(rows), write_back(token, rows, answers))


def of_a_campaign(round: str) -> bool:
    """Whether nobody stands waiting for the answers of this round."""
    return round.startswith(RECHECK_ROUND)


# -- Leasing -----------------------------------------------------------------------------------


def lease(
    token: str, round: str | None, limit: int, application_id: int | None = None
) -> list[Leased]:
    """Takes rows that are due, for as long as ``LEASE``; other workers' rows are passed over."""
    now = clock.now()
    due = Evidence.objects.filter(status__in=OPEN, due_at__lte=now).filter(
        Q(leased_until=None) | Q(leased_until__lte=now)
    )
    if round is not None:
        due = due.filter(round=round)
    if application_id is not None:
        due = due.filter(application_id=application_id)
    with transaction.atomic():
        locked = due.select_for_update(skip_locked=True).order_by("due_at", "id")
        rows = [Leased(*one) for one in locked.values_list(*Leased._fields)[:limit]]
        Evidence.objects.filter(pk__in=[one.id for one in rows]).update(
            lease=token, leased_until=now + LEASE, asked_at=now
        )
    return rows


# -- Asking ------------------------------------------------------------------------------------


def ask(rows: Sequence[Leased], *, bulk: bool = False) -> dict[int, Reply]:
    """The reply to each leased row: all of them go out together, each with its own authority."""
    bases = authority.bases({one.member_id for one in rows})
    asked = [one for one in rows if one.member_id in bases]  # the rest was withdrawn meanwhile
    people, cases = _people(asked), _cases(asked)
    pairs = [
        (
            Question(one.source, people[one.member_id]),
            Purpose(
                MATTER,
                cases[one.application_id],
                bases[one.member_id],
                kind=evaluation.purpose_of(one.round),
                sponsor=people[-one.application_id],
            ),
        )
        for one in asked
    ]
    patience: dict[str, Any] = {"max_wait": BULK_WAIT} if bulk else {}
    replies = queries.ask_each(pairs, by=WORKER, **patience)
    return {one.id: reply for one, reply in zip(asked, replies, strict=True)}


def _people(rows: Iterable[Leased]) -> dict[int, Person]:
    """Each member once, however many registers are asked; the applicant of a case by -case."""
    cases = {one.application_id for one in rows}
    members = Member.objects.filter(application__in=cases).only(
        "name", "id_number", "application_id", "is_applicant"
    )
    people = {}
    for one in members:
        people[one.pk] = Person(one.name, one.id_number)
        if one.is_applicant:
            people[-one.application_id] = people[one.pk]
    return people


def _cases(rows: Iterable[Leased]) -> dict[int, str]:
    """The case as datashare is told of it."""
    cases = Application.objects.filter(pk__in={one.application_id for one in rows})
    return {one.pk: authority.asked_as(one) for one in cases.only("case_no", "ref")}


# -- Writing back ------------------------------------------------------------------------------


def write_back(
    token: str, rows: Sequence[Leased], answers: dict[int, Reply]
) -> frozenset[tuple[int, str]]:
    """Writes answers where the lease still holds; the cases and rounds touched.

    All or nothing: what a killed worker had not committed is asked again.
    """
    now = clock.now()
    outcomes = {one.id: outcome_of(one, answers.get(one.id), now) for one in rows}
    with transaction.atomic():
        held = _written(token, outcomes)
        mine = [one for one in rows if one.id in held]
        archive.write(_entries(mine, answers, outcomes, now))
    return frozenset((one.application_id, one.round) for one in mine)


def outcome_of(one: Leased, reply: Reply | None, now: datetime) -> Outcome:
    """What a reply makes of a row: an answer, an order under way, or a silence and the next try."""
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
    rows: Iterable[Leased], answers: dict[int, Reply], outcomes: dict[int, Outcome], now: datetime
) -> list[EvidenceAnswer]:
    """What the archive has not heard yet: answers always, receipts and silences once."""
    entries = []
    for one in rows:
        made, reply = outcomes[one.id], answers.get(one.id)
        if made.status in ANSWERED and reply is not None:
            entries.append(archive.answer(one.id, made.status, reply, asked_at=now))
        elif made.status == ORDERED and made.rows is not None and reply is not None:
            if one.receipt != made.receipt or one.status != ORDERED:
                entries.append(archive.answer(one.id, ORDERED, reply, asked_at=now))
        elif made.status == UNAVAILABLE and (one.status, one.error) != (UNAVAILABLE, made.error):
            entries.append(archive.silence(one.id, made.error, asked_at=now, rows=made.rows))
    return entries


# One statement for a batch: an UPDATE per row would cost more than asking.
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
    attempts = LEAST(e.attempts + 1, 32767), lease = '', leased_until = NULL,
    unread = e.unread OR v.answered AND (e.silent_since IS NOT NULL OR e.ordered_at IS NOT NULL),
    waived_at = CASE WHEN v.answered THEN NULL ELSE e.waived_at END
FROM held JOIN unnest(
    %s::bigint[], %s::text[], %s::bytea[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::text[], %s::timestamptz[], %s::date[], %s::timestamptz[], %s::date[], %s::text[],
    %s::boolean[]
) AS v(id, status, rows, error, fetched_at, due_at, receipt, ordered_at, expected_on,
       silent_since, valid_to, call_ref, answered) ON v.id = held.id
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
    )
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [list(outcomes), token, *columns])
        return {row[0] for row in cursor.fetchall()}


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()

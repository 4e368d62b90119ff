"""Asking the registers (查询): lease what is due, ask outside any transaction, write back.

A question is an Evidence row and the work item at once. A worker writes only where the lease is
still its own; a killed worker's rows are due again when their lease ends. Nothing waits for a
worker's memory, so nothing is lost with it, and a task delivered twice finds nothing left to do.
A campaign of thousands goes through the same few statements: a batch is one statement for the
lease, one for the answers and one for the archive, however many rows it has.
"""

import secrets
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from applications import authority, evaluation
from applications.models import Application, Evidence, Member
from applications.models.evidence import RECHECK_ROUND
from applications.outcomes import OPEN, Leased, write_back
from core import audit, clock
from datashare import queries
from datashare.queries import Person, Purpose, Question
from datashare.replies import Reply

WORKER = audit.System("worker")
MATTER = "公共服务-00610-000-002"
LEASE = timedelta(seconds=60)  # longer than the slowest batch: a task is stopped after 50 s
BATCH = 200  # rows that are leased, asked and written together
BULK_LIMIT = 2000  # a campaign's rows in one stride, batch by batch; a few batches in memory
BULK_WAIT = 15.0  # seconds a campaign's question may wait for its place in the quota
# what a killed worker had fetched and not yet written on its row is not asked for again
STILL_FRESH = timedelta(hours=1)


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
    return Stride(len(rows), write_back(token, rows, ask(rows)))


def bulk_stride(round: str, limit: int = BULK_LIMIT) -> Stride:
    """The same for work that nobody waits for, as a stream: a batch is written while the next is
    being asked, and the next is leased only when there is room for it.
    """
    token = secrets.token_hex(16)
    under_way: deque[_Batch] = deque()
    replies = queries.ask_many(
        _leased_pairs(token, round, limit, under_way),
        by=WORKER, max_age=STILL_FRESH, max_wait=BULK_WAIT, bulk=True,
    )  # fmt: skip
    asked = 0
    touched: set[tuple[int, str]] = set()

    def write_ready() -> None:
        nonlocal asked
        while under_way and under_way[0].is_complete:
            batch = under_way.popleft()
            touched.update(write_back(token, batch.rows, batch.answers))
            asked += len(batch.rows)

    for reply in replies:
        write_ready()  # such as a batch of which nobody may be asked about
        under_way[0].take(reply)
        write_ready()
    write_ready()
    return Stride(asked, frozenset(touched))


@dataclass(slots=True)
class _Batch:
    rows: list[Leased]
    asked: list[Leased]  # those of them that may be asked about, in the order of the replies
    answers: dict[int, Reply] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return len(self.answers) == len(self.asked)

    def take(self, reply: Reply) -> None:
        self.answers[self.asked[len(self.answers)].id] = reply


def _leased_pairs(
    token: str, round: str, limit: int, under_way: deque[_Batch]
) -> Iterator[tuple[Question, Purpose]]:
    while limit > 0 and (rows := lease(token, round, min(BATCH, limit))):
        limit -= len(rows)
        asked, pairs = pairs_of(rows)
        under_way.append(_Batch(rows, asked))
        yield from pairs


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


def ask(rows: Sequence[Leased]) -> dict[int, Reply]:
    """The reply to each leased row: all of them go out together, each with its own authority."""
    asked, pairs = pairs_of(rows)
    replies = queries.ask_each(pairs, by=WORKER)
    return {one.id: reply for one, reply in zip(asked, replies, strict=True)}


def pairs_of(rows: Sequence[Leased]) -> tuple[list[Leased], list[tuple[Question, Purpose]]]:
    """Question and purpose of each row that may be asked; the rest was withdrawn meanwhile."""
    bases = authority.bases({one.member_id for one in rows})
    asked = [one for one in rows if one.member_id in bases]
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
    return asked, pairs


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

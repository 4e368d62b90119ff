"""Asking the registers (查询): lease what is due, ask outside any transaction, write back.

A question is an Evidence row and the work item at once. A worker writes only where the lease is
still its own; a killed worker's rows are due again when their lease ends. Nothing waits for a
worker's memory, so nothing is lost with it, and a task delivered twice finds nothing left to do.
A campaign of thousands goes through the same few statements: a batch is one statement for the
lease, one for the answers and one for the archive, however many rows it has.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
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
STREAM_SECONDS = 10.0  # of a campaign's questions, before it looks up
BULK_WAIT = 15.0  # seconds a campaign's question may wait for its place in the quota
# what a killed worker had fetched, and not yet written on its row, is not asked for again
STILL_FRESH = timedelta(days=1)


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


@dataclass(slots=True)
class Stream:
    """Questions that nobody waits for (批量), as a stream: a batch is written while the next is
    being asked, and the next is leased only when there is room for it.

    ``refill`` is called when nothing is due and writes more questions, or returns 0. ``written`` is
    told the cases of each batch and draws their consequences while the registers are busy; False
    ends the stream. No batch is begun after ``seconds``. Memory: a few batches.
    """

    round: str
    seconds: float = STREAM_SECONDS
    refill: Callable[[], int] = lambda: 0
    written: Callable[[set[int]], bool] = lambda _cases: True
    limit: int | None = None
    asked: int = 0
    _token: str = field(default_factory=lambda: secrets.token_hex(16))
    _under_way: deque[_Batch] = field(default_factory=deque)
    _goes_on: bool = True

    def run(self) -> int:
        """Asks until nothing is due or the time is over; returns how many rows were asked about."""
        replies = queries.ask_many(
            self._pairs(), by=WORKER, max_age=self._max_age(), max_wait=BULK_WAIT, bulk=True
        )
        for reply in replies:
            self._write_ready()  # such as a batch of which nobody may be asked about
            self._under_way[0].take(reply)
            self._write_ready()
        self._write_ready()
        return self.asked

    def _pairs(self) -> Iterator[tuple[Question, Purpose]]:
        until = time.monotonic() + self.seconds
        leased = 0
        while self._goes_on and time.monotonic() < until:
            room = BATCH if self.limit is None else min(BATCH, self.limit - leased)
            rows = lease(self._token, self.round, room) if room else []
            if not rows and (not room or not self.refill()):
                return
            leased += len(rows)
            asked, pairs = pairs_of(rows)
            if rows:
                self._under_way.append(_Batch(rows, asked))
            yield from pairs

    def _write_ready(self) -> None:
        while self._under_way and self._under_way[0].is_complete:
            batch = self._under_way.popleft()
            touched = write_back(self._token, batch.rows, batch.answers)
            self.asked += len(batch.rows)
            self._goes_on = self.written({pk for pk, _round in touched}) and self._goes_on

    def _max_age(self) -> timedelta | None:
        """Whether an answer at hand will do: only where somebody was killed after asking."""
        lost = Evidence.objects.filter(
            round=self.round, status__in=OPEN, leased_until__lte=clock.now()
        )
        return STILL_FRESH if lost.exists() else None


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

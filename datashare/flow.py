"""问答流 questions in, replies out, one batch being asked while the one before is written down.

However many questions come, only a few batches are held at a time. The database is the caller's:
this thread reads kept answers, takes the authority's lease and writes the log, while the process's
event loop does the asking.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings

from core import audit
from datashare import asking, authorities, journal, rehearsal
from datashare.asking import Asking, Pair
from datashare.gateway.engine import Errands
from datashare.questions import Question
from datashare.reading import read
from datashare.replies import Faulted, Reply

BATCH = 100  # questions written down together
AHEAD = 8  # batches under way: every source has questions waiting for their places in the quota


@dataclass(frozen=True, slots=True)
class Manner:
    """How questions are asked; see `queries.ask_each`."""

    by: Any
    max_age: timedelta | None
    max_wait: float
    bulk: bool
    all_or_none: bool = False

    @property
    def operator(self) -> str:
        """How the one who asks stands in the log."""
        return audit.label(self.by)[:80]


@dataclass(slots=True)
class _Batch:
    """Some questions: `wanted` gives each its place among the `different` ones."""

    wanted: list[int]
    different: list[Pair]
    standing: authorities.Standing
    refused: dict[Pair, str]  # what may not be asked, and what it lacks
    kept: dict[Question, journal.Kept]
    home: list[Asking]  # what has come back so far
    sent: Future[None] | None


def replies(pairs: Iterable[Pair], manner: Manner, *, batch: int) -> Iterator[Reply]:
    """The replies in the order of the questions, which are taken from `pairs` batch by batch.

    Ending early, or an interruption, calls off what has not been sent; what had come home by then
    is written down all the same. Raises PurposeMissing, before a batch is asked, where all or
    none of it is to be.
    """
    errands = Errands()
    coming, under_way = iter(pairs), deque[_Batch]()
    try:
        while True:
            while len(under_way) < AHEAD and (taken := list(islice(coming, batch))):
                under_way.append(_begin(taken, manner, errands))
            if not under_way:
                return
            if (sent := under_way[0].sent) is not None:
                errands.wait(sent)
            yield from _write_down(under_way.popleft(), manner)
    finally:
        for left in under_way:
            if left.sent is not None:
                left.sent.cancel()
            _write_down(left, manner)


def _begin(pairs: list[Pair], manner: Manner, errands: Errands) -> _Batch:
    """Look what may be asked and what is known already, and send out the rest."""
    places: dict[Pair, int] = {}
    wanted = [places.setdefault(pair, len(places)) for pair in pairs]
    different = list(places)
    standing = authorities.Standing(different)
    if manner.all_or_none:
        authorities.refuse_any(standing.missing, by=manner.by)
    refused = dict(standing.missing)
    kept = journal.kept_answers([question for question, _purpose in different], manner.max_age)
    open_ones = [
        (place, pair)
        for place, pair in enumerate(different)
        if not (refused and pair in refused) and not (kept and pair[0] in kept)
    ]
    batch = _Batch(wanted, different, standing, refused, kept, [], None)
    if settings.DATASHARE_DRY_RUN:
        rehearsal.log([pair for _place, pair in open_ones], manner.operator)
    elif open_ones:
        may_start = _may_start(standing, errands)
        errand = asking.Errand(manner.operator, manner.max_wait, manner.bulk, batch.home, may_start)
        batch.sent = asking.send(open_ones, errand)
    return batch


def _may_start(standing: authorities.Standing, errands: Errands) -> asking.MayStart:
    async def may_start(pair: Pair) -> bool:
        if standing.has_lapsed:
            await errands.run(standing.renew)
        return not (standing.missing and pair in standing.missing)

    return may_start


def _write_down(batch: _Batch, manner: Manner) -> list[Reply]:
    """Log what was asked, note what was refused, and put the replies in order."""
    asked = list(batch.home)
    for item in asked:
        if not item.started:
            pair = batch.different[item.place]
            batch.refused[pair] = batch.standing.missing.get(pair, "")
    journal.write([item for item in asked if item.started], manner.operator)
    authorities.note_refused(batch.refused, by=manner.by)
    found = {item.place: item.reply for item in asked}
    answers = [
        found[place] if place in found else _not_asked(pair, batch)
        for place, pair in enumerate(batch.different)
    ]
    return [answers[place] for place in batch.wanted]


def _not_asked(pair: Pair, batch: _Batch) -> Reply:
    question = pair[0]
    if pair in batch.refused:
        lacks = authorities.NO_AUTHORITY
    elif question in batch.kept:
        return _kept_reply(question, batch.kept[question])
    else:
        lacks = "dry_run"
    return read(question.source, question.person.id_number, Faulted(lacks))


def _kept_reply(question: Question, kept: journal.Kept) -> Reply:
    reply = read(question.source, question.person.id_number, kept.rows, fetched_at=kept.fetched_at)
    return replace(reply, request_id=kept.request_id, asked_at=kept.fetched_at)

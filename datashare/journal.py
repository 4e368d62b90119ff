"""调用记录与答复留存 writes down what was asked, and finds answers that are still fresh."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from core import audit, clock
from core.identity.ciphers import blind_index
from datashare.asking import Asking
from datashare.duties import keeps_answers
from datashare.models import Call, FreshAnswer
from datashare.questions import Question
from datashare.replies import Reply
from datashare.sources import CATALOGUE

logger = logging.getLogger(__name__)
Rows = list[dict[str, Any]]
SOMEBODY_ELSE = "somebody_else"


@dataclass(frozen=True, slots=True)
class Kept:
    """留存答复 rows that were fetched earlier and still count as fresh."""

    rows: Rows
    fetched_at: datetime
    request_id: str


def kept_answers(questions: Iterable[Question], max_age: timedelta | None) -> dict[Question, Kept]:
    """The kept answer for the questions that one settles: one query.

    Without `max_age` no kept answer will do.
    """
    if max_age is None:
        return {}
    by_key = {_key(question): question for question in questions}
    indexes = {index for _source, index, _digest in by_key}
    kept = FreshAnswer.objects.usable(clock.now(), max_age).filter(person_index__in=indexes)
    return {
        by_key[key]: Kept(answer.rows, answer.fetched_at, answer.request_id)
        for answer in kept
        if (key := (answer.source, answer.person_index, answer.params_digest)) in by_key
    }


def write(asked: list[Asking], operator: str) -> None:
    """The log of these calls and their usable answers, in one short transaction after all calls."""
    if not asked:
        return
    answers = {_key(item.question): item for item in asked if _to_keep(item)}
    with transaction.atomic():
        Call.objects.bulk_create([_call(item, operator) for item in asked])
        FreshAnswer.objects.bulk_create(
            [_fresh(key, answers[key]) for key in sorted(answers)],  # one order: no deadlock
            update_conflicts=True,
            unique_fields=["source", "person_index", "params_digest"],
            update_fields=["rows", "request_id", "fetched_at", "expires_at"],
        )
        for item in asked:
            if item.reply.error == SOMEBODY_ELSE:
                _report_somebody_else(item, operator)


def _report_somebody_else(item: Asking, operator: str) -> None:
    """An answer about another person is refused; those who look after the exchange hear of it."""
    source, request = item.question.source, item.answer.request_id[:64]
    logger.warning("%s answered about somebody else (request %s)", source, request or "-")
    audit.record(
        "call.somebody_else",
        by=audit.System(operator),
        case_no=item.purpose.case_no[:40],
        subjects=(blind_index(item.question.person.id_number),),
        purpose=item.matter,
        source=source,
        request=request,
    )


def _to_keep(item: Asking) -> bool:
    """A report under way has to be asked about again: its receipt is no answer to keep."""
    reply: Reply = item.reply
    return not (reply.unavailable or reply.ordered) and keeps_answers(item.purpose.basis)


def _key(question: Question) -> tuple[str, str, str]:
    return question.source, blind_index(question.person.id_number), _digest(question.params)


def _digest(params: Mapping[str, str]) -> str:
    """What was asked besides the person, one-way: a spouse's number must not stand in the clear."""
    if not params:
        return ""
    return blind_index(json.dumps(dict(params), sort_keys=True), kind="params")


def _call(item: Asking, operator: str) -> Call:
    unusable = item.reply.unavailable
    return Call(
        source=item.question.source,
        case_no=item.purpose.case_no[:40],
        purpose=item.matter[:120],
        basis=item.purpose.basis[:120],
        by=operator,
        person_index=blind_index(item.question.person.id_number),
        started_at=item.started_at,
        duration_ms=item.answer.duration_ms,
        outcome=item.reply.status,
        error_kind=item.reply.error[:24] if unusable else "",
        row_count=len(item.reply.rows),
        request_id=item.answer.request_id[:64],
        attempts=item.answer.attempts,
    )


def _fresh(key: tuple[str, str, str], item: Asking) -> FreshAnswer:
    source, index, digest = key
    lapses = item.started_at + timedelta(days=CATALOGUE[source].ttl)
    return FreshAnswer(
        source=source,
        person_index=index,
        params_digest=digest,
        rows=[dict(row) for row in item.reply.rows],
        request_id=item.answer.request_id[:64],
        fetched_at=item.started_at,
        expires_at=max(item.started_at, item.reply.fresh_until or lapses),
    )

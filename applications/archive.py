"""The archive of answers (答复存档): what each register said and when, beside what people say.

Every usable answer is appended whole; of an order under way the receipt, of a silence its beginning
and each change of its kind. Nothing here is ever changed, so that the facts of any moment can be
put together again (`evaluation.case_at`). It belongs to the file of the case, unlike datashare's
FreshAnswer, which is a cache.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import pgtrigger
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import conflicts
from applications.models import Application, Correction, Evidence, EvidenceAnswer, Material
from core import audit, clock, locks
from core.identity import ciphers
from core.refusals import Refusal
from datashare.replies import Reply

FOUND, NO_RECORD = Evidence.Status.FOUND, Evidence.Status.NO_RECORD
ORDERED, UNAVAILABLE = Evidence.Status.ORDERED, Evidence.Status.UNAVAILABLE
ANSWER, ORDER, SILENT, CORRECTION = "answer", "ordered", "silent", "correction"
_KIND = {FOUND: ANSWER, NO_RECORD: ANSWER, ORDERED: ORDER, UNAVAILABLE: SILENT}
_ERASABLE = "applications.EvidenceAnswer:append_only", "applications.Correction:append_only"


class DisputeRefused(Refusal):
    """The line cannot be disputed like this."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history of a question: an answer, a receipt, a silence, a correction."""

    at: datetime
    kind: str
    word: Any
    status: str = ""
    asked_at: datetime | None = None
    fetched_at: datetime | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    fresh_until: datetime | None = None
    expected_on: date | None = None
    receipt: str = ""
    digest: str = ""
    request_id: str = ""
    error: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()
    by: str = ""
    claim: str = ""
    reason: str = ""
    document: Material | None = None


# -- Writing -----------------------------------------------------------------------------------


def answer(evidence_id: int, status: str, reply: Reply, *, asked_at: datetime) -> EvidenceAnswer:
    """A usable reply as it is kept; not saved yet. ``status``: found, no_record or ordered."""
    rows = [dict(row) for row in reply.rows]
    fetched_at = reply.fetched_at or clock.now()
    return EvidenceAnswer(
        evidence_id=evidence_id,
        status=status,
        content={"rows": rows, "records": [_plain(one) for one in reply.records]},
        digest=digest_of(rows),
        receipt=reply.receipt or receipt_in(reply),
        expected_on=reply.expected,
        request_id=reply.request_id[:64],
        asked_at=reply.asked_at or asked_at,
        fetched_at=fetched_at,
        valid_from=_dated(reply) or _day(fetched_at),
        valid_to=valid_to(reply),
        fresh_until=reply.fresh_until,
        recorded_at=clock.now(),
    )


def silence(
    evidence_id: int, error: str, *, asked_at: datetime, rows: list[dict[str, Any]] | None = None
) -> EvidenceAnswer:
    """That a register fell silent, or why it is silent now; not saved yet.

    ``rows``: the receipt of a report that did not come in time.
    """
    return EvidenceAnswer(
        evidence_id=evidence_id, status=UNAVAILABLE, error=error, asked_at=asked_at,
        content={"rows": rows or []}, recorded_at=clock.now(),
    )  # fmt: skip


def write(entries: list[EvidenceAnswer]) -> None:
    """Appends them in one statement, and keeps whom a register of families names (回避)."""
    EvidenceAnswer.objects.bulk_create(entries, batch_size=1000)
    conflicts.note_named(entries)


def valid_to(reply: Reply) -> date | None:
    """The last day on which the answer may be relied on: a report's own, else the source's TTL."""
    own = [day for one in reply.records if (day := getattr(one, "valid_to", None))]
    if own:
        return min(own)
    return _day(reply.fresh_until) if reply.fresh_until else None


def receipt_in(reply: Reply) -> str:
    """The 委托单号 that a delivered report names; empty for every other record."""
    return next((text for one in reply.records if (text := getattr(one, "receipt", ""))), "")


def digest_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """The keyed digest of raw rows: equal for equal answers, and it tells nothing of them."""
    text = json.dumps(list(rows), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return ciphers.keyed_digest(text, kind="evidence")


def correct(
    evidence: Evidence, *, reason: str, by: Any, claim: str = "", document: Material | None = None
) -> Correction:
    """Keeps what a person says instead of a register's answer; a department looks at it.

    Until then the applicant's own paper prevails (浙江省保障最多跑一次改革规定 §7). Raises
    DisputeRefused without a reason, or for a paper of another case.
    """
    with transaction.atomic():
        row = locks.fresh(evidence)
        if not reason.strip():
            raise DisputeRefused(_("请写一句哪里不对。"), "reason")
        if document is not None and document.application_id != row.application_id:
            raise DisputeRefused(_("这份材料不属于这个办件。"), "document")
        made = Correction.objects.create(
            evidence=row,
            answer=row.answers.filter(status__in=(FOUND, NO_RECORD)).order_by("pk").last(),
            claim=claim.strip(),
            reason=reason.strip(),
            document=document,
            by=audit.label(by)[:80],
            at=clock.now(),
        )
        row.disputed, row.disputed_reason = True, made.reason[:400]
        row.save(update_fields=["disputed", "disputed_reason"])
        audit.record(
            "evidence.disputed", by=by, thing=row, case_no=row.application.case_no or "",
            subjects=[row.member.id_index], source=row.source,
        )  # fmt: skip
        return made


@contextmanager
def erasing(why: str, *, by: Any, thing: Any) -> Iterator[None]:
    """The one lawful way to remove from the archive: withdrawn consent, end of retention.

    Within a transaction; what is erased and why stands in the audit log.
    """
    audit.record("archive.erased", by=by, thing=thing, why=why)
    with pgtrigger.ignore(*_ERASABLE):
        yield


# -- Reading -----------------------------------------------------------------------------------


def history_of(evidence: Evidence) -> list[Entry]:
    """Everything that was said about one question, newest first, corrections beside answers."""
    answers = [_entry(one) for one in evidence.answers.order_by("pk")] or _before_archive(evidence)
    said = [_said(one) for one in evidence.corrections.select_related("document")]
    return sorted([*answers, *said], key=lambda one: one.at, reverse=True)


def known_at(application: Application, round: str, moment: datetime) -> dict[int, EvidenceAnswer]:
    """What stood in the archive about each question of a round at that moment, by evidence."""
    kept = EvidenceAnswer.objects.filter(
        evidence__application=application, evidence__round=round, recorded_at__lte=moment
    )
    newest = kept.order_by("evidence", "-recorded_at", "-pk").distinct("evidence")
    return {one.evidence_id: one for one in newest}


def newest_kept(evidence: Iterable[Evidence]) -> dict[int, dict[str, Any]]:
    """Digest and request of the newest kept answer of each question; not the answer itself."""
    asked = [one.pk for one in evidence]
    kept = EvidenceAnswer.objects.filter(evidence__in=asked).exclude(status=UNAVAILABLE)
    newest = kept.order_by("evidence", "-pk").distinct("evidence")
    return {
        one["evidence_id"]: dict(one)
        for one in newest.values("evidence_id", "digest", "request_id")
    }


def corrections_at(application: Application, round: str, moment: datetime) -> list[Correction]:
    """What people had said against answers of a round by that moment, oldest first."""
    said = Correction.objects.filter(
        evidence__application=application, evidence__round=round, at__lte=moment
    )
    return list(said.select_related("evidence__member", "document"))


# -- Parts -------------------------------------------------------------------------------------


def _entry(one: EvidenceAnswer) -> Entry:
    return Entry(
        at=one.recorded_at,
        kind=_KIND[Evidence.Status(one.status)],
        word=Evidence.Status(one.status).label,
        status=one.status,
        asked_at=one.asked_at,
        fetched_at=one.fetched_at,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        fresh_until=one.fresh_until,
        expected_on=one.expected_on,
        receipt=one.receipt,
        digest=one.digest,
        request_id=one.request_id,
        error=one.error,
        rows=tuple(one.content.get("rows", ())),
    )


def _before_archive(evidence: Evidence) -> list[Entry]:
    """The answer of a question that was answered before there was an archive."""
    if evidence.fetched_at is None:
        return []
    status = Evidence.Status(evidence.status)
    return [
        Entry(
            at=evidence.fetched_at, kind=_KIND[status], word=status.label, status=status,
            asked_at=evidence.asked_at, fetched_at=evidence.fetched_at,
            digest=digest_of(evidence.rows), request_id=evidence.call_ref,
            rows=tuple(evidence.rows),
        )
    ]  # fmt: skip


def _said(one: Correction) -> Entry:
    return Entry(
        at=one.at, kind=CORRECTION, word=_("当事人更正"), by=one.by, claim=one.claim,
        reason=one.reason, document=one.document,
    )  # fmt: skip


def _dated(reply: Reply) -> date | None:
    return max((day for one in reply.records if (day := getattr(one, "dated", None))), default=None)


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()


def _plain(value: Any) -> Any:
    """A typed record as JSON: dates in ISO, decimals as text."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: _plain(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, (tuple, list, frozenset)):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else str(value)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


__all__ = [
    "Entry", "answer", "correct", "corrections_at", "digest_of", "erasing",
    "history_of", "known_at", "silence", "valid_to", "write",
]  # fmt: skip

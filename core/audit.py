"""The audit log: verbs insert rows; one sealer chains them in order within seconds.

Inserting needs no lock, so that no verb waits for another's audit. The chain is made afterwards:
``seal`` gives each entry the next position and a hash over the entry and the hash before it. An
entry altered later, even with triggers off, no longer matches, and ``verify`` names it.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import models, transaction

from core import clock, locks
from core.identity.masking import mask_text
from core.models import AuditEntry, AuditSeal

log = logging.getLogger(__name__)
GENESIS = "0" * 64
_BATCH = 1000


@dataclass(frozen=True)
class System:
    """A machine as actor: ``System("worker")``."""

    name: str
    audit_kind: str = "system"
    pk: None = None

    @property
    def audit_label(self) -> str:
        return self.name


@dataclass(frozen=True)
class Broken:
    """The first entry at which the chain no longer holds."""

    position: int
    entry_id: int
    why: str


def record(
    verb: str,
    *,
    by: Any,
    thing: models.Model | None = None,
    case_no: str = "",
    subjects: Iterable[str] = (),
    purpose: str = "",
    **detail: Any,
) -> AuditEntry:
    """Records one act. ``by`` is a user or a System; ``subjects`` are blind indexes of people."""
    return AuditEntry.objects.create(
        at=clock.now(),
        verb=verb,
        actor_kind=getattr(by, "audit_kind", "system"),
        actor_id=getattr(by, "pk", None),
        actor=label(by)[:80],
        thing_type=thing._meta.label_lower if thing is not None else "",
        thing_id=str(thing.pk) if thing is not None else "",
        case_no=case_no or case_number(thing),
        subjects=sorted(set(subjects)),
        purpose=purpose[:200],
        detail=_clean(detail),
    )


def looked(
    thing: models.Model, *, by: Any, purpose: str, case_no: str = "", subjects: Iterable[str] = ()
) -> AuditEntry:
    """Records that somebody read a citizen's file; the citizen sees it under 谁查过我的数据."""
    return record("looked", by=by, thing=thing, case_no=case_no, subjects=subjects, purpose=purpose)


def label(by: Any) -> str:
    """How an actor is named in logs and on pages."""
    return str(getattr(by, "audit_label", by))


def case_number(thing: Any) -> str:
    """The case a thing belongs to, if it knows one."""
    return str(getattr(thing, "case_no", "") or "")


def seal(limit: int = _BATCH) -> int:
    """Chains up to ``limit`` entries that have no seal yet; returns how many."""
    with transaction.atomic():
        if not locks.try_advisory("audit.seal"):
            return 0  # another process is sealing
        last = AuditSeal.objects.order_by("-position").first()
        position, previous = (last.position, last.hash) if last else (0, GENESIS)
        seals = []
        for entry in AuditEntry.objects.filter(seal=None).order_by("id")[:limit]:
            position, previous = position + 1, link(previous, entry)
            seals.append(AuditSeal(position=position, entry=entry, hash=previous))
        AuditSeal.objects.bulk_create(seals)
    if seals:
        # the root also leaves the database, so that a cut tail can be told from the logs
        log.info("audit sealed up to %s root %s", position, previous)
    return len(seals)


def verify() -> Broken | None:
    """Walks the chain; the first entry that does not hold, or None."""
    previous, expected = GENESIS, 1
    for position, hash_, entry in _links():
        if position != expected:
            return Broken(expected, 0, "a link of the chain is missing")
        if entry is None:
            return Broken(position, 0, "the entry was removed")
        previous, expected = link(previous, entry), expected + 1
        if previous != hash_:
            return Broken(position, entry.id, "the entry or its link was altered")
    return None


def root() -> tuple[int, str]:
    """Position and hash of the last seal."""
    last = AuditSeal.objects.order_by("-position").first()
    return (last.position, last.hash) if last else (0, GENESIS)


def link(previous: str, entry: AuditEntry) -> str:
    """The hash of ``entry`` chained to ``previous``: SHA-256 over canonical JSON."""
    content = {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "verb": entry.verb,
        "actor": [entry.actor_kind, entry.actor_id, entry.actor],
        "thing": [entry.thing_type, entry.thing_id, entry.case_no],
        "subjects": entry.subjects,
        "purpose": entry.purpose,
        "detail": entry.detail,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(previous.encode() + text.encode()).hexdigest()


def _links() -> Iterator[tuple[int, str, AuditEntry | None]]:
    start = 0
    while True:
        seals = list(AuditSeal.objects.filter(position__gt=start).order_by("position")[:_BATCH])
        if not seals:
            return
        entries = AuditEntry.objects.in_bulk([seal.entry_id for seal in seals])
        for seal in seals:
            yield seal.position, seal.hash, entries.get(seal.entry_id)
        start = seals[-1].position


def _clean(value: Any) -> Any:
    """JSON-ready, and free of numbers that a caller should not have passed."""
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_clean(item) for item in value]
    if isinstance(value, bool | int) or value is None:
        return value
    return mask_text(str(value))

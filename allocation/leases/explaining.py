"""Clauses seen and understood one by one before anybody signs (条款说明, 令11号 §16)."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from allocation import states
from allocation.leases import texts
from allocation.leases.terms import LeaseRefused
from allocation.models import ClauseRead, Lease, LeaseText
from core import audit, clock, display, locks


def explain(lease: Lease, *, by: Any) -> Lease:
    """Notes that every clause on liability and return was explained before signing."""
    with transaction.atomic():
        row = locks.fresh(lease)
        text = texts.contract_of(row) or texts.open_text(row, LeaseText.Kind.CONTRACT, by=by)
        read(text, texts.key_clauses(text), by=by)
        return locks.fresh(lease)


def read(text: LeaseText, places: Iterable[int], *, by: Any) -> LeaseText:
    """Notes the clauses that somebody has seen; with the last of them the text is explained.

    What was seen before stays noted. A clause that the text does not have is passed over.
    """
    with transaction.atomic():
        lease, row = locks.fresh(text.lease), locks.fresh(text)
        if row.state != states.T_TO_SIGN:
            return row
        keys = texts.key_clauses(row)
        new = set(keys) & set(places) - set(row.reads.values_list("clause", flat=True))
        ClauseRead.objects.bulk_create(
            ClauseRead(text=row, clause=place, by=audit.label(by)[:80], at=clock.now())
            for place in sorted(new)
        )
        if not left(row) and row.explained_at is None:
            row.explained_at = clock.now()
            row.save(update_fields=["explained_at"])
            _note_on_lease(lease, row, by)
        return row


def left(text: LeaseText) -> list[int]:
    """The clauses still to be seen before anybody may sign."""
    seen = set(text.reads.values_list("clause", flat=True))
    return [place for place in texts.key_clauses(text) if place not in seen]


def refuse_unread(text: LeaseText) -> None:
    """Raises LeaseRefused naming the clauses that are still to be seen."""
    missing = left(text)
    if missing:
        raise LeaseRefused(
            _("还有条款没有打勾：%(clauses)s。请看清楚后打勾。")
            % {"clauses": display.listed(_("第%(n)s条") % {"n": place} for place in missing)}
        )


def _note_on_lease(lease: Lease, text: LeaseText, by: Any) -> None:
    if text.kind == LeaseText.Kind.CONTRACT and lease.explained_at is None:
        lease.explained_at = text.explained_at
        lease.save(update_fields=["explained_at"])
        audit.record("lease.explained", by=by, thing=lease)
    else:
        audit.record("lease.text_explained", by=by, thing=text)

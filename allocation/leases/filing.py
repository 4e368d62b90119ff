"""Filing with the authority within thirty days of signing (备案, 令11号 §17).

The push with the signature is the usual way, its receipt the filing. Where none comes, a person
files by hand and writes down the number.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from allocation import states
from allocation.leases.terms import LeaseRefused
from allocation.models import Lease
from applications import periods, permissions
from core import audit, clock, locks
from core.workflow import advance


@dataclass(frozen=True)
class Clock:
    """The clock of a filing: natural days used of those given, the last day, whether late."""

    used: int
    total: int
    due: date
    late: bool


def clock_of(lease: Lease, today: date) -> Clock | None:
    """The clock of a lease that was signed; None before that. It stops with the filing."""
    if lease.signed_at is None:
        return None
    period = periods.of("lease_filing")
    signed = lease.signed_at.astimezone(clock.LOCAL).date()
    until = lease.filed_at.astimezone(clock.LOCAL).date() if lease.filed_at else today
    due = period.after(signed)
    return Clock((until - signed).days, period.value, due, until > due)


def unfiled() -> QuerySet[Lease]:
    """Leases in force that are not filed, the one that is due first at the head."""
    rows = Lease.objects.filter(state__in=states.L_IN_FORCE, filed_at=None)
    return rows.order_by("signed_at", "pk")


def late(today: date) -> QuerySet[Lease]:
    """Leases whose thirty days are over without a filing."""
    first = today - timedelta(days=periods.of("lease_filing").value)
    return unfiled().filter(signed_at__lt=clock.local_midnight(first))


def file_by_hand(lease: Lease, number: str, *, by: Staff) -> Lease:
    """A person filed it and writes down the number that the authority gave. Raises LeaseRefused."""
    with transaction.atomic():
        row = locks.fresh(lease)
        if why := why_not_file(row, by):
            raise LeaseRefused(why)
        if not number.strip():
            raise LeaseRefused(_("请填写备案号。"), "number")
        row.filing_no, row.filed_by = number.strip()[:60], audit.label(by.user)[:80]
        row.filed_at = clock.now()
        row.save(update_fields=["filing_no", "filed_by", "filed_at"])
        audit.record("lease.filed_by_hand", by=by.user, thing=row, number=row.filing_no)
        return _filed(row, by.user)


def why_not_file(lease: Lease, staff: Staff) -> str:
    """Why this lease is not filed by hand now."""
    if lease.state not in states.L_IN_FORCE:
        return _("合同签好以后才能备案。")
    if lease.filed_at is not None:
        return _("这份合同已经备案。")
    return permissions.why_not_free(staff, lease.application)


def _filed(row: Lease, by: Any) -> Lease:
    # a household in its move-out period stays there; that the lease is filed shows in filed_at
    return advance(row, states.L_FILED, by=by) if row.state == states.L_SIGNED else row

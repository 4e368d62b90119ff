"""The deposit (押金): received, given back, set off, each with its reason; the sum of the rows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from allocation import states
from allocation.leases.terms import LeaseRefused
from allocation.models import DepositEntry, Lease
from applications import periods, permissions
from core import audit, clock, display, locks

Kind = DepositEntry.Kind


@dataclass(frozen=True)
class Standing:
    """What is agreed, what was received, given back and kept, and what is held now (元)."""

    agreed: Decimal
    received: Decimal
    returned: Decimal
    kept: Decimal
    entries: tuple[DepositEntry, ...]

    @property
    def held(self) -> Decimal:
        return self.received - self.returned - self.kept

    @property
    def open(self) -> Decimal:
        """What is still to be paid in."""
        return max(self.agreed - self.received, Decimal(0))


def standing(lease: Lease) -> Standing:
    """The deposit of a lease; it goes on from a lease to the one that follows it."""
    entries = list(
        DepositEntry.objects.filter(lease__application=lease.application_id, lease__in=chain(lease))
        .select_related("recorded_by")
        .order_by("recorded_at", "pk")
    )

    def total(kind: str) -> Decimal:
        return sum((one.amount for one in entries if one.kind == kind), Decimal(0))

    return Standing(
        lease.deposit, total(Kind.RECEIVED), total(Kind.RETURNED), total(Kind.KEPT), tuple(entries)
    )


def chain(lease: Lease) -> list[int]:
    """The lease and those it goes on from."""
    found, one = [lease.pk], lease.previous
    while one is not None:
        found.append(one.pk)
        one = one.previous
    return found


def receive(
    lease: Lease, amount: Decimal, *, on: date, reason: str, receipt_no: str, by: Staff
) -> DepositEntry:
    """Notes a deposit paid in. Raises LeaseRefused where it is more than agreed."""
    return _enter(lease, Kind.RECEIVED, amount, on, reason, receipt_no, by)


def give_back(
    lease: Lease, amount: Decimal, *, on: date, reason: str, receipt_no: str, by: Staff
) -> DepositEntry:
    """Notes what was given back, after the home was handed back. Raises LeaseRefused."""
    return _enter(lease, Kind.RETURNED, amount, on, reason, receipt_no, by)


def keep(lease: Lease, amount: Decimal, *, on: date, reason: str, by: Staff) -> DepositEntry:
    """Notes what was set off, and against what: the household reads the reason."""
    return _enter(lease, Kind.KEPT, amount, on, reason, "", by)


def due_back(lease: Lease) -> date | None:
    """By when the rest is given back; None before the home is handed back."""
    if lease.state != states.L_ENDED or lease.ended_at is None:
        return None
    ended = lease.ended_at.astimezone(clock.LOCAL).date()
    return periods.of("lease_deposit_back").after(ended)


def _enter(
    lease: Lease, kind: str, amount: Decimal, on: date, reason: str, receipt_no: str, by: Staff
) -> DepositEntry:
    with transaction.atomic():
        locks.advisory("deposit", lease.application_id)
        row = locks.fresh(lease)
        _refuse(row, kind, amount, on, reason, by)
        made, new = DepositEntry.objects.get_or_create(
            lease=row, kind=kind, receipt_no=receipt_no.strip()[:40], amount=amount, on=on,
            reason=reason.strip()[:200],
            defaults={"recorded_by": by, "recorded_at": clock.now()},
        )  # fmt: skip
        if new:
            audit.record("lease.deposit", by=by.user, thing=row, kind=kind, amount=amount)
        return made


def _refuse(row: Lease, kind: str, amount: Decimal, on: date, reason: str, by: Staff) -> None:
    if why := permissions.why_not_free(by, row.application):
        raise LeaseRefused(why)
    if amount <= 0:
        raise LeaseRefused(_("金额要大于0元。"), "amount")
    if not reason.strip():
        raise LeaseRefused(_("请写明原因，承租人会看到。"), "reason")
    if on > clock.today():
        raise LeaseRefused(_("日期不能晚于今天。"), "on")
    now = standing(row)
    if kind == Kind.RECEIVED and amount > now.open:
        raise LeaseRefused(
            _("约定的押金是%(agreed)s，已经收到%(received)s。")
            % {"agreed": display.money(now.agreed), "received": display.money(now.received)},
            "amount",
        )
    if kind == Kind.RECEIVED:
        return
    if row.state != states.L_ENDED:
        raise LeaseRefused(_("住房签字交还以后，才退还或抵扣押金。"), "kind")
    if amount > now.held:
        raise LeaseRefused(
            _("现在还有押金%(held)s，不能多退或多扣。") % {"held": display.money(now.held)},
            "amount",
        )

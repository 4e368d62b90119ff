"""The lease of an accepted home, and of one that follows another."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from allocation.leases import texts
from allocation.models import Home, Lease, LeaseText, Offer
from applications import periods
from core import audit, clock, locks


def prepare(offer: Offer, *, by: Any) -> Lease:
    """The lease of an accepted home, ready to be explained and signed."""
    application = offer.entrant.application
    today, now = clock.today(), clock.now()
    # one after the other: two inserts that check the same exclusion would wait crosswise
    locks.advisory("lease of home", offer.home_id)
    lease = Lease.objects.create(
        number=f"YZ-ZL-{today.year}-{offer.pk:06d}",
        application=application,
        offer=offer,
        home=offer.home,
        tier=application.wait_entry.tier,
        term=DateRange(today, periods.of("lease_term").after(today)),
        rent_monthly=offer.rent_monthly,
        deposit=deposit(),
        state_since=now,
        created_at=now,
    )
    texts.open_text(lease, LeaseText.Kind.CONTRACT, by=by)
    audit.record("lease.prepared", by=by, thing=lease, number=lease.number)
    return lease


def follow(
    old: Lease, home: Home, *, first: date, until: date, tier: str, rent: Decimal, by: Any
) -> Lease:
    """The lease that goes on from another, from ``first`` to before ``until``; not signed yet."""
    now = clock.now()
    lease = Lease.objects.create(
        number=next_number(old),
        application=old.application,
        previous=old,
        home=home,
        tier=tier,
        term=DateRange(first, until),
        rent_monthly=rent,
        deposit=old.deposit,
        state_since=now,
        created_at=now,
    )
    audit.record("lease.prepared", by=by, thing=lease, number=lease.number, after=old.number)
    return lease


def next_number(old: Lease) -> str:
    """The number of the lease after this one: -X2 after the first, -X3 after that."""
    root, mark, count = old.number.rpartition("-X")
    root = root if mark and count.isdigit() else old.number
    return f"{root}-X{Lease.objects.filter(number__startswith=f'{root}-X').count() + 2}"


def deposit() -> Decimal:
    """The deposit of a new lease in yuan, by the table of periods."""
    return Decimal(periods.of("lease_deposit").value).quantize(Decimal("0.01"))


def last_day(lease: Lease) -> date:
    """The last day of the term."""
    day: date = lease.term.upper - timedelta(days=1)
    return day

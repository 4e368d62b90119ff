"""月租金账单: each lease once a month; a month that is over is closed and stays as it is.

A run that was killed is gone on with by the next: each few leases are a transaction of their own,
and what is charged is skipped. Months that no run saw are caught up, the oldest first.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from allocation import months, rent_basis, rent_rules, states
from allocation.models import BillingMonth, Lease, RentCharge
from allocation.rent_basis import Due
from core import audit, clock, locks

SYSTEM = rent_basis.SYSTEM
BATCH = 500
_BILLED = (*states.L_IN_FORCE, states.L_ENDED)


def bill_due() -> int:
    """Bills every open month up to this one and closes those that are over; how many charges."""
    this = months.first(clock.today())
    done = sum(bill(month) for month in _open_months(this))
    for month in _open_months(this):
        close(month)
    return done


def bill(month: date) -> int:
    """Charges every lease of a month that is not charged yet; how many were. Safe to repeat."""
    done, after = 0, 0
    while batch := _bill_some(month, after):
        made, after = batch
        done += made
    return done


def close(month: date) -> bool:
    """Closes a month that is over and wholly charged; nothing is booked into it any more."""
    with transaction.atomic():
        row = locks.fresh(BillingMonth.objects.get(month=month))
        over = month < months.first(clock.today())
        if row.closed_at is not None or not over or unbilled(month).exists():
            return False
        row.closed_at = clock.now()
        row.save(update_fields=["closed_at"])
        audit.record("rent.month_closed", by=SYSTEM, thing=row, month=month.isoformat())
        return True


def opened(month: date) -> BillingMonth:
    """The month's row, made where it is missing."""
    BillingMonth.objects.bulk_create(
        [BillingMonth(month=month, opened_at=clock.now())], ignore_conflicts=True
    )
    return BillingMonth.objects.get(month=month)


def due_on(month: date, starts_on: date, today: date) -> date:
    """The last day to pay: the rule's day of the month, and time enough after the bill.

    Who moves in late in the month, or is billed late by us, gets the days of notice.
    """
    rule = month.replace(day=rent_rules.of("due_day"))
    notice = timedelta(days=rent_rules.of("notice_days"))
    return max(rule, starts_on + notice, today + notice)


def unbilled(month: date) -> QuerySet[Lease]:
    """Leases with a day in the month and no charge for it."""
    charged = RentCharge.objects.filter(lease=OuterRef("pk"), month=month, kind="month")
    return Lease.objects.filter(
        ~Exists(charged),
        state__in=_BILLED,
        term__startswith__lt=months.after(month),
        term__endswith__gt=month,
    )


def lines(due: Due, lease: Lease, booked: BillingMonth, until: date) -> Iterator[RentCharge]:
    """The month's rent, and a line for each reduction."""
    common = {
        "lease": lease, "month": due.month, "booked": booked, "starts_on": due.starts_on,
        "ends_on": due.ends_on, "part": due.part, "due_on": until, "by": SYSTEM.name,
        "at": clock.now(),
    }  # fmt: skip
    yield RentCharge(**common, kind=RentCharge.Kind.MONTH, amount=due.rent)
    for reduction, off in due.reduced.items():
        yield RentCharge(
            **common, kind=RentCharge.Kind.REDUCTION, amount=-off, reduction_id=reduction
        )


def _open_months(this: date) -> list[date]:
    """From the first month of the book to this one, without the closed ones; rows are made."""
    rows = dict(BillingMonth.objects.values_list("month", "closed_at"))
    start = min(rows, default=this)
    wanted = [month for month in months.through(start, this) if rows.get(month) is None]
    for month in wanted:
        if month not in rows:
            opened(month)
    return wanted


def _bill_some(month: date, after: int) -> tuple[int, int] | None:
    """The next few leases of a month; how many were charged, and the last one looked at."""
    with transaction.atomic():
        found = unbilled(month).filter(pk__gt=after).select_related("home__estate")
        leases = list(found.select_for_update(no_key=True, of=("self",)).order_by("pk")[:BATCH])
        if not leases:
            return None
        # another worker may have charged them while this one waited for the lock
        charged = _charged(month, leases)
        left = [one for one in leases if one.pk not in charged]
        rent_basis.seed(left)
        made = _charge(month, left)
        return made, leases[-1].pk


def _charged(month: date, leases: list[Lease]) -> set[int]:
    rows = RentCharge.objects.filter(month=month, kind="month", lease__in=leases)
    return set(rows.values_list("lease", flat=True))


def _charge(month: date, leases: list[Lease]) -> int:
    booked, basis, today = opened(month), rent_basis.of(leases), clock.today()
    rows: list[RentCharge] = []
    for lease in leases:
        due = basis[lease.pk].due_in(month)
        if due is not None:
            rows += lines(due, lease, booked, due_on(month, due.starts_on, today))
    # the database says no, too, should a worker without the lock have been here
    RentCharge.objects.bulk_create(rows, ignore_conflicts=True)
    total = sum((one.amount for one in rows), Decimal())
    if rows:
        audit.record(
            "rent.billed", by=SYSTEM, thing=booked, month=month.isoformat(), leases=len(leases),
            total=f"{total:.2f}",
        )  # fmt: skip
    return len(leases)

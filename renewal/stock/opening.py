"""期初欠租: what households owed in the old system, entered in the rent book by a person.

Not by the take-in: a line of the book is never taken back, an import may be.
"""

from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import Staff
from allocation import billing, months
from allocation.models import RentCharge
from core import audit, clock, locks
from renewal import states
from renewal.models import StockEntry, StockImport
from renewal.stock import imports


def book(row: StockImport, *, by: Staff) -> Decimal:
    """Enters every opening sum not entered yet, each once; returns yuan. Raises NotImported.

    The line says where the sum comes from; it is due today, so that nobody is late by it at once.
    """
    with transaction.atomic():
        here = locks.fresh(row)
        imports.refuse(why_not(here, by))
        entries = list(unbooked(here).select_related("lease").defer("said", "faults"))
        today, now = clock.today(), clock.now()
        booked = billing.opened(months.first(today))
        lines = RentCharge.objects.bulk_create(
            [
                RentCharge(
                    lease=one.lease, month=booked.month, booked=booked,
                    kind=RentCharge.Kind.MANUAL, amount=one.arrears, starts_on=today,
                    ends_on=today, due_on=today, by=audit.label(by.user)[:80], at=now,
                    words=_("期初欠租，由原来的系统转来（%(file)s第%(row)d行）")
                    % {"file": here.file_name, "row": one.row},
                )
                for one in entries
            ],
            batch_size=1000,
        )  # fmt: skip
        for one, line in zip(entries, lines, strict=True):
            one.opening = line
        StockEntry.objects.bulk_update(entries, ["opening"], batch_size=1000)
        total = sum((one.arrears for one in entries), Decimal(0))
        audit.record(
            "stock.arrears_booked", by=by.user, thing=here, households=len(entries), total=total
        )
        return total


def why_not(row: StockImport, staff: Staff) -> str:
    """Why nothing can be entered in the rent book now by this person."""
    if why := imports.why_not(staff):
        return why
    if row.state != states.S_DONE:
        return str(row.STATES[row.state].line)
    if not unbooked(row).exists():
        return _("没有还要记账的期初欠租。")
    return ""


def unbooked(row: StockImport) -> QuerySet[StockEntry]:
    """Households taken in with a sum that is not in the rent book yet."""
    return row.entries.filter(
        state=StockEntry.State.TAKEN, lease__isnull=False, arrears__gt=0, opening=None
    ).order_by("pk")


def open_sum(row: StockImport) -> Decimal:
    """Yuan not entered yet."""
    return unbooked(row).aggregate(sum=Sum("arrears"))["sum"] or Decimal(0)

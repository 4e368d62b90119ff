"""Totals of the rent by month and estate, for the office. Reads; decides nothing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncMonth

from allocation import months
from allocation.models import BillingMonth, Lease, RentCharge, RentPayment

_SUM: Any = DecimalField(max_digits=14, decimal_places=2)
_RENT = Q(reduction=None)


@dataclass(frozen=True)
class Total:
    """Sums in yuan of what was booked in a month, and what came in by its days."""

    key: Any
    name: str
    charged: Decimal
    reduced: Decimal
    paid: Decimal
    closed: bool = False


def by_month(estate: str = "") -> list[Total]:
    """Each month of the book, the newest first. A closed month's charges never change again."""
    lines = RentCharge.objects.all()
    paid = RentPayment.objects.filter(undone_at=None)
    if estate:
        lines = lines.filter(lease__home__estate__code=estate)
        paid = paid.filter(lease__home__estate__code=estate)
    booked = {row["booked__month"]: row for row in _sums(lines.values("booked__month")).order_by()}
    came = dict(
        paid.annotate(at=TruncMonth("paid_on")).order_by().values_list("at").annotate(Sum("amount"))
    )
    rows = BillingMonth.objects.order_by("-month")
    return [
        _total(one.month, "", booked.get(one.month, {}), came, closed=one.closed_at is not None)
        for one in rows
    ]


def by_estate(month: date) -> list[Total]:
    """The estates in one month of the book."""
    lines = RentCharge.objects.filter(booked__month=month)
    booked = _sums(lines.values("lease__home__estate__code", "lease__home__estate__name"))
    paid = RentPayment.objects.filter(
        undone_at=None, paid_on__gte=month, paid_on__lt=months.after(month), lease__isnull=False
    )
    came = dict(paid.order_by().values_list("lease__home__estate__code").annotate(Sum("amount")))
    return [
        _total(row["lease__home__estate__code"], row["lease__home__estate__name"], row, came)
        for row in booked.order_by("lease__home__estate__name")
    ]


def waiting_in(month: date) -> Decimal:
    """What came in that month and no lease is named for."""
    rows = RentPayment.objects.filter(
        undone_at=None, lease=None, paid_on__gte=month, paid_on__lt=months.after(month)
    )
    return rows.aggregate(sum=Sum("amount"))["sum"] or months.ZERO


def homes(month: date | None, estate: str) -> Any:
    """Leases with lines booked in the month, with the month's sum and their balance of today."""
    lines = RentCharge.objects.filter(lease=OuterRef("pk"))
    paid = RentPayment.objects.filter(lease=OuterRef("pk"), undone_at=None)
    rows = Lease.objects.filter(rent_charges__isnull=False)
    if month is not None:
        rows = rows.filter(rent_charges__booked__month=month)
    if estate:
        rows = rows.filter(home__estate__code=estate)
    in_month = lines.filter(booked__month=month) if month is not None else lines
    return (
        rows.distinct()
        .annotate(
            month_sum=_one(in_month.filter(reduction=None)),
            month_off=_one(in_month.exclude(reduction=None)),
            charged_sum=_one(lines),
            paid_sum=_one(paid),
        )
        .select_related("home__estate", "application")
        .order_by("home__code", "pk")
    )


def _sums(rows: Any) -> Any:
    return rows.annotate(
        charged=Coalesce(Sum("amount", filter=_RENT), Value(Decimal(0)), output_field=_SUM),
        off=Coalesce(Sum("amount", filter=~_RENT), Value(Decimal(0)), output_field=_SUM),
    )


def _one(rows: QuerySet[Any]) -> Any:
    summed = rows.order_by().values("lease").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(summed), Value(Decimal(0)), output_field=_SUM)


def _total(key: Any, name: str, row: Any, came: Any, *, closed: bool = False) -> Total:
    return Total(
        key, name, row.get("charged", months.ZERO), -row.get("off", months.ZERO),
        came.get(key, months.ZERO), closed,
    )  # fmt: skip

"""Months of rent by the real verbs: nearly everybody pays, two owe, one has a reduction.

Bills on the first, the bank's file on the nineteenth. One payment names nobody and waits.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from django.db.models import Sum

from accounts.models import Staff
from accounts.roles import Role
from allocation import arrears, bank_file, billing, months, payments, reductions, states
from allocation.models import Lease, RentCharge
from core import clock
from datashare.mock_gateway.city import City

MONTHS = 10  # billed, this one with them
OWED = (7, 3)  # whole months that a household owes
PAY_DAY, FILE_DAY = 18, 19
SOURCE = "区公共租赁住房租金减免办法（演示）"


def build(city: City) -> None:
    """Bills and payments up to the city's day; flags, a contact and an offer of instalments."""
    operator = Staff.objects.filter(roles__contains=[Role.OPERATOR]).order_by("id").first()
    centre = Staff.objects.filter(roles__contains=[Role.DISTRICT]).order_by("id").first()
    this = months.first(city.on)
    chosen = list(_settled(months.after(this, 1 - MONTHS), this)[: len(OWED) + 1])
    if operator is None or centre is None or len(chosen) <= len(OWED):
        return
    *owing, reduced = chosen
    unpaid = dict(zip((one.pk for one in owing), OWED, strict=True))
    for month in months.through(months.after(this, 1 - MONTHS), this):
        with clock.held_at(_at(month, 6)):
            billing.opened(month)
            billing.bill_due()
            if month == months.after(this, -3):
                _reduce(reduced, month, centre)
        if month.replace(day=FILE_DAY) < city.on:
            _paid(month, unpaid, city.on, operator)
    arrears.raise_flags()
    _contacts(owing, operator)


def _settled(since: date, until: date) -> list[Lease]:
    """Households that lived there all the time, in a set order."""
    rows = Lease.objects.filter(
        state=states.L_FILED, term__startswith__lt=since, term__endswith__gt=months.after(until)
    )
    return list(rows.order_by("number"))


def _reduce(lease: Lease, month: date, centre: Staff) -> None:
    row = reductions.ask(
        lease, from_month=month, to_month=months.after(month, 5), reason="失业，正在找工作",
        by=lease.application.created_by,
    )  # fmt: skip
    reductions.grant(row, by=centre, source=SOURCE, words="按一半收租", share=Decimal("0.5"))


def _paid(month: date, unpaid: dict[int, int], on: date, operator: Staff) -> None:
    """The bank's file of a month, counted and reconciled the next day."""
    day = month.replace(day=PAY_DAY)
    with clock.held_at(_at(month.replace(day=FILE_DAY), 10)):
        lines = list(_lines(month, day, unpaid, on))
        content = "\n".join([",".join(bank_file.COLUMNS), *lines]).encode()
        row = payments.check(content, name=f"{month:%Y-%m}.csv", by=operator)
        payments.take_in(row, by=operator)
        payments.reconcile(row, bank_total=row.total, by=operator)


def _lines(month: date, day: date, unpaid: dict[int, int], on: date) -> Iterator[str]:
    lines = RentCharge.objects.filter(booked__month=month).order_by("lease__number")
    sums = lines.values_list("lease", "lease__number").annotate(sum=Sum("amount"))
    for pk, number, sum_ in sums:
        if sum_ > 0 and not _owes(pk, month, unpaid, on):
            yield f"{day:%Y-%m-%d},{day:%Y%m%d}-{number},{sum_:.2f},,{number}"
    if month.replace(day=FILE_DAY) < on <= months.after(month, 2):
        yield f"{day:%Y-%m-%d},{day:%Y%m%d}-0,100.00,,房租"


def _owes(pk: int, month: date, unpaid: dict[int, int], on: date) -> bool:
    """Whether the month is among the last so many whose day to pay is over, or after them."""
    if pk not in unpaid:
        return False
    newest = months.first(on)
    newest = newest if on > newest.replace(day=20) else months.after(newest, -1)
    return month > months.after(newest, -unpaid[pk])


def _contacts(owing: list[Lease], operator: Staff) -> None:
    seven, three = owing
    arrears.note_contact(
        seven, way="visit", reached=False, words="两次上门没有人，留了联系卡。", helps=[],
        by=operator,
    )  # fmt: skip
    arrears.note_contact(
        three, way="phone", reached=True, words="愿意分期。", helps=["instalments", "aid"],
        by=operator,
    )  # fmt: skip
    first = months.after(clock.today()).replace(day=10)
    arrears.propose(three, parts=6, first_due=first, by=operator)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.LOCAL)

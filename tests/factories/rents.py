"""Months billed and money paid, by the verbs."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.roles import Role
from allocation import billing, months, payments
from allocation.models import BankFile, Lease
from core import clock
from tests.factories import accounts

_serial = itertools.count(1)
HEAD = "交易日期,流水号,金额,付款人,附言"


def billed(number: int, *, until: date | None = None) -> list[date]:
    """So many months billed up to this one, each on its first day; returns them."""
    this = months.first(until or clock.today())
    found = [months.after(this, back) for back in range(1 - number, 1)]
    for month in found:
        with clock.held_at(clock.local_midnight(month)):
            billing.opened(month)
            billing.bill_due()
    return found


def go_on(number: int = 1) -> None:
    """Moves the clock to the middle of a later month, whatever day it is today."""
    month = months.after(months.first(clock.today()), number)
    clock.advance(timedelta(days=(month.replace(day=15) - clock.today()).days))


def operator() -> Any:
    """Somebody of the operating company."""
    return accounts.staff(Role.OPERATOR)


def line(amount: str, remark: str, *, day: date | None = None, serial: str = "") -> str:
    """A line of a bank file."""
    day = day or clock.today()
    return f"{day:%Y-%m-%d},{serial or f'S{next(_serial):08d}'},{amount},付款人,{remark}"


def content(*lines: str, head: str = HEAD) -> bytes:
    """A bank file as CSV."""
    return "\n".join([head, *lines]).encode()


def imported(*lines: str, by: Any = None) -> BankFile:
    """A file that was counted."""
    by = by or operator()
    return payments.take_in(payments.check(content(*lines), name="a.csv", by=by), by=by)


def paid(lease: Lease, amount: str | Decimal, **more: Any) -> BankFile:
    """Money of a household, counted."""
    return imported(line(str(amount), lease.number, **more))

"""Months as their first day, and what a part of one costs. Pure: no clock, no database."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from applications.periods import months_later

FEN = Decimal("0.01")
ZERO = Decimal("0.00")


def first(day: date) -> date:
    """The first day of the month in which ``day`` lies."""
    return day.replace(day=1)


def last(month: date) -> date:
    """The last day of the month in which ``month`` lies."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def after(month: date, number: int = 1) -> date:
    """The first day of the month so many months later; negative goes back."""
    return months_later(first(month), number)


def through(start: date, end: date) -> Iterator[date]:
    """Every month from that of ``start`` to that of ``end``, both with."""
    month = first(start)
    while month <= end:
        yield month
        month = after(month)


def of_text(text: str) -> date:
    """2026-12 as its first day. Raises ValueError."""
    year, _dash, month = text.partition("-")
    return date(int(year), int(month), 1)


def in_month(month: date, start: date, end: date) -> tuple[date, date] | None:
    """First and last day of what ``start``..``end`` (both with) has in a month; None if nothing."""
    begin, stop = max(month, start), min(last(month), end)
    return (begin, stop) if begin <= stop else None


def part(rent: Decimal, begin: date, stop: date, rule: str = "days") -> Decimal:
    """What the days ``begin``..``stop`` (both with) of one month cost, in yuan to the fen.

    By days, each day's end is rounded and the parts are differences: however a month is cut, its
    parts add up to the rent. Under the rule ``whole`` a month begun costs the rent.
    """
    if rule == "whole":
        return rent
    days = last(begin).day
    return _until(rent, stop.day, days) - _until(rent, begin.day - 1, days)


def share(total: Decimal, parts: int) -> list[Decimal]:
    """A sum in so many parts that differ by no more than a fen and add up to it."""
    ends = [_until(total, number, parts) for number in range(parts + 1)]
    return [stop - start for start, stop in pairwise(ends)]


def _until(sum_: Decimal, number: int, of: int) -> Decimal:
    return (sum_ * number / of).quantize(FEN, ROUND_HALF_UP)


def day_before(day: date) -> date:
    """The day before: the last day of a term whose end is exclusive."""
    return day - timedelta(days=1)

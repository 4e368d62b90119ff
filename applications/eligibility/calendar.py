"""Months on the calendar (按月计算): look-backs, residence, insured months."""

import calendar
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later; the last of the month where that day does not exist."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def months_between(start: date, end: date) -> int:
    """Completed months from ``start`` to ``end`` (the anniversary completes one), not below 0."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and add_months(start, months) > end:
        months -= 1
    return max(months, 0)


def month_index(day: date) -> int:
    """A number that grows by one each month."""
    return day.year * 12 + day.month - 1


def within(start: date | None, on: date, end: date | None) -> bool:
    """Whether ``on`` lies from ``start`` to ``end``, both inclusive; None is open."""
    return (start is None or start <= on) and (end is None or on <= end)

"""Working days with 调休 (days moved around the festivals).

An administrator's day goes first, then the library's calendar, then the plain week. The State
Council publishes a year's calendar in the autumn before; days of a year not yet published are
provisional and are computed again when it comes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256

import holidays
from django.core.cache import cache

from core.models import CalendarDay

_ONE = timedelta(days=1)
_WEEK = 5  # Monday to Friday, where nothing else is known
_CACHE_KEY = "workdays"
_CACHE_SECONDS = 60
_supposed: ContextVar[dict[date, bool] | None] = ContextVar("supposed", default=None)


def is_workday(day: date) -> bool:
    """Whether offices work on ``day``."""
    return _works(day, _chosen())


def add_workdays(start: date, count: int) -> date:
    """The ``count``-th working day after ``start``; the day after the start is the first."""
    day, chosen = start, _chosen()
    while count > 0:
        day += _ONE
        count -= _works(day, chosen)
    return day


def workdays_between(start: date, end: date) -> int:
    """Working days after ``start`` up to and including ``end``; 0 if the end is not later."""
    chosen = _chosen()
    return sum(_works(start + _ONE * n, chosen) for n in range(1, (end - start).days + 1))


def is_provisional(day: date) -> bool:
    """Whether the calendar of that year is not published yet and no administrator set the day."""
    return day not in _chosen() and not _published(day.year)


@contextmanager
def supposing(changes: Mapping[date, bool | None]) -> Iterator[None]:
    """Counts as if these days were set so; None takes an administrator's day away.

    The days are read once for the whole block, so that it also serves who counts for many cases.
    """
    days = dict(CalendarDay.objects.values_list("date", "is_workday"))
    for day, works in changes.items():
        days.pop(day, None)
        if works is not None:
            days[day] = works
    token = _supposed.set(days)
    try:
        yield
    finally:
        _supposed.reset(token)


def is_published(year: int) -> bool:
    """Whether the library knows the State Council's calendar of the year."""
    return _published(year)


def library_says(day: date) -> bool:
    """Whether ``day`` is a working day where no administrator set it."""
    return _year(day.year).is_working_day(day)


def moved_days(year: int) -> list[tuple[date, bool]]:
    """Days of a year on which the library differs from the plain week, and what they are."""
    day, found = date(year, 1, 1), []
    while day.year == year:
        if library_says(day) != (day.weekday() < _WEEK):
            found.append((day, library_says(day)))
        day += _ONE
    return found


def fingerprint(year: int) -> str:
    """What the library says of a year, in eight characters: changes when it is published."""
    return sha256(repr(moved_days(year)).encode()).hexdigest()[:8]


def forget() -> None:
    """Called after an administrator changed the calendar."""
    cache.delete(_CACHE_KEY)


def _works(day: date, chosen: dict[date, bool]) -> bool:
    known = chosen.get(day)
    return _year(day.year).is_working_day(day) if known is None else known


def _chosen() -> dict[date, bool]:
    supposed = _supposed.get()
    if supposed is not None:
        return supposed
    days: dict[date, bool] | None = cache.get(_CACHE_KEY)
    if days is None:
        days = dict(CalendarDay.objects.values_list("date", "is_workday"))
        cache.set(_CACHE_KEY, days, _CACHE_SECONDS)
    return days


@lru_cache(maxsize=64)
def _year(year: int) -> holidays.HolidayBase:
    # neighbours too: a festival moves days across New Year
    return holidays.country_holidays("CN", years=[year - 1, year, year + 1])


@lru_cache(maxsize=64)
def _published(year: int) -> bool:
    # every published calendar of this century moves some weekend to work
    return any(day.year == year for day in _year(year).weekend_workdays)

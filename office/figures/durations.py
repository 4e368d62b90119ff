"""Working days that answered cases took, net and gross, for all of them at once.

The same days as ``applications.deadlines.clock_of`` counts for one case (a test holds the two
together); here the calendar is read once for all.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from applications import deadlines
from applications.models import Pause
from core import clock, workdays
from office.figures.figure import Moment
from office.figures.oneflow import ANSWERED

PROMISED, STATUTORY = 15, 45
_STEP = 5  # working days in a bar of the histogram
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Duration:
    """One answered case: working days without the pauses (net) and with them (gross)."""

    application_id: int
    street: str
    net: int
    gross: int


@dataclass(frozen=True)
class Summary:
    """Of some cases: how many, fastest, median, P90, and how many took at most 15 days."""

    cases: int
    fastest: int | None
    median: int | None
    p90: int | None
    within: int

    @property
    def share(self) -> float | None:
        return self.within / self.cases if self.cases else None


def durations(moment: Moment) -> list[Duration]:
    """Of every answered case, in two queries."""
    rows = list(
        ANSWERED.rows(moment)
        .select_related(None)
        .order_by("pk")
        .values_list("pk", "street__code", "accepted_at", "decided_at", "closed_at")
    )
    pauses = _pauses(moment)
    spans = [
        (pk, street or "", _day(accepted), max(_day(accepted), min(map(_day, filter(None, ends)))))
        for pk, street, accepted, *ends in rows
    ]
    days = Calendar.over([span[2:] for span in spans])
    return [
        Duration(pk, street, days.net(first, last, pauses.get(pk, ())), days.count(first, last))
        for pk, street, first, last in spans
    ]


def summary(values: Iterable[int]) -> Summary:
    """The figures of some durations; the median of an even number is the lower middle."""
    ordered = sorted(values)
    return Summary(
        cases=len(ordered),
        fastest=ordered[0] if ordered else None,
        median=_rank(ordered, 0.5),
        p90=_rank(ordered, 0.9),
        within=bisect_right(ordered, PROMISED),
    )


def histogram(values: Sequence[int]) -> tuple[list[str], list[int]]:
    """Labels and counts of bars five working days wide, at least up to 45."""
    bars = max(STATUTORY // _STEP, max((_bar(value) for value in values), default=0) + 1)
    counts = [0] * bars
    for value in values:
        counts[_bar(value)] += 1
    labels = [f"{at * _STEP + 1}–{(at + 1) * _STEP}" for at in range(bars)]
    return labels, counts


def _bar(value: int) -> int:
    return max(0, ceil(value / _STEP) - 1)


def rank(number: int, share: float) -> int:
    """Which of ``number`` ordered values the share reaches, counted from 1."""
    return max(1, ceil(share * number))


def _rank(ordered: list[int], share: float) -> int | None:
    return ordered[rank(len(ordered), share) - 1] if ordered else None


def _pauses(moment: Moment) -> dict[int, list[tuple[date, date | None]]]:
    found: dict[int, list[tuple[date, date | None]]] = {}
    cases = ANSWERED.rows(moment).order_by().values("pk")
    stopping = deadlines.stopping_reasons()
    for pk, began, ended in Pause.objects.filter(
        application__in=cases, reason__in=stopping
    ).values_list("application_id", "began_at", "ended_at"):
        found.setdefault(pk, []).append((_day(began), _day(ended) if ended else None))
    return found


@dataclass(frozen=True)
class Calendar:
    """The working days of a stretch of time, in order."""

    days: list[date]

    @classmethod
    def over(cls, spans: Sequence[tuple[date, date]]) -> "Calendar":
        if not spans:
            return cls([])
        first, last = min(span[0] for span in spans), max(span[1] for span in spans)
        stretch = (first + _ONE * n for n in range((last - first).days + 1))
        return cls([day for day in stretch if workdays.is_workday(day)])

    def count(self, first: date, last: date) -> int:
        """Working days after ``first`` up to and including ``last``."""
        return max(0, bisect_right(self.days, last) - bisect_right(self.days, first))

    def net(self, first: date, last: date, pauses: Sequence[tuple[date, date | None]]) -> int:
        """As ``count``, without the days that lie in a pause; overlapping pauses count once."""
        stopped, reach = 0, first
        for began, ended in sorted(pauses, key=lambda pause: pause[0]):
            start, end = max(began, reach), min(ended or last, last)
            stopped += self.count(start, end)
            reach = max(reach, end)
        return self.count(first, last) - stopped


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()

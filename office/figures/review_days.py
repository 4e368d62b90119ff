"""Working days of answered cases by place, desk and reason of pause (审核时长).

Plain rows in, plain numbers out.

A day belongs to the place in which it ended: from one change of state to the next, so that the days
of all places add up to the gross time. A desk holds a case from its task to its opinion; days on
which the clock stood are nobody's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from applications import states
from core import clock
from office.figures.durations import Calendar

_PLACE = {
    states.ACCEPTED: "intake",
    states.STREET_REVIEW: "street",
    states.JOINT_REVIEW: "joint",
    states.DISTRICT_REVIEW: "district",
    states.PUBLICITY: "notice",
    states.CORRECTION: "correction",
    states.OBJECTION_CHECK: "objection",
}


@dataclass(frozen=True)
class Held:
    """A desk's task that ended with an opinion."""

    bureau_id: int
    stage: str
    opened_at: datetime
    answered_at: datetime


@dataclass(frozen=True)
class Stood:
    """A pause of the clock."""

    reason: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Raw:
    """What is stored of one answered case."""

    accepted_at: datetime
    ends: Sequence[datetime | None]  # decided, closed: the clock ends with the first
    moves: Sequence[tuple[datetime, str]]  # changes of state, in order
    pauses: Sequence[Stood]
    tasks: Sequence[Held]


@dataclass(frozen=True)
class Days:
    """Working days of one case."""

    answered_at: datetime
    net: int
    gross: int
    places: dict[str, int]
    stood: dict[str, int]
    desks: list[tuple[int, str, int]]  # bureau, stage, days; several rounds are one line


def days_of(raw: Raw, calendar: Calendar) -> Days:
    """The working days of one case; ``calendar`` reaches from its acceptance to its answer."""
    answered_at = max(raw.accepted_at, min(at for at in raw.ends if at is not None))
    first, last = day_of(raw.accepted_at), day_of(answered_at)
    pauses = [(day_of(one.began_at), one.ended_at and day_of(one.ended_at)) for one in raw.pauses]
    return Days(
        answered_at=answered_at,
        net=calendar.net(first, last, pauses),
        gross=calendar.count(first, last),
        places=_places(raw.moves, first, last, calendar),
        stood=_stood(raw.pauses, first, last, calendar),
        desks=_desks(raw.tasks, pauses, first, last, calendar),
    )


def shares(days: dict[str, int]) -> dict[str, float | None]:
    """Each one's part of all the days; None while there are none."""
    whole = sum(days.values())
    return {name: number / whole if whole else None for name, number in days.items()}


def _places(
    moves: Iterable[tuple[datetime, str]], first: date, last: date, calendar: Calendar
) -> dict[str, int]:
    spent: dict[str, int] = {}
    place, since = "intake", first
    for at, state in moves:
        day = min(max(day_of(at), since), last)
        spent[place] = spent.get(place, 0) + calendar.count(since, day)
        place, since = _PLACE.get(state, "other"), day
    spent[place] = spent.get(place, 0) + calendar.count(since, last)
    return spent


def _stood(pauses: Iterable[Stood], first: date, last: date, calendar: Calendar) -> dict[str, int]:
    stood: dict[str, int] = {}
    reach: dict[str, date] = {}
    for one in sorted(pauses, key=lambda pause: pause.began_at):
        began = max(day_of(one.began_at), reach.get(one.reason, first))
        ended = min(day_of(one.ended_at) if one.ended_at else last, last)
        stood[one.reason] = stood.get(one.reason, 0) + calendar.count(began, ended)
        reach[one.reason] = max(began, ended)
    return stood


def _desks(
    tasks: Iterable[Held],
    pauses: Sequence[tuple[date, date | None]],
    first: date,
    last: date,
    calendar: Calendar,
) -> list[tuple[int, str, int]]:
    found: dict[tuple[int, str], int] = {}
    for one in tasks:
        began = max(day_of(one.opened_at), first)
        ended = max(began, min(day_of(one.answered_at), last))
        within = [(max(a, began), min(b or ended, ended)) for a, b in pauses]
        stood = [(a, b) for a, b in within if b > a]
        key = (one.bureau_id, one.stage)
        found[key] = found.get(key, 0) + calendar.net(began, ended, stood)
    return [(bureau, stage, days) for (bureau, stage), days in found.items()]


def day_of(moment: datetime) -> date:
    """The day in Ningbo."""
    return moment.astimezone(clock.LOCAL).date()

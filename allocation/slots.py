"""Times at the machines (预约时段): when a place serves, what is free, who holds which seat.

A time has as many seats as the place serves households at once. The database lets each seat be
taken once; whoever books at a place waits for the place, never for another place or for a machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import merge
from itertools import islice

from django.db.models import Count, QuerySet

from allocation import states
from allocation.models import Appointment, Kiosk, OpeningHours
from core import clock, locks, workdays

FALLBACK_PLACE = "区行政服务中心"
_OPENS, _CLOSES = time(9), time(16, 50)  # where the office has written nothing else
_LONGEST_SEARCH = 60  # days


@dataclass(frozen=True)
class Slot:
    """A time at a place and how many households still fit."""

    place: str
    starts_at: datetime
    left: int

    @property
    def value(self) -> str:
        """What a form sends."""
        return f"{self.starts_at.isoformat()}|{self.place}"


def places() -> list[str]:
    """Where machines stand that serve now."""
    machines = Kiosk.objects.filter(active=True, kind=Kiosk.Kind.MACHINE).order_by("name")
    found = list(dict.fromkeys(machines.values_list("place", flat=True)))
    return found or [FALLBACK_PLACE]


def hours_of(place: str) -> OpeningHours:
    """The place's hours; working days and one household a machine where the office wrote none."""
    found = OpeningHours.objects.filter(place=place).first()
    if found is not None:
        return found
    machines = Kiosk.objects.filter(active=True, kind=Kiosk.Kind.MACHINE, place=place).count()
    return OpeningHours(place=place, opens=_OPENS, closes=_CLOSES, capacity=max(machines, 1))


def starts(hours: OpeningHours, day: date) -> list[datetime]:
    """Every time of a day that ends before the place closes; none on a day off."""
    if not hours.weekends and not workdays.is_workday(day):
        return []
    at = datetime.combine(day, hours.opens, tzinfo=clock.LOCAL)
    end = datetime.combine(day, hours.closes, tzinfo=clock.LOCAL)
    step = timedelta(minutes=hours.minutes)
    return [at + step * n for n in range(int((end - at) / step))]


def free(place: str, after: datetime, last: date) -> list[Slot]:
    """The times at a place after a moment, to the end of a day; full ones have nothing left."""
    hours = hours_of(place)
    held = _held(place, after).values_list("starts_at").annotate(count=Count("id")).order_by()
    taken = dict(held)
    first = after.astimezone(clock.LOCAL).date()
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [
        Slot(place, at, max(hours.capacity - taken.get(at, 0), 0))
        for day in days
        for at in starts(hours, day)
        if at > after
    ]


def first_free(place: str, after: datetime, last: date) -> Slot | None:
    """The next time at a place for one household; None if there is none before the end."""
    return next((one for one in free(place, after, last) if one.left), None)


def take(place: str, at: datetime) -> int | None:
    """Locks the place and says which seat of a time is free; None if it is full or never was."""
    locks.advisory("slots", place)
    hours = hours_of(place)
    if at not in starts(hours, at.astimezone(clock.LOCAL).date()):
        return None
    _release_void(place)
    held = set(_held(place).filter(starts_at=at).values_list("seat", flat=True))
    return next((seat for seat in range(hours.capacity) if seat not in held), None)


def deal(after: date, count: int) -> list[tuple[str, datetime, int]]:
    """Seats for many households, from a day on, all places side by side, earliest first.

    The places stay locked until the transaction ends.
    """
    wanted = sorted(places())
    for place in wanted:
        locks.advisory("slots", place)
        _release_void(place)
    queues = [_seats(place, after) for place in wanted]
    return [(place, at, seat) for at, place, seat in islice(merge(*queues), count)]


def _seats(place: str, after: date) -> Iterator[tuple[datetime, str, int]]:
    hours = hours_of(place)
    held = set(_held(place, clock.local_midnight(after)).values_list("starts_at", "seat"))
    day, idle = after, 0
    while idle < _LONGEST_SEARCH:
        times = starts(hours, day)
        idle = 0 if times else idle + 1
        for at in times:
            for seat in range(hours.capacity):
                if (at, seat) not in held:
                    yield at, place, seat
        day += timedelta(days=1)


def _held(place: str, after: datetime | None = None) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(place=place, seat__isnull=False)
    rows = rows.exclude(entrant__round__state=states.R_VOID)
    return rows if after is None else rows.filter(starts_at__gte=after)


def _release_void(place: str) -> None:
    """A void round's seats are free; the times stay written where they were."""
    void = Appointment.objects.filter(place=place, entrant__round__state=states.R_VOID)
    void.filter(seat__isnull=False).update(seat=None)

"""The office's side of the appointments: opening hours, a day's bookings, what does not fit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from allocation import slots, states
from allocation.models import Appointment, OpeningHours, Round
from core import audit, clock, locks, workdays


@dataclass(frozen=True)
class Booked:
    """A time of a day: how many households hold it, how many of them came."""

    place: str
    starts_at: datetime
    count: int
    came: int


@dataclass(frozen=True)
class Overflow:
    """A round some of whose households have a time after the last day of the answer."""

    round: Round
    last: date
    count: int


def hours() -> list[OpeningHours]:
    """The hours of every place where machines stand; those not written are the usual ones."""
    return [slots.hours_of(place) for place in slots.places()]


def hours_to_edit(place: str) -> OpeningHours | None:
    """The place's hours as they stand, for the form; None for a place without a machine."""
    return slots.hours_of(place) if place in slots.places() else None


def set_hours(row: OpeningHours, *, by: Any) -> OpeningHours:
    """Writes a place's hours; what is booked stays booked, also where it no longer fits."""
    with transaction.atomic():
        locks.advisory("slots", row.place)
        row.save()
        audit.record(
            "kiosk.hours_set", by=by, thing=row, place=row.place, opens=f"{row.opens:%H:%M}",
            closes=f"{row.closes:%H:%M}", minutes=row.minutes, capacity=row.capacity,
        )  # fmt: skip
    return row


def of_day(day: date) -> list[Booked]:
    """A day's times with their households: one query."""
    rows = (
        Appointment.objects.filter(
            starts_at__gte=clock.local_midnight(day),
            starts_at__lt=clock.local_midnight(day + timedelta(days=1)),
            seat__isnull=False,
        )
        .exclude(entrant__round__state=states.R_VOID)
        .values("place", "starts_at")
        .annotate(count=Count("id"), came=Count("id", filter=Q(came_at__isnull=False)))
        .order_by("place", "starts_at")
    )
    return [Booked(**row) for row in rows]


def after_the_last_day() -> list[Overflow]:
    """Rounds under way whose times run past the last day of the answer: more seats are needed."""
    found = []
    for round_ in Round.objects.filter(state__in=(states.R_FROZEN, states.R_REVEALED)):
        event = round_.revealed_at or round_.entropy_at
        last = workdays.add_workdays(event.astimezone(clock.LOCAL).date(), round_.choose_days)
        count = Appointment.objects.filter(
            entrant__round=round_,
            came_at=None,
            starts_at__gte=clock.local_midnight(last + timedelta(days=1)),
        ).count()
        if count:
            found.append(Overflow(round_, last, count))
    return found

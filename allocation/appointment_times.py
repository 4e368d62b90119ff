"""What becomes of a booked time: changed by the household, brought to mind, missed and given anew.

Whoever comes early, late or not at all finds the same result; a time only keeps the hall from
filling up. So nothing here ever takes anything from a household.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from allocation import offers, slots, states
from allocation.models import Appointment, Entrant, Offer
from applications import periods
from core import audit, clock, display, locks, workdays
from core.notices import Template, tell
from core.workflow import Refusal

SYSTEM = audit.System("配租")
_ALIVE = (states.R_FROZEN, states.R_REVEALED)

CHANGED = Template(
    "appointment_changed",
    _("预约时间已改"),
    _("已改约{slot}到{place}的一体机看摇号结果，原来的时间不再占用。早来晚来，结果不变。"),
    _("已改约{day}{hour}到一体机看摇号结果。我们不会在短信里要您转账或点链接"),
)
REMINDER = Template(
    "appointment_reminder",
    _("预约提醒"),
    _(
        "您家预约{slot}到{place}的一体机看摇号结果，请带身份证和摇号码。"
        "在手机上也能看；来不了，结果不变，可以改时间。"
    ),
    _("{day}{hour}可到一体机看摇号结果，请带身份证和摇号码。我们不会在短信里要您转账或点链接"),
)
MISSED = Template(
    "appointment_missed",
    _("又为您约了一个时间"),
    _(
        "您家{old}的预约没有用上，已改约{slot}，到{place}。没来不算放弃，结果不变；"
        "在手机上也能看结果、改时间。"
    ),
    _("上次预约没有用上，已改约{day}{hour}，没来不算放弃。我们不会在短信里要您转账或点链接"),
)
NO_TIME_LEFT = Template(
    "appointment_no_time_left",
    _("不用预约，随时可以看结果"),
    _(
        "您家{old}的预约没有用上，没来不算放弃。后面的时间已经约满，"
        "到{end}以前不用预约，随时可以到一体机或在手机上看结果、作选择。"
    ),
    _("{end}前不用预约，可到一体机或手机上看摇号结果。我们不会在短信里要您转账或点链接"),
)


class AppointmentRefused(Refusal):
    """The time cannot be changed like this now."""


def change(appointment: Appointment, *, place: str, starts_at: datetime, by: Any) -> Appointment:
    """Another time that the household chose; the old one is free for others at once.

    Raises AppointmentRefused.
    """
    with transaction.atomic():
        seat = slots.take(place, starts_at)
        row = locks.fresh(appointment)
        _refuse_unless_changeable(row)
        if (row.place, row.starts_at) == (place, starts_at):
            return row
        if not _is_offered(row, place, starts_at):
            raise AppointmentRefused(_("这个时间不能约，请在下面另选一个。"), field="slot")
        if seat is None:
            raise AppointmentRefused(_("这个时间刚刚约满，请另选一个。"), field="slot")
        _move(row, place, starts_at, seat)
        _tell(row, CHANGED, by)
        audit.record("appointment.changed", by=by, thing=row, case_no=row.entrant.case_no)
        return row


def is_changeable(row: Appointment) -> bool:
    """Whether the household may still choose another time."""
    entrant = row.entrant
    alive = entrant.round.state in _ALIVE
    return alive and row.came_at is None and last_day(entrant) >= clock.today()


def choices(row: Appointment) -> list[slots.Slot]:
    """The times from which the household may choose, at every place, in order."""
    after = max(clock.now(), row.entrant.round.entropy_at)
    last = last_day(row.entrant)
    found = [one for place in slots.places() for one in slots.free(place, after, last)]
    return sorted(found, key=lambda one: (one.starts_at, one.place))


def last_day(entrant: Entrant) -> date:
    """The last day on which a visit makes sense: that of the answer."""
    offer = entrant.offers.order_by("-pk").first()
    if offer is not None:
        return offers.last_day(offer)
    round_ = entrant.round
    event = round_.revealed_at or max(round_.entropy_at, clock.now())
    return workdays.add_workdays(event.astimezone(clock.LOCAL).date(), round_.choose_days)


def remind_due(limit: int = 200) -> int:
    """Reminds households of their time the day before, by day; returns how many."""
    now = clock.now()
    ahead = periods.of("appointment_reminder").value
    until = clock.local_midnight(clock.today() + timedelta(days=ahead + 1))
    due = _waiting().filter(reminded_at=None, starts_at__gt=now, starts_at__lt=until)
    return sum(_remind(row) for row in due.order_by("starts_at")[:limit])


def rebook_missed(limit: int = 200) -> int:
    """Gives another time to who did not come, the day after; returns how many were looked at."""
    midnight = clock.local_midnight(clock.today())
    missed = _waiting().filter(missed_at=None, starts_at__lt=midnight)
    return sum(_rebook(row) for row in missed.order_by("starts_at")[:limit])


# -- Parts ----------------------------------------------------------------------------------


def _waiting() -> QuerySet[Appointment]:
    """Appointments of households that have not seen their result on a machine or a phone."""
    seen = Offer.objects.exclude(state=states.O_UNOPENED).values("entrant")
    rows = Appointment.objects.filter(came_at=None, entrant__round__state__in=_ALIVE)
    return rows.exclude(entrant__in=seen).select_related("entrant__round", "entrant__application")


def _refuse_unless_changeable(row: Appointment) -> None:
    if row.came_at is not None:
        raise AppointmentRefused(_("已经在一体机上看过结果，不用再预约。"))
    if not is_changeable(row):
        raise AppointmentRefused(_("这一轮的选房期限已过，不用再预约。"))


def _is_offered(row: Appointment, place: str, at: datetime) -> bool:
    """Whether the time lies within the round's days, at a place where machines serve."""
    first = max(clock.now(), row.entrant.round.entropy_at)
    day = at.astimezone(clock.LOCAL).date()
    return place in slots.places() and first < at and day <= last_day(row.entrant)


def _remind(row: Appointment) -> bool:
    with transaction.atomic():
        row = locks.fresh(row)
        if row.reminded_at is not None or row.starts_at <= clock.now():
            return False
        row.reminded_at = clock.now()
        row.save(update_fields=["reminded_at"])
        _tell(row, REMINDER, SYSTEM)
    return True


def _rebook(missed: Appointment) -> bool:
    """Another time from tomorrow on; told apart where none is free before the last day."""
    old, last = missed.starts_at, last_day(missed.entrant)
    tomorrow = clock.local_midnight(clock.today() + timedelta(days=1))
    wanted = slots.first_free(missed.place, tomorrow, last)  # a night's SMS waits for the day
    with transaction.atomic():
        seat = slots.take(wanted.place, wanted.starts_at) if wanted else None
        row = locks.fresh(missed)
        if row.missed_at is not None or row.came_at is not None or row.starts_at != old:
            return False
        if wanted is not None and seat is not None:
            _move(row, wanted.place, wanted.starts_at, seat)
            _tell(row, MISSED, SYSTEM, old=old)
        elif wanted is None:
            row.missed_at = clock.now()
            row.save(update_fields=["missed_at"])
            if last >= clock.today():
                _tell(row, NO_TIME_LEFT, SYSTEM, old=old, end=last)
        audit.record("appointment.missed", by=SYSTEM, thing=row, case_no=row.entrant.case_no)
    return True


def _move(row: Appointment, place: str, at: datetime, seat: int) -> None:
    row.place, row.starts_at, row.seat = place, at, seat
    row.reminded_at = row.missed_at = None
    row.save(update_fields=["place", "starts_at", "seat", "reminded_at", "missed_at"])


def _tell(row: Appointment, template: Template, by: Any, **values: Any) -> None:
    applicant = row.entrant.application.applicant
    at = row.starts_at
    tell(
        applicant.id_index, template, by=by, case_no=row.entrant.case_no,
        phone=applicant.phone or "", slot=at, place=row.place,
        day=lambda: display.day_short(at), hour=lambda: display.clock_time(at), **values,
    )  # fmt: skip

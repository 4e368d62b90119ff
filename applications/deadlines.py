"""Clocks of an application (办理时限): 45 and 15 working days, with pauses.

The first day is the next working day after acceptance, and after a pause the next one after its
end: the day on which something happens never counts. Paused days are kept as intervals with their
reasons, so that net and gross stand side by side.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applications import periods
from applications.models import Application, Pause
from core import audit, clock, display, locks, workdays

# what stops the clock by the procedure itself, and what only where the table of periods says so
_ALWAYS = (
    Pause.Reason.CORRECTION,
    Pause.Reason.PUBLICITY,
    Pause.Reason.OBJECTION,
    Pause.Reason.OUT_OF_PROVINCE,
)
_BY_POLICY = {Pause.Reason.SOURCE: "pause_source", Pause.Reason.CONSENT: "pause_consent"}
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Clock:
    """Where an application stands in its time. Days are working days, dates are local."""

    net: int  # counted against the promise
    gross: int  # since acceptance, pauses included
    promised: int
    statutory: int
    promised_due: date
    statutory_due: date
    paused: Pause | None  # the pause that stands now
    provisional: bool  # a due date lies beyond the published calendar
    running: bool  # neither paused nor over

    @property
    def left(self) -> int:
        """Working days left of the promise; below zero when late."""
        return self.promised - self.net

    @property
    def late(self) -> bool:
        return self.net > self.promised


def start(application: Application, accepted_at: datetime) -> None:
    """Sets both due dates of an application accepted at that moment; the caller saves them."""
    day = _local_day(accepted_at)
    application.promised_due = periods.of("promised").after(day)
    application.statutory_due = periods.of("statutory").after(day)


def pause(application: Application, reason: str, *, by: Any, detail: str = "") -> Pause:
    """Stops the clock for one reason; the pause that stands already is returned as it is."""
    with transaction.atomic():
        application = locks.fresh(application)
        standing = application.pauses.filter(reason=reason, ended_at=None).first()
        if standing is not None:
            return standing
        made = Pause.objects.create(
            application=application, reason=reason, detail=detail[:200], began_at=clock.now()
        )
        audit.record("clock.paused", by=by, thing=application, reason=reason, detail=detail)
        return made


def resume(application: Application, reason: str, *, by: Any) -> Pause | None:
    """Lets the clock run again and moves the due dates; None if nothing stood for that reason."""
    with transaction.atomic():
        row = locks.fresh(application)
        standing = row.pauses.filter(reason=reason, ended_at=None).first()
        if standing is None:
            return None
        standing.ended_at = clock.now()
        standing.save(update_fields=["ended_at"])
        _move_due_dates(row)
        application.promised_due, application.statutory_due = row.promised_due, row.statutory_due
        audit.record(
            "clock.resumed", by=by, thing=row, reason=reason, promised_due=row.promised_due
        )
        return standing


def clock_of(application: Application, today: date) -> Clock:
    """The application's clock on a day. Reads ``application.pauses`` (prefetch it for lists).

    Before acceptance the clock stands at zero as if acceptance were today.
    """
    pauses = stopping(application.pauses.all())
    accepted, day = _first_and_last(application, today)
    standing = next((one for one in reversed(pauses) if one.ended_at is None), None)
    stopped = _paused_days(pauses, until=day)
    passed = _workdays(accepted, day)
    due = [_due(accepted, periods.of(name).value, stopped) for name in ("promised", "statutory")]
    return Clock(
        net=sum(one not in stopped for one in passed),
        gross=len(passed),
        promised=periods.of("promised").value,
        statutory=periods.of("statutory").value,
        promised_due=due[0],
        statutory_due=due[1],
        paused=standing,
        provisional=any(map(workdays.is_provisional, due)),
        running=standing is None and application.accepted_at is not None and day == today,
    )


def stops(reason: str) -> bool:
    """Whether an interval with this reason stops the clock; nothing else does."""
    if reason in _ALWAYS:
        return True
    return reason in _BY_POLICY and bool(periods.of(_BY_POLICY[Pause.Reason(reason)]).value)


def stopping(pauses: Iterable[Pause]) -> list[Pause]:
    """Those intervals that stop the clock."""
    return [one for one in pauses if stops(one.reason)]


def stopping_reasons() -> list[str]:
    """The reasons of intervals that stop the clock."""
    return [one for one in Pause.Reason.values if stops(one)]


def net_days(pauses: Iterable[Pause], first: date, last: date) -> tuple[int, int]:
    """Working days after ``first`` up to ``last``: without the pauses (net), and all (gross)."""
    passed = _workdays(first, last)
    stopped = _paused_days(stopping(pauses), until=last)
    return sum(one not in stopped for one in passed), len(passed)


def is_provisional(due: date | None) -> bool:
    """Whether a due date may still move because its year's calendar is not published (暂定)."""
    return due is not None and workdays.is_provisional(due)


def told(due: date | None) -> str:
    """A due date as a page or a letter writes it, marked where it is provisional."""
    return (
        _("%(day)s（暂定）") % {"day": display.day(due)}
        if is_provisional(due)
        else display.day(due)
    )


def told_short(due: date | None) -> str:
    """As ``told``, where a list has no room for the weekday."""
    short = display.day_short(due)
    return _("%(day)s（暂定）") % {"day": short} if is_provisional(due) else short


def recompute(application: Application) -> bool:
    """Due dates anew, after the calendar of a year was published or changed; whether one moved."""
    with transaction.atomic():
        row = locks.fresh(application)
        before = (row.promised_due, row.statutory_due)
        _move_due_dates(row)
        application.promised_due, application.statutory_due = row.promised_due, row.statutory_due
        return before != (row.promised_due, row.statutory_due)


def due_dates(application: Application) -> tuple[date, date]:
    """Promised and statutory day of an accepted application by the calendar of this moment."""
    accepted = _local_day(application.accepted_at or clock.now())
    ended = [one for one in application.pauses.all() if one.ended_at is not None]
    stopped = _paused_days(stopping(ended), until=clock.today())
    promised = _due(accepted, periods.of("promised").value, stopped)
    return promised, _due(accepted, periods.of("statutory").value, stopped)


def _move_due_dates(application: Application) -> None:
    if application.accepted_at is None:
        return
    application.promised_due, application.statutory_due = due_dates(application)
    application.save(update_fields=["promised_due", "statutory_due"])


def _first_and_last(application: Application, today: date) -> tuple[date, date]:
    """The day of acceptance and the last day that counts: the clock ends with the decision."""
    accepted = _local_day(application.accepted_at) if application.accepted_at else today
    ends = [at for at in (application.decided_at, application.closed_at) if at is not None]
    last = min([today, *map(_local_day, ends)])
    return accepted, max(accepted, last)


def _due(start_day: date, count: int, stopped: set[date]) -> date:
    """The day on which ``count`` working days outside the pauses have passed."""
    day = start_day
    while count > 0:
        day += _ONE
        count -= day not in stopped and workdays.is_workday(day)
    return day


def _workdays(after: date, until: date) -> list[date]:
    days = (after + _ONE * n for n in range(1, (until - after).days + 1))
    return [day for day in days if workdays.is_workday(day)]


def _paused_days(pauses: Iterable[Pause], *, until: date) -> set[date]:
    """Days that do not count: from the day after a pause began to the day it ended."""
    days: set[date] = set()
    for one in pauses:
        first = _local_day(one.began_at)
        last = _local_day(one.ended_at) if one.ended_at else until
        days.update(first + _ONE * n for n in range(1, (last - first).days + 1))
    return days


def _local_day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()

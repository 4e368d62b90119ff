"""The working calendar, changed by two people (工作日历): one enters a day, another confirms it.

An entry changes nothing before it is confirmed. Confirmed, it goes before the library's calendar,
and every open case gets its days anew. Nothing is taken out of the history: to undo is to enter the
day again as it was.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff, User
from accounts.roles import Role
from applications import recalculation
from core import audit, clock, display, locks, workdays
from core.models import CalendarChange, CalendarDay
from core.refusals import Refusal

ENTERERS = (Role.ADMIN,)
CONFIRMERS = (Role.ADMIN, Role.LEADER)
State = CalendarChange.State
_MOST_LINES, _MOST_DAYS = 200, 31  # of one notice; of one line of it
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)
_RANGE = re.compile(r"[~～至到]")
_WORDS = {
    **dict.fromkeys(("休", "放假", "休息", "假"), False),
    **dict.fromkeys(("班", "上班", "工作", "补班"), True),
}


class CalendarRefused(Refusal):
    """The day is as wanted already, waits for somebody else, or this person may not."""


@dataclass(frozen=True)
class Day:
    """One day as somebody wants it; ``is_workday`` None takes the own day away."""

    date: date
    is_workday: bool | None
    note: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong in one line of a notice, and how to mend it."""

    line: int
    text: str
    why: str


def enter(
    day: Day, *, by: User, source: str, reason: str, undoes: CalendarChange | None = None
) -> CalendarChange:
    """Enters one day for another person to confirm. Raises CalendarRefused."""
    return enter_all([day], by=by, source=source, reason=reason, undoes=undoes)[0]


def enter_all(
    days: Iterable[Day],
    *,
    by: User,
    source: str,
    reason: str,
    undoes: CalendarChange | None = None,
) -> list[CalendarChange]:
    """Enters the days of one document, all or none. Raises CalendarRefused."""
    wanted = sorted(days, key=lambda one: one.date)
    with transaction.atomic():
        for one in wanted:
            locks.advisory("calendar", one.date)
        if why := why_not_enter(by.as_staff):
            raise CalendarRefused(why)
        for one in wanted:
            if why := why_not_this_day(one):
                raise CalendarRefused(why, "date")
        known = _own_days(one.date for one in wanted)
        return [_enter(one, known, by, source.strip(), reason.strip(), undoes) for one in wanted]


def confirm(change: CalendarChange, *, by: User, together: bool = False) -> list[CalendarChange]:
    """A second person lets the day come into force; ``together``: all waiting of its document.

    Raises CalendarRefused. Every open case gets its days anew.
    """
    with transaction.atomic():
        first = locks.fresh(change)
        rows = [first, *(locks.fresh(one) for one in companions(first) if together)]
        for row in rows:
            locks.advisory("calendar", row.date)
            if why := why_not_confirm(row, by):
                raise CalendarRefused(why)
            _bring_into_force(row, by)
        transaction.on_commit(workdays.forget)
        recalculation.begin(f"change-{first.pk}", by=by)
        return rows


def decline(change: CalendarChange, *, by: User) -> CalendarChange:
    """Puts an entry aside; also by who entered it. Raises CalendarRefused."""
    with transaction.atomic():
        row = locks.fresh(change)
        if why := why_not_decline(row, by.as_staff):
            raise CalendarRefused(why)
        _settle(row, State.DECLINED, by)
        audit.record("calendar.declined", by=by, thing=row, date=row.date)
        return row


def undo(change: CalendarChange, *, by: User, reason: str) -> CalendarChange:
    """Enters the day again as it was before a change; it, too, waits for a second person."""
    if why := why_not_undo(change, by.as_staff):
        raise CalendarRefused(why)
    day = Day(change.date, change.was)
    return enter(day, by=by, source=change.source, reason=reason, undoes=change)


# -- Refusing ------------------------------------------------------------------------------------


def why_not_enter(staff: Staff | None) -> str:
    """Why this person may not enter a day."""
    if staff is not None and set(ENTERERS) & set(staff.roles):
        return ""
    return _("工作日历由业务管理人员录入。")


def why_not_this_day(day: Day) -> str:
    """Why this day needs no entry, or cannot have one now."""
    if not _FIRST <= day.date <= _LAST:
        return _("%(day)s不在日历的年份里。") % {"day": display.day(day.date)}
    if CalendarChange.objects.filter(date=day.date, state=State.ENTERED).exists():
        return _("%(day)s已有一项修改在等确认，请先处理那一项。") % {"day": display.day(day.date)}
    own = CalendarDay.objects.filter(date=day.date).values_list("is_workday", flat=True).first()
    if own == day.is_workday:
        return _("%(day)s现在就是这样，不用修改。") % {"day": display.day(day.date)}
    return ""


def why_not_confirm(change: CalendarChange, by: User) -> str:
    """Why this person may not bring the entry into force."""
    if change.state != State.ENTERED:
        return _("这项修改已经处理过。")
    staff = by.as_staff
    if staff is None or not set(CONFIRMERS) & set(staff.roles):
        return _("工作日历由业务管理人员或者领导确认。")
    if change.entered_by_id == by.pk:
        return _("录入的人不能自己确认，请由另一位同事办理。")
    own = CalendarDay.objects.filter(date=change.date).values_list("is_workday", flat=True).first()
    if own != change.was:
        return _("%(day)s在录入以后已经改过，请重新录入。") % {"day": display.day(change.date)}
    return ""


def why_not_decline(change: CalendarChange, staff: Staff | None) -> str:
    """Why this person may not put the entry aside."""
    if change.state != State.ENTERED:
        return _("这项修改已经处理过。")
    if staff is None or not set(CONFIRMERS) & set(staff.roles):
        return _("工作日历由业务管理人员或者领导确认。")
    return ""


def why_not_undo(change: CalendarChange, staff: Staff | None) -> str:
    """Why a change cannot be taken back now."""
    if change.state != State.CONFIRMED:
        return _("只有已生效的修改可以撤回。")
    return why_not_enter(staff) or why_not_this_day(Day(change.date, change.was))


# -- Reading -------------------------------------------------------------------------------------


def companions(change: CalendarChange) -> QuerySet[CalendarChange]:
    """Other waiting entries of the same document by the same person."""
    same = CalendarChange.objects.filter(
        source=change.source, entered_by=change.entered_by_id, state=State.ENTERED
    )
    return same.exclude(pk=change.pk).order_by("date")


def wanted_by(changes: Iterable[CalendarChange]) -> Mapping[date, bool | None]:
    """The days as they would be, for ``recalculation.effect_of``."""
    return {one.date: one.is_workday for one in changes}


def read_notice(text: str) -> tuple[list[Day], list[Problem]]:
    """The days of a pasted notice, one line each: 2027-02-05,休,春节 or 2027-02-05~2027-02-11,休.

    Commas, tabs and spaces part the columns; what cannot be read is named line by line.
    """
    days: dict[date, Day] = {}
    problems: list[Problem] = []
    lines = [(n, one.strip()) for n, one in enumerate(text.splitlines(), 1) if one.strip()]
    for n, line in lines[:_MOST_LINES]:
        found = _read_line(line)
        if isinstance(found, str):
            problems.append(Problem(n, line[:60], found))
            continue
        for one in found:
            why = _("和前面的行重复。") if one.date in days else why_not_this_day(one)
            if why:
                problems.append(Problem(n, line[:60], why))
                break
            days[one.date] = one
    if len(lines) > _MOST_LINES:
        why = _("一次最多%(n)d行，请分次录入。") % {"n": _MOST_LINES}
        problems.append(Problem(lines[_MOST_LINES][0], lines[_MOST_LINES][1][:60], why))
    return list(days.values()), problems


def _read_line(line: str) -> list[Day] | str:
    parts = re.split(r"[,，\t ]+", line, maxsplit=2)
    if len(parts) < 2:
        return _("每行写日期和休或班，用逗号隔开，例如2027-02-05,休,春节。")
    word = parts[1].strip()
    if word not in _WORDS:
        return _("第二列写休或者班。")
    try:
        ends = [date.fromisoformat(one.strip()) for one in _RANGE.split(parts[0])]
    except ValueError:
        return _("日期写成2027-02-05，一段写成2027-02-05~2027-02-11。")
    first, last = ends[0], ends[-1]
    if len(ends) > 2 or last < first or (last - first).days >= _MOST_DAYS:
        return _("一段日期要从早到晚，最长%(n)d天。") % {"n": _MOST_DAYS}
    note = parts[2].strip()[:100] if len(parts) > 2 else ""
    stretch = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [Day(day, _WORDS[word], note) for day in stretch]


# -- Acting --------------------------------------------------------------------------------------


def _own_days(days: Iterable[date]) -> dict[date, bool]:
    return dict(CalendarDay.objects.filter(date__in=list(days)).values_list("date", "is_workday"))


def _enter(
    day: Day,
    known: dict[date, bool],
    by: User,
    source: str,
    reason: str,
    undoes: CalendarChange | None,
) -> CalendarChange:
    made = CalendarChange.objects.create(
        date=day.date,
        is_workday=day.is_workday,
        was=known.get(day.date),
        source=source[:200],
        reason=(day.note or reason)[:200],
        entered_by=by,
        entered_at=clock.now(),
        undoes=undoes,
    )
    audit.record("calendar.entered", by=by, thing=made, date=made.date, workday=made.is_workday)
    return made


def _bring_into_force(row: CalendarChange, by: User) -> None:
    if row.is_workday is None:
        CalendarDay.objects.filter(date=row.date).delete()
    else:
        CalendarDay.objects.update_or_create(
            date=row.date,
            defaults={
                "is_workday": row.is_workday,
                "source": row.source,
                "reason": row.reason,
                "changed_by": audit.label(by)[:80],
                "changed_at": clock.now(),
            },
        )
    _settle(row, State.CONFIRMED, by)
    audit.record("calendar.confirmed", by=by, thing=row, date=row.date, workday=row.is_workday)


def _settle(row: CalendarChange, state: str, by: User) -> None:
    row.state, row.settled_by, row.settled_at = state, by, clock.now()
    row.save(update_fields=["state", "settled_by", "settled_at"])

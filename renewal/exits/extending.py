"""More time (延期): to speak, to move out, for relatives to clear the home; by a person.

The household asks with its reason (illness, school, a new home not ready), or a person gives it
unasked. Time is only ever added.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import periods
from applications.letters import PHONE
from core import audit, clock, display, locks
from renewal import states
from renewal.exits import letters, telling
from renewal.exits.opening import ExitRefused
from renewal.models import ExitCase, Extension

Of = Extension.Of
_WHERE = {
    Of.HEARING: (states.X_NOTICE, states.X_HEARD),
    Of.MOVE_OUT: (states.X_MOVING, states.X_RELATIVES, states.X_LEAVING),
}
_UNTIL = {Of.HEARING: "hearing_due", Of.MOVE_OUT: "move_out_until"}


def ask(case: ExitCase, *, of: str, by: Any, reason: str) -> Extension:
    """The household asks for more time; until it is answered nothing goes on. ExitRefused."""
    with transaction.atomic():
        row = locks.fresh(case)
        if why := why_not_ask(row, of):
            raise ExitRefused(why)
        return _make(row, of, by, reason)


def answer(
    extension: Extension, *, by: Staff, granted: bool, text: str, until: date | None = None
) -> Extension:
    """A person answers in writing: until when, or why not. Raises ExitRefused."""
    with transaction.atomic():
        case = locks.fresh(extension.exit_case)
        row = locks.fresh(extension)
        telling.refuse_kin(case, by)
        if row.granted is not None:
            raise ExitRefused(_("这次延期申请已经答复。"))
        text = telling.refuse_blank(text, _("请写明答复的理由。"), "text")
        if granted:
            _refuse_day(case, row.of, until)
        row.granted, row.until = granted, until if granted else None
        row.answer, row.decided_by, row.decided_at = text, by, clock.now()
        row.save(update_fields=["granted", "until", "answer", "decided_by", "decided_at"])
        if granted:
            _move(case, row.of, until, by)
        _write(case, row, by)
        return row


def give(case: ExitCase, *, of: str, by: Staff, until: date, reason: str) -> Extension:
    """A person gives more time unasked (adjourns the hearing, or lets more time to move)."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if row.state not in _WHERE[Of(of)]:
            raise ExitRefused(_("现在不在这个阶段，请刷新页面看最新进度。"))
        known = row.extensions.filter(of=of, granted=None).first()
        return answer(known or _make(row, of, by.user, reason), by=by, granted=True, text=reason,
                      until=until)  # fmt: skip


def why_not_ask(case: ExitCase, of: str) -> str:
    """Why no more time can be asked for."""
    if case.state not in _WHERE[Of(of)]:
        return str(_("现在不在这个阶段，请刷新页面看最新进度。"))
    if case.extensions.filter(of=of, granted=None).exists():
        return str(_("已经提过延期，正在办理。"))
    return ""


def lengthened(case: ExitCase, days: int, *, by: Staff, reason: str) -> None:
    """The days of a re-consideration are no days of the move-out; the caller holds the lock."""
    assert case.move_out_until is not None
    until = date.fromordinal(case.move_out_until.toordinal() + days)
    Extension.objects.create(
        exit_case=case, of=Of.MOVE_OUT, reason=reason, asked_by=audit.label(by.user)[:80],
        asked_at=clock.now(), granted=True, until=until, decided_by=by, decided_at=clock.now(),
    )  # fmt: skip
    _move(case, Of.MOVE_OUT, until, by)


def _make(row: ExitCase, of: str, by: Any, reason: str) -> Extension:
    reason = telling.refuse_blank(reason, _("请写一写为什么需要更多时间。"), "reason")
    made = Extension.objects.create(
        exit_case=row, of=of, reason=reason, asked_by=audit.label(by)[:80], asked_at=clock.now()
    )
    audit.record("exit.more_time_asked", by=by, thing=row, of=of)
    return made


def _refuse_day(case: ExitCase, of: str, until: date | None) -> None:
    now = getattr(case, _UNTIL[Of(of)])
    if now is None:
        raise ExitRefused(_("时间还没有开始，不用延长。"))
    if until is None or until <= max(now, clock.today()):
        raise ExitRefused(_("新的日期要晚于%(now)s和今天。") % {"now": display.day(now)}, "until")
    if until > periods.of("exit_extension").after(max(now, clock.today())):
        longest = {"n": periods.of("exit_extension").value}
        raise ExitRefused(_("一次最多延长%(n)d个月，到时还可以再延。") % longest, "until")


def _move(case: ExitCase, of: str, until: date | None, by: Staff) -> None:
    name = _UNTIL[Of(of)]
    setattr(case, name, until)
    case.save(update_fields=[name])
    audit.record("exit.more_time", by=by.user, thing=case, of=of, until=until)


def _write(case: ExitCase, row: Extension, by: Staff) -> None:
    """The answer as a letter and as a message; relatives of the dead are called, not written."""
    if case.state == states.X_RELATIVES:
        return
    until = getattr(case, _UNTIL[Of(row.of)])
    what = Of(row.of).label
    granted = bool(row.granted)
    lines = letters.more_time_lines(gettext(str(what)), until, row.answer, granted=granted)
    letters.issue(case, letters.MORE_TIME, lines, by=by)
    telling.say(
        case, telling.MORE_TIME if granted else telling.NO_MORE_TIME, by=by.user,
        what=lambda: str(what), until=until, answer=row.answer, line=PHONE,
    )  # fmt: skip

"""告知 and 陈述申辩: a letter with the evidence, proof that it arrived, and time to speak.

The time runs from the day after service, or after the household's own answer to the letter. It may
be made longer, and a day may be kept to speak face to face. Silence proves nothing by itself.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import periods
from applications.letters import PHONE
from core import audit, clock, display, locks
from core.workflow import advance
from renewal import states
from renewal.exits import letters, telling
from renewal.exits.opening import ExitRefused, Ground
from renewal.models import ExitCase, Hearing, HearingAppointment

SYSTEM = audit.System("退出")
SPEAKING = (states.X_NOTICE, states.X_HEARD)


def serve_notice(case: ExitCase, *, by: Staff) -> ExitCase:
    """Writes the notice with the evidence and sends it; the time to speak runs from its service.

    Who agreed to electronic service has it at once, for everybody else it goes on paper.
    """
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if row.ground == Ground.DECEASED:
            raise ExitRefused(
                _("承租人离世的，不对逝者告知和听取，请按家人接着承租或亲属整理办理。")
            )
        if row.ground == Ground.LEFT:
            raise ExitRefused(_("家庭自己提出退出的，不用告知和听取，请登记签字的申请。"))
        row = advance(row, states.X_NOTICE, by=by.user)
        lines = letters.notice_lines(row)
        row.notice = letters.issue(row, letters.NOTICE, lines, by=by, with_reasons=True)
        row.noticed_by = by
        row.save(update_fields=["notice", "noticed_by"])
        if row.notice.served_at is not None:
            _runs_from(row, row.notice.served_at)
            telling.say(row, telling.NOTICE, by=by.user, due=row.hearing_due)
        else:
            days = periods.of("hearing").value
            telling.say(row, telling.NOTICE_ON_PAPER, by=by.user, n=days)
        return row


def served_due() -> int:
    """Lets the time to speak run where a notice's arrival has been proved; returns how many."""
    waiting = ExitCase.objects.filter(
        state__in=SPEAKING, notice_served_at=None, notice__served_at__isnull=False
    )
    return sum(_begin(pk) for pk in waiting.values_list("pk", flat=True))


def _begin(pk: int) -> bool:
    with transaction.atomic():
        row = ExitCase.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
        if row.notice_served_at is not None or row.notice is None or not row.notice.served_at:
            return False
        _runs_from(row, row.notice.served_at)
        return True


def _runs_from(row: ExitCase, at: datetime) -> None:
    row.notice_served_at = at
    day = at.astimezone(clock.LOCAL).date()
    row.hearing_due = max(periods.of("hearing").after(day), row.hearing_due or date.min)
    row.save(update_fields=["notice_served_at", "hearing_due"])
    audit.record("exit.notice_served", by=SYSTEM, thing=row, due=row.hearing_due.isoformat())


def hear(case: ExitCase, *, by: Any, channel: str, text: str, all_said: bool = False) -> ExitCase:
    """Takes down what the household says; it may speak for as long as nothing is decided.

    ``all_said``: it has said that this is all, so that nobody waits for the rest of the time.
    """
    with transaction.atomic():
        row = locks.fresh(case)
        if why := why_not_speak(row):
            raise ExitRefused(why)
        text = telling.refuse_blank(text, _("请写下您要说明的情况。"), "text")
        Hearing.objects.create(
            exit_case=row,
            channel=channel,
            text=text,
            all_said=all_said,
            recorded_at=clock.now(),
            recorded_by=audit.label(by)[:80],
        )
        audit.record("exit.heard", by=by, thing=row, channel=channel, all_said=all_said)
        if row.notice_served_at is None and getattr(by, "as_citizen", None) is not None:
            _runs_from(row, clock.now())  # who answers a letter has it
        if channel == "window":
            _close_meetings(row, by)
        return advance(row, states.X_HEARD, by=by) if row.state == states.X_NOTICE else row


def why_not_speak(case: ExitCase) -> str:
    """Why nothing can be said in this case now."""
    if case.state not in SPEAKING:
        return str(_("现在不在听取说明的阶段，请刷新页面看最新进度。"))
    if case.decision is not None and case.decision.signed_at and not case.decision.replaced:
        return str(_("决定已经签发，不同意的办法见决定书。"))
    return ""


def close_hearing(case: ExitCase, *, by: Staff) -> ExitCase:
    """A person notes that the day passed without a statement; silence proves nothing by itself."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if why := why_not_over(row, clock.today()):
            raise ExitRefused(why)
        return hear(row, by=by.user, channel="none", text=str(_("到期没有收到说明。")))


def why_not_over(case: ExitCase, today: date) -> str:
    """Why the time to speak is not over: no proof of service, days left, a day still to keep."""
    if case.notice_served_at is None or case.hearing_due is None:
        return str(_("告知书还没有送达的证明，听取说明的时间还没有开始。"))
    if case.appointments.filter(closed_at=None).exists():
        return str(_("当面听取还没有进行，先听完再往下办。"))
    if case.extensions.filter(of="hearing", granted=None).exists():
        return str(_("延期申请还没有答复，先答复再往下办。"))
    said_all = case.hearings.filter(all_said=True).exists()
    if today <= case.hearing_due and not said_all:
        return str(_("听取说明的期限还没有到，不能提前结束。"))
    return ""


# -- A day to speak face to face -----------------------------------------------------------------


def ask_meeting(case: ExitCase, *, by: Any, wish: str = "") -> HearingAppointment:
    """The household wants to speak face to face; nothing is decided before. Raises ExitRefused."""
    with transaction.atomic():
        row = locks.fresh(case)
        if why := why_not_speak(row):
            raise ExitRefused(why)
        known = row.appointments.filter(closed_at=None).first()
        if known is not None:
            return known
        made = HearingAppointment.objects.create(
            exit_case=row, wish=wish.strip()[:400], asked_by=audit.label(by)[:80],
            asked_at=clock.now(),
        )  # fmt: skip
        audit.record("exit.meeting_asked", by=by, thing=row)
        return made


def set_meeting(
    meeting: HearingAppointment, *, by: Staff, at: datetime, place: str
) -> HearingAppointment:
    """A person sets day, hour and place; the household is told and may ask for another."""
    with transaction.atomic():
        case = locks.fresh(meeting.exit_case)
        row = locks.fresh(meeting)
        telling.refuse_kin(case, by)
        if row.closed_at is not None:
            raise ExitRefused(_("这次当面听取已经办完。"))
        row.place = telling.refuse_blank(place, _("请写明在哪里见面。"), "place")[:100]
        if at <= clock.now():
            raise ExitRefused(_("时间要在现在以后。"), "at")
        row.at, row.set_by = at, by
        row.save(update_fields=["at", "place", "set_by"])
        audit.record("exit.meeting_set", by=by.user, thing=case, at=at.isoformat())
        telling.say(
            case, telling.MEETING, by=by.user, at=lambda: display.day_time(at), place=row.place,
            line=PHONE,
        )  # fmt: skip
        return row


def drop_meeting(meeting: HearingAppointment, *, by: Any, reason: str) -> HearingAppointment:
    """The household no longer wants it, or did not come after the set hour: a person says so."""
    with transaction.atomic():
        case = locks.fresh(meeting.exit_case)
        row = locks.fresh(meeting)
        reason = telling.refuse_blank(reason, _("请写明为什么不再当面听取。"), "reason")
        own = getattr(by, "as_citizen", None) is not None
        if not own and (row.at is None or clock.now() <= row.at):
            raise ExitRefused(_("约定的时间还没有到；只有家庭自己可以提前取消。"))
        _close_meetings(case, by)
        audit.record("exit.meeting_dropped", by=by, thing=case, reason=reason)
        row.refresh_from_db()
        return row


def _close_meetings(case: ExitCase, by: Any) -> None:
    case.appointments.filter(closed_at=None).update(
        closed_at=clock.now(), closed_by=audit.label(by)[:80]
    )

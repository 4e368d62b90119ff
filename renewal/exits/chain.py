"""The whole way of one case on one page (退出全程): steps, dates, people, letters, clocks.

Reads and decides nothing; what may not be done now, and why, comes from the verbs' own questions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from allocation import states as allocation_states
from allocation.leases import deposits
from applications import deliveries, filters
from core import clock, display, workflow
from renewal import states
from renewal.exits import banning, deciding, handing_back, hearing, moving_out
from renewal.exits.opening import Ground
from renewal.models import ExitCase

RentAfter = ExitCase.RentAfter
_BEFORE, _NOW, _LATER = "met", "current", "later"
_PLACE = {
    states.X_FLAGGED: 0, states.X_VERIFYING: 1, states.X_NOTICE: 3, states.X_HEARD: 4,
    states.X_DECIDED: 5, states.X_MOVING: 5, states.X_RELATIVES: 5,
    states.X_LEAVING: 5, states.X_COURT: 6,
    states.X_HANDED_BACK: 8, states.X_CLEARED: 99,
}  # fmt: skip


_UNTIL_MOVED = (states.X_MOVING, states.X_RELATIVES, states.X_LEAVING)


@dataclass(frozen=True)
class Step:
    """One step: what it is, met, current or later, when, by whom, the clock or the words."""

    title: str
    state: str
    when: str = ""
    who: str = ""
    line: str = ""


def steps(case: ExitCase, today: date) -> list[Step]:
    """Every step of the case in the order of the procedure."""
    moves = {one.to_state: one for one in workflow.history(case)}
    if case.ground == Ground.DECEASED:
        return list(_of_a_death(case, today, moves))
    if case.ground == Ground.LEFT:
        return list(_of_a_wish(case, today, moves))
    return list(_by_the_book(case, today, moves))


def _by_the_book(case: ExitCase, today: date, moves: dict[str, Any]) -> Iterator[Step]:
    at = _PLACE[case.state]
    yield _opened(case, at)
    yield _confirmed(case, at, moves)
    notice = case.notice
    yield Step(
        _("书面告知"), _mark(2, at, bool(case.notice_served_at)), _time(case.noticed_at),
        _who(case.noticed_by),
        f"{notice.letter_no} · {deliveries.word_of(notice)}" if notice else "",
    )  # fmt: skip
    yield Step(
        _("听取说明"), _mark(3, at, bool(case.heard_at)), _time(case.heard_at),
        _by(moves, states.X_HEARD), _clock(case.hearing_due, today, at == 3),
    )  # fmt: skip
    letter = case.decision
    signed = letter is not None and letter.signed_at is not None
    yield Step(
        _("两人决定"), _mark(4, at, bool(case.decided_at)),
        _time(letter.signed_at or letter.drafted_at) if letter else "",
        display.listed([one.name for one in (letter.drafted_by, letter.signed_by) if one])
        if letter else "",
        _decision_line(case) if signed or letter else "",
    )  # fmt: skip
    yield Step(
        _("搬迁期"), _mark(5, at, False), _time(case.decided_at), "", _moving_line(case, today, at)
    )
    if case.court:
        words = [case.court, case.filing_no, case.enforcement_no]
        yield Step(
            _("司法程序"), _mark(6, at, False), _time(case.referred_at), _who(case.referred_by),
            display.listed([one for one in words if one]),
        )  # fmt: skip
    yield from _afterwards(case, at, moves)


def _of_a_death(case: ExitCase, today: date, moves: dict[str, Any]) -> Iterator[Step]:
    at = _PLACE[case.state]
    yield _opened(case, at)
    yield _confirmed(case, at, moves)
    if case.state == states.X_CLEARED:
        return
    line = _clock(case.move_out_until, today, at == 5)
    yield Step(_("家人接着承租，或者亲属整理"), _mark(5, at, False), "", "", line)
    yield from _afterwards(case, at, moves)


def _of_a_wish(case: ExitCase, today: date, moves: dict[str, Any]) -> Iterator[Step]:
    at = _PLACE[case.state]
    yield _opened(case, at)
    who, line = case.wish_signed_by, _clock(case.move_out_until, today, at == 5)
    yield Step(_("签字的退出申请"), _mark(5, at, False), _when(moves, states.X_LEAVING), who, line)
    if case.state != states.X_CLEARED:
        yield from _afterwards(case, at, moves)


def _afterwards(case: ExitCase, at: int, moves: dict[str, Any]) -> Iterator[Step]:
    back = case.state == states.X_HANDED_BACK
    yield Step(
        _("签字交还，门禁停用"), _mark(7, at, back), _time(case.closed_at) if back else "",
        _by(moves, states.X_HANDED_BACK),
    )  # fmt: skip
    home = case.lease.home
    looked = back and home.state != allocation_states.H_VACATING
    yield Step(_("验房，回到房源"), _after(back, looked), line=str(home.STATES[home.state].tag))
    standing = deposits.standing(case.lease)
    yield Step(
        _("押金结清"), _after(back, back and standing.held <= 0),
        line=_("还存着%(held)s") % {"held": display.money(standing.held)},
    )  # fmt: skip
    yield from _ban(case, back)
    yield Step(
        _("归档"), _after(back, case.archived_at is not None), _time(case.archived_at),
        _who(case.archived_by),
    )  # fmt: skip


def _ban(case: ExitCase, back: bool) -> Iterator[Step]:
    if not banning.reason_of(case):
        return
    row = banning.proposal_of(case)
    line = str(row.STATES[row.state].tag) if row else ""
    over = row is not None and not row.STATES[row.state].open
    yield Step(_("核对要不要限制申请"), _after(back, over), line=line)


def _opened(case: ExitCase, at: int) -> Step:
    return Step(
        _("线索"), _mark(0, at, at > 0), _time(case.opened_at), case.opened_by,
        case.get_ground_display(),
    )  # fmt: skip


def _confirmed(case: ExitCase, at: int, moves: dict[str, Any]) -> Step:
    return Step(
        _("两路核实"), _mark(1, at, case.confirmed_by is not None), _time(case.confirmed_at),
        _who(case.confirmed_by),
    )  # fmt: skip


def next_line(case: ExitCase, today: date) -> str:
    """What comes next, in one sentence."""
    looked_at = deciding.is_looked_at_again(case)
    return {
        states.X_LEAVING: _("等家庭搬走、签字交还；家庭随时可以收回。"),
        states.X_FLAGGED: _("向第二个来源核实，属实再往下办；不属实就关闭。"),
        states.X_VERIFYING: _("承租人离世的，先办家人接着承租；没有家人的，请亲属慢慢整理。")
        if case.ground == Ground.DECEASED else _("书面告知家庭，附上查到的依据。"),
        states.X_NOTICE: _("等家庭说明；没有送达的，先送达。"),
        states.X_HEARD: _("听完再拟决定，由另一位同事签发、送达。"),
        states.X_DECIDED: _("决定已送达，搬迁期马上开始。"),
        states.X_MOVING: _("复核正在办，搬迁期的事先不往下办。") if looked_at
        else _("等家庭搬迁；来不及的可以延长。到期以后也由人决定下一步。"),
        states.X_COURT: _("等法院处理；任何时候签字交还都可以结束。"),
        states.X_RELATIVES: _("等亲属整理好，签字交还。不催。"),
        states.X_HANDED_BACK: handing_back.why_not_archive(case) or _("可以归档。"),
        states.X_CLEARED: _("不影响这一户，没有要办的。"),
    }[case.state]  # fmt: skip


def wrong_now(case: ExitCase, today: date) -> list[tuple[str, str]]:
    """What would be wrong at this moment, each with the reason that the verb gives."""
    found: list[tuple[str, str]] = []
    if case.state in (states.X_NOTICE, states.X_HEARD) and case.ground != Ground.DECEASED:
        found.append((_("拟决定"), deciding.why_not_draft(case, today)))
    if case.state == states.X_MOVING:
        found.append((_("移送法院"), moving_out.why_not_after(case, today)))
        if case.rent_after == RentAfter.MARKET:
            found.append((_("按市场租金"), moving_out.why_not_market_rent(case, today)))
    if case.state not in (states.X_HANDED_BACK, states.X_CLEARED):
        why = _("只有签字交还，或者登记法院的强制执行以后，门禁才停用。")
        found.append((_("停用门禁、换锁、断水断电"), why))
    return [(what, why) for what, why in found if why]


def due_of(case: ExitCase) -> date | None:
    """The day that the present step runs to."""
    if case.state in (states.X_NOTICE, states.X_HEARD):
        return case.hearing_due
    return case.move_out_until if case.state in _UNTIL_MOVED else None


def may_speak(case: ExitCase) -> bool:
    return not hearing.why_not_speak(case)


def _decision_line(case: ExitCase) -> str:
    letter = case.decision
    assert letter is not None
    word = deliveries.word_of(letter) if letter.signed_at else _("等另一位同事签发")
    return f"{letter.letter_no} · {word} · {case.get_rent_after_display()}"


def _moving_line(case: ExitCase, today: date, at: int) -> str:
    parts = [_clock(case.move_out_until, today, at == 5)]
    if deciding.is_looked_at_again(case):
        parts.append(_("复核中，暂停"))
    if case.rent_after_from:
        parts.append(_("从%(month)s起按市场租金") % {"month": display.month(case.rent_after_from)})
    return " · ".join(one for one in parts if one)


def _clock(due: date | None, today: date, runs: bool) -> str:
    if due is None:
        return ""
    return (
        f"{display.day_short(due)} · {filters.left(due, today).words}"
        if runs
        else _("到%(day)s") % {"day": display.day_short(due)}
    )


def _mark(place: int, at: int, met: bool) -> str:
    if met or place < at:
        return _BEFORE
    return _NOW if place == at else _LATER


def _after(back: bool, met: bool) -> str:
    return _BEFORE if met else _NOW if back else _LATER


def _time(moment: Any) -> str:
    return display.day_time(moment.astimezone(clock.LOCAL)) if moment else ""


def _who(staff: Any) -> str:
    return staff.name if staff else ""


def _when(moves: dict[str, Any], state: str) -> str:
    return _time(moves[state].at) if state in moves else ""


def _by(moves: dict[str, Any], state: str) -> str:
    return moves[state].by if state in moves else ""

"""选房日: the order was drawn, the households choose one after the other.

planned → open ⇄ paused → ended. The line itself (who is called, passed over) is `choice_line`'s.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from allocation import choice_line, keeping_out, ledgers, offering, states
from allocation.models import Assignment, ChoiceDay, ChoiceTurn, Home, Round
from applications import periods
from core import audit, clock, display, locks, workdays
from core.notices import Template
from core.workflow import Refusal, advance

log = logging.getLogger(__name__)
SYSTEM = offering.SYSTEM
_OPENS, _LAST = time(9), time(16, 40)  # the first and the last turn of a day

ORDER = Template(
    "choice_order",
    gettext_lazy("您家的选房顺序定了"),
    gettext_lazy("您家的选房顺序是第{n}位。选房日定了以后会通知您，不用天天来看。"),
    gettext_lazy("您家的选房顺序已出，可在手机上查看。我们不会在短信里要您转账或点链接"),
)
SLOT = Template(
    "choice_slot",
    gettext_lazy("选房日定了"),
    gettext_lazy(
        "您家的选房时间是{due}以后，地点在{place}。到时会叫号，可以到场选，也可以在手机上选。"
        "没到时间不会叫您。"
    ),
    gettext_lazy("您家的选房时间是{due}以后，到时会叫号。我们不会在短信里要您转账或点链接"),
)


class ChoiceRefused(Refusal):
    """The choice day, or the choice, cannot go on like this."""


def announce(assignments: list[Assignment]) -> None:
    """Tells each household its place in the order that was drawn."""
    for row in assignments:
        offering.to_household(row.entrant, ORDER, n=row.position)


def plan(round_: Round, *, by: User, starts_at: datetime, place: str) -> ChoiceDay:
    """Sets the day and gives every household its slot, in drawn order; each is told."""
    with transaction.atomic():
        row = locks.fresh(round_)
        _refuse_related(row, by)
        _refuse_plan(row, starts_at, place)
        day = ChoiceDay.objects.create(
            round=row, starts_at=starts_at, place=place.strip()[:100], state_since=clock.now(),
            minutes=periods.of("choice_turn").value,
        )  # fmt: skip
        order = row.assignments.select_related("entrant__application").order_by("position")
        ChoiceTurn.objects.bulk_create(
            ChoiceTurn(
                day=day, entrant=one.entrant, place=one.position, slot_at=at,
                state_since=clock.now(),
            )
            for one, at in zip(order, _slots(starts_at, day.minutes), strict=False)
        )  # fmt: skip
        audit.record("choice.planned", by=by, thing=day, round=row.code)
        ledgers.append(row, "choice_planned", starts_at=starts_at.isoformat())
        for turn in day.turns.select_related("entrant__application"):
            offering.to_household(turn.entrant, SLOT, due=turn.slot_at, place=day.place)
        return day


def open_day(day: ChoiceDay, *, by: User) -> ChoiceDay:
    """Opens the session and calls the first household."""
    with transaction.atomic():
        row = _run_by(day, by)
        if clock.now() < row.starts_at:
            raise ChoiceRefused(
                _("通知各家的时间是%(at)s，不能提前开始。")
                % {"at": display.day_time(row.starts_at)}
            )
        row = advance(row, states.D_OPEN, by=by)
        ledgers.append(row.round, "choice_opened")
        choice_line.go_on(row, by=by)
        return row


def pause(day: ChoiceDay, *, by: User, reason: str) -> ChoiceDay:
    """Stops the line and the clock of who is called; the reason stands on the screen."""
    with transaction.atomic():
        row = _run_by(day, by)
        if not reason.strip():
            raise ChoiceRefused(_("请写明暂停的原因，大屏上会显示。"), "reason")
        row.paused_at, row.pause_reason = clock.now(), reason.strip()[:200]
        row.save(update_fields=["paused_at", "pause_reason"])
        row = advance(row, states.D_PAUSED, by=by, reason=row.pause_reason)
        ledgers.append(row.round, "choice_paused", reason=row.pause_reason)
        return row


def resume(day: ChoiceDay, *, by: User) -> ChoiceDay:
    """Goes on; who was called gets back the minutes that were left."""
    with transaction.atomic():
        row = _run_by(day, by)
        if row.state != states.D_PAUSED or row.paused_at is None:
            raise ChoiceRefused(_("现在没有暂停。"))
        called = choice_line.current(row)
        if called is not None and called.due_at is not None:
            called.due_at += clock.now() - row.paused_at
            called.save(update_fields=["due_at"])
        row.paused_at, row.pause_reason = None, ""
        row.save(update_fields=["paused_at", "pause_reason"])
        row = advance(row, states.D_OPEN, by=by)
        ledgers.append(row.round, "choice_resumed")
        choice_line.go_on(row, by=by)
        return row


def end(day: ChoiceDay, *, by: User, reason: str) -> ChoiceDay:
    """Ends the day before its line is through, for a public reason; nobody loses its place."""
    with transaction.atomic():
        row = _run_by(day, by)
        if row.state == states.D_ENDED:
            return row
        if not reason.strip():
            raise ChoiceRefused(_("请写明提前结束的原因，原因会公布。"), "reason")
        choice_line.end(row, by=by, reason=reason.strip()[:200])
        return row


def go_on(day: ChoiceDay, *, by: Any) -> ChoiceTurn | None:
    """Calls the next household if it is time to; harmless at any moment."""
    with transaction.atomic():
        return choice_line.go_on(locks.fresh(day), by=by)


def go_on_everywhere() -> int:
    """Each tick: every open day goes on by itself; returns how many households are called."""
    open_days = ChoiceDay.objects.filter(state=states.D_OPEN).order_by("pk")
    return sum(_ticked(day) for day in open_days)


def choose(turn: ChoiceTurn, home: Home, *, by: Any, via: str) -> ChoiceTurn:
    """The household that is called takes a home; its lease is prepared, the next one is called.

    A second tap finds it done. Raises ChoiceRefused, also where the home has just gone.
    """
    try:
        with transaction.atomic():
            return _choose(turn, home, by, via)
    except IntegrityError as error:
        if "home_chosen_once" in str(error):
            raise ChoiceRefused(_("这套房刚刚被选走了，请另选一套。"), "home") from error
        raise


def choose_none(turn: ChoiceTurn, *, by: Any) -> ChoiceTurn:
    """The household wants none of what is left: no decline, it stays on the waiting list."""
    with transaction.atomic():
        day, row = _locked(turn)
        if row.state == states.T_NONE:
            return row
        _refuse_unless_called(day, row)
        row = choice_line.leave_line(row, states.T_NONE, "chose_none", by=by)
        choice_line.go_on(day, by=by)
        return row


def release(round_: Round, *, by: Any) -> None:
    """A void round's day is off: its turns end with it (rounds.void frees homes and households)."""
    day = ChoiceDay.objects.filter(round=round_, state__in=states.CHOICE_DAY.open_ids).first()
    if day is None:
        return
    row = locks.fresh(day)
    for turn in row.turns.filter(state__in=states.TURN.open_ids):
        advance(turn, states.T_RELEASED, by=by)
    advance(row, states.D_ENDED, by=by)


def is_over(round_: Round) -> bool:
    """Whether nobody is left to choose in this round."""
    if round_.mode != Round.Mode.ORDER:
        return True
    return ChoiceDay.objects.filter(round=round_, state=states.D_ENDED).exists()


def refuse_if_not_over(round_: Round) -> None:
    """Raises ChoiceRefused while somebody is left to choose in this round."""
    if not is_over(round_):
        raise ChoiceRefused(_("选房日还没有结束，这一轮还不能结束。"))


def _choose(turn: ChoiceTurn, home: Home, by: Any, via: str) -> ChoiceTurn:
    day, row = _locked(turn)
    if row.state == states.T_CHOSEN and row.home_id == home.pk:
        return row
    _refuse_related(day.round, by)
    _refuse_unless_called(day, row)
    if home.pk not in {one.pk for one in choice_line.fitting(row)}:
        raise ChoiceRefused(_("这套房已经被选走，或者不适合您家，请另选一套。"), "home")
    assert row.due_at is not None
    offer = offering.hold(row.entrant, home, origin="choice", due_at=row.due_at, by=by)
    offer = offering.open_result(offer, by=by, via=via)
    offering.take(offer, by=by, via=via)
    row.home, row.chosen_via = home, via[:40]
    row.save(update_fields=["home", "chosen_via"])
    row = advance(row, states.T_CHOSEN, by=by)
    ledgers.append(day.round, "chosen", ticket=row.entrant.ticket, home=home.code)
    choice_line.go_on(day, by=by)
    return row


def _ticked(day: ChoiceDay) -> bool:
    """One day's tick; one that is refused must not hold up the others."""
    try:
        return go_on(day, by=SYSTEM) is not None
    except Refusal as refusal:
        log.error("choice day %s does not go on: %s", day.pk, refusal)
        return False


def _refuse_unless_called(day: ChoiceDay, row: ChoiceTurn) -> None:
    if day.state == states.D_PAUSED:
        raise ChoiceRefused(_("选房暂停了，您剩下的时间会留着，请等恢复。"))
    if row.state == states.T_WAITING:
        raise ChoiceRefused(_("还没有叫到您家，请等叫号。"))
    if row.state != states.T_CALLED:
        raise ChoiceRefused(_("您家的选房已经有了结果，请看最新进度。"))
    if row.due_at is None or clock.now() >= row.due_at:
        raise ChoiceRefused(_("这次叫号的时间已过。第一次错过的，会排到队尾再叫一次。"))


def _refuse_plan(row: Round, starts_at: datetime, place: str) -> None:
    if row.mode != Round.Mode.ORDER or row.state != states.R_REVEALED:
        raise ChoiceRefused(_("摇出顺序以后才能排选房日。"))
    if hasattr(row, "choice_day"):
        raise ChoiceRefused(_("这一轮的选房日已经排定。"))
    earliest = periods.of("choice_notice").after(clock.today())
    on = starts_at.astimezone(clock.LOCAL)
    if on.date() < earliest or not workdays.is_workday(on.date()):
        raise ChoiceRefused(
            _("要提前通知各家，最早是%(day)s，并且是工作日。") % {"day": display.day(earliest)},
            "on",
        )
    if not _OPENS <= on.time() <= _LAST:
        raise ChoiceRefused(_("请定在办公时间，9点到16点40分之间。"), "time")
    if not place.strip():
        raise ChoiceRefused(_("请写明选房的地点。"), "place")


def _slots(start: datetime, minutes: int) -> Iterator[datetime]:
    """Times one turn apart, in office hours of working days."""
    at = start.astimezone(clock.LOCAL)
    while True:
        yield at
        at += timedelta(minutes=minutes)
        if at.time() > _LAST:
            day = workdays.add_workdays(at.date(), 1)
            at = datetime.combine(day, _OPENS, tzinfo=clock.LOCAL)


def _run_by(day: ChoiceDay, by: User) -> ChoiceDay:
    """The locked day, for somebody who may run it."""
    row = locks.fresh(day)
    _refuse_related(row.round, by)
    return row


def _refuse_related(round_: Round, by: Any) -> None:
    """回避: who is related to an entrant keeps out of the whole round (protocol 6)."""
    if isinstance(by, User) and keeping_out.is_excluded(round_, by):
        raise ChoiceRefused(_("您与一户参加家庭有亲属关系，需要回避，请由同事办理。"))


def _locked(turn: ChoiceTurn) -> tuple[ChoiceDay, ChoiceTurn]:
    """The day first, as every change of the line does."""
    return locks.fresh(turn.day), locks.fresh(turn)

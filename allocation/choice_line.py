"""The line of a choice day (叫号): who is called, passed over, chosen for; what is still free.

Every change is made under the lock of the day's row and is one transaction: two workers, a tap and
a tick at once, or a worker that is killed in between, leave the line as if one had come after the
other. The database refuses a second household called, and a home chosen twice.
"""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from allocation import ledgers, offering, states
from allocation.models import ChoiceDay, ChoiceTurn, Home
from applications import states as application_states
from core import clock, display
from core.notices import Template
from core.workflow import advance

CALLED = Template(
    "choice_called",
    _("轮到您家选房"),
    _("轮到您家选房，请在{due}前选定。可以在手机上选，也可以在{place}的一体机或窗口选。"),
    _("轮到您家选房，请在{due}前选定，手机、一体机和窗口都可以。我们不会在短信里要您转账或点链接"),
    at_once=True,
)
PASSED = Template(
    "choice_passed_over",
    _("您家排到了队尾"),
    _("叫号以后没有收到您的选择，您家排到了队尾，还会再叫一次。这不算放弃，不用您办理。"),
    _("叫号后没有收到您的选择，您家排到了队尾，还会再叫一次。我们不会在短信里要您转账或点链接"),
    at_once=True,
)
MISSED = Template(
    "choice_missed",
    _("这次没有选到房"),
    _("叫了两次没有收到您的选择，这次没有选到房。这不算放弃，轮候资格不变。"),
)
NOTHING_LEFT = Template(
    "choice_nothing_left",
    _("这次没有选到房"),
    _("适合您家的房源已经选完。这不算放弃，轮候资格不变，有新的一轮会通知您。"),
)


def go_on(day: ChoiceDay, *, by: Any) -> ChoiceTurn | None:
    """Ends a turn whose time is over and calls the next; the locked day comes from the caller.

    Returns the household that is called now. Nobody is called before the slot it was told. Ends
    the day when no line is left.
    """
    while day.state == states.D_OPEN:
        called = current(day)
        if called is not None and not _is_over(called):
            return called
        if called is not None:
            _time_out(called, by)
            continue
        following = _following(day, by)
        if following is not None and following.slot_at <= clock.now():
            return _call(day, following, by)
        if following is None:
            end(day, by=by)
        return None
    return None


def current(day: ChoiceDay) -> ChoiceTurn | None:
    """The household that is called."""
    rows = day.turns.filter(state=states.T_CALLED)
    return rows.select_related("entrant__application", "entrant__round", "home").first()


def free_homes(day: ChoiceDay) -> list[Home]:
    """Homes of the round that nobody has chosen."""
    rows = day.round.homes.filter(state=states.H_IN_ROUND)
    return list(rows.select_related("estate").order_by("code"))


def fitting(turn: ChoiceTurn, free: list[Home] | None = None) -> list[Home]:
    """What this household may choose from: of its unit types, and by need.

    Accessible homes are for those who need them as long as one of them is still in the line; who
    needs one and finds none may take any other of its types.
    """
    free = free_homes(turn.day) if free is None else free
    own = [home for home in free if home.unit_type in turn.entrant.unit_types]
    accessible = [home for home in own if home.accessible]
    if turn.entrant.needs_accessible:
        return accessible or own
    if accessible and _needed_by_others(turn):
        return [home for home in own if not home.accessible]
    return own


def leave_line(turn: ChoiceTurn, to: str, event: str, *, by: Any) -> ChoiceTurn:
    """Takes a household out of the line, back on the waiting list, as a public line."""
    turn = advance(turn, to, by=by)
    application = turn.entrant.application
    if application.state == application_states.IN_ROUND:
        advance(application, application_states.WAITLISTED, by=by)
    ledgers.append(turn.day.round, event, ticket=turn.entrant.ticket)
    return turn


def end(day: ChoiceDay, *, by: Any, reason: str = "") -> None:
    """Ends the day: who is still in the line waits on, homes nobody chose are free again."""
    left = day.turns.filter(state__in=states.TURN.open_ids).select_related("entrant__application")
    for turn in left.order_by("place"):
        leave_line(turn, states.T_RELEASED, "released", by=by)
        offering.to_household(turn.entrant, NOTHING_LEFT)
    for home in free_homes(day):
        advance(home, states.H_AVAILABLE, by=by)
    advance(day, states.D_ENDED, by=by, reason=reason)
    ledgers.append(day.round, "choice_ended", **({"reason": reason} if reason else {}))


def _call(day: ChoiceDay, turn: ChoiceTurn, by: Any) -> ChoiceTurn:
    turn.called_at = clock.now()  # a second call has a time of its own
    turn.due_at = turn.called_at + timedelta(minutes=day.minutes)
    turn.save(update_fields=["called_at", "due_at"])
    turn = advance(turn, states.T_CALLED, by=by)
    ledgers.append(day.round, "called", ticket=turn.entrant.ticket, place=turn.place)
    due = turn.due_at
    offering.to_household(
        turn.entrant, CALLED, due=lambda: display.clock_time(due), place=day.place
    )
    return turn


def _is_over(turn: ChoiceTurn) -> bool:
    return turn.due_at is not None and turn.due_at <= clock.now()


def _time_out(turn: ChoiceTurn, by: Any) -> None:
    """The first time to the end of the line; the second time out of it. Neither is a decline."""
    if turn.passed_over:
        leave_line(turn, states.T_MISSED, "missed", by=by)
        offering.to_household(turn.entrant, MISSED)
        return
    last = turn.day.turns.order_by("-place").values_list("place", flat=True)[0]
    turn.passed_over, turn.place = True, last + 1
    turn.save(update_fields=["passed_over", "place"])
    advance(turn, states.T_WAITING, by=by)
    ledgers.append(turn.day.round, "passed_over", ticket=turn.entrant.ticket, place=turn.place)
    offering.to_household(turn.entrant, PASSED)


def _following(day: ChoiceDay, by: Any) -> ChoiceTurn | None:
    """The first in the line with a home to choose from; who can have none leaves the line.

    Somebody for whom only accessible homes are left waits until those who need them have chosen.
    """
    free = free_homes(day)
    types = {home.unit_type for home in free}
    line = day.turns.filter(state=states.T_WAITING).order_by("place")
    for turn in line.select_related("entrant__application", "entrant__round", "day__round"):
        if not types & set(turn.entrant.unit_types):
            leave_line(turn, states.T_NONE, "nothing_left", by=by)
            offering.to_household(turn.entrant, NOTHING_LEFT)
        elif fitting(turn, free):
            return turn
    return None


def _needed_by_others(turn: ChoiceTurn) -> bool:
    others = turn.day.turns.filter(state__in=states.TURN.open_ids).exclude(pk=turn.pk)
    return others.filter(entrant__needs_accessible=True).exists()

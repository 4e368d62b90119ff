"""What a household can do against a decision, each way with its last day (救济途径和期限).

Periods run from the day after service. Where the last day is no working day, the next one counts
in its place (最高人民法院关于适用行政诉讼法的解释 §48; 民法典 §203).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from applications import periods, states
from applications.models import Application, Decision, Objection
from core import clock, workdays

_ONE = timedelta(days=1)
_FROM = {
    Decision.Kind.REFUSE: ("reconsideration_ask", "administrative_review", "litigation"),
    Decision.Kind.END: ("reconsideration_ask", "administrative_review", "litigation"),
    Decision.Kind.BAN: ("administrative_review", "litigation"),
    Decision.Kind.FINE: ("administrative_review", "litigation"),
}


@dataclass(frozen=True)
class Way:
    """One way: what it is, where to go, until which day, and whether that day has passed."""

    name: str
    word: str
    where: str
    until: date
    over: bool
    provisional: bool


def of(decision: Decision, *, today: date) -> list[Way]:
    """The ways that stand against a served decision, the nearest one first."""
    if decision.served_at is None or decision.replaced:
        return []
    names = _FROM.get(Decision.Kind(decision.kind), ())
    if getattr(decision, "reconsideration", None) is not None:  # it is asked for once
        names = tuple(one for one in names if one != "reconsideration_ask")
    return [_way(decision, name, today) for name in names]


def last_day(name: str, decision: Decision) -> date:
    """The last day of a period that runs from the service of a decision.

    Whether an upheld re-consideration lets review and litigation run anew is a setting of
    periods.yaml. ValueError for a letter that has not been served: nothing runs yet.
    """
    served = _answered_at(name, decision) or decision.served_at
    if served is None:
        raise ValueError("nothing runs before service")
    return _rolled(periods.of(name).after(served.astimezone(clock.LOCAL).date()))


def _answered_at(name: str, decision: Decision) -> datetime | None:
    if name == "reconsideration_ask" or not periods.of("remedies_from_answer").value:
        return None
    asked = getattr(decision, "reconsideration", None)
    return asked.served_at if asked is not None else None


def answer_due(application: Application) -> date | None:
    """By when an open objection or re-consideration is answered; None if there is none."""
    if application.state == states.RECONSIDERATION:
        asked = application.decisions.filter(reconsideration__served_at=None, replaced=False)
        due = asked.exclude(reconsideration=None).values_list("reconsideration__due_on", flat=True)
        return due.last()
    if application.state == states.OBJECTION_CHECK:
        made = Objection.objects.filter(publicity__application=application, named=True)
        open_ = made.filter(answered_at=None, due_on__isnull=False).order_by("-due_on")
        return open_.values_list("due_on", flat=True).first()
    return None


def _way(decision: Decision, name: str, today: date) -> Way:
    until = last_day(name, decision)
    return Way(
        name=name,
        word=_words()[name][0],
        where=_words()[name][1],
        until=until,
        over=today > until,
        provisional=workdays.is_provisional(until),
    )


def _words() -> dict[str, tuple[str, Any]]:
    days = periods.of("reconsideration").value
    return {
        "reconsideration_ask": (
            _("申请复核"),
            _("在这个页面提出，由另一位工作人员办理，%(n)d个工作日内书面答复") % {"n": days},
        ),
        "administrative_review": (_("申请行政复议"), _("向鄞州区人民政府提出")),
        "litigation": (_("提起行政诉讼"), _("向人民法院提出")),
    }


def _rolled(day: date) -> date:
    while not workdays.is_workday(day):
        day += _ONE
    return day

"""Ordered reports (核对报告): made in days by civil affairs; nothing waits that need not.

The first question places the order and brings a receipt. Until the report is there the case goes
on: it is accepted, the street opens, the other departments answer. Only what the report decides
stands open, and only the department that reads it must wait. Past the longest time the report is a
silent register like any other.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from applications import duties, periods
from applications.models import Application, Evidence, EvidenceAnswer
from applications.models.evidence import APPLY
from core import audit, clock, display
from datashare import catalogue
from datashare.replies import Reply

OVERDUE = "overdue"  # the kind of silence of a report that did not come
DAILY = timedelta(days=1)
_FIRST_LOOK = time(6)  # of a working day: what was made the day before is there
_ASK_AGAIN = timedelta(hours=1)  # after a fault, while the report is being made anyway


def sources() -> frozenset[str]:
    """The registers whose answer is ordered first and delivered later."""
    return frozenset(one.code for one in catalogue.entries() if one.ordered)


def last_day(ordered_at: datetime) -> date:
    """The day by which a report ordered then must be there (收入核对报告, periods.yaml)."""
    return periods.of("report").after(_day(ordered_at))


def ordered_at(reply: Reply, now: datetime) -> datetime:
    """When a report was ordered, as the department says; now if it does not, or says today."""
    told = min((day for one in reply.records if (day := one.ordered_on)), default=None)
    return clock.local_midnight(told) if told and told < _day(now) else now


def is_overdue(ordered_at: datetime, today: date) -> bool:
    """Whether the longest time has passed."""
    return today > last_day(ordered_at)


def next_look(expected: date | None, now: datetime) -> datetime:
    """When to ask for a report again: on the day it is expected, from then on once a day."""
    tomorrow = _day(now) + timedelta(days=1)
    day = expected if expected and expected > tomorrow else tomorrow
    return datetime.combine(day, _FIRST_LOOK, clock.LOCAL)


def after_a_fault(now: datetime) -> datetime:
    """When to ask again if the question itself failed."""
    return now + _ASK_AGAIN


def under_way(application: Application, round: str = APPLY) -> list[Evidence]:
    """The reports of a round that are being made, the next to come first; members are joined."""
    rows = application.evidence.filter(round=round, status=Evidence.Status.ORDERED)
    return list(
        rows.select_related("member").defer("rows", "disputed_reason").order_by("expected_on", "id")
    )


def expected_on(application: Application, round: str = APPLY) -> date | None:
    """The day on which the last report of a round is expected; None if none is being made."""
    rows = under_way(application, round)
    return max((_expected(one) for one in rows), default=None)


def day_of_facts(application: Application, round: str, *, not_before: date) -> date:
    """The day as of which a round is judged: that of its latest report, if it came afterwards.

    A campaign asks on one day, and its reports are made in the days that follow.
    """
    delivered = EvidenceAnswer.objects.filter(
        evidence__application=application, evidence__round=round,
        evidence__source__in=sources(), status=Evidence.Status.FOUND,
    )  # fmt: skip
    dated = delivered.aggregate(last=Max("valid_from"))["last"]
    return max(not_before, dated) if dated else not_before


def why_not_yet(application: Application, kind: str) -> str:
    """Why a department cannot say its last word yet; empty if it can.

    Who reads a report waits for it, as long as it is in time. ``kind``: the kind of the bureau.
    """
    rows = [one for one in under_way(application) if duties.SOURCES[one.source] == kind]
    if not rows:
        return ""
    last = max(last_day(one.ordered_at) for one in rows if one.ordered_at)
    return _(
        "收入核对报告在途，预计%(day)s前出具，出具后才能提交意见。过了%(last)s还没有，可以人工核实。"
    ) % {"day": display.day(max(map(_expected, rows))), "last": display.day(last)}


def desk_due(application: Application, kind: str) -> date | None:
    """The last day of a desk that waits for reports: they come, then it reads them; or None."""
    rows = [one for one in under_way(application) if duties.SOURCES[one.source] == kind]
    if not rows:
        return None
    return periods.of("report_read").after(max(map(_expected, rows)))


def look_now(*, by: Any, application: Application | None = None) -> int:
    """Asks for every report under way at once, of one case or of all; how many are asked for.

    For a report that was hurried: by itself the platform would ask on the expected day.
    """
    rows: QuerySet[Evidence] = Evidence.objects.filter(status=Evidence.Status.ORDERED)
    if application is not None:
        rows = rows.filter(application=application)
    with transaction.atomic():
        count = rows.update(due_at=clock.now())
        audit.record("checks.reports_called", by=by, thing=application, reports=count)
        _sweep_soon()
        return count


def _sweep_soon() -> None:
    from applications import tasks  # tasks import this module

    transaction.on_commit(tasks.sweep_checks.delay, robust=True)


def _expected(one: Evidence) -> date:
    ordered_at = one.ordered_at or clock.now()
    return one.expected_on or last_day(ordered_at)


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()

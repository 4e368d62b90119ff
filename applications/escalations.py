"""Cases that will miss their day, before they do (督办): recorded once per level.

An escalation decides nothing. It puts the case on the board of the office and on the task of the
desk that holds it, the gravest first, until it is no longer so.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from applications import deadlines, forecast, states
from applications.forecast import RUNNING, Forecast, Level
from applications.models import Application, Escalation, ReviewTask
from core import audit, clock, locks, workdays

SYSTEM = audit.System("deadlines")
RANKS = {Level.LEGAL_LATE: 1, Level.LEGAL_RISK: 2, Level.LATE: 3, Level.AT_RISK: 4}
_AT_ONCE = 500  # cases read at a time
_OPEN = (states.TASK_OPEN, states.TASK_CLAIMED)


def escalate(application: Application, foreseen: Forecast, *, by: Any) -> Escalation | None:
    """Records that a case will miss its day; None where this level was recorded before.

    One that had ended stands again. The row is what whoever tells the desk hangs on to.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        if row.state not in RUNNING or not foreseen.level:
            return None
        row.escalations.filter(ended_at=None).exclude(level=foreseen.level).update(
            ended_at=clock.now()
        )
        made, new = Escalation.objects.get_or_create(
            application=row,
            level=foreseen.level,
            defaults={
                "rank": RANKS[Level(foreseen.level)],
                "due_on": foreseen.due,
                "earliest": foreseen.earliest,
                "latest": foreseen.latest,
                "desks": _desks(row),
                "raised_at": clock.now(),
            },
        )
        if not new:
            _stand_again(made, foreseen)
            return None
        audit.record(
            "case.escalated", by=by, thing=made, case_no=made.case_no, level=made.level,
            due=made.due_on, desks=made.desks,
        )  # fmt: skip
        return made


def settle(application: Application) -> None:
    """Ends what no longer holds: the case was answered, or is in time again."""
    with transaction.atomic():
        row = locks.fresh(application)
        row.escalations.filter(ended_at=None).update(ended_at=clock.now())


def sweep(today: date) -> int:
    """Looks at every case under way; how many escalations are new. Harmless to repeat."""
    stages, raised, after = forecast.measured(today), 0, 0
    with workdays.supposing({}):  # the calendar is read once
        while rows := _batch(after):
            raised += sum(_look(one, today, stages) for one in rows)
            after = rows[-1].pk
    for gone in Application.objects.filter(escalations__ended_at=None, escalations__isnull=False)\
            .exclude(state__in=RUNNING).distinct():  # fmt: skip
        settle(gone)
    return raised


def standing() -> QuerySet[Escalation]:
    """What stands now, the most urgent first; with the tasks that hold each case."""
    held = ReviewTask.objects.filter(state__in=_OPEN).select_related("bureau")
    return (
        Escalation.objects.filter(ended_at=None, application__state__in=RUNNING)
        .select_related("application__street")
        .prefetch_related(
            Prefetch("application__tasks", queryset=held, to_attr="held"), "application__members"
        )
        .order_by("rank", "due_on", "pk")
    )


def of(application: Application) -> Escalation | None:
    """What stands about a case now."""
    return application.escalations.filter(ended_at=None).order_by("rank").first()


def _batch(after: int) -> list[Application]:
    rows = Application.objects.filter(state__in=RUNNING, accepted_at__isnull=False, pk__gt=after)
    return list(rows.order_by("pk").prefetch_related("pauses", "tasks", "escalations")[:_AT_ONCE])


def _look(application: Application, today: date, stages: dict[str, Any]) -> bool:
    """Whether a new escalation was recorded."""
    foreseen = forecast.of(application, today, stages=stages)
    stands = [one.level for one in application.escalations.all() if one.ended_at is None]
    if foreseen is None or not foreseen.level:
        if stands:
            settle(application)
        return False
    if stands == [foreseen.level]:
        return False
    return escalate(application, foreseen, by=SYSTEM) is not None


def _stand_again(one: Escalation, foreseen: Forecast) -> None:
    one.ended_at = None
    one.due_on, one.earliest, one.latest = foreseen.due, foreseen.earliest, foreseen.latest
    one.save(update_fields=["ended_at", "due_on", "earliest", "latest"])


def _desks(application: Application) -> list[str]:
    held = application.tasks.filter(state__in=_OPEN).select_related("bureau")
    return sorted({one.bureau.code for one in held})


def day_words(one: Escalation) -> str:
    """The day that is missed, marked where it is provisional."""
    return deadlines.told(one.due_on)

"""What the lists of letters, objections and re-considerations show (签发、送达和复核的列表)."""

from datetime import date
from typing import Any

from accounts.models import Staff
from applications import decision, deliveries, filters, periods, permissions, states
from applications.models import Decision, Reconsideration
from core import clock, workdays

_MOST = 200


def lists(staff: Staff, today: date) -> dict[str, Any]:
    """Letters to send, on their way and not reached; requests to look again, the urgent first."""
    rows = [(one, filters.left(one.due, today)) for one in deliveries.waiting()]
    asked = list(
        Reconsideration.objects.filter(answered_at=None)
        .select_related("decision__application")
        .order_by("due_on", "pk")[:_MOST]
    )
    near = workdays.add_workdays(today, periods.of("reconsideration_near").value)
    return {
        "to_send": [pair for pair in rows if pair[0].last is None],
        "on_their_way": [pair for pair in rows if pair[0].last is not None and not pair[0].failed],
        "not_reached": [pair for pair in rows if pair[0].failed],
        "held_back": without_effect(),
        "requests": [
            (one, filters.left(one.due_on, today), permissions.why_not_answer(one, staff))
            for one in asked
        ],
        "near": sum(one.due_on <= near for one in asked),
    }


def count_near() -> int:
    """Requests to look again whose last day to answer is near, or has passed (临期提醒)."""
    soon = workdays.add_workdays(clock.today(), periods.of("reconsideration_near").value)
    return Reconsideration.objects.filter(answered_at=None, due_on__lte=soon).count()


def without_effect() -> list[Decision]:
    """Refusals that were served while the case stood where no refusal leads."""
    rows = Decision.objects.filter(
        kind=decision.Kind.REFUSE, served_at__isnull=False, replaced=False,
        application__state__in=states.APPLICATION.open_ids,
    )  # fmt: skip
    return list(rows.select_related("application")[:_MOST])

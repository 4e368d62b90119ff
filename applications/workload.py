"""工作量: what each colleague of a desk holds, what is late of it, and what they did this week."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from accounts.models import Staff
from applications import absences, states
from applications.models import Absence, Opinion, ReviewTask
from core import clock


@dataclass(frozen=True)
class Load:
    """One colleague's line. ``held``: claimed now; of these ``late`` and ``today``."""

    staff: Staff
    held: int
    late: int
    today: int
    done: int
    absence: Absence | None


def of_desk(staff: Staff) -> list[Load]:
    """Everybody of the person's desk; four queries, whatever the size of the queue."""
    people, today = list(absences.colleagues(staff)), clock.today()
    held = list(
        ReviewTask.objects.filter(
            state=states.TASK_CLAIMED, claim_expires_at__gt=clock.now(), claimed_by__in=people
        ).values_list("claimed_by_id", "due_on")
    )
    holds = Counter(who for who, _due in held)
    late = Counter(who for who, due in held if due < today)
    due_today = Counter(who for who, due in held if due == today)
    done = Counter(
        Opinion.objects.filter(by__in=people, at__gte=_monday()).values_list("by_id", flat=True)
    )
    away = {one.staff_id: one for one in absences.ahead(staff, today) if one.starts_on <= today}
    return [
        Load(one, holds[one.pk], late[one.pk], due_today[one.pk], done[one.pk], away.get(one.pk))
        for one in people
    ]


def _monday() -> datetime:
    today = clock.today()
    return datetime.combine(today - timedelta(days=today.weekday()), time(), tzinfo=clock.LOCAL)

"""Reminders of tasks (到期提醒): the desk at a share of its time and at its end, then its lead.

Working days count from the day on which the task was opened. Each step is told once for each
person, so that a task that runs every few minutes, or twice at a time, tells nothing twice. The
message is recorded; the clock, the task and the case stay as they are.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, partial

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import absences, periods, permissions, staff_notices, states, todos
from applications.models import ReviewTask, StaffNotice
from applications.models.review import Stage
from core import audit, clock, locks, workdays

SYSTEM = audit.System("reminders")
OPEN = (states.TASK_OPEN, states.TASK_CLAIMED)
Kind = StaffNotice.Kind
_BATCH = 300  # tasks in one run: a long list is told over several


def sweep(today: date) -> int:
    """Tells what has become due; returns how many messages were left."""
    return sum(_look_at(pk, today) for pk in _candidates(today)[:_BATCH])


def due_kinds(task: ReviewTask, today: date) -> list[str]:
    """Which steps this task has reached today."""
    return _steps(_opened(task), task.due_on, today)


def passed(opened: date, due: date, today: date) -> int:
    """How much of the working days from ``opened`` to ``due`` is gone, in percent."""
    whole = workdays.workdays_between(opened, due)
    return 100 if whole <= 0 else 100 * workdays.workdays_between(opened, today) // whole


def who_may(task: ReviewTask) -> list[Staff]:
    """Everybody of the desk who may work on the task now: who holds it alone, else the desk.

    For who is away the deputy is told.
    """
    role = permissions.ROLE_OF_STAGE[Stage(task.stage)]
    now, today = clock.now(), clock.today()
    able = [
        absences.receiver_of(one, today) or one
        for one in _people(task.bureau_id, role)
        if not permissions.why_not_work_on(task, one, now=now)
    ]
    return list({one.pk: one for one in able}.values())


def who_leads(task: ReviewTask) -> list[Staff]:
    """The desk's own lead; where none is known, the district, and above it the administrators."""
    leads = list(_people(task.bureau_id, Role.LEADER))
    if leads:
        return leads
    above = Role.ADMIN if task.stage == Stage.DISTRICT else Role.DISTRICT
    people = Staff.objects.filter(roles__contains=[above], user__is_active=True)
    if above == Role.DISTRICT:
        people = people.filter(bureau__kind=BureauKind.CENTRE)
    return list(people.select_related("bureau", "user"))


_TO: dict[str, Callable[[ReviewTask], list[Staff]]] = {
    Kind.SHARE: who_may,
    Kind.DUE: who_may,
    Kind.ESCALATED: who_leads,
}


def _look_at(pk: int, today: date) -> int:
    with transaction.atomic():
        row = ReviewTask.objects.select_related("application", "bureau").get(pk=pk)
        locks.fresh(row.application)
        row.refresh_from_db(fields=["state", "due_on", "claimed_by", "claim_expires_at"])
        if row.state not in OPEN:
            return 0
        return sum(_tell(row, kind) for kind in _news(row, today))


def _news(task: ReviewTask, today: date) -> Iterator[str]:
    """Steps reached and not told to anybody yet: who joins the desk later hears the next one."""
    told = set(task.notices.values_list("kind", flat=True))
    return (kind for kind in due_kinds(task, today) if kind not in told)


def _tell(task: ReviewTask, kind: str) -> int:
    if kind != Kind.ESCALATED:
        todos.remind(task, kind)
    return staff_notices.tell(
        _TO[kind](task), kind, key=f"task-{task.pk}", application=task.application, by=SYSTEM,
        task=task,
    )  # fmt: skip


def _candidates(today: date) -> list[int]:
    """Open tasks with something to tell, the most urgent first; two queries for all of them."""
    desks = Staff.objects.filter(user__is_active=True).values("bureau")
    rows = ReviewTask.objects.filter(state__in=OPEN, bureau__in=desks).order_by("due_on", "pk")
    told: dict[int | None, set[str]] = defaultdict(set)
    notices = StaffNotice.objects.filter(task__state__in=OPEN).values_list("task_id", "kind")
    for task_id, kind in notices.distinct():
        told[task_id].add(kind)
    known = cache(partial(_steps, today=today))
    return [
        pk
        for pk, opened, due in rows.values_list("pk", "opened_at", "due_on")
        if not set(known(opened.astimezone(clock.LOCAL).date(), due)) <= told[pk]
    ]


def _steps(opened: date, due: date, today: date) -> list[str]:
    share = passed(opened, due, today)
    kinds = []
    if today >= due:
        kinds.append(Kind.DUE.value)
    elif share >= periods.of("task_remind").value:
        kinds.append(Kind.SHARE.value)
    if today >= due or share >= periods.of("task_escalate").value:
        kinds.append(Kind.ESCALATED.value)
    return kinds


def _opened(task: ReviewTask) -> date:
    return task.opened_at.astimezone(clock.LOCAL).date()


def _people(bureau: int, role: str) -> QuerySet[Staff]:
    rows = Staff.objects.filter(bureau=bureau, roles__contains=[role], user__is_active=True)
    return rows.select_related("bureau", "user").order_by("pk")

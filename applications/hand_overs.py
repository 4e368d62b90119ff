"""转办: a task passes to a named colleague of the same desk, with its record and its notice.

Everybody gives away what they hold; the lead of a desk (`absences.is_lead`) may also give what
nobody holds, and what a colleague holds. Whoever is away today does not receive: their deputy does.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import (
    absences,
    claims,
    conflicts,
    filters,
    periods,
    permissions,
    queue_order,
    states,
)
from applications.models import Absence, HandOver, ReviewTask
from core import audit, clock, locks, workflow
from core.refusals import Refusal

AWAY = audit.System("absence")
MOST = 200  # tasks given by one press


class NotHanded(Refusal):
    """This task may not pass to this person, or not by this one."""


def why_not_give(task: ReviewTask, by: Staff, *, now: datetime) -> str:
    """Why this person may not hand the task to a colleague."""
    if task.bureau_id != by.bureau_id:
        return _("这件任务由%(bureau)s办理。") % {"bureau": task.bureau.name}
    if task.state not in filters.OPEN_STATES:
        return _("这件任务已经办完或不再需要办理。")
    if task.state == states.TASK_CLAIMED and task.claimed_by_id == by.pk:
        return ""
    if not absences.is_lead(by):
        return _("只能转办自己认领的任务。")
    return ""


def why_not_receive(task: ReviewTask, to: Staff) -> str:
    """Why this person may not receive the task: another desk, another duty, or a conflict."""
    if why := permissions.why_not_of_desk(task, to):
        return why
    if conflicts.has_conflict(to, task.application):
        return _("按回避规定，%(who)s不能办理这个办件，请转给另一位同事。") % {"who": to.name}
    return ""


def give(task: ReviewTask, *, by: Staff, to: Staff, note: str = "") -> HandOver:
    """Passes a task to a colleague, or to who stands in for them today. Raises NotHanded."""
    with transaction.atomic():
        row = locks.fresh(task)
        if why := why_not_give(row, by, now=clock.now()):
            raise NotHanded(why)
        if to.pk == row.claimed_by_id and row.state == states.TASK_CLAIMED:
            raise NotHanded(_("这件任务已经在%(who)s手上。") % {"who": to.name}, "to")
        receiver = absences.receiver_of(to, clock.today())
        if receiver is None:
            raise NotHanded(
                _("%(who)s和代办人现在都不在岗，请转给另一位同事。") % {"who": to.name}, "to"
            )
        if why := why_not_receive(row, receiver):
            raise NotHanded(why, "to")
        return _pass_on(row, receiver, by=by, meant_for=to, note=note)


def give_next(count: int, *, by: Staff, to: Staff) -> int:
    """The lead gives the next tasks that nobody holds to one colleague; returns how many.

    Raises NotHanded.
    """
    with transaction.atomic():
        _refuse_but_lead(by)
        receiver = absences.receiver_of(to, clock.today())
        if receiver is None or receiver.bureau_id != by.bureau_id:
            raise NotHanded(_("请选一位本单位在岗的同事。"), "to")
        rows = _unclaimed(by, conflicts.free_of(receiver, _of_desk(by)), count)
        given = [
            _pass_on(one, receiver, by=by, meant_for=to)
            for one in rows
            if not permissions.why_not_of_desk(one, receiver)
        ]
        return len(given)


def spread(*, by: Staff) -> int:
    """The lead spreads what nobody holds over everybody who is there, evenly with what they hold.

    Returns how many tasks found somebody. Raises NotHanded.
    """
    with transaction.atomic():
        _refuse_but_lead(by)
        people = present(by)
        if not people:
            raise NotHanded(_("今天没有在岗的同事。"))
        rows = _unclaimed(by, _of_desk(by), MOST)
        away = _kept_away(people, rows)
        load = held_by(people)
        given = 0
        for row in rows:
            fit = [
                one for one in people
                if row.application_id not in away[one.pk]
                and not permissions.why_not_of_desk(row, one)
            ]  # fmt: skip
            if not fit:
                continue
            least = min(fit, key=lambda one: load[one.pk])
            _pass_on(row, least, by=by)
            load[least.pk] += 1
            given += 1
        return given


def pass_on_absent(absence: Absence) -> int:
    """What somebody holds goes to their deputy on the first day of an absence; once.

    Where the deputy may not have it, it goes back to the queue. Returns how many left.
    """
    with transaction.atomic():
        row = locks.fresh(absence)
        today = clock.today()
        if row.passed_at or row.ended_at or not row.starts_on <= today <= row.ends_on:
            return 0
        held = row.staff.claimed_tasks.filter(state=states.TASK_CLAIMED)
        tasks = list(held.select_related("application", "bureau").order_by("pk"))
        count = sum(_to_deputy(one, row) for one in tasks)
        row.passed_at = clock.now()
        row.save(update_fields=["passed_at"])
        return count


def begin_absences() -> int:
    """Passes on what is held by people whose absence has begun; returns how many tasks."""
    due = absences.in_force(clock.today()).filter(passed_at=None)
    return sum(map(pass_on_absent, list(due)))


def unseen(staff: Staff) -> QuerySet[HandOver]:
    """Hand-overs that the person has not read yet, of tasks that they still hold; newest first."""
    rows = HandOver.objects.filter(to=staff, seen_at=None, task__claimed_by=staff)
    shown = rows.filter(task__state=states.TASK_CLAIMED)
    return shown.select_related("task__application", "given_by", "came_from", "meant_for").order_by(
        "-at", "-pk"
    )


def mark_seen(*, by: Staff) -> int:
    """The person has read their hand-overs."""
    with transaction.atomic():
        return HandOver.objects.filter(to=by, seen_at=None).update(seen_at=clock.now())


def present(staff: Staff) -> list[Staff]:
    """Colleagues of the desk who are there today."""
    away = set(absences.in_force(clock.today()).values_list("staff_id", flat=True))
    return [one for one in absences.colleagues(staff).select_related("user") if one.pk not in away]


def held_by(people: Iterable[Staff]) -> Counter[int]:
    """How many tasks each person holds now."""
    held = ReviewTask.objects.filter(
        state=states.TASK_CLAIMED, claim_expires_at__gt=clock.now(), claimed_by__in=list(people)
    )
    return Counter(held.values_list("claimed_by_id", flat=True))


# -- Parts ---------------------------------------------------------------------------------------


def _refuse_but_lead(by: Staff) -> None:
    if not absences.is_lead(by):
        raise NotHanded(_("分派由本单位的负责人办理；自己手上的任务可以逐件转办。"))


def _of_desk(by: Staff) -> QuerySet[ReviewTask]:
    return ReviewTask.objects.filter(bureau_id=by.bureau_id)


def _unclaimed(by: Staff, tasks: QuerySet[ReviewTask], count: int) -> list[ReviewTask]:
    """The next free tasks of the desk, locked; what is being taken right now is left alone."""
    free = tasks.filter(state=states.TASK_OPEN).order_by(*queue_order.ORDER)
    locked = free.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return list(locked.select_related("application", "bureau")[: max(0, min(count, MOST))])


def _kept_away(people: list[Staff], rows: list[ReviewTask]) -> dict[int, set[int]]:
    cases = [one.application_id for one in rows]
    return {one.pk: set(cases) & _cases(one) for one in people}


def _cases(staff: Staff) -> set[int]:
    return {one["application_id"] for one in conflicts.cases_of(staff)}


def _to_deputy(task: ReviewTask, absence: Absence) -> bool:
    row = locks.fresh(task)
    if row.state != states.TASK_CLAIMED or row.claimed_by_id != absence.staff_id:
        return False
    receiver = absences.receiver_of(absence.staff, clock.today())
    if receiver is None or why_not_receive(row, receiver):
        return claims.put_back(row, of=absence.staff, by=AWAY, why="absence")
    _pass_on(row, receiver, by=None, meant_for=absence.staff)
    return True


def _pass_on(
    row: ReviewTask, to: Staff, *, by: Staff | None, meant_for: Staff | None = None, note: str = ""
) -> HandOver:
    """Makes ``to`` the holder to the end of the next working day; the row is locked."""
    actor: Any = by.user if by else AWAY
    came_from = row.claimed_by if row.state == states.TASK_CLAIMED else None
    if row.state == states.TASK_CLAIMED:
        workflow.advance(row, states.TASK_OPEN, by=actor, reason="handed over")
    row.claimed_by, row.claim_expires_at = to, _kept_until()
    row.save(update_fields=["claimed_by", "claim_expires_at"])
    workflow.advance(row, states.TASK_CLAIMED, by=actor, reason="handed over")
    meant = meant_for if meant_for is not None and meant_for.pk != to.pk else None
    made = HandOver.objects.create(
        task=row, given_by=by, came_from=came_from, to=to, meant_for=meant, note=note.strip()[:200],
        at=clock.now(),
    )  # fmt: skip
    audit.record(
        "review.handed_over", by=actor, thing=row, case_no=row.case_no,
        came_from=came_from.pk if came_from else None, to=to.pk,
        meant_for=meant.pk if meant else None,
    )  # fmt: skip
    return made


def _kept_until() -> datetime:
    day = periods.of("handed").after(clock.today())
    return datetime.combine(day, time(23, 59), tzinfo=clock.LOCAL)

"""Due dates anew for every open case (期限重算), after the calendar was published or changed.

One case is one transaction: its dates, its tasks' days, the family's message where the promised day
moved back, and the place where the work stands. Whoever takes up what a lost worker left therefore
doubles nothing and leaves nobody out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from applications import deadlines, duties, periods, reports, states
from applications.forecast import RUNNING
from applications.models import Application, Pause, Recalculation, ReviewTask
from applications.models.evidence import APPLY
from core import audit, clock, locks, notices, workdays

SYSTEM = audit.System("calendar")
_STEP = 200  # cases a call of the task
_OPEN = (states.TASK_OPEN, states.TASK_CLAIMED)
_ONE = timedelta(days=1)

LATER = notices.Template(
    "case.date_moved",
    _("答复的日期有变化"),
    _("放假安排有调整，答复您的最迟日期改为{due}。办理的工作日没有增加，现在不用您办理。"),
)


@dataclass(frozen=True)
class Effect:
    """What a change of the calendar would do to the open cases."""

    moved: int
    later: int


def open_cases() -> QuerySet[Application]:
    """Accepted cases whose days still run."""
    return Application.objects.filter(state__in=RUNNING, accepted_at__isnull=False)


def effect_of(changes: Mapping[date, bool | None]) -> Effect:
    """How many open cases a change would move, and how many of them to a later day."""
    moved = later = 0
    with workdays.supposing(changes):
        for one in _touched(changes):
            promised, statutory = deadlines.due_dates(one)
            moved += (promised, statutory) != (one.promised_due, one.statutory_due)
            later += one.promised_due is not None and promised > one.promised_due
    return Effect(moved, later)


def begin(key: str, *, by: Any) -> Recalculation | None:
    """Orders a recalculation; None where this very one was ordered before."""
    with transaction.atomic():
        made, new = Recalculation.objects.get_or_create(
            key=key, defaults={"begun_by": audit.label(by)[:80], "begun_at": clock.now()}
        )
        if not new:
            return None
        audit.record("calendar.recalculation", by=by, thing=made, key=key)
        _go_on_soon(made)
        return made


def begin_for_published(today: date) -> list[Recalculation]:
    """Orders one for each year of which the library says something else than it did.

    What it says of a year when that is first looked at, published or guessed, is only noted.
    """
    made = []
    for year in sorted({today.year, today.year + 1, *_years_of_open_cases()}):
        key = f"library-{year}-{workdays.fingerprint(year)}"
        said = Recalculation.objects.filter(key__startswith=f"library-{year}-")
        known = list(said.order_by("-pk").values_list("key", flat=True)[:1])
        if not known:
            _note(key)
        elif known != [key] and (one := begin(key, by=SYSTEM)):
            made.append(one)
    return made


def _note(key: str) -> None:
    """The days stand as they were counted: nothing to do."""
    now = clock.now()
    Recalculation.objects.get_or_create(
        key=key, defaults={"begun_by": SYSTEM.name, "begun_at": now, "finished_at": now}
    )


def run(recalculation_id: int) -> bool:
    """Goes on with some hundred cases; whether it is finished. Two workers share the cases."""
    return any(_next_case(recalculation_id) for _n in range(_STEP))


def unfinished() -> QuerySet[Recalculation]:
    """What a lost worker may have left."""
    return Recalculation.objects.filter(finished_at=None).order_by("pk")


def _next_case(recalculation_id: int) -> bool:
    """One case; whether none was left."""
    with transaction.atomic():
        run = locks.fresh(Recalculation(pk=recalculation_id))
        if run.finished_at is not None:
            return True
        following = open_cases().filter(pk__gt=run.position).order_by("pk").first()
        if following is None:
            run.finished_at = clock.now()
            run.save(update_fields=["finished_at"])
            audit.record(
                "calendar.recalculated", by=SYSTEM, thing=run, cases=run.cases, moved=run.moved,
                later=run.later,
            )  # fmt: skip
            return True
        moved, later = _recompute(following)
        run.position, run.cases = following.pk, run.cases + 1
        run.moved, run.later = run.moved + moved, run.later + later
        run.save(update_fields=["position", "cases", "moved", "later"])
        return False


def _recompute(application: Application) -> tuple[bool, bool]:
    """Moves the days of one case and of its open tasks: whether they moved, whether to later."""
    row = locks.fresh(application)
    before = row.promised_due
    moved = deadlines.recompute(row)
    for task in row.tasks.filter(state__in=_OPEN).select_related("bureau"):
        _move_task(row, task)
    later = before is not None and row.promised_due is not None and row.promised_due > before
    if later and row.is_open:
        applicant = row.applicant
        notices.tell(
            applicant.id_index, LATER, by=SYSTEM, case_no=row.case_no or "",
            phone=applicant.phone or "", due=lambda: deadlines.told(row.promised_due),
        )  # fmt: skip
    if moved:
        audit.record(
            "clock.recomputed", by=SYSTEM, thing=row, promised_due=row.promised_due,
            statutory_due=row.statutory_due,
        )  # fmt: skip
    return moved, later


def _move_task(application: Application, task: ReviewTask) -> None:
    due = task_due(application, task)
    if due != task.due_on:
        task.due_on = due
        task.save(update_fields=["due_on"])


def task_due(application: Application, task: ReviewTask) -> date:
    """The last day of an open task by the calendar of this moment.

    Its full time from its opening, from the family's answer to a correction after that, and as
    much longer as the report takes that it has to read.
    """
    period = periods.of(task.stage)
    answered = application.pauses.filter(
        reason=Pause.Reason.CORRECTION, ended_at__gte=task.opened_at
    ).aggregate(last=Max("ended_at"))["last"]
    days = [period.after(_day(one)) for one in (task.opened_at, answered) if one is not None]
    if report := _report_expected(application, task):
        days.append(periods.of("report_read").after(report))
    return max(days)


def _report_expected(application: Application, task: ReviewTask) -> date | None:
    if task.stage != "joint":
        return None
    rows = application.evidence.filter(
        round=APPLY, source__in=reports.sources(), ordered_at__isnull=False
    ).only("source", "ordered_at", "expected_on")
    days = [
        one.expected_on or reports.last_day(one.ordered_at)
        for one in rows
        if one.ordered_at and duties.SOURCES[one.source] == task.bureau.kind
    ]
    return max(days, default=None)


def _touched(changes: Mapping[date, bool | None]) -> Iterator[Application]:
    """Open cases whose days may reach over one of the changed dates."""
    if not changes:
        return iter(())
    first, last = min(changes), max(changes)
    rows = open_cases().filter(
        statutory_due__gte=first, accepted_at__lt=clock.local_midnight(last + _ONE)
    )
    return rows.prefetch_related("pauses").iterator(chunk_size=_STEP)


def _years_of_open_cases() -> set[int]:
    last = open_cases().aggregate(last=Max("statutory_due"))["last"]
    this = clock.today().year
    return set(range(this, last.year + 1)) if last else set()


def _go_on_soon(made: Recalculation) -> None:
    from applications import tasks_clocks  # the task imports this module

    transaction.on_commit(lambda: tasks_clocks.recalculate.delay(made.pk), robust=True)


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()

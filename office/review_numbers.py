"""Keeps the numbers of the review current (审核统计更新): a row for each answered case.

A page over a hundred thousand cases cannot read every pause and every task of them, so each case's
numbers are written once and again whenever something of it changed. A pass goes on where it was
left; two at once do not happen; the rows can be thrown away and made anew.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

from applications import periods, states
from applications.models import (
    Application,
    Inquiry,
    Objection,
    Opinion,
    Pause,
    Reconsideration,
    ReviewTask,
)
from core import clock, locks
from core.models import CalendarDay, Transition
from office.figures.durations import Calendar
from office.figures.figure import Moment
from office.figures.oneflow import ANSWERED
from office.figures.review_days import Days, Held, Raw, Stood, day_of, days_of
from office.models import DeskDays, NumbersRun, ReviewedCase
from office.models.reviewed import PAUSES, PLACES

_PART = 500  # cases in one transaction
_LABEL = Application._meta.label_lower


def refresh(parts: int | None = None) -> int:
    """Brings the numbers up to date; at most ``parts`` parts of some hundred cases, or all of them.

    Returns how many cases were counted. Does nothing where another worker is at it.
    """
    counted, calendar = 0, _calendar()
    while parts is None or parts > 0:
        with transaction.atomic():
            if not locks.try_advisory("office.review_numbers"):
                return counted
            run = _run()
            done = _part(run, calendar)
            counted += done
            if run.finished_at is not None:
                return counted
        parts = None if parts is None else parts - 1
    return counted


def as_of() -> datetime | None:
    """The moment at which the numbers stand: the beginning of the last pass that is through."""
    last = NumbersRun.objects.filter(finished_at__isnull=False).first()
    return last.began_at if last else None


def under_way() -> bool:
    """Whether a pass has begun that is not through."""
    return NumbersRun.objects.filter(finished_at=None).exists()


def _run() -> NumbersRun:
    """The pass that goes on, or a new one."""
    run = NumbersRun.objects.filter(finished_at=None).first()
    return run or NumbersRun.objects.create(since=_since(), began_at=clock.now())


def _since() -> datetime | None:
    """Since when a case must have been touched; None to count all: the first time, and after a
    change of the calendar."""
    last = NumbersRun.objects.filter(finished_at__isnull=False).first()
    whole = NumbersRun.objects.filter(finished_at__isnull=False, since=None).first()
    if last is None or whole is None:
        return None
    changed = CalendarDay.objects.aggregate(at=Max("changed_at"))["at"]
    if changed is not None and changed >= whole.began_at:
        return None
    # rows of transactions that were still open when the last pass looked
    return last.began_at - timedelta(minutes=periods.of("numbers_overlap").value)


def _part(run: NumbersRun, calendar: Calendar) -> int:
    ids = list(
        _touched(run.since)
        .filter(pk__gt=run.upto)
        .order_by("pk")
        .values_list("pk", flat=True)[:_PART]
    )
    if ids:
        _count(ids, calendar)
        run.upto = ids[-1]
        run.cases += len(ids)
    else:
        run.finished_at = clock.now()
        NumbersRun.objects.filter(finished_at__isnull=False, since__isnull=False).delete()
    run.save()
    return len(ids)


def _touched(since: datetime | None) -> QuerySet[Application]:
    """Cases to count: all, or those of which something was written since."""
    rows = Application.objects.sent().order_by()
    if since is None:
        return rows.filter(accepted_at__isnull=False)
    own = OuterRef("pk")
    log = Transition.objects.filter(thing_type=_LABEL, at__gte=since)
    asked = Reconsideration.objects.filter(
        decision__application=own, answered_at__gte=since
    )  # fmt: skip
    said = Objection.objects.filter(publicity__application=own, answered_at__gte=since)
    return rows.filter(Q(pk__in=log.values("thing_id")) | Exists(asked) | Exists(said))


def _count(ids: Sequence[int], calendar: Calendar) -> None:
    """Writes the numbers of some cases anew; those that are not answered have none."""
    answered = ANSWERED.rows(Moment.now()).filter(pk__in=ids).select_related(None).order_by("pk")
    cases = list(answered.only("pk", "street_id", "accepted_at", "decided_at", "closed_at"))
    ReviewedCase.objects.filter(application_id__in=ids).delete()
    if not cases:
        return
    about = _About([one.pk for one in cases])
    raws = {one.pk: about.raw(one) for one in cases}
    counted = {pk: days_of(raw, calendar) for pk, raw in raws.items()}
    rows = [_row(one, counted[one.pk], about) for one in cases]
    ReviewedCase.objects.bulk_create(rows)
    DeskDays.objects.bulk_create(
        DeskDays(reviewed=row, bureau_id=bureau, stage=stage, days=days)
        for row in rows
        for bureau, stage, days in counted[row.application_id].desks
    )


def _row(case: Application, days: Days, about: "_About") -> ReviewedCase:
    pk = case.pk
    return ReviewedCase(
        application_id=pk,
        street_id=case.street_id,
        answered_at=days.answered_at,
        month=day_of(days.answered_at).replace(day=1),
        net=days.net,
        gross=days.gross,
        straight=pk not in about.doubted and pk not in about.returned,
        returned=pk in about.returned,
        refused=pk in about.refused,
        asked_again=pk in about.asked,
        overturned=about.asked.get(pk, False),
        objected=pk in about.objected,
        upheld=about.objected.get(pk, False),
        **{f"in_{name}": days.places.get(name, 0) for name in PLACES},
        **{f"stood_{name}": days.stood.get(name, 0) for name in PAUSES},
    )


def _calendar() -> Calendar:
    """The working days from the first acceptance to today: read once for a whole pass."""
    first = Application.objects.aggregate(at=Min("accepted_at"))["at"]
    today = clock.today()
    return Calendar.over([(min(day_of(first), today) if first else today, today)])


class _About:
    """Everything that counts about some cases, table by table."""

    def __init__(self, ids: list[int]) -> None:
        self.moves: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
        self.pauses: dict[int, list[Stood]] = defaultdict(list)
        self.tasks: dict[int, list[Held]] = defaultdict(list)
        self._log(ids)
        for pk, *pause in Pause.objects.filter(application__in=ids).values_list(
            "application_id", "reason", "began_at", "ended_at"
        ):
            self.pauses[pk].append(Stood(*pause))
        opinions = Opinion.objects.filter(task__application__in=ids, task__state=states.TASK_DONE)
        for pk, *held in opinions.values_list(
            "task__application_id", "task__bureau_id", "task__stage", "task__opened_at", "at"
        ):
            self.tasks[pk].append(Held(*held))
        self.doubted = _doubted(ids)
        self.asked = _worst(
            Reconsideration.objects.filter(
                decision__application__in=ids, answered_at__isnull=False
            ).values_list("decision__application_id", "overturned")
        )
        self.objected = _worst(
            Objection.objects.filter(
                publicity__application__in=ids, answered_at__isnull=False
            ).values_list("publicity__application_id", "upheld")
        )

    def raw(self, case: Application) -> Raw:
        assert case.accepted_at is not None  # part of what ANSWERED asks
        return Raw(
            case.accepted_at, (case.decided_at, case.closed_at), self.moves[case.pk],
            self.pauses[case.pk], self.tasks[case.pk],
        )  # fmt: skip

    def _log(self, ids: list[int]) -> None:
        self.returned: set[int] = set()
        self.refused: set[int] = set()
        log = Transition.objects.filter(thing_type=_LABEL, thing_id__in=ids)
        for pk, at, state in log.order_by("at", "id").values_list("thing_id", "at", "to_state"):
            self.moves[pk].append((at, state))
            if state == states.CORRECTION:
                self.returned.add(pk)
            if state == states.REFUSED:
                self.refused.add(pk)


def _doubted(ids: list[int]) -> set[int]:
    """Cases with a rule that some desk had to look at, or with a question to a department."""
    tasks = ReviewTask.objects.filter(application__in=ids).exclude(findings=[])
    asked = Inquiry.objects.filter(application__in=ids)
    return {
        *tasks.values_list("application_id", flat=True),
        *asked.values_list("application_id", flat=True),
    }


def _worst(rows: Any) -> dict[int, bool]:
    """By case, whether any of its answers changed something."""
    found: dict[int, bool] = {}
    for pk, changed in rows:
        found[pk] = found.get(pk, False) or bool(changed)
    return found

"""Where the time of a case went (时间用在哪里): how long each desk held it, pauses out.

A desk holds a case from the day its task was opened to the day of its opinion; the day of opening
does not count. Desks that work in parallel each have their own days, so that the sum may be more
than the case took.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from applications import deadlines, states
from applications.models import Application, Pause, ReviewTask
from applications.models.review import Stage
from core import clock


@dataclass(frozen=True)
class Held:
    """One desk's share: working days, net of the pauses and gross."""

    bureau: str
    code: str
    stage: str
    stage_word: Any
    round: int
    opened_at: datetime
    ended_at: datetime | None  # None: holds it now
    net: int
    gross: int
    automatic: bool
    critical: bool  # of desks in parallel the one that finished last

    @property
    def holds(self) -> bool:
        return self.ended_at is None


def of(application: Application, today: date) -> list[Held]:
    """Each desk's share, in the order of opening; tasks taken back unanswered are left out."""
    tasks = application.tasks.exclude(state=states.TASK_CANCELLED).select_related(
        "bureau", "opinion"
    )
    return shares(tasks.order_by("opened_at", "pk"), application.pauses.all(), today)


def shares(tasks: Iterable[ReviewTask], pauses: Iterable[Pause], today: date) -> list[Held]:
    """As ``of``, from rows at hand: tasks with bureau and opinion, and the case's pauses."""
    rows, stood = list(tasks), list(pauses)
    last = _critical(rows)
    return [_held(one, stood, today, critical=one.pk in last) for one in rows]


def _held(task: ReviewTask, pauses: list[Pause], today: date, *, critical: bool) -> Held:
    ended = _ended(task)
    first = _day(task.opened_at)
    net, gross = deadlines.net_days(pauses, first, max(first, _day(ended) if ended else today))
    return Held(
        bureau=task.bureau.name,
        code=task.bureau.code,
        stage=task.stage,
        stage_word=task.get_stage_display(),
        round=task.round,
        opened_at=task.opened_at,
        ended_at=ended,
        net=net,
        gross=gross,
        automatic=bool(ended) and task.opinion.automatic,
        critical=critical,
    )


def _ended(task: ReviewTask) -> datetime | None:
    return task.opinion.at if task.state == states.TASK_DONE else None


def _critical(tasks: list[ReviewTask]) -> set[int]:
    """The task of the joint stage that was answered last; none while one is still open."""
    joint = [one for one in tasks if one.stage == Stage.JOINT]
    if len(joint) < 2 or any(_ended(one) is None for one in joint):
        return set()
    return {max(joint, key=lambda one: (one.opinion.at, one.pk)).pk}


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()

"""The numbers of the review again, case by case, day by day, from the raw rows."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from applications import states
from applications.models import (
    Application,
    Inquiry,
    Objection,
    Opinion,
    Pause,
    Reconsideration,
    ReviewTask,
)
from core import clock, workdays
from core.models import Transition

ONE = timedelta(days=1)
PLACE = {
    "accepted": "intake", "street_review": "street", "joint_review": "joint",
    "district_review": "district", "publicity": "notice", "correction": "correction",
    "objection_check": "objection",
}  # fmt: skip


def day(at: datetime) -> date:
    return at.astimezone(clock.LOCAL).date()


def working(after: date, until: date) -> list[date]:
    days = [after + ONE * n for n in range(1, (until - after).days + 1)]
    return [one for one in days if workdays.is_workday(one)]


@dataclass
class Case:
    """One answered case: each of its working days with where it was and why it stood."""

    row: Application
    first: date
    last: date
    places: dict[str, int] = field(default_factory=dict)
    stood: dict[str, int] = field(default_factory=dict)
    desks: dict[tuple[str, str], int] = field(default_factory=dict)
    net: int = 0
    gross: int = 0

    @property
    def month(self) -> str:
        return f"{self.last:%Y-%m}"


def went(row: Application) -> set[str]:
    log = Transition.objects.filter(thing_type="applications.application", thing_id=row.pk)
    return {one.to_state for one in log}


def is_answered(row: Application) -> bool:
    return (
        bool(went(row) & {states.WAITLISTED, states.REFUSED})
        and row.accepted_at is not None
        and bool(row.decided_at or row.closed_at)
    )


def case_of(row: Application) -> Case:
    first = day(row.accepted_at)
    last = max(first, min(day(at) for at in (row.decided_at, row.closed_at) if at))
    case = Case(row, first, last)
    log = list(
        Transition.objects.filter(thing_type="applications.application", thing_id=row.pk).order_by(
            "at", "id"
        )
    )
    pauses = list(Pause.objects.filter(application=row))
    for one in working(first, last):
        case.gross += 1
        before = [line for line in log if day(line.at) < one]
        where = PLACE.get(before[-1].to_state, "other") if before else "intake"
        case.places[where] = case.places.get(where, 0) + 1
        reasons = {
            pause.reason
            for pause in pauses
            if day(pause.began_at) < one <= (day(pause.ended_at) if pause.ended_at else last)
        }
        case.net += not reasons
        for reason in reasons:
            case.stood[reason] = case.stood.get(reason, 0) + 1
    for said in Opinion.objects.filter(task__application=row, task__state="done"):
        key = (said.task.bureau.code, said.task.stage)
        held = 0
        for one in working(max(first, day(said.task.opened_at)), min(last, day(said.at))):
            held += not any(
                day(pause.began_at) < one <= (day(pause.ended_at) if pause.ended_at else last)
                for pause in pauses
            )
        case.desks[key] = case.desks.get(key, 0) + held
    return case


def cases() -> list[Case]:
    return [case_of(row) for row in Application.objects.all() if is_answered(row)]


def doubted(row: Application) -> bool:
    found = any(task.findings for task in ReviewTask.objects.filter(application=row))
    return found or Inquiry.objects.filter(application=row).exists()


def asked(row: Application) -> list[bool]:
    rows = Reconsideration.objects.filter(decision__application=row)
    return [one.overturned for one in rows if one.answered_at]


def objected(row: Application) -> list[bool]:
    rows = Objection.objects.filter(publicity__application=row)
    return [one.upheld for one in rows if one.answered_at]


def _when(says: Any) -> Any:
    return lambda facts, row: is_answered(row) and bool(says(row))


def _in(name: str) -> Any:
    return _when(lambda row: case_of(row).places.get(name, 0) > 0)


def _stood(name: str) -> Any:
    return _when(lambda row: case_of(row).stood.get(name, 0) > 0)


RAW = {
    "review_all": _when(lambda row: True),
    "review_promised": _when(lambda row: case_of(row).net <= 15),
    "review_statutory": _when(lambda row: case_of(row).net <= 45),
    "review_gross_promised": _when(lambda row: case_of(row).gross <= 15),
    "review_gross_statutory": _when(lambda row: case_of(row).gross <= 45),
    "review_straight": _when(lambda row: not doubted(row) and "correction" not in went(row)),
    "review_returned": _when(lambda row: "correction" in went(row)),
    "review_refused": _when(lambda row: "refused" in went(row)),
    "review_asked_again": _when(asked),
    "review_overturned": _when(lambda row: any(asked(row))),
    "review_objected": _when(objected),
    "review_upheld": _when(lambda row: any(objected(row))),
    **{
        f"review_in_{name}": _in(name)
        for name in ("intake", "street", "joint", "district", "notice", "correction",
                     "objection", "other")
    },
    **{
        f"review_stood_{name}": _stood(name)
        for name in ("source", "correction", "consent", "publicity", "objection",
                     "out_of_province")
    },
}  # fmt: skip

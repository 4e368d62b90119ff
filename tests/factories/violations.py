"""Inspections, violations and fines, by the verbs, on days that follow one another."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from accounts.models import Staff
from accounts.roles import Role
from allocation.models import Lease
from core import clock
from renewal.models import Fine, Inspection, InspectionVisit, Violation
from renewal.occupancy import planning, visiting
from renewal.violations import finding, fines, kinds, steps
from tests.factories import accounts, tenancies

FACTS = "客厅隔成四间，每间上锁，住着四位不同单位的人"
WELL: dict[str, Any] = {
    "companion": "网格员老陈", "met": "tenant", "living": "承租人和孩子，共2人",
    "signed": "signed", "signature": "测试甲",
    "looks": dict.fromkeys(visiting.LOOKED_AT, "not_seen"),
}  # fmt: skip
NOBODY: dict[str, Any] = {"companion": "网格员老陈", "met": "nobody"}


def sees(kind: str, **more: Any) -> dict[str, Any]:
    """A record at which one kind was seen."""
    return {**WELL, "looks": {**WELL["looks"], kind: "seen"}, "facts": FACTS, **more}


def officer(name: str = "") -> Staff:
    """Somebody of the district."""
    return accounts.staff(Role.DISTRICT, name=name)


@contextmanager
def on(day: date, hour: int = 10) -> Iterator[None]:
    """That day, in the morning in Ningbo."""
    with clock.held_at(clock.local_midnight(day) + timedelta(hours=hour)):
        yield


def announced(
    lease: Lease | None = None, *, by: Staff | None = None, violation: Violation | None = None
) -> Inspection:
    """An inspection that the household was told of, for the first day that is allowed."""
    by = by or officer()
    reason = "follow_up" if violation else "complaint"
    row = planning.plan(
        lease or tenancies.lease(2), reason=reason, words="看居住情况", by=by, violation=violation
    )
    first = planning.earliest(clock.today())
    return planning.announce(row, on=first, part="morning", by=by)


def visited(inspection: Inspection, *, by: Staff | None = None, **told: Any) -> InspectionVisit:
    """The visit on its day."""
    with on(inspection.on):
        return visiting.record(
            inspection, by=by or officer(), key=uuid4(), told=visiting.Told(**(told or WELL))
        )


def found(
    lease: Lease | None = None, *, kind: str = "sublet", by: Staff | None = None
) -> Violation:
    """A lead that a person noted."""
    return finding.found(
        lease or tenancies.lease(2), kind=kind, source="complaint", facts=FACTS, by=by or officer()
    )


def checked(row: Violation, by: Staff, answer: str = kinds.NO) -> Violation:
    """Every decent explanation looked into."""
    answers = {key: answer for key, _word in kinds.of(row.kind).checks}
    return steps.check(row, answers=answers, by=by)


def told(row: Violation, by: Staff) -> Violation:
    """The household has been told."""
    return steps.tell_household(checked(row, by), by=by)


def ordered(row: Violation, by: Staff) -> Violation:
    """Told, heard, ordered to put it right, and the letter handed over."""
    row = told(row, by)
    steps.speak(row, by=by.user, channel="phone", text="是亲戚来住几天")
    row = steps.order(row, text="请由您家自己居住。", by=by)
    if row.served_on is None:
        row = steps.served(row, how="hand", on=clock.today(), by=by)
    return row


def confirmed(row: Violation, by: Staff, other: Staff) -> Violation:
    """Not put right in its days, looked at again, and established by another."""
    row = ordered(row, by)
    with on(row.due_on + timedelta(days=1)):
        again = announced(row.lease, by=other, violation=row)
    visited(again, by=other, **sees(row.kind))
    with on(again.on, 15):
        return steps.confirm(row, words="复查时仍然住着同样的人", by=other)


def fine(row: Violation, by: Staff, amount: str = "500") -> Fine:
    """A proposal."""
    return fines.propose(row, amount=Decimal(amount), gain=Decimal(0), grounds=FACTS, by=by)

"""Inspections and violations in different states, by the real verbs: drawn, announced, a record
with a comment, told, to be put right, established with a proposed fine, and two leads.

The households are the last ones by number; those of the rent book and of exits are the first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from accounts.models import Staff
from accounts.roles import Role
from allocation import states as allocation_states
from allocation.models import Lease
from core import clock
from datashare.mock_gateway.city import City
from renewal.models import Inspection, Violation
from renewal.occupancy import planning, visiting
from renewal.violations import finding, fines, kinds, leads, steps

_SPACE = UUID("6f1c8a52-57f8-4d3b-9a60-5d2f9f0f3a11")
_NEEDED = 6
_LIVING = "承租人一家，和合同上的人一样"
_PARTITION = "客厅用木板隔成三间，每间装了锁，住着三位不同单位的人，冰箱上贴着分摊水电费的表"


def build(city: City) -> None:
    """Writes them where the city is large enough and has two people of the district."""
    people = list(Staff.objects.filter(roles__contains=[Role.DISTRICT]).order_by("id")[:2])
    free = Lease.objects.filter(
        state=allocation_states.L_FILED, term__startswith__lt=city.on - timedelta(days=200),
        exits=None,
    ).order_by("-number")  # fmt: skip
    chosen = list(free[:_NEEDED])
    if len(people) < 2 or len(chosen) < _NEEDED:
        return
    first, second = people
    _recorded(chosen[0], city.on, first)
    _told(chosen[1], city.on, first)
    _correcting(chosen[2], city.on, first)
    _established(chosen[3], city.on, first, second)
    finding.lead(
        chosen[4], kind="idle", source=Violation.Source.ACCESS,
        facts="半年多来门禁没有上报过这套房有人；这段时间门禁每天都有上报。",
    )  # fmt: skip
    leads.note_arrears()
    with _on(city.on):
        _announced(chosen[5], first)  # before the draw, which passes over who is visited already
        planning.draw(size=3, by=first, seed=f"demo-{city.on.isoformat()}")


@contextmanager
def _on(day: date) -> Iterator[None]:
    # an hour before the day that the city is built for ends nothing in the future
    with clock.held_at(clock.local_midnight(day) - timedelta(hours=10)):
        yield


def _announced(lease: Lease, by: Staff, violation: Violation | None = None) -> Inspection:
    reason = Inspection.Reason.FOLLOW_UP if violation else Inspection.Reason.COMPLAINT
    row = planning.plan(
        lease, reason=reason, words="看住着哪些人、房子有没有改动", by=by, violation=violation
    )
    return planning.announce(row, on=planning.earliest(clock.today()), part="morning", by=by)


def _visit(row: Inspection, by: Staff, *, seen: str = "", facts: str = "") -> None:
    looks = dict.fromkeys(visiting.LOOKED_AT, "not_seen") | ({seen: "seen"} if seen else {})
    told = visiting.Told(
        companion="网格员陈师傅", met="tenant", living=_LIVING, looks=looks, facts=facts,
        said="请你们写清楚，我会处理。", signed="refused",
    )  # fmt: skip
    assert row.on is not None
    with clock.held_at(clock.local_midnight(row.on) + timedelta(hours=9)):
        visiting.record(row, by=by, key=uuid5(_SPACE, str(row.pk)), told=told)


def _recorded(lease: Lease, on: date, by: Staff) -> None:
    with _on(on - timedelta(days=20)):
        row = _announced(lease, by)
    _visit(row, by)


def _found(lease: Lease, day: date, by: Staff, kind: str, facts: str) -> Violation:
    with _on(day):
        row = finding.found(lease, kind=kind, source="complaint", facts=facts, by=by)
        answers = {key: kinds.NO for key, _word in kinds.of(kind).checks}
        return steps.tell_household(steps.check(row, answers=answers, by=by), by=by)


def _told(lease: Lease, on: date, by: Staff) -> None:
    _found(lease, on - timedelta(days=2), by, "changed_use", "客厅摆着六台缝纫机，没有床")


def _ordered(lease: Lease, day: date, by: Staff, kind: str, facts: str) -> Violation:
    row = _found(lease, day, by, kind, facts)
    with _on(day + timedelta(days=1)):
        steps.speak(row, by=by.user, channel="phone", text="知道了，我找人来弄。")
        row = steps.order(row, text=str(kinds.of(kind).order), by=by)
        if row.served_on is None:
            row = steps.served(row, how="hand", on=clock.today(), by=by)
    return row


def _correcting(lease: Lease, on: date, by: Staff) -> None:
    _ordered(lease, on - timedelta(days=9), by, "damage", "阳台和卧室之间的墙拆了一半")


def _established(lease: Lease, on: date, by: Staff, other: Staff) -> None:
    row = _ordered(lease, on - timedelta(days=80), by, "sublet", _PARTITION)
    assert row.due_on is not None
    with _on(row.due_on + timedelta(days=2)):
        again = _announced(lease, other, row)
    _visit(again, other, seen="sublet", facts=_PARTITION)
    assert again.on is not None
    with _on(again.on + timedelta(days=2)):
        row = steps.confirm(row, words="复查时三间仍然住着同样的人。", by=other)
        fine = fines.propose(row, amount=Decimal("800"), gain=Decimal(0), grounds=_PARTITION, by=by)
        fines.notice(fine, by=by)

"""Leads from records (闲置、欠租线索): for a person to look at, and for nothing else.

Idle: months without presence behind a door that kept reporting; a broken or silent door makes no
lead. Arrears: the flag of the rent book, where nobody has answered it. What a person has looked at
comes back only with new months.
"""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from allocation import arrears
from allocation import states as allocation_states
from allocation.models import ArrearsFlag, Lease
from applications import periods
from core import audit, clock, display, locks
from core.refusals import Refusal
from core.workflow import advance
from renewal import violation_states as states
from renewal.models import Kind, Violation
from renewal.occupancy import presence
from renewal.violations import finding

SYSTEM = audit.System("违规线索")
Source = Violation.Source


def note_idle(today: date) -> int:
    """Notes a lead for each silent home; how many are new."""
    line = periods.months_later(today, -periods.of("idle").value)
    found = presence.silent(today)
    looked_at, open_ = _closed(Kind.IDLE, [one.lease for one in found]), _open(Kind.IDLE)
    new = 0
    for one in found:
        # what was looked at counts anew from the day on which a person closed it
        closed = looked_at.get(one.lease.pk, one.since)
        if one.lease.pk in open_ or max(one.since, closed) > line:
            continue
        facts = _("从%(day)s以后，门禁没有上报过这套房有人；这段时间门禁有%(n)d天上报。") % {
            "day": display.day_short(one.since), "n": one.reported,
        }  # fmt: skip
        new += _lead(one.lease, Kind.IDLE, Source.ACCESS, facts)
    return new


def note_arrears() -> int:
    """Notes a lead for each household flagged and not answered yet; how many are new."""
    flags = ArrearsFlag.objects.filter(state=allocation_states.F_RAISED).select_related(
        "lease__application"
    )
    rows = list(flags.order_by("pk"))
    looked_at, open_ = _closed(Kind.ARREARS, [one.lease for one in rows]), _open(Kind.ARREARS)
    new = 0
    for flag in rows:
        raised = flag.raised_at.astimezone(clock.LOCAL).date()
        if flag.lease_id in open_ or looked_at.get(flag.lease_id, date.min) >= raised:
            continue
        facts = _("累计%(n)d个月没有交租金，共%(sum)s。先联系和帮助。") % {
            "n": flag.months, "sum": display.money(flag.amount),
        }  # fmt: skip
        new += _lead(flag.lease, Kind.ARREARS, Source.RENT, facts)
    return new


def close_paid() -> int:
    """Closes leads of arrears below the line again, before anybody was told; how many."""
    rows = Violation.objects.filter(kind=Kind.ARREARS, state=states.V_FOUND)
    leases = Lease.objects.filter(pk__in=rows.values("lease"))
    owing = {one.lease.pk: one for one in arrears.owing(leases)}
    below = [
        row for row in rows
        if row.lease_id not in owing or not owing[row.lease_id].at_the_line
    ]  # fmt: skip
    return sum(_close(one) for one in below)


def _closed(kind: str, leases: list[Lease]) -> dict[int, date]:
    """The last day on which a person, or the rent book, closed one of that kind, by lease."""
    rows = Violation.objects.filter(kind=kind, lease__in=leases, closed_at__isnull=False)
    return {
        one.lease_id: one.closed_at.astimezone(clock.LOCAL).date()
        for one in rows.order_by("closed_at").only("lease_id", "closed_at")
        if one.closed_at is not None
    }


def _open(kind: str) -> set[int]:
    rows = Violation.objects.filter(kind=kind, state__in=states.VIOLATION.open_ids)
    return set(rows.values_list("lease_id", flat=True))


def _lead(lease: Lease, kind: str, source: str, facts: str) -> bool:
    try:
        finding.lead(lease, kind=kind, source=source, facts=facts)
    except Refusal:  # the lease ended meanwhile
        return False
    return True


def _close(violation: Violation) -> bool:
    with transaction.atomic():
        row = locks.fresh(violation)
        if row.state != states.V_FOUND:
            return False
        row.closed_reason = _("租金账已经不到提示的月数。")
        row.save(update_fields=["closed_reason"])
        advance(row, states.V_SET_ASIDE, by=SYSTEM)
        return True

"""线索: what a person saw or a record shows. A lead changes nothing for anybody.

``lead`` is what the machine notes (silent doors, arrears); ``found`` is a person's. Both put one
row on a desk of the district, once for each household and kind.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import Role
from allocation import states as allocation_states
from allocation.models import Lease
from applications import permissions
from core import audit, clock, locks
from core.refusals import Refusal
from renewal import violation_states as states
from renewal.models import InspectionVisit, Kind, Violation
from renewal.occupancy import visiting

SYSTEM = audit.System("违规线索")
FINDERS = (Role.STREET, Role.DISTRICT)
Source = Violation.Source
MOST_WORDS = 2000


class ViolationRefused(Refusal):
    """This step of a violation cannot be taken now."""


def found(lease: Lease, *, kind: str, source: str, facts: str, by: Staff) -> Violation:
    """Notes what a person saw or was told; the open row of that kind is returned if it stands.

    Raises ViolationRefused.
    """
    if not set(FINDERS) & set(by.roles):
        raise ViolationRefused(_("线索由镇街和区住房保障管理中心登记。"))
    if why := permissions.why_not_free(by, lease.application):
        raise ViolationRefused(why)
    if kind not in Kind.values or source not in Source.values:
        raise ViolationRefused(_("请选择是哪一类、从哪里来的。"), "kind")
    if not facts.strip():
        raise ViolationRefused(_("请写明看到了什么、什么时候，不写结论。"), "facts")
    return _note(lease, kind, source, facts.strip()[:MOST_WORDS], by=by.user, staff=by)


def from_visit(visit: InspectionVisit, *, kind: str, by: Staff) -> Violation:
    """A person turns what an inspection saw into a lead; what was not seen never becomes one."""
    if kind not in visiting.seen(visit):
        raise ViolationRefused(_("这次检查没有看到这一项。"))
    lease = visit.inspection.lease
    if why := permissions.why_not_draft(by, lease.application):
        raise ViolationRefused(why)
    return _note(lease, kind, Source.INSPECTION, visit.facts, by=by.user, staff=by, visit=visit)


def lead(lease: Lease, *, kind: str, source: str, facts: str) -> Violation:
    """What a record shows, for a person to look at; the machine goes no step further."""
    return _note(lease, kind, source, facts, by=SYSTEM, staff=None)


def _note(
    lease: Lease, kind: str, source: str, facts: str, *, by: Any, staff: Staff | None,
    visit: InspectionVisit | None = None,
) -> Violation:  # fmt: skip
    with transaction.atomic():
        row = locks.fresh(lease)
        if row.state not in allocation_states.L_IN_FORCE:
            raise ViolationRefused(_("这份租约已经结束，不再记线索。"))
        standing: Violation | None = row.violations.filter(
            kind=kind, state__in=states.VIOLATION.open_ids
        ).first()
        if standing is not None:
            return standing
        now = clock.now()
        made = Violation.objects.create(
            lease=row, kind=kind, source=source, facts=facts, visit=visit, state_since=now,
            found_at=now, found_by=staff,
        )  # fmt: skip
        audit.record("violation.found", by=by, thing=made, kind=kind, source=source)
        return made

"""A clue becomes a case on a person's desk (线索转核对); for the household nothing changes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from allocation import states as allocation_states
from allocation.models import Lease
from core import audit, clock, locks
from core.workflow import Refusal
from renewal import states
from renewal.models import ExitCase, Recheck

Ground = ExitCase.Ground


class ExitRefused(Refusal):
    """This step of the exit cannot be taken now."""


def open_case(
    lease: Lease,
    *,
    ground: str,
    flags: Iterable[Mapping[str, Any]],
    by: Any,
    recheck: Recheck | None = None,
    note: str = "",
) -> ExitCase:
    """Puts a clue about a lease in force on a person's desk; the open case of it where one is.

    What is new joins the open case until a second route has confirmed it: nothing unverified gets
    into a notice. ``flags``: findings as an assessment has them, or dicts with the same keys.
    Nobody is told and nothing follows by itself. Raises ExitRefused for a lease not in force.
    """
    with transaction.atomic():
        row = locks.fresh(lease)
        known = open_of(row)
        if known is not None:
            return _joined(locks.fresh(known), flags, by)
        if row.state not in allocation_states.L_IN_FORCE:
            raise ExitRefused(_("这份租约现在没有在租，不用办退出。"))
        now, found = clock.now(), [dict(one) for one in flags]
        case = ExitCase.objects.create(
            lease=row, recheck=recheck, ground=Ground(ground), flags=found, note=note.strip(),
            opened_by=audit.label(by)[:80], state_since=now, opened_at=now,
        )  # fmt: skip
        rules = [one.get("rule", "") for one in found]
        audit.record("exit.flagged", by=by, thing=case, ground=case.ground, rules=rules)
        return case


def _joined(case: ExitCase, flags: Iterable[Mapping[str, Any]], by: Any) -> ExitCase:
    known = {(one.get("rule"), one.get("person")) for one in case.flags}
    new = [dict(one) for one in flags if (one.get("rule"), one.get("person")) not in known]
    if not new:
        return case
    rules = [one.get("rule", "") for one in new]
    if case.state != states.X_FLAGGED:
        audit.record("exit.flag_too_late", by=by, thing=case, rules=rules)
        return case
    case.flags = [*case.flags, *new]
    case.save(update_fields=["flags"])
    audit.record("exit.flag_added", by=by, thing=case, rules=rules)
    return case


def open_of(lease: Lease) -> ExitCase | None:
    """The case of a lease that is under way."""
    return ExitCase.objects.filter(lease=lease, state__in=states.EXIT.open_ids).first()

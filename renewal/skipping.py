"""Households that were planned and are not looked at (不再复核): over meanwhile, or cancelled.

A lease that goes on under another number is no end: the re-check goes on with the lease that holds.
"""

from typing import Any

from django.db import transaction

from allocation import states as allocation_states
from allocation.models import Lease
from core import audit, clock, locks
from core.models import Transition
from core.workflow import advance
from renewal import states
from renewal.models import Campaign, Recheck

_BATCH = 2000


def if_over(row: Recheck, *, by: Any) -> bool:
    """Leaves the household out if its housing has ended since it was planned; whether it did."""
    if not row.in_force or row.lease.state in allocation_states.L_IN_FORCE:
        return False
    with transaction.atomic():
        held = locks.fresh(row)
        if held.state != states.K_CHECKING:
            return True
        if (later := _going_on(row)) is not None:
            row.lease = held.lease = later
            held.save(update_fields=["lease"])
            return False
        skip(held, Recheck.Skip.ENDED, by=by)
    return True


def skip(row: Recheck, reason: str, *, by: Any) -> Recheck:
    """Puts a household that is locked aside, with the reason; nothing follows for it."""
    row.skip_reason, row.lane = reason, states.K_SKIPPED
    row.save(update_fields=["skip_reason", "lane"])
    return advance(row, states.K_SKIPPED, by=by, reason=str(Recheck.Skip(reason).label))


def rest_of(campaign: Campaign, *, by: Any) -> int:
    """Puts aside all households without a result of a campaign that was cancelled; how many.

    In a few statements, and each with its line in the history.
    """
    now, label = clock.now(), audit.label(by)
    reason = Recheck.Skip.CANCELLED
    rows = campaign.rechecks.filter(state=states.K_CHECKING).order_by("id")
    ids = list(rows.select_for_update(no_key=True, of=("self",)).values_list("id", flat=True))
    Recheck.objects.filter(pk__in=ids).update(
        state=states.K_SKIPPED, lane=states.K_SKIPPED, skip_reason=reason, state_since=now,
        settled_at=now,
    )  # fmt: skip
    Transition.objects.bulk_create(
        [
            Transition(
                thing_type=Recheck._meta.label_lower, thing_id=pk, case_no=case_no or "",
                from_state=states.K_CHECKING, to_state=states.K_SKIPPED, by=label,
                reason=str(reason.label), at=now,
            )
            for pk, case_no in Recheck.objects.filter(pk__in=ids).values_list(
                "pk", "household__case_no"
            )
        ],
        batch_size=_BATCH,
    )  # fmt: skip
    return len(ids)


def _going_on(row: Recheck) -> Lease | None:
    """The lease in force that the household's earlier one went on as: renewed or swapped."""
    return (
        Lease.objects.filter(
            application=row.lease.application_id, state__in=allocation_states.L_IN_FORCE
        )
        .order_by("-pk")
        .first()
    )

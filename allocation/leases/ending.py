"""The end of a lease: a move-out period, then the signed hand-back or the court's enforcement."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from allocation import access_ends, handover, states
from allocation.models import AccessEnd, Lease
from applications import consent
from applications.models import Benefit
from core import clock, locks
from core.workflow import advance

Ending = Lease.Ending
_HOW = {AccessEnd.Ground.HANDED_BACK: Ending.HAND_BACK, AccessEnd.Ground.ENFORCED: Ending.COURT}


def start_move_out(lease: Lease, *, until: date, by: Any) -> Lease:
    """搬迁期 (§31): the household stays at the contract's rent; access is untouched."""
    return advance(lease, states.L_ENDING, by=by, reason=f"{until:%Y-%m-%d}")


def end(lease: Lease, *, on: date, by: Any) -> Lease:
    """Ends a lease at the signed hand-back: benefit and access end on that day, not before.

    The hand-back, or the court's enforcement, stands recorded before (`access_ends`); the database
    refuses a lease that ended otherwise. Raises access_ends.AccessKept.
    """
    with transaction.atomic():
        row = locks.fresh(lease)
        if row.state == states.L_ENDED:
            return row
        row.ended_by, row.ended_at = _HOW[AccessEnd.Ground(access_ends.ground_of(row))], clock.now()
        row.save(update_fields=["ended_by", "ended_at"])
        row = advance(row, states.L_ENDED, by=by)
        # the range's end is exclusive: the day of the hand-back still belongs to the lease
        row.term = DateRange(row.term.lower, max(on, row.term.lower) + timedelta(days=1))
        row.save(update_fields=["term"])
        Benefit.objects.filter(case_no=row.case_no, ended_on=None).update(ended_on=on)
        consent.lapse(row.application)  # given until the housing ends
        advance(row.home, states.H_VACATING, by=by)
        handover.withdraw(row)
        return row

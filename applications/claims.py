"""认领到期: claims that end without an opinion, with their record; nothing is decided here."""

from typing import Any

from django.db import transaction

from accounts.models import Staff
from applications import states
from applications.models import ReviewTask
from core import audit, clock, locks, workflow

EXPIRED = audit.System("claim expired")


def put_back(task: ReviewTask, *, of: Staff, by: Any, why: str = "") -> bool:
    """Puts a task back into the queue if ``of`` still holds it; whether they did."""
    with transaction.atomic():
        row = locks.fresh(task)
        if row.state != states.TASK_CLAIMED or row.claimed_by_id != of.pk:
            return False
        _free(row, by, why)
        return True


def expire(task: ReviewTask) -> bool:
    """Frees a task whose claim has run out; False if it was prolonged, done or freed meanwhile."""
    with transaction.atomic():
        row = locks.fresh(task)
        ends = row.claim_expires_at
        if row.state != states.TASK_CLAIMED or ends is None or ends > clock.now():
            return False
        audit.record(
            "review.claim_expired", by=EXPIRED, thing=row, case_no=row.case_no,
            held_by=row.claimed_by_id, until=ends,
        )  # fmt: skip
        _free(row, EXPIRED, "claim expired")
        return True


def expire_due(limit: int = 1000) -> int:
    """Frees every task whose claim has run out, the oldest first; each on its own."""
    due = ReviewTask.objects.filter(
        state=states.TASK_CLAIMED, claim_expires_at__lte=clock.now()
    ).order_by("claim_expires_at")
    return sum(map(expire, list(due.select_related("application")[:limit])))


def _free(row: ReviewTask, by: Any, why: str) -> None:
    workflow.advance(row, states.TASK_OPEN, by=by, reason=why)
    row.claimed_by = row.claim_expires_at = None
    row.save(update_fields=["claimed_by", "claim_expires_at"])

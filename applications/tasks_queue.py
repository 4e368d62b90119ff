"""Periodic work of the shared queue."""

from celery import shared_task

from applications import claims, conflicts, hand_overs, queue_counts


@shared_task
def free_claims() -> None:
    """Claims that have run out, or met a conflict, leave their holder (认领到期、回避)."""
    claims.expire_due()
    conflicts.give_back_everywhere()


@shared_task
def begin_absences() -> None:
    """What absent people hold goes to who stands in for them (代办)."""
    hand_overs.begin_absences()


@shared_task
def fold_counts() -> None:
    """Sums up the changes of the queue's counts."""
    queue_counts.fold()

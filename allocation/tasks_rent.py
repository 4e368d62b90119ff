"""Periodic work on the rent."""

from celery import shared_task

from allocation import arrears, billing, reductions, rent_corrections, rent_reminders


@shared_task
def bill_rents() -> None:
    """Bills what is not billed, corrects what changed, flags arrears at the line (月租金账单)."""
    billing.bill_due()
    rent_corrections.true_up_changed()
    reductions.end_over()
    arrears.end_paid()
    arrears.raise_flags()


@shared_task
def remind_of_rents() -> None:
    """Reminds households before and after the last day to pay (租金提醒)."""
    rent_reminders.remind()

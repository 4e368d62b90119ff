"""Periodic work of the allocation."""

from celery import shared_task

from allocation import handover, offers


@shared_task
def lapse_offers() -> None:
    """Passes on homes whose time to answer is over."""
    offers.lapse_due()


@shared_task
def note_receipts() -> None:
    """Reads what operator and access system confirmed."""
    handover.note_receipts()

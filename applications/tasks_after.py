"""Periodic work that follows cases after they were sent."""

from celery import shared_task

from applications import province


@shared_task
def note_unified_numbers() -> None:
    """Reads the numbers that the province's portal has given."""
    province.note_numbers()

"""Periodic work of the review."""

from celery import shared_task

from applications import publicity
from core import clock


@shared_task
def close_publicities() -> None:
    """Ends the public notices whose last day has passed (公示期满)."""
    publicity.close_due(clock.today())

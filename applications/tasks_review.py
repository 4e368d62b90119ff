"""Periodic work of the review."""

from celery import shared_task

from applications import correction, inquiries, publicity
from core import clock


@shared_task
def close_publicities() -> None:
    """Ends the public notices whose last day has passed (公示期满)."""
    publicity.close_due(clock.today())


@shared_task
def lapse_corrections() -> None:
    """Counts unanswered corrections as withdrawn after their last day (视为撤回)."""
    correction.lapse_due(clock.today())


@shared_task
def open_inquiries_again() -> None:
    """Puts questions whose waiting time has passed back on the desks (核实单到期)."""
    inquiries.open_again_due(clock.today())

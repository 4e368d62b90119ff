"""Periodic work of the review."""

from celery import shared_task

from applications import correction, correction_lists, inquiries, publicity, referrals
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


@shared_task
def send_gathered_corrections() -> None:
    """Sends the one notice of what the desks miss once its last day has passed (补正汇总)."""
    correction_lists.send_due()


@shared_task
def remind_of_referrals() -> None:
    """Reminds the desks that have not answered another desk's question in time (催办征询)."""
    referrals.remind_due(clock.today())

"""Background work about households in their re-check: reminders, renewals; each safe to repeat."""

from celery import shared_task

from core import clock
from renewal import ladder, questions, renewals


@shared_task
def remind_households() -> None:
    """Takes the rungs that are due, puts calls on the streets' lists, takes off the needless."""
    questions.note_consents()
    ladder.climb(clock.today())
    ladder.call_about_renewals(clock.today())
    ladder.close_needless()


@shared_task
def check_renewals() -> None:
    """Ties asked renewals to re-checks and reads those whose answers have come."""
    renewals.take_up_due()
    renewals.look_at_due()
    renewals.reopen_answered()

"""Background work of reported changes."""

from celery import shared_task

from applications import change_settling, majority
from applications.models import Change
from core import clock


@shared_task
def go_on(change_id: int) -> None:
    """Takes one change as far as a machine may."""
    change = Change.objects.select_related("application").filter(pk=change_id).first()
    if change is not None:
        change_settling.go_on(change)


@shared_task
def sweep_changes() -> None:
    """Finishes what answers, consents or the end of a round have made possible."""
    change_settling.sweep()


@shared_task
def find_majorities() -> None:
    """Members who have come of age (满18岁): asked for their own consent."""
    majority.find(clock.today())

"""Background work of possible duplicates."""

from celery import shared_task

from applications import duplicate_run, duplicates, likeness_keys
from applications.models import Application
from core import clock


@shared_task
def look_for_duplicates(application_id: int) -> None:
    """Looks for people of a case who stand elsewhere under another number."""
    application = Application.objects.sent().filter(pk=application_id).first()
    if application is not None:
        duplicates.check(application)


@shared_task
def look_again(application_id: int) -> None:
    """The same once a register has told an address, or a name carried before."""
    application = Application.objects.sent().filter(pk=application_id).first()
    if application is not None and likeness_keys.is_stale(application):
        duplicates.check(application)


# the first run makes everybody's keys; what is stopped goes on at the next call
@shared_task(soft_time_limit=240, time_limit=270)
def look_over_everybody() -> None:
    """The day's run, once; asked again it returns."""
    duplicate_run.run(clock.today())

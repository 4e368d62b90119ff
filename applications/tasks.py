"""Background work of applications. Tasks take ids, re-read, and return when the work is done."""

from celery import shared_task

from applications import rule_preview, tasks_review, verification
from applications.models import Application

__all__ = ["check_application", "sweep_checks", "tasks_review"]


@shared_task
def check_application(application_id: int, round: str) -> None:
    """Asks what is due of one application and settles it."""
    verification.pump(round, application_id=application_id)
    application = Application.objects.filter(pk=application_id).first()
    if application is not None:
        verification.settle(application, round=round)


@shared_task
def sweep_checks() -> None:
    """Retries silent registers and finishes what a lost worker left."""
    verification.sweep()


# a district's stored cases take minutes; a message is given out anew after five
@shared_task(soft_time_limit=240, time_limit=270)
def preview_release(release_id: int, digest: str) -> bool:
    """Judges every case by a drafted rule; asked again it begins anew."""
    return rule_preview.run(release_id, digest)

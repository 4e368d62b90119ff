"""Background work of applications. Tasks take ids, re-read, and return when the work is done."""

from celery import shared_task

from applications import (
    employer_lists,
    preparation,
    rule_preview,
    tasks_after,
    tasks_changes,
    tasks_clocks,
    tasks_duplicates,
    tasks_family,
    tasks_papers,
    tasks_queue,
    tasks_review,
    tasks_visit,
    verification,
)
from applications.models import Application

__all__ = [
    "check_application",
    "sweep_checks",
    "tasks_after",
    "tasks_changes",
    "tasks_clocks",
    "tasks_duplicates",
    "tasks_family",
    "tasks_papers",
    "tasks_queue",
    "tasks_review",
    "tasks_visit",
]


@shared_task
def check_application(application_id: int, round: str) -> None:
    """Asks what is due of one application and settles it."""
    verification.pump(round, application_id=application_id)
    application = Application.objects.filter(pk=application_id).first()
    if application is not None:
        verification.settle(application, round=round)
        tasks_duplicates.look_again(application.pk)


@shared_task
def sweep_checks() -> None:
    """Retries silent registers and finishes what a lost worker left."""
    verification.sweep()
    employer_lists.sweep()


# a district's stored cases take minutes; a message is given out anew after five
@shared_task(soft_time_limit=240, time_limit=270)
def preview_release(release_id: int, digest: str) -> bool:
    """Judges every case by a drafted rule; asked again it begins anew."""
    return rule_preview.run(release_id, digest)


@shared_task
def invite_listed(list_id: int) -> int:
    """Invites the people of an employer's list; the sweeper finds what a lost worker left."""
    sent = 0
    while count := employer_lists.invite(list_id):
        sent += count
    return sent


@shared_task
def prepare_part(part_id: int) -> bool:
    """Some thousand cases become columns of the what-if panel; a part that stands is left alone."""
    return preparation.fill(part_id)

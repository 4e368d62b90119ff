"""Background work of the office: numbers kept current, files made, all on the bulk queue."""

from celery import shared_task

from office import exports, review_numbers

_PARTS = 12  # of five hundred cases each, well within a task's time


@shared_task
def keep_review_numbers() -> int:
    """Counts answered cases that changed; the first pass goes on from call to call."""
    return review_numbers.refresh(_PARTS)


# a million rows take minutes; a message is given out anew after five, and finds the file under way
@shared_task(soft_time_limit=3540, time_limit=3600)
def make_export(export_id: int, attempt: int) -> bool:
    """Writes one file; False where it is under way elsewhere, cancelled or made."""
    return exports.make(export_id, attempt)


@shared_task
def sweep_exports() -> int:
    """Takes up what a lost worker left and removes what has expired."""
    return exports.sweep()

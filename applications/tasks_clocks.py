"""Background work of the clocks: dates anew, cases that will be late, parts that pass by rule."""

from celery import shared_task

from applications import auto_pass, batches, escalations, recalculation
from core import clock


@shared_task
def recalculate(recalculation_id: int) -> bool:
    """Goes on with one recalculation; the sweeper gives out what is left."""
    if recalculation.run(recalculation_id):
        return True
    recalculate.delay(recalculation_id)
    return False


@shared_task
def sweep_clocks() -> None:
    """Dates after a year was published, what a lost worker left, and cases that will be late."""
    today = clock.today()
    recalculation.begin_for_published(today)
    for one in recalculation.unfinished():
        recalculate.delay(one.pk)
    escalations.sweep(today)


@shared_task
def pass_batch(batch_id: int) -> int:
    """Goes on with a batch that somebody has passed; how many tasks it settled."""
    return batches.go_on(batch_id)


@shared_task
def pass_by_rule() -> int:
    """Gives the opinion of desks whose registers agree, where policy says so (自动通过)."""
    for one in batches.unfinished():
        batches.go_on(one.pk)
    return auto_pass.sweep()

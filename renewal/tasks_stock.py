"""Background work of the import of the stock: chunks that may be killed anywhere."""

import time

from celery import shared_task

from renewal import states
from renewal.models import StockImport
from renewal.stock import take_in as stock

_STRIDE_SECONDS = 20  # with the chunk under way under the soft limit of 50


@shared_task
def take_in(import_id: int) -> None:
    """Chunks of one import for some seconds, then hands on to a message of its own."""
    until = time.monotonic() + _STRIDE_SECONDS
    while time.monotonic() < until:
        if not stock.step(import_id):
            return
    take_in.delay(import_id)


@shared_task
def sweep_stock() -> None:
    """Each minute: whatever was lost with a worker or the broker goes on. The entries know."""
    running = StockImport.objects.filter(state=states.S_RUNNING).order_by("pk")
    for pk in running.values_list("pk", flat=True):
        take_in.delay(pk)

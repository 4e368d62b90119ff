"""Work of the data-sharing app that runs on its own."""

from celery import shared_task

from core import clock
from datashare.models import FreshAnswer


@shared_task
def forget_stale_answers() -> int:
    """Delete answers that no longer count as fresh: data is kept no longer than it is needed."""
    deleted, _ = FreshAnswer.objects.filter(expires_at__lte=clock.now()).delete()
    return deleted

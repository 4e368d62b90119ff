"""Background work of the re-check: strides that may be killed anywhere."""

import time

from celery import shared_task

from renewal import campaigns, states
from renewal.models import Campaign

_STRIDE_SECONDS = 25  # well under the soft limit; the rest is another message


@shared_task
def run_campaign(campaign_id: int) -> None:
    """Runs strides of one campaign, then hands on to a message of its own."""
    until = time.monotonic() + _STRIDE_SECONDS
    while time.monotonic() < until:
        if not campaigns.step(campaign_id):
            return
    run_campaign.delay(campaign_id)


@shared_task
def sweep_campaigns() -> None:
    """Each minute: whatever was lost with a worker or the broker goes on. The rows know."""
    open_ = Campaign.objects.filter(state__in=[states.C_RUNNING, states.C_DONE])
    for campaign in open_.order_by("pk"):
        if campaigns.is_under_way(campaign):
            run_campaign.delay(campaign.pk)

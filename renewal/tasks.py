"""Background work of the re-check: strides that may be killed anywhere."""

import secrets
import time

from celery import shared_task
from django.core.cache import cache

from core import clock
from renewal import (
    campaigns,
    clues,
    exits,
    states,
    tasks_discovery,
    tasks_household,
    tasks_stock,
    tasks_violations,
)
from renewal.models import Campaign

# a worker finds these here
__all__ = ["tasks_discovery", "tasks_household", "tasks_stock", "tasks_violations"]
_STRIDE_SECONDS = 12  # with the last stride and its waits under the soft limit of 50


def set_going(campaign_id: int) -> None:
    """Sends a chain of strides on its way. The newest goes on, an older one ends by itself.

    So a campaign that runs for days never has more of them in the queue than were swept in since
    the last was taken up, and one lost with its worker is replaced within a minute.
    """
    chain = secrets.token_hex(8)
    cache.set(_key(campaign_id), chain, timeout=None)
    run_campaign.delay(campaign_id, chain)


@shared_task
def run_campaign(campaign_id: int, chain: str = "") -> None:
    """Runs strides of one campaign, then hands on to a message of its own."""
    newest = cache.get(_key(campaign_id))
    if chain and newest not in (None, chain):
        return
    until = time.monotonic() + _STRIDE_SECONDS
    while time.monotonic() < until:
        if not campaigns.step(campaign_id):
            return
    run_campaign.delay(campaign_id, chain)


@shared_task
def sweep_campaigns() -> None:
    """Each minute: whatever was lost with a worker or the broker goes on. The rows know."""
    open_ = Campaign.objects.filter(state__in=[states.C_RUNNING, states.C_DONE])
    for campaign in open_.order_by("pk"):
        if campaigns.is_under_way(campaign):
            set_going(campaign.pk)


@shared_task
def begin_move_outs() -> None:
    """What a served letter brings about: the time to speak, or the move-out period, begins.

    So do the answers to re-considerations: what they overturn is given back.
    """
    exits.served_due()
    exits.take_effect_due()
    exits.settle_answers()


@shared_task
def remind_exits() -> None:
    """Each morning: whose time to speak, or to move out, is nearly over hears of it once."""
    exits.reminding.remind_due(clock.today())


@shared_task
def read_changes() -> None:
    """Each night the registers' changes of the days just past; a long stretch goes on by itself.

    Called through the day, too: a feed that was away is read when it is back.
    """
    read = clues.read_on(seconds=30)
    if not read.done and not read.silent:
        read_changes.delay()


@shared_task
def tend_clues() -> None:
    """Clues whose answers are in are read by the rules; what nobody took in time expires."""
    clues.assess_ready()
    clues.tend()


def _key(campaign_id: int) -> str:
    return f"campaign.{campaign_id}.chain"

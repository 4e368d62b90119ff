"""Background work of proactive discovery: the search of each night, and what became of tasks."""

import logging

from celery import shared_task

from core import clock
from datashare.changes import FeedSilent
from renewal import discovery, discovery_feed, outreach_following

log = logging.getLogger(__name__)
FIRST_HOUR = 2  # by then the departments' own nightly work is done


@shared_task
def search_entrants() -> None:
    """A stride of tonight's search, every few minutes; nothing to do once its days are read."""
    if clock.now().astimezone(clock.LOCAL).hour < FIRST_HOUR:
        return
    run = discovery.begin(today=clock.today())
    if run is None:
        return
    try:
        discovery.step(run.pk, discovery_feed.of(run), seconds=30.0)
    except FeedSilent as silent:
        log.warning("the change feed is silent (%s); the search goes on later", silent.kind)


@shared_task
def follow_outreach() -> None:
    """What became of households that were found: their cases are read, they never call back."""
    outreach_following.follow_all()
    outreach_following.forget_old()

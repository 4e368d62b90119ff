"""Where a search reads from (变更流): the gateway's feed, on the search's own duty."""

from datetime import date
from typing import Any

from applications import verification
from datashare import changes
from datashare.questions import Purpose
from renewal import discovery, discovery_asking
from renewal.models import DiscoveryRun


def of(run: DiscoveryRun) -> discovery.Feed:
    """The feed of one search: newly granted aid of the days it asks for, and nothing else.

    Raises changes.FeedSilent where a page did not come: the search goes on from there later.
    """
    purpose = Purpose(
        verification.MATTER, discovery.case_number(run), discovery.BASIS, kind=discovery_asking.KIND
    )

    def read(first: date, last: date) -> list[Any]:
        return changes.since(
            first, last, by=discovery.WORKER, purpose=purpose, kinds=(discovery.GRANTED,)
        )

    return read

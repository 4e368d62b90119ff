"""放弃: a home is declined for good; what counts as a decline, and what follows by policy.

Counted is what the household itself declined without a just cause, and silence only where the
policy says so. A cause that nobody has decided on yet does not count.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from allocation import bans, causes, offering, reserve, states
from allocation.models import Offer
from applications.models import Application
from core import locks


@dataclass(frozen=True)
class Count:
    """Where a household stands: ``so_far`` declines of ``allowed``, then ``years`` proposed."""

    so_far: int
    allowed: int
    years: int


def decline(offer: Offer, *, by: Any, via: str, cause: causes.Claim | None = None) -> Offer:
    """Gives the home to the next household for good; with a just cause it may not count.

    Declined before (a second tap, another screen), it stays so; a cause that comes with the second
    tap is taken as said afterwards.
    """
    with transaction.atomic():
        row = locks.fresh(offer)
        if row.state == states.O_DECLINED:
            if cause is not None and not hasattr(row, "cause"):
                causes.claim(row, cause, by=by)
            return row
        offering.refuse_unless_answerable(row)
        row = offering.answer(row, states.O_DECLINED, by, via)
        if cause is not None:
            causes.note(row, cause, by=by)
        reserve.pass_on(row, "declined", by)
        bans.propose_if_due(row.entrant.application)
        return row


def times_declined(offer: Offer) -> int:
    """How many declines count for the household so far."""
    return bans.counted(offer.entrant.application).count()


def count(application: Application) -> Count:
    """The household's count under the policy of today."""
    limits = bans.limits()
    return Count(bans.counted(application).count(), limits.declines, limits.years)

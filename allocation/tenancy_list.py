"""Which leases a page of the operating company lists (住户名单): in force, by what one can see.

A contract, a home, a number of people: no income, no health, no reasons, and names masked.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from allocation import states
from allocation.models import AccessGrant, HandoverSheet, Lease
from core import clock

ARRIVING = timedelta(days=60)  # how long a signed lease stands under arrivals
_SHOWN = 200


def in_force(words: str = "") -> QuerySet[Lease]:
    """Leases in force, narrowed to a number, a home or a room."""
    rows = Lease.objects.filter(state__in=states.L_IN_FORCE)
    if words := words.strip():
        rows = rows.filter(
            Q(number__icontains=words) | Q(home__code__icontains=words) | Q(home__room=words)
        )
    return _joined(rows).order_by("home__code", "pk")


def failed_locks() -> QuerySet[Lease]:
    """Households of which somebody's access is not open although the contract is signed."""
    failed = AccessGrant.objects.filter(lease=OuterRef("pk"), state=AccessGrant.State.FAILED)
    return in_force().filter(Exists(failed))


def to_hand_over() -> QuerySet[Lease]:
    """Households that moved in lately and have no confirmed sheet, and those with one begun."""
    sheets = HandoverSheet.objects.filter(lease=OuterRef("pk"), kind=HandoverSheet.Kind.IN)
    done = sheets.filter(state=states.S_CONFIRMED)
    lately = Q(signed_at__gte=clock.now() - ARRIVING)
    rows = in_force().filter(~Exists(done), lately | Q(Exists(sheets)))
    return rows.order_by("signed_at", "pk")


def to_inspect() -> QuerySet[Lease]:
    """Households that move out and have no confirmed inspection yet."""
    done = HandoverSheet.objects.filter(
        lease=OuterRef("pk"), kind=HandoverSheet.Kind.OUT, state=states.S_CONFIRMED
    )
    rows = in_force().filter(~Exists(done), state=states.L_ENDING)
    return rows.order_by("state_since", "pk")


def cut(rows: QuerySet[Lease]) -> list[Lease]:
    """The first of them, as many as a page bears."""
    return list(rows[:_SHOWN])


def _joined(rows: QuerySet[Lease]) -> Any:
    return rows.select_related("home__estate", "application")

"""What of the allocation is a person's own: their household's round, home, lease and keys.

One address is not enough to read any of it: everything starts from the blind index of the person
whose page it is, who is the principal while a helper acts under a mandate (ADR 0019).
"""

from typing import Any

from django.db.models import Case, QuerySet, When

from allocation import states
from allocation.models import Entrant, Estate, Lease, LeaseText, Offer, Round
from applications import mandates
from applications import states as application_states
from applications.models import Application
from core import clock, display


def applications_of(user: Any) -> QuerySet[Application]:
    """The sent applications of the household whose page this is, newest first."""
    return of_person(mandates.index_of(user))


def of_person(id_index: str) -> QuerySet[Application]:
    """The same of somebody who has no account, such as a person at the window."""
    return Application.objects.sent().naming(id_index).order_by("-pk")


def waiting(user: Any) -> Application | None:
    """The application that waits, or is in the check before a round."""
    return waiting_of(mandates.index_of(user))


def waiting_of(id_index: str) -> Application | None:
    """The same of somebody who has no account."""
    held = (
        application_states.WAITLISTED,
        application_states.WAIT_SUSPENDED,
        application_states.INTENTION,
        application_states.RE_REVIEW,
        application_states.IN_ROUND,
    )
    rows = of_person(id_index).in_state(*held)  # type: ignore[attr-defined]
    found: Application | None = rows.filter(wait_entry__isnull=False).first()
    return found


def entrant(user: Any) -> Entrant | None:
    """The household's newest entry in a round."""
    return (
        Entrant.objects.filter(application__in=applications_of(user))
        .select_related("round", "application__wait_entry")
        .order_by("-round__frozen_at", "-pk")
        .first()
    )


def offer(user: Any) -> Offer | None:
    """The home that the household was offered last."""
    return (
        Offer.objects.filter(entrant__application__in=applications_of(user))
        .select_related("home__estate", "entrant__round", "entrant__application__wait_entry")
        .order_by("-pk")
        .first()
    )


def lease(user: Any) -> Lease | None:
    """The lease that the household lives by; else its newest, to be signed or ended."""
    return (
        Lease.objects.filter(application__in=applications_of(user))
        .exclude(state=states.L_CANCELLED)
        .select_related("home__estate", "application", "offer")
        .annotate(lived_by=Case(When(state__in=states.L_IN_FORCE, then=0), default=1))
        .order_by("lived_by", "-created_at", "-pk")
        .first()
    )


def lease_texts(user: Any) -> QuerySet[LeaseText]:
    """Every text of the household's leases, the newest first."""
    rows = LeaseText.objects.filter(lease__application__in=applications_of(user))
    rows = rows.exclude(lease__state=states.L_CANCELLED)
    return rows.select_related("lease__home__estate", "lease__application").order_by("-made_at")


def wished(household: Application) -> str:
    """The names of the estates that the household put on its list, in its order."""
    codes = household.wishes.get("preferences", [])
    names = dict(Estate.objects.filter(code__in=codes).values_list("code", "name"))
    return display.listed(names[code] for code in codes if code in names)


def open_round(household: Application | None = None) -> Round | None:
    """The round whose intentions may be registered today, meant for this household if one."""
    rows = Round.objects.filter(
        state=states.R_PLANNED, intention_until__gte=clock.today(), homes__isnull=False
    ).distinct()
    tier = household.wait_entry.tier if household is not None else ""
    for row in rows.order_by("intention_until", "pk"):
        if household is None or not row.groups or tier in row.groups:
            return row
    return None


def estates_of(round_: Round) -> list[Estate]:
    """The estates that have homes in the round."""
    return list(Estate.objects.filter(homes__rounds=round_).distinct().order_by("code"))

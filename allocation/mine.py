"""What of the allocation is a citizen's own: their household's round, home, lease and keys.

One address is not enough to read any of it: everything starts from the citizen's blind index.
"""

from django.db.models import QuerySet

from accounts.models import Citizen
from allocation import states
from allocation.models import Entrant, Estate, Lease, Offer, Round
from applications import states as application_states
from applications.models import Application
from core import clock, display


def applications_of(citizen: Citizen) -> QuerySet[Application]:
    """The household's sent applications, newest first."""
    return Application.objects.sent().naming(citizen.id_index).order_by("-pk")


def waiting(citizen: Citizen) -> Application | None:
    """The application that waits, or is in the check before a round."""
    held = (
        application_states.WAITLISTED,
        application_states.INTENTION,
        application_states.RE_REVIEW,
        application_states.IN_ROUND,
    )
    rows = applications_of(citizen).in_state(*held)  # type: ignore[attr-defined]
    found: Application | None = rows.filter(wait_entry__isnull=False).first()
    return found


def entrant(citizen: Citizen) -> Entrant | None:
    """The household's newest entry in a round."""
    return (
        Entrant.objects.filter(application__in=applications_of(citizen))
        .select_related("round", "application__wait_entry")
        .order_by("-round__frozen_at", "-pk")
        .first()
    )


def offer(citizen: Citizen) -> Offer | None:
    """The home that the household was offered last."""
    return (
        Offer.objects.filter(entrant__application__in=applications_of(citizen))
        .select_related("home__estate", "entrant__round", "entrant__application__wait_entry")
        .order_by("-pk")
        .first()
    )


def lease(citizen: Citizen) -> Lease | None:
    """The household's newest lease."""
    return (
        Lease.objects.filter(application__in=applications_of(citizen))
        .exclude(state=states.L_CANCELLED)
        .select_related("home__estate", "application")
        .order_by("-created_at", "-pk")
        .first()
    )


def wished(household: Application) -> str:
    """The names of the estates that the household put on its list, in its order."""
    codes = household.wishes.get("preferences", [])
    names = dict(Estate.objects.filter(code__in=codes).values_list("code", "name"))
    return display.listed(names[code] for code in codes if code in names)


def open_round() -> Round | None:
    """The round whose intentions may be registered today."""
    return (
        Round.objects.filter(state=states.R_PLANNED, intention_until__gte=clock.today())
        .order_by("intention_until", "pk")
        .first()
    )


def estates_of(round_: Round) -> list[Estate]:
    """The estates that have homes in the round."""
    return list(Estate.objects.filter(homes__rounds=round_).distinct().order_by("code"))

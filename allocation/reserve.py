"""候补: a home that was given up goes down the reserve list, in drawn order, as public lines."""

from typing import Any

from allocation import ledgers, offering, states
from allocation.models import Assignment, Entrant, Home, Offer, Round
from applications import states as application_states
from core.workflow import advance


def pass_on(row: Offer, event: str, by: Any) -> None:
    """The household is back on the waiting list; its home goes to the first whom it fits."""
    advance(row.entrant.application, application_states.WAITLISTED, by=by)
    round_ = row.entrant.round
    # the line's lock also lets one household after another choose its heir
    ledgers.append(round_, event, ticket=row.entrant.ticket, home=row.home.code)
    heir = next_in_reserve(round_, row.home)
    if heir is None:
        advance(row.home, states.H_AVAILABLE, by=by)
        return
    offering.make(heir.entrant, row.home, origin="reserve", by=by)
    ledgers.append(
        round_, "reserve_offer", ticket=heir.entrant.ticket, home=row.home.code,
        position=heir.position,
    )  # fmt: skip


def next_in_reserve(round_: Round, home: Home) -> Assignment | None:
    """The first reserve, in drawn order, still waiting, never offered one here, whom it fits."""
    reserve = (
        round_.assignments.filter(
            home=None,
            entrant__offers=None,
            entrant__application__state=application_states.WAITLISTED,
        )
        .select_related("entrant__application", "entrant__round")
        .order_by("position")
    )
    return next((row for row in reserve if _fits(row.entrant, home)), None)


def _fits(entrant: Entrant, home: Home) -> bool:
    wanted = home.estate.code in entrant.preferences or entrant.any_estate
    return home.unit_type in entrant.unit_types and wanted

"""The frozen roster (名单) of a round: who takes part, with which homes, in canonical form.

A ticket is drawn at random for each household: it names no person and no order of arrival, and
cannot be computed from a case number, not even after the round's secret is published.
"""

import json
from collections.abc import Callable
from typing import Any

from allocation import intentions, re_reviews
from allocation.models import Entrant, Home, Round
from applications.models import Application
from core.clock import LOCAL

_TICKET_DIGITS = 10


def entrants_of(
    round_: Round, applications: list[Application], chance: Callable[[int], bytes]
) -> list[Entrant]:
    """Unsaved entrants with their tickets, tiers and wishes."""
    tickets = _tickets(len(applications), chance)
    pairs = zip(applications, tickets, strict=True)
    return [_entrant_of(round_, application, ticket) for application, ticket in pairs]


def build(round_: Round, entrants: list[Entrant], homes: list[Home], policy: str) -> dict[str, Any]:
    """roster.json as an object (draw-protocol 1).

    Where the order alone is drawn there are no homes in it, so that everybody is on the reserve
    list, in drawn order: the bundle stays one of YZ-DRAW-1 and every verifier reads it.
    """
    drawn = [] if round_.mode == Round.Mode.ORDER else homes
    return {
        "protocol": "YZ-DRAW-1",
        "round": round_.code,
        "entrants": [_entrant(row) for row in sorted(entrants, key=lambda row: row.ticket)],
        "homes": [_home(row) for row in sorted(drawn, key=lambda row: row.code)],
        "policy": policy,
        "entropy_source": {
            "name": round_.entropy_name,
            "at": round_.entropy_at.astimezone(LOCAL).isoformat(),
            "format": round_.entropy_format,
            "example": round_.entropy_example,
        },
        "secret_commitment": round_.secret_commitment,
    }


def cleared(round_: Round) -> tuple[list[Application], list[Application]]:
    """Households whose check before allotment is good, and those that must wait for it."""
    good: list[Application] = []
    waiting: list[Application] = []
    by_person = re_reviews.cleared_by_person(round_)
    for application in intentions.joined(round_).select_related("wait_entry"):
        outcome = intentions.settle(application, round_, by=intentions.SYSTEM)
        through = outcome in intentions.ACCEPTABLE or application.pk in by_person
        (good if through else waiting).append(application)
    return good, waiting


def read(round_: Round) -> dict[str, Any]:
    """The published roster as an object."""
    value: dict[str, Any] = json.loads(round_.roster)
    return value


def _tickets(count: int, chance: Callable[[int], bytes]) -> list[str]:
    """Different tickets: T and ten digits."""
    numbers: dict[int, None] = {}  # in the order drawn
    while len(numbers) < count:
        numbers[int.from_bytes(chance(16)) % 10**_TICKET_DIGITS] = None
    return [f"T{number:0{_TICKET_DIGITS}d}" for number in numbers]


def _entrant_of(round_: Round, application: Application, ticket: str) -> Entrant:
    entry, wishes = application.wait_entry, application.wishes
    return Entrant(
        round=round_,
        application=application,
        ticket=ticket,
        tier=entry.draw_tier,
        unit_types=sorted(entry.unit_types),
        needs_accessible=bool(wishes.get("needs_accessible")),
        preferences=list(wishes.get("preferences", [])),
        any_estate=bool(wishes.get("any_estate", True)),
    )


def _entrant(row: Entrant) -> dict[str, Any]:
    return {
        "ticket": row.ticket,
        "tier": row.tier,
        "unit_types": row.unit_types,
        "needs_accessible": row.needs_accessible,
        "preferences": row.preferences,
        "any_estate": row.any_estate,
    }


def _home(row: Home) -> dict[str, Any]:
    return {
        "home": row.code,
        "estate": row.estate.code,
        "unit_type": row.unit_type,
        "accessible": row.accessible,
        "area": f"{row.area:.2f}",
        "floor": row.floor,
    }

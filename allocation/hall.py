"""大厅屏幕: what households opened at the machines of a place, live, for everybody in the hall.

A household shows its result to the hall only by opening it at a machine; neither ticket nor room
stands there, so that nobody learns which line of the public result is whose.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from allocation import facts, states
from allocation.models import Kiosk, Offer, Round
from applications.models import Member
from core.identity import masking

_LINES = 10
NOT_KNOWN = _("正在核对")


@dataclass(frozen=True)
class Line:
    """One household: a masked name, the kind of home and where it lies."""

    at: datetime
    name: Any
    estate: Any
    kind: Any


@dataclass(frozen=True)
class Board:
    """The round on the screen."""

    round: Round
    homes: int
    opened: int
    reserve: int
    lines: list[Line]

    @property
    def unopened(self) -> int:
        return self.homes - self.opened


def board(screen: Kiosk) -> Board | None:
    """The newest revealed round as far as it was opened; None while there is none."""
    round_ = Round.objects.filter(state=states.R_REVEALED).order_by("-revealed_at").first()
    if round_ is None:
        return None
    drawn = Offer.objects.filter(entrant__round=round_, origin="draw")
    return Board(
        round=round_,
        homes=drawn.count(),
        opened=drawn.filter(opened_at__isnull=False).count(),
        reserve=round_.assignments.filter(home=None).count(),
        lines=_lines(round_, screen.place),
    )


def _lines(round_: Round, place: str) -> list[Line]:
    """The newest openings at the machines of the place; three queries however many there are."""
    machines = Kiosk.objects.filter(place=place).values("name")
    rows = list(
        Offer.objects.filter(
            entrant__round=round_, opened_at__isnull=False, opened_via__in=machines
        )
        .select_related("home__estate", "entrant")
        .order_by("-opened_at")[:_LINES]
    )
    applicants = Member.objects.filter(
        application__in=[one.entrant.application_id for one in rows], is_applicant=True
    )
    names = {one.application_id: one.name for one in applicants}
    return [_line(one, names.get(one.entrant.application_id, "")) for one in rows]


def _line(offer: Offer, name: str) -> Line:
    """A line; what is missing of one household is said and holds up no other."""
    home = offer.home
    return Line(
        at=offer.opened_at or offer.state_since,
        name=masking.mask_name(name) if name else NOT_KNOWN,
        estate=home.estate.name or NOT_KNOWN,
        kind=facts.unit_type(home.unit_type) or NOT_KNOWN,
    )

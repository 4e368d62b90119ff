"""The waiting list as the staff read it: as of any day, and one household's moves."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator

from applications import releases, wait_moves, waiting
from applications.models import Application, Member, WaitEntry
from applications.wait_moves import Standing
from core import clock
from core.identity.masking import mask_name
from core.workflow import State

PAGE = 50


@dataclass(frozen=True)
class Row:
    """One household on the list of a day."""

    place: int
    case_no: str
    who: str
    street: str
    draw_tier: int
    standing_at: Any
    suspended: bool
    state: State  # as it is today


def listed(day: date, number: str | None) -> tuple[Page[Standing], list[Row]]:
    """A page of the list as it stood at the end of a day."""
    page = Paginator(wait_moves.order_on(day), PAGE).get_page(number)
    ids = [one.entry_id for one in page]
    entries = WaitEntry.objects.select_related("application__street").in_bulk(ids)
    cases = [one.application_id for one in entries.values()]
    people = Member.objects.filter(application_id__in=cases, is_applicant=True)
    names = {one.application_id: mask_name(one.name) for one in people}
    rows = [
        _row(place, one, entries[one.entry_id], names)
        for place, one in enumerate(page, start=page.start_index())
    ]
    return page, rows


def _row(place: int, one: Standing, entry: WaitEntry, names: dict[int, str]) -> Row:
    case = entry.application
    return Row(
        place=place,
        case_no=case.case_no or "",
        who=names.get(case.pk, ""),
        street=case.street.name if case.street else "",
        draw_tier=one.draw_tier,
        standing_at=one.order_at,
        suspended=one.suspended,
        state=case.STATES[case.state],
    )


def moves_of(application: Application) -> list[wait_moves.Told]:
    """The moves of one household as staff read them; empty where it never waited."""
    entry = WaitEntry.objects.filter(application=application).first()
    return wait_moves.told(wait_moves.of(entry), to_staff=True) if entry else []


def household(application: Application) -> dict[str, Any]:
    """One household: its place, its range, its moves."""
    entry = application.wait_entry
    today = clock.today()
    waits = entry.ended_at is None
    return {
        "case": application,
        "state": application.STATES[application.state],
        "entry": entry,
        "place": waiting.place_of(entry) if waits else None,
        "estimate": waiting.estimate_of(entry, today) if waits else None,
        "moves": moves_of(application),
    }


def tiers() -> list[int]:
    """The tiers of the draw by today's policy."""
    return sorted(set(releases.in_force(clock.today()).draw_tiers.values()))

"""楼栋图: a building as floors × homes, each home with its state by colour, shape and word."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from allocation import states
from allocation.models import Estate, Home

# the state of a home in the colours and shapes of the picture
PICTURED = {
    states.H_ACQUIRED: "acquired",
    states.H_REPAIR: "works",
    states.H_AVAILABLE: "free",
    states.H_HELD: "held",
    states.H_IN_ROUND: "drawn",
    states.H_OFFERED: "offered",
    states.H_LET: "let",
    states.H_VACATING: "vacating",
    states.H_RETIRED: "retired",
}
Floors = list[tuple[str, list[tuple[str, str, str, str]]]]


@dataclass(frozen=True)
class Building:
    """One building: its picture, and how many homes stand in which state."""

    name: str
    floors: Floors
    counts: list[tuple[Any, int]]
    homes: int


def of(
    estate: Estate, building: str | None = None, *, href: Callable[[Home], str]
) -> list[Building]:
    """The buildings of an estate, or one of them; ``href`` says where a home leads."""
    found: dict[str, list[Home]] = defaultdict(list)
    rows = estate.homes.order_by("building", "unit", "room")
    if building is not None:
        rows = rows.filter(building=building)
    for home in rows:
        found[home.building].append(home)
    names = sorted(found, key=lambda name: (len(name), name))
    return [_building(name, found[name], href) for name in names]


def names_of(estate: Estate) -> list[tuple[str, int]]:
    """Buildings with how many homes each has, in the order of their numbers."""
    rows = estate.homes.order_by().values_list("building").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: (len(row[0]), row[0]))


def legend(buildings: list[Building]) -> list[tuple[str, str]]:
    """What the colours and shapes mean, as far as they occur, in the order of the table."""
    seen = {cell for one in buildings for _floor, cells in one.floors for _n, cell, *_r in cells}
    return [(PICTURED[one.id], str(one.tag)) for one in states.HOME if PICTURED[one.id] in seen]


def _building(name: str, homes: list[Home], href: Callable[[Home], str]) -> Building:
    floors: dict[int, list[tuple[str, str, str, str]]] = defaultdict(list)
    several = len({home.unit for home in homes}) > 1
    for home in homes:
        number = f"{home.unit}-{home.room}" if several else home.room
        word = str(states.HOME[home.state].tag)
        if home.accessible:
            word = _("%(state)s，无障碍") % {"state": word}
        floors[home.floor].append((number, PICTURED[home.state], word, href(home)))
    counted = Counter(home.state for home in homes)
    return Building(
        name=name,
        floors=[(str(n), cells) for n, cells in sorted(floors.items(), reverse=True)],
        counts=[(one, counted[one.id]) for one in states.HOME if counted[one.id]],
        homes=len(homes),
    )

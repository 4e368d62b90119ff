"""模拟城市 an invented district: the same number, seed and day always make the same people.

`build_city` is pure. The platform's side of the demo city calls it too, to know whom to give a
case or a lease; it never sees the records, which it must ask the gateway for like everybody.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from datashare.mock_gateway import turns
from datashare.mock_gateway.city_maker import Maker, months_before
from datashare.mock_gateway.city_model import Family, Person, in_force
from datashare.mock_gateway.interfaces import Rows
from datashare.mock_gateway.oddities import SLOW_TO_FOLLOW, as_written
from datashare.mock_gateway.recipes import RECIPES, Recipe
from datashare.mock_gateway.registers import REGISTERS


@dataclass(slots=True)
class City:
    """模拟城市 its people by ID number, its families, and who is in which situation."""

    households: int
    seed: int
    on: date
    people: dict[str, Person]
    families: list[Family]
    by_key: dict[str, Family] = field(init=False, repr=False)
    old_numbers: dict[str, str] = field(init=False, repr=False)  # old → today's
    situations: dict[str, list[str]] = field(init=False, repr=False)
    played: int = field(default=0, init=False, repr=False)
    _digest: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        self.by_key = {family.key: family for family in self.families}
        self.old_numbers = {p.old_number: p.id_number for p in self.people.values() if p.old_number}
        self.situations = _situations(self)

    @property
    def since(self) -> date:
        """The day on which the registers were last swept: half a year before the city's day."""
        return months_before(self.on, 6)

    def rows(self, source: str, person: str, today: date) -> Rows:
        """One department's rows about a person as known on a day; KeyError for no such source."""
        register, known = REGISTERS[source], self.people.get(person)
        if known is None:
            return self._rows_by_old_number(source, person, today)
        if known.birth_date > today or (known.old_number and source in SLOW_TO_FOLLOW):
            return []
        return as_written(source, register(self, known, today), known)

    def _rows_by_old_number(self, source: str, number: str, today: date) -> Rows:
        """What registers that never followed a corrected number still keep under the old one."""
        known = self.people.get(self.old_numbers.get(number, ""))
        if known is None or source not in SLOW_TO_FOLLOW:
            return []
        return REGISTERS[source](self, replace(known, id_number=number), today)

    def family_of(self, person: str) -> Family:
        """The family to which a person belongs or once belonged."""
        return self.by_key[self.people[person].family]

    def household(self, person: Person, today: date) -> list[Person]:
        """The people of the same household register on a day."""
        if not person.hukou:
            return []
        return [p for p, _ in self._people_of(person, today) if p.hukou]

    def children_of(self, person: Person, today: date) -> list[Person]:
        """The person's own children in the family, born by that day."""
        people = self._people_of(person, today)
        relation = next((how for one, how in people if one is person), "")
        return [one for one, how in people if how in ("20", "30")] * (relation in ("01", "10"))

    def is_child(self, person: Person, parent: str) -> bool:
        """Whether the person is a child in the family of which the other is a head."""
        family = self.by_key[person.family]
        relation = dict((*family.members, *family.later)).get(person.id_number)
        return relation in ("20", "30") and parent != person.id_number

    def _people_of(self, person: Person, today: date) -> list[tuple[Person, str]]:
        family = self.by_key[person.family]
        people = [(self.people[number], how) for number, how in (*family.members, *family.later)]
        return [(one, how) for one, how in people if one.birth_date <= today]

    def play(self, kind: str, day: date, *, person: str = "") -> Family | None:
        """Let something happen today (turns.TURNS): to a person's family, or to any it can."""
        self.digest()  # of the city as it was built
        key = self.family_of(person).key if person else ""
        make = Maker(self.seed, self.on)
        make.people = self.people
        self.played += 1
        return turns.play(make, self.families, kind, day, key=key, count=self.played)

    def describe(self) -> dict[str, Any]:
        """What a health page shows; the digest tells two cities apart."""
        return {
            "households": self.households,
            "seed": self.seed,
            "on": self.on.isoformat(),
            "people": len(self.people),
            "digest": self.digest(),
        }

    def digest(self) -> str:
        """SHA-256 over every fact of the city, which never changes once built."""
        if self._digest:
            return self._digest
        content = {
            "people": [asdict(self.people[number]) for number in sorted(self.people)],
            "families": [asdict(family) for family in self.families],
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
        self._digest = hashlib.sha256(text.encode()).hexdigest()
        return self._digest

    def mix(self) -> Counter[str]:
        """How many families there are of each recipe."""
        return Counter(family.recipe for family in self.families)


def build_city(households: int, seed: int, on: date) -> City:
    """A city of so many families as of a day, with some years of changes to come.

    The first families are one of each situation, and nothing further happens to them.
    """
    make = Maker(seed, on)
    recipes = list(RECIPES)
    choose = random.Random(f"recipes:{seed}")
    families = []
    for index in range(households):
        recipe = recipes[index] if index < len(recipes) else _any(choose)
        families.append(make.family(index, recipe.__name__))
        recipe(make)
        if index >= len(recipes) and recipe.__name__ in CORRECTED:
            make.correct_a_number()
    turns.befall(make, families, len(recipes))
    return City(households, seed, on, make.people, families)


# Recipes of which some applicants have an older number; no rule needs their insurance.
CORRECTED = frozenset({"low_income", "lower_middle", "home_over_limit", "trader"})


def _any(choose: random.Random) -> Recipe:
    return choose.choices(list(RECIPES), weights=list(RECIPES.values()))[0]


# Situations that are read off the facts rather than off the recipe. Each is a question about a
# family on the city's day.
def _any_benefit(city: City, family: Family) -> bool:
    return any(
        in_force(benefit.since, benefit.until, city.on)
        for person in family.people
        for benefit in city.people[person].benefits
    )


def _in_public_home(city: City, family: Family) -> bool:
    return _any_benefit(city, family) and all(
        benefit.kind == "实物配租" for benefit in city.people[family.applicant].benefits
    )


def _aided(city: City, family: Family) -> bool:
    return any(
        aid.kind in ("特困", "低保") and in_force(aid.since, aid.until, city.on)
        for aid in city.people[family.applicant].aid
    )


def _owns(city: City, family: Family) -> bool:
    return any(
        in_force(home.since, home.until, city.on)
        for person in family.people
        for home in city.people[person].homes
    )


def _alive(city: City, family: Family) -> bool:
    known = city.people[family.applicant].death
    return known is None or known.on > city.on


PREDICATES: dict[str, Callable[[City, Family], bool]] = {
    "in_force": _any_benefit,
    "in_public_home": _in_public_home,
    "without_benefit": lambda city, family: not _any_benefit(city, family),
    "aid_without_benefit": lambda city, family: (
        _aided(city, family) and not _any_benefit(city, family) and not _owns(city, family)
    ),
    "owns_home": _owns,
    "with_minor": lambda city, family: any(
        (city.on - city.people[person].birth_date).days < 18 * 365 for person in family.people
    ),
    "applicant_alive": _alive,
}


def _situations(city: City) -> dict[str, list[str]]:
    """Applicants' ID numbers by situation, in the city's order.

    A recipe's own list leaves out families to whom something happens later: they would not stay
    what it says.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for family in city.families:
        if not family.turns:
            found[family.recipe].append(family.applicant)
        for name, holds in PREDICATES.items():
            if holds(city, family):
                found[name].append(family.applicant)
    return dict(found)

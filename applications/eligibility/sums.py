"""Rent and subsidy (租金、租赁补贴): each step of the sum kept, so that it can be shown."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from applications.eligibility.facts import Facts
from applications.eligibility.schema import PROGRAMMES

ONE, CENT = Decimal(1), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rent:
    """租金: area ㎡ × market rent 元/㎡·月 × coefficient = yuan a month."""

    unit_type: str
    area: Decimal
    market: Decimal
    coefficient: Decimal
    monthly: Decimal


@dataclass(frozen=True, slots=True)
class Subsidy:
    """租赁补贴: (covered − own) ㎡ × 元/㎡·月 × coefficient, at most the declared rent."""

    covered: Decimal
    own: Decimal
    unit: Decimal
    coefficient: Decimal
    uncapped: Decimal
    actual_rent: Decimal | None
    monthly: Decimal


def unit_types(facts: Facts) -> tuple[str, ...]:
    """Types of home for a household of this size, the reference type first."""
    table = facts.value("units.by_persons")
    if str(facts.persons) in table:
        return tuple(table[str(facts.persons)])
    open_ended = {int(key[:-1]): value for key, value in table.items() if key.endswith("+")}
    reached = [size for size in open_ended if size <= facts.persons]
    return tuple(open_ended[max(reached)]) if reached else ()


def rent_of(facts: Facts, tier: str) -> Rent:
    """Rent of the first type's reference area (令11号第19–21条)."""
    kind = unit_types(facts)[0]
    area = Decimal(facts.value("units.reference_area")[kind])
    market, share = facts.number("rent.market"), facts.value("rent.coefficient")[tier]
    return Rent(kind, area, market, share, rounded(facts, area * market * share))


def subsidy_of(facts: Facts, tier: str, own: Decimal, actual_rent: Decimal | None) -> Subsidy:
    """Subsidy for the area a household lacks (建保〔2016〕281号)."""
    wanted = facts.number("subsidy.area_per_person") * facts.persons
    covered = min(facts.number("subsidy.area_cap"), max(facts.number("subsidy.area_floor"), wanted))
    unit, share = facts.number("subsidy.unit"), facts.value("subsidy.coefficient")[tier]
    uncapped = max(Decimal(0), covered - own) * unit * share
    capped = uncapped if actual_rent is None else min(uncapped, max(actual_rent, Decimal(0)))
    return Subsidy(covered, own, unit, share, uncapped, actual_rent, rounded(facts, capped))


def forms(facts: Facts, subsidy: Subsidy | None) -> tuple[str, ...]:
    """保障方式: a home, a subsidy, or either. The policy may grant migrants one form alone; a
    subsidy of nothing is none."""
    allowed: tuple[str, ...] = PROGRAMMES
    if facts.category == "migrant_worker":
        allowed = (facts.value("migrant.form"),)
    pays = subsidy is not None and subsidy.monthly > 0
    return tuple(one for one in allowed if one != "rental_subsidy" or pays)


def rounded(facts: Facts, value: Decimal) -> Decimal:
    """To the policy's unit, half up; shown with two decimals."""
    step = facts.number("rent.round")
    return ((value / step).quantize(ONE, rounding=ROUND_HALF_UP) * step).quantize(CENT)

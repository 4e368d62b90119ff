"""The movable rules once more, on columns: each gives its result as bits for all lines at once.

A rule here says on arrays what its namesake in ``rules/`` says of one household; limits are asked
of the same functions, once for each size of household.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any

import numpy as np

from applications.eligibility.assessment import INCOME_TIERS
from applications.eligibility.cast import Case, Person
from applications.eligibility.facts import Facts
from applications.eligibility.finding import holds
from applications.eligibility.policy import Policy
from applications.eligibility.rules import housing, income
from applications.eligibility.schema import CATEGORIES
from applications.eligibility.whatif.columns import (
    AID_WAITS,
    AIDED,
    ASKS,
    DISPUTED_AID,
    FAILS,
    GIVEN_AWAY,
    NO_AID,
    SHARED,
    TAXED,
    TIERS,
    UNIT,
    VARIES,
    WAITS,
    Column,
    Columns,
)
from applications.eligibility.whatif.movable import ALWAYS

URBAN, NEW, MIGRANT = range(len(CATEGORIES))
_AIDED_FROM = min(AIDED.values())


def household_of(size: int, policy: Policy, category: str = "") -> Facts:
    """A household of so many people of whom nothing is known: what limits and sums are asked of."""
    nobody = Person("", "", "", None)
    return Facts(Case("", None, (nobody,) * size), ALWAYS, policy, category)


class Lines:
    """The lines of columns under a policy. ``unsure``: lines that only the engine can judge."""

    def __init__(self, columns: Columns, policy: Policy) -> None:
        self.c, self.h, self.policy = columns.lines, columns.homes, policy
        self.count = len(self.c["case"])
        self.unsure = np.zeros(self.count, bool)
        self.sizes = [int(one) for one in np.unique(self.c["persons"])]

    # -- Comparing -------------------------------------------------------------------------------

    def number(self, key: str) -> Decimal:
        return self.policy.value(key, ALWAYS)  # type: ignore[no-any-return]

    def meets(self, column: Column, key: str) -> Column:
        """Whether whole numbers (months, years, cars) hold against the value of ``key``."""
        op, limit = self.policy.op(key), int(self.number(key))
        found: Column = np.array(holds(column, op, limit))  # type: ignore[arg-type]
        return found

    def within(self, column: Column, key: str, limit: Callable[[Facts], Decimal]) -> Column:
        """Whether yuan or ㎡ hold against the limit of each household's size."""
        return column <= self._most(key, limit)

    def _most(self, key: str, limit: Callable[[Facts], Decimal]) -> Column:
        """By line, the most units that the limit allows."""
        op = self.policy.op(key)
        most = np.zeros(max(self.sizes, default=0) + 1, np.int64)
        for size in self.sizes:
            most[size] = _most_units(limit(household_of(size, self.policy)), op)
        return most[self.c["persons"]]

    def income_within(self, key: str) -> Column:
        """Income ≤ base × ratio × persons; a sum that whole units only bound from below is left to
        the engine where the limit lies inside that unit."""
        most = self._most(key, lambda facts: income.limit_of(facts, key))
        own, inexact = self.c["income"], self.c["income_inexact"]
        self.unsure |= inexact & (own == most)
        return np.where(inexact, own < most, own <= most)

    # -- Aid -------------------------------------------------------------------------------------

    @cached_property
    def asked_as_orphan(self) -> Column:
        young = self.c["age"] < int(self.number("single.min_age"))
        return self.c["may_be_orphan"] & young

    @cached_property
    def aid(self) -> Column:
        return np.where(self.asked_as_orphan, self.c["aid_as_orphan"], self.c["aid"])

    @cached_property
    def is_aided(self) -> Column:
        return self.aid >= _AIDED_FROM

    # -- Homes -----------------------------------------------------------------------------------

    def timed(self, group: int, key: str) -> tuple[Column, Column, Column]:
        """㎡, whether any, and whether any is in doubt, of the homes that count so long."""
        chosen = (self.h["group"] == group) & (self.h["from"] <= int(self.number(key)))
        at = self.h["line"][chosen]
        area, doubt = np.zeros(self.count, np.int64), np.zeros(self.count, bool)
        some = np.zeros(self.count, bool)
        np.add.at(area, at, self.h["area"][chosen])
        some[at] = True
        doubt[at[self.h["doubt"][chosen]]] = True
        return area, some, doubt

    @cached_property
    def most_area(self) -> Column:
        return self._most(housing.AREA, housing.limit_of)

    @cached_property
    def gone(self) -> tuple[Column, Column, Column]:
        return self.timed(GIVEN_AWAY, "housing.transfer_lookback_months")


def _most_units(limit: Decimal, op: str) -> int:
    units = limit.scaleb(UNIT)
    if op == "<=":
        return int(units.to_integral_value(rounding=ROUND_FLOOR))
    return int(units.to_integral_value(rounding=ROUND_CEILING)) - 1


def _chosen(where: list[Column], bits: list[Any], otherwise: Any) -> Column:
    """The bits of the first condition that holds."""
    found: Column = np.asarray(otherwise).astype(np.uint8)
    for condition, one in reversed(list(zip(where, bits, strict=True))):
        found = np.where(condition, np.asarray(one).astype(np.uint8), found)
    return found


def _fails_unless(good: Column) -> Column:
    return np.where(good, 0, FAILS).astype(np.uint8)


# -- The rules -----------------------------------------------------------------------------------


def ties(at: Lines) -> Column:
    """HUKOU and PERMIT: see ``residence.tie_to_district``."""
    c = at.c
    reached = _fails_unless(at.meets(c["hukou_months"], "hukou.min_months"))
    hukou = np.where(c["hukou"] == VARIES, reached, c["hukou"]).astype(np.uint8)
    permit = c["permit"]
    either = np.where(
        (hukou == 0) | (permit == 0),
        0,
        np.where((hukou == FAILS) & (permit == FAILS), FAILS, (hukou | permit) & ~np.uint8(FAILS)),
    )
    alone = at.policy.value("hukou.urban_only", ALWAYS)
    migrant = permit if alone else hukou | permit
    kinds = [c["category"] == URBAN, c["category"] == NEW]
    return _chosen(kinds, [hukou, either], migrant)


def employment(at: Lines) -> Column:
    """Insured months; of a new employee also a recent graduation."""
    c = at.c
    key = np.where(
        c["category"] == MIGRANT,
        at.meets(c["insured_months"], "migrant.insured_months"),
        at.meets(c["insured_months"], "new_employee.insured_months"),
    )
    insured = np.where(c["insured"] == VARIES, _fails_unless(key), c["insured"]).astype(np.uint8)
    degree = np.where(c["degree"] == VARIES, _fails_unless(recent(at)), c["degree"])
    both = np.where(insured == WAITS, WAITS, insured | degree.astype(np.uint8))
    return np.where(c["category"] == URBAN, 0, both).astype(np.uint8)


def recent(at: Lines) -> Column:
    """Whether the graduation that decides is in time."""
    key = "new_employee.graduated_within_months"
    return (at.c["degree"] == VARIES) & (at.c["degree_from"] <= int(at.number(key)))


def single_age(at: Lines) -> Column:
    c = at.c
    old = (c["age"] >= 0) & at.meets(c["age"], "single.min_age")
    young = np.where(at.asked_as_orphan, c["exempt_as_orphan"], c["exempt"])
    applies = (c["category"] == URBAN) & (c["persons"] == 1)
    return np.where(applies & ~old, young, 0).astype(np.uint8)


def income_(at: Lines) -> Column:
    c = at.c
    within = np.select(
        [c["category"] == URBAN, c["category"] == NEW],
        [
            at.income_within("income.ratio_lower_middle"),
            at.income_within("income.ratio_new_employee"),
        ],
        at.income_within("income.ratio_migrant"),
    )
    known = np.where(c["income_state"] > 0, c["income_state"], _fails_unless(within))
    by_aid = [at.is_aided, at.aid == AID_WAITS, at.aid == DISPUTED_AID]
    return _chosen(by_aid, [0, WAITS, ASKS], known)


def deposit(at: Lines) -> Column:
    c, key = at.c, "deposit.per_person_review_over"
    within = at.within(c["deposit"], key, lambda facts: facts.number(key) * facts.persons)
    looked_at = at.is_aided
    bits = np.where(within, np.where(c["deposit_partial"] & ~looked_at, ASKS, 0), ASKS)
    return np.where((c["deposit_waits"] > 0) & ~looked_at, WAITS, bits).astype(np.uint8)


def company(at: Lines) -> Column:
    key = "company.capital_review_over"
    within = at.within(at.c["company"], key, lambda facts: facts.number(key))
    bits = np.where(within, 0, ASKS)
    return np.where(at.c["company_state"] > 0, at.c["company_state"], bits).astype(np.uint8)


def vehicle(at: Lines) -> Column:
    c, key = at.c, "vehicle.value_max"
    few = at.meets(c["cars"], "vehicle.count_max")
    cheap = at.within(c["dearest"], key, lambda facts: facts.number(key))
    bits = np.where(few & cheap, c["car_doubt"], FAILS)
    return np.where(c["car_state"] > 0, c["car_state"], bits).astype(np.uint8)


def housing_area(at: Lines) -> Column:
    c, most = at.c, at.most_area
    taxed, _some, _doubt = at.timed(TAXED, "housing.deed_tax_months")
    doubtful = c["area_doubt"] | (c["area"] + taxed > most)
    bits = np.where(c["area"] > most, FAILS, np.where(doubtful, ASKS, 0))
    return np.where(c["area_waits"] > 0, WAITS, bits).astype(np.uint8)


def _step(
    at: Lines, waits: Column, start: Column, unknown: Column,
    added: tuple[Column, Column, Column],
) -> Column:  # fmt: skip
    """See ``housing._step``: ``unknown`` where the sum before it has a hole."""
    area, some, doubt = added
    crosses = (start <= at.most_area) & (start + area > at.most_area)
    found = np.where(unknown, WAITS, np.where(crosses, FAILS, np.where(doubt, ASKS, 0)))
    return np.where(waits > 0, WAITS, np.where(some, found, 0)).astype(np.uint8)


def housing_offplan(at: Lines) -> Column:
    c = at.c
    added = c["offplan"], c["offplan_any"], c["offplan_doubt"]
    return _step(at, c["offplan_waits"], c["area"], c["held_waits"], added)


def transfer_lookback(at: Lines) -> Column:
    c = at.c
    start, unknown = c["area"] + c["offplan"], c["held_waits"] | c["offplan_unknown"]
    bits = _step(at, c["gone_waits"], start, unknown, at.gone)
    before = start + at.gone[0]
    crosses = (before <= at.most_area) & (before + c["undated"] > at.most_area)
    doubt = np.where(unknown | c["gone_unknown"], WAITS, np.where(crosses, ASKS, 0))
    return np.where((bits == 0) & c["undated_any"], doubt, bits).astype(np.uint8)


def divorce_lookback(at: Lines) -> Column:
    c = at.c
    start = c["area"] + c["offplan"] + at.gone[0]
    unknown = c["held_waits"] | c["offplan_unknown"] | c["gone_unknown"]
    added = at.timed(SHARED, "housing.divorce_lookback_months")
    return _step(at, c["shared_waits"], start, unknown, added)


RULES: Mapping[str, Callable[[Lines], Column]] = {
    "TIES": ties,
    "EMPLOYMENT": employment,
    "SINGLE_AGE": single_age,
    "INCOME": income_,
    "HOUSING_AREA": housing_area,
    "HOUSING_OFFPLAN": housing_offplan,
    "TRANSFER_LOOKBACK": transfer_lookback,
    "DIVORCE_LOOKBACK": divorce_lookback,
    "VEHICLE": vehicle,
    "COMPANY": company,
    "DEPOSIT": deposit,
}


def tier(at: Lines) -> Column:
    """By category, by aid, or by income; 0 while undecided. See ``assessment.tier_of``."""
    c = at.c
    by_income = np.zeros(at.count, np.int8)
    for name in reversed(at.policy.value("tiers.by_income", ALWAYS)):
        within = at.income_within(INCOME_TIERS[name])
        by_income = np.where(within, TIERS.index(name), by_income)
    by_income = np.where(c["income_state"] > 0, 0, by_income)
    choices = [(c["category"] == NEW, TIERS.index("NEW")),
               (c["category"] == MIGRANT, TIERS.index("MIG"))]  # fmt: skip
    choices += [(at.aid == code, TIERS.index(name)) for name, code in AIDED.items()]
    found = np.where(at.aid == NO_AID, by_income, 0)
    for where, one in choices:
        found = np.where(where, one, found)
    return found.astype(np.int8)

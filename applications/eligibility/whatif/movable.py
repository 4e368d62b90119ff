"""Which values can be moved on columns, who reads them again, and why the others cannot."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from applications.eligibility import pack
from applications.eligibility.policy import Policy
from applications.eligibility.schema import KEYS, NUMBER, TABLE, WHOLE

ALWAYS = date(2000, 1, 1)
"""Any day: a pinned pack has the same values on each."""

SUMS = "sums"
# The household's aid decides whether its income is looked at, whether its deposits have been
# looked at already, and its tier; being asked about as an orphan decides the aid.
_THROUGH_THE_STATUS = ("SINGLE_AGE", "INCOME", "DEPOSIT", "tier")
_AREA = ("HOUSING_AREA", "HOUSING_OFFPLAN", "TRANSFER_LOOKBACK", "DIVORCE_LOOKBACK")
_INCOME = ("INCOME", "tier")

MOVABLE: dict[str, tuple[str, ...]] = {
    "income.base": _INCOME,
    "income.ratio_low": ("tier",),
    "income.ratio_lower_middle": _INCOME,
    "income.ratio_new_employee": ("INCOME",),
    "income.ratio_migrant": ("INCOME",),
    "housing.area_per_person": _AREA,
    "housing.small_household_persons": _AREA,
    "housing.small_household_area": _AREA,
    "housing.transfer_lookback_months": ("TRANSFER_LOOKBACK", "DIVORCE_LOOKBACK"),
    "housing.divorce_lookback_months": ("DIVORCE_LOOKBACK",),
    "housing.deed_tax_months": ("HOUSING_AREA",),
    "hukou.min_months": ("HUKOU",),
    "single.min_age": _THROUGH_THE_STATUS,
    "migrant.insured_months": ("EMPLOYMENT",),
    "new_employee.insured_months": ("EMPLOYMENT",),
    "new_employee.graduated_within_months": ("EMPLOYMENT", "category"),
    "vehicle.count_max": ("VEHICLE",),
    "vehicle.value_max": ("VEHICLE",),
    "company.capital_review_over": ("COMPANY",),
    "deposit.per_person_review_over": ("DEPOSIT",),
    "units.reference_area": (SUMS,),
    "rent.market": (SUMS,),
    "rent.coefficient": (SUMS,),
    "rent.round": (SUMS,),
    "subsidy.area_per_person": (SUMS,),
    "subsidy.area_floor": (SUMS,),
    "subsidy.area_cap": (SUMS,),
    "subsidy.unit": (SUMS,),
    "subsidy.coefficient": (SUMS,),
}
"""Movable values with what is run again: rule codes, ``tier``, ``category`` and ``sums``."""

# Why a value is not movable: it is no number; the registers' rows would have to be read again; it
# only orders those who wait; or the rules do not read it.
NO_NUMBER, ROWS, ORDER, UNREAD = "no_number", "rows", "order", "unread"
_ROWS = (
    "hukou.area", "members.mandatory", "housing.property_scope", "housing.counts",
    "income.window_months", "income.window_end", "income.report_valid_months",
    "vehicle.exempt_uses", "vehicle.review_uses", "migrant.permit_area",
    "new_employee.degree_min", "priority.disability_levels",
)  # fmt: skip
_NO_NUMBER = (
    "hukou.urban_only", "tiers.by_status", "tiers.by_income", "single.exempt", "migrant.form",
    "units.by_persons", "units.names",
)  # fmt: skip
_ORDER = (
    "priority.order", "priority.lone_elder_age", "priority.lone_elder_without",
    "priority.elder_age", "priority.children", "priority.minor_children", "draw.tiers",
)  # fmt: skip
_UNREAD = (
    "members.optional_same_hukou", "members.student_and_soldier_count",
    "publicity.eligibility_days", "publicity.roster_days", "publicity.allotment_days",
    "ban.deceit_years", "ban.sublet_years", "ban.decline_twice_years",
    "ban.declines", "ban.silence_counts",
)  # fmt: skip
FIXED: dict[str, str] = {
    key: why
    for keys, why in ((_ROWS, ROWS), (_NO_NUMBER, NO_NUMBER), (_ORDER, ORDER), (_UNREAD, UNREAD))
    for key in keys
}
_PLACES = 6


class NotMovable(ValueError):
    """This cannot be tried. ``why``: one of the reasons above, or unknown, value, range, agree."""

    def __init__(self, why: str, **values: str) -> None:
        super().__init__(why)
        self.why, self.values = why, values


@dataclass(frozen=True, slots=True)
class Lever:
    """One value that can be moved: a key, and of a table the ``part`` of it that is meant."""

    key: str
    part: str = ""

    def __str__(self) -> str:
        return f"{self.key}/{self.part}" if self.part else self.key

    @property
    def readers(self) -> tuple[str, ...]:
        """Who is run again."""
        return MOVABLE[self.key]

    def present(self, policy: Policy) -> Decimal:
        """The value as it stands."""
        value = policy.value(self.key, ALWAYS)
        return Decimal(value[self.part] if self.part else value)


def levers(policy: Policy) -> list[Lever]:
    """Every value of a pinned pack that can be moved, in the pack's order."""
    found = []
    for key in policy.parameters:
        if key in MOVABLE:
            parts = list(policy.value(key, ALWAYS)) if KEYS[key].kind == TABLE else [""]
            found += [Lever(key, part) for part in parts]
    return found


def lever(name: str, policy: Policy) -> Lever:
    """The lever of a name. Raises NotMovable with the reason, never silently another one."""
    key = name.partition("/")[0]
    if key in FIXED:
        raise NotMovable(FIXED[key], key=key)
    found = next((one for one in levers(policy) if str(one) == name), None)
    if found is None:
        raise NotMovable("unknown", key=name)
    return found


def pinned(policy: Policy, day: date) -> Policy:
    """The pack with each value of one day, as if it had always been so."""
    parameters = {
        key: replace(one, dated=(replace(one.at(day), start=date.min, end=None),))
        for key, one in policy.parameters.items()
    }
    return replace(policy, parameters=parameters, _days={})


def moved(policy: Policy, by: Lever, written: str) -> Policy:
    """A pinned pack with one value moved. Raises NotMovable for what a pack may not hold."""
    value = _checked(by, written)
    parameter = policy.parameters[by.key]
    dated = parameter.dated[0]
    if by.part:
        value = dict(dated.value) | {by.part: value}
        if KEYS[by.key].check and KEYS[by.key].check(value):  # type: ignore[misc]
            raise NotMovable("table", part=by.part)
    changed = replace(parameter, dated=(replace(dated, value=value),))
    made = replace(policy, parameters=dict(policy.parameters) | {by.key: changed}, _days={})
    if fault := pack.disagreement(made, ALWAYS):
        raise NotMovable("agree", fault=fault)
    return made


def _checked(by: Lever, written: str) -> Any:
    spec = KEYS[by.key]
    try:
        value = Decimal(written.strip())
    except InvalidOperation:
        raise NotMovable("value", written=written[:20]) from None
    whole = value == value.to_integral_value() if value.is_finite() else False
    if not value.is_finite() or (spec.kind == WHOLE and not whole):
        raise NotMovable("value" if spec.kind != WHOLE else "whole", written=written[:20])
    # the range first: a number of thirty digits has no places that could be rounded
    if spec.kind == TABLE and not abs(value) <= spec.high:
        raise NotMovable("table", part=by.part)
    if spec.kind in (NUMBER, WHOLE) and not spec.low <= value <= spec.high:
        raise NotMovable("range", low=f"{spec.low:f}", high=f"{spec.high:f}")
    if value != round(value, _PLACES):
        raise NotMovable("places", written=written[:20])
    return int(value) if spec.kind == WHOLE else value

"""Keys of a policy pack (政策参数表): what each value is, in which unit, how it may be compared.

A pack holds exactly these. ``rules`` names who reads a value: rule codes, or ``sums``,
``priority``, ``tier``, ``listing`` (which rules apply), or ``platform``: the engine does not.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

NUMBER, WHOLE, TEXT, LIST, TABLE, FLAG = "number", "whole", "text", "list", "table", "flag"
AT_MOST, AT_LEAST = ("<=", "<"), (">=", ">")

RULES = (
    "IDENTITY", "DECEASED", "DUPLICATE", "BAN", "CONSENT", "MEMBERS", "HUKOU", "PERMIT",
    "EMPLOYMENT", "SINGLE_AGE", "STUDENT", "INCOME", "HOUSING_AREA", "HOUSING_OFFPLAN",
    "TRANSFER_LOOKBACK", "DIVORCE_LOOKBACK", "VEHICLE", "COMPANY", "DEPOSIT",
)  # fmt: skip
CATEGORIES = ("urban_low_income", "new_employee", "migrant_worker")
STATUS_TIERS, INCOME_TIERS = ("TK", "DB", "DBBY"), ("DSR", "ZPX")
TIERS = (*STATUS_TIERS, *INCOME_TIERS, "NEW", "MIG")
GROUPS = (
    "TK", "ORPHAN", "LONE_ELDER", "DB", "HERO_FAMILY", "DISABLED_1_2", "AGE_70", "MANY_CHILDREN",
    "BRAVERY", "FRONTLINE",
)  # fmt: skip
PROGRAMMES = ("public_rental", "rental_subsidy")
AREA_RULES = "HOUSING_AREA HOUSING_OFFPLAN TRANSFER_LOOKBACK DIVORCE_LOOKBACK"

Check = Callable[[Any], str]
"""A fault in words, or '' for a good value."""


@dataclass(frozen=True, slots=True)
class Key:
    """One value of a pack: kind, unit, operators that fit (none: it is no limit), sound range."""

    kind: str
    unit: str
    rules: tuple[str, ...]
    ops: tuple[str, ...] = ()
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(10**9)
    check: Check | None = None


# -- What a list, a text or a table may hold -----------------------------------------------------


def _among(allowed: tuple[str, ...]) -> Check:
    def check(value: Any) -> str:
        named = (value,) if isinstance(value, str) else tuple(value)
        wrong = [one for one in named if one not in allowed]
        if wrong:
            return f"{', '.join(wrong)}: must be among {', '.join(allowed)}"
        twice = sorted({one for one in named if named.count(one) > 1})
        return f"{', '.join(twice)}: named twice" if twice else ""

    return check


def _districts(value: Any) -> str:
    named = (value,) if isinstance(value, str) else tuple(value)
    wrong = [one for one in named if not re.fullmatch(r"\d{6}", one, re.ASCII)]
    return f"{', '.join(wrong)}: a district has six digits" if wrong else ""


def _degree(value: Any) -> str:
    known = ("高中", "中专", "大专", "本科", "硕士", "博士")
    return "" if value in known else f"{value}: must be among {', '.join(known)}"


def _for_each(keys: tuple[str, ...], low: Decimal, high: Decimal) -> Check:
    def check(value: Mapping[str, Any]) -> str:
        missing = [one for one in keys if one not in value]
        extra = [one for one in value if one not in keys]
        if missing or extra:
            return "; ".join(
                f"{word} {', '.join(named)}"
                for word, named in (("missing", missing), ("unknown", extra))
                if named
            )
        wrong = [name for name, one in value.items() if not _between(one, low, high)]
        return f"{', '.join(wrong)}: must be a number from {low} to {high}" if wrong else ""

    return check


def _between(value: Any, low: Decimal, high: Decimal) -> bool:
    return isinstance(value, Decimal) and low <= value <= high


def _by_persons(value: Mapping[str, Any]) -> str:
    """Sizes 1, 2 … without a hole, the last with a plus, each with at least one type of home."""
    last = f"{len(value)}+"
    wanted = [*(str(size) for size in range(1, len(value))), last]
    if list(value) != wanted:
        return f"sizes must run {', '.join(wanted)}"
    empty = [size for size, kinds in value.items() if not isinstance(kinds, tuple) or not kinds]
    return f"{', '.join(empty)}: no type of home" if empty else ""


def _types(value: Mapping[str, Any]) -> str:
    wrong = [name for name, one in value.items() if not _between(one, Decimal(1), Decimal(200))]
    return f"{', '.join(wrong)}: must be an area from 1 to 200" if wrong else ""


def _names(value: Mapping[str, Any]) -> str:
    return "" if all(isinstance(one, str) for one in value.values()) else "names must be text"


_SHARES = _for_each(TIERS, Decimal(0), Decimal(1))
_FRACTION: dict[str, Any] = {"low": Decimal("0.01"), "high": Decimal(3)}
_MONTHS: dict[str, Any] = {"high": Decimal(600)}
_AGES: dict[str, Any] = {"high": Decimal(120)}


def _key(kind: str, unit: str, rules: str, ops: tuple[str, ...] = (), **more: Any) -> Key:
    return Key(kind, unit, tuple(rules.split()), ops, **more)


def _limit(kind: str, unit: str, rules: str, ops: tuple[str, ...], **more: Any) -> Key:
    return _key(kind, unit, rules, ops, **more)


# -- The keys ------------------------------------------------------------------------------------

KEYS: dict[str, Key] = {
    "hukou.area": _key(TEXT, "区划代码", "HUKOU", check=_districts),
    "hukou.urban_only": _key(FLAG, "是否", "listing"),
    "hukou.min_months": _limit(WHOLE, "月", "HUKOU", AT_LEAST, **_MONTHS),
    "members.mandatory": _key(LIST, "关系", "MEMBERS", check=_among(("SPOUSE", "MINOR_CHILD"))),
    "members.optional_same_hukou": _key(
        LIST, "关系", "platform", check=_among(("PARENT", "ADULT_UNMARRIED_CHILD"))
    ),
    "members.student_and_soldier_count": _key(FLAG, "是否", "platform"),
    "housing.property_scope": _key(LIST, "区划代码", AREA_RULES, check=_districts),
    "housing.counts": _key(
        LIST,
        "住房情形",
        AREA_RULES,
        check=_among(
            ("REGISTERED", "PRESALE", "RESALE", "PUBLIC_TENANCY", "RELOCATION", "INHERITED_SHARE")
        ),
    ),
    "housing.area_per_person": _limit(NUMBER, "㎡/人", AREA_RULES, AT_MOST, high=Decimal(200)),
    "housing.small_household_persons": _limit(WHOLE, "人", AREA_RULES, AT_MOST, high=Decimal(10)),
    "housing.small_household_area": _limit(NUMBER, "㎡", AREA_RULES, AT_MOST, high=Decimal(500)),
    "housing.transfer_lookback_months": _key(
        WHOLE, "月", "TRANSFER_LOOKBACK DIVORCE_LOOKBACK", **_MONTHS
    ),
    "housing.divorce_lookback_months": _key(WHOLE, "月", "DIVORCE_LOOKBACK", **_MONTHS),
    "housing.deed_tax_months": _key(WHOLE, "月", "HOUSING_AREA", **_MONTHS),
    "tiers.by_status": _key(LIST, "档次", "INCOME SINGLE_AGE tier", check=_among(STATUS_TIERS)),
    "tiers.by_income": _key(LIST, "档次", "tier", check=_among(INCOME_TIERS)),
    "income.base": _key(NUMBER, "元/人·年", "INCOME tier", low=Decimal(1)),
    "income.window_months": _key(WHOLE, "月", "INCOME tier", low=Decimal(1), high=Decimal(60)),
    "income.window_end": _key(
        TEXT,
        "截止",
        "INCOME tier",
        check=_among(("month_before_application", "month_of_application")),
    ),
    "income.report_valid_months": _key(WHOLE, "月", "INCOME tier", high=Decimal(24)),
    "income.ratio_low": _limit(NUMBER, "比例", "tier", AT_MOST, **_FRACTION),
    "income.ratio_lower_middle": _limit(NUMBER, "比例", "INCOME tier", AT_MOST, **_FRACTION),
    "income.ratio_new_employee": _limit(NUMBER, "比例", "INCOME", AT_MOST, **_FRACTION),
    "income.ratio_migrant": _limit(NUMBER, "比例", "INCOME", AT_MOST, **_FRACTION),
    "single.min_age": _limit(WHOLE, "周岁", "SINGLE_AGE INCOME", AT_LEAST, **_AGES),
    "single.exempt": _key(LIST, "人群", "SINGLE_AGE", check=_among((*GROUPS, "DBBY"))),
    "vehicle.count_max": _limit(WHOLE, "辆", "VEHICLE", AT_MOST, high=Decimal(20)),
    "vehicle.value_max": _limit(NUMBER, "元", "VEHICLE", AT_MOST),
    "vehicle.exempt_uses": _key(LIST, "用途", "VEHICLE", check=_among(("disabled", "livelihood"))),
    "vehicle.review_uses": _key(LIST, "用途", "VEHICLE", check=_among(("disabled", "livelihood"))),
    "company.capital_review_over": _limit(NUMBER, "元", "COMPANY", AT_MOST),
    "deposit.per_person_review_over": _limit(NUMBER, "元/人", "DEPOSIT", AT_MOST),
    "migrant.insured_months": _limit(WHOLE, "月", "EMPLOYMENT", AT_LEAST, **_MONTHS),
    "migrant.permit_area": _key(TEXT, "区划代码", "PERMIT", check=_districts),
    "migrant.form": _key(TEXT, "方式", "sums", check=_among(PROGRAMMES)),
    "new_employee.degree_min": _key(TEXT, "学历", "EMPLOYMENT", check=_degree),
    "new_employee.graduated_within_months": _limit(WHOLE, "月", "EMPLOYMENT", AT_MOST, **_MONTHS),
    "new_employee.insured_months": _limit(WHOLE, "月", "EMPLOYMENT", AT_LEAST, **_MONTHS),
    "units.by_persons": _key(TABLE, "户型", "sums", check=_by_persons),
    "units.names": _key(TABLE, "户型", "sums", check=_names),
    "units.reference_area": _key(TABLE, "㎡", "sums", check=_types),
    "rent.market": _key(NUMBER, "元/㎡·月", "sums", high=Decimal(10_000)),
    "rent.coefficient": _key(TABLE, "比例", "sums", check=_SHARES),
    "rent.round": _key(NUMBER, "元", "sums", low=Decimal("0.01"), high=Decimal(1)),
    "subsidy.area_cap": _key(NUMBER, "㎡/户", "sums", high=Decimal(500)),
    "subsidy.area_floor": _key(NUMBER, "㎡/户", "sums", high=Decimal(500)),
    "subsidy.area_per_person": _key(NUMBER, "㎡/人", "sums", high=Decimal(200)),
    "subsidy.unit": _key(NUMBER, "元/㎡·月", "sums", high=Decimal(10_000)),
    "subsidy.coefficient": _key(TABLE, "比例", "sums", check=_SHARES),
    "priority.order": _key(LIST, "人群", "priority", check=_among(GROUPS)),
    "priority.lone_elder_age": _limit(WHOLE, "周岁", "priority", AT_LEAST, **_AGES),
    "priority.lone_elder_without": _key(
        LIST, "关系", "priority", check=_among(("SPOUSE", "CHILDREN"))
    ),
    "priority.elder_age": _limit(WHOLE, "周岁", "priority", AT_LEAST, **_AGES),
    "priority.disability_levels": _key(
        LIST, "级", "priority SINGLE_AGE", check=_among(tuple("1234"))
    ),
    "priority.children": _limit(WHOLE, "人", "priority", AT_LEAST, high=Decimal(20)),
    "priority.minor_children": _limit(WHOLE, "人", "priority", AT_LEAST, high=Decimal(20)),
    "draw.tiers": _key(
        TABLE, "组", "priority", check=_for_each((*GROUPS, "none"), Decimal(1), Decimal(99))
    ),
    "publicity.eligibility_days": _key(WHOLE, "日", "platform", low=Decimal(1), high=Decimal(60)),
    "publicity.roster_days": _key(WHOLE, "日", "platform", low=Decimal(1), high=Decimal(60)),
    "publicity.allotment_days": _key(WHOLE, "日", "platform", low=Decimal(1), high=Decimal(60)),
    "ban.deceit_years": _key(WHOLE, "年", "platform", high=Decimal(50)),
    "ban.sublet_years": _key(WHOLE, "年", "platform", high=Decimal(50)),
    "ban.decline_twice_years": _key(WHOLE, "年", "platform", high=Decimal(50)),
    "ban.declines": _key(WHOLE, "次", "platform", low=Decimal(1), high=Decimal(20)),
    "ban.silence_counts": _key(FLAG, "是否", "platform"),
}

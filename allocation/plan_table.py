"""The published table of a plan (配租方案): place, number, type, area and rent of its homes.

A plain list that is kept with the round as it was published: a later rent standard or a corrected
area does not change what the households read when they joined.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allocation import facts, rents
from allocation.models import Home, Round
from applications.eligibility.explain import tier_name
from applications.eligibility.schema import TIERS
from core import display


def of(homes: Iterable[Home], on: date) -> list[dict[str, Any]]:
    """One row per estate and type: JSON, areas in ㎡ and rents in yuan a month as strings."""
    groups: dict[tuple[str, str], list[Home]] = defaultdict(list)
    for home in homes:
        groups[home.estate.code, home.unit_type].append(home)
    return [_row(groups[key], on) for key in sorted(groups)]


def shown(round_: Round) -> list[dict[str, Any]]:
    """The rows in words, each with the rent of every group that the plan is meant for."""
    wanted = round_.groups
    return [
        {
            **row,
            "type_word": facts.unit_type(row["unit_type"]),
            "area_word": _between([display.area_short(Decimal(one)) for one in row["area"]]),
            "rents": [
                (
                    group_name(tier),
                    _between([display.rent(Decimal(one)) for one in row["rent"][tier]]),
                )
                for tier in TIERS  # the database keeps no order of keys
                if tier in row["rent"] and (not wanted or tier in wanted)
            ],
        }
        for row in round_.plan_table
    ]


def group_name(tier: str) -> str:
    """低保家庭 for DB, in the language of the page."""
    return str(tier_name(tier, get_language() or "zh-hans"))


def groups_line(round_: Round) -> str:
    """Whom the plan is meant for, in one line."""
    if not round_.groups:
        return _("全区轮候家庭")
    return display.listed(group_name(tier) for tier in round_.groups)


def homes_count(round_: Round) -> int:
    """How many homes the plan gives out."""
    return sum(row["homes"] for row in round_.plan_table)


def _row(homes: list[Home], on: date) -> dict[str, Any]:
    estate = homes[0].estate
    areas = sorted(home.area for home in homes)
    return {
        "estate": estate.code,
        "name": estate.name,
        "address": estate.address,
        "unit_type": homes[0].unit_type,
        "homes": len(homes),
        "accessible": sum(home.accessible for home in homes),
        "area": [f"{areas[0]:.2f}", f"{areas[-1]:.2f}"],
        "floors": [min(home.floor for home in homes), max(home.floor for home in homes)],
        "rent": _rents(homes, areas, on),
    }


def _rents(homes: list[Home], areas: list[Decimal], on: date) -> dict[str, list[str]]:
    """Least and most rent by tier; empty where the estate has no market rent yet."""
    try:
        market = rents.market_rent(homes[0], on)
    except rents.NoRentStandard:
        return {}
    shares = rents.policy_on(on).value("rent.coefficient", on)
    return {
        tier: [str(rents.rounded(area * market * share)) for area in (areas[0], areas[-1])]
        for tier, share in shares.items()
    }


def _between(words: list[str]) -> str:
    first, last = words
    return first if first == last else _("%(first)s至%(last)s") % {"first": first, "last": last}

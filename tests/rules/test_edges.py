"""Every number of a pack has scenarios that a single step of it would turn, up and down."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest

from applications.eligibility.assessment import Assessment, assess
from applications.eligibility.cast import Case
from applications.eligibility.policy import shipped
from applications.eligibility.schema import KEYS, NUMBER, WHOLE
from tests.rules import scenarios
from tests.rules.edges import moved, pack_of

NUMBERS = [
    key for key, one in KEYS.items() if one.kind in (NUMBER, WHOLE) and one.rules != ("platform",)
]
# 18 ㎡ × 2 persons is 36 ㎡ already; the sums are rounded to a fen, the smallest unit there is
APART = {"housing.small_household_persons", "rent.round"}


@cache
def cases() -> tuple[tuple[str, Case, date, Assessment], ...]:
    found = []
    for one in scenarios.all_scenarios():
        case = Case.from_dict(scenarios.entry_of(one))
        day = one.get("day") or case.as_of
        found.append((one["says"], case, day, scenarios.judged(scenarios.entry_of(one), day)))
    return tuple(found)


def shape(result: Assessment) -> tuple[Any, ...]:
    sums = [one and one.monthly for one in (result.rent, result.subsidy)]
    return (
        scenarios.by_rule(result), result.outcome, result.tier, result.unit_types, *sums,
        result.priority,
    )  # fmt: skip


def reads(result: Assessment, key: str) -> bool:
    """Whether the value can have mattered: a rule has read it, or sums were made."""
    by_rules = any(key in one.policy_keys for one in result.findings)
    return by_rules or not set(KEYS[key].rules).isdisjoint({"sums", "tier", "priority"})


def turned(key: str, steps: int) -> Iterator[str]:
    for says, case, day, before in cases():
        if not reads(before, key):
            continue
        after = assess(case, on=day, policy=moved(key, steps, pack_of(day)))
        if shape(after) != shape(before):
            yield says


@pytest.mark.parametrize("steps", [1, -1])
@pytest.mark.parametrize("key", [key for key in NUMBERS if key not in APART])
def test_a_scenario_stands_right_at_this_edge(key, steps):
    assert next(turned(key, steps), None), f"{key}: no scenario turns when it moves by {steps}"


@pytest.mark.parametrize(
    ("base", "persons", "passes"), [("couple", 0, True), ("couple", -1, False),
                                    ("urban", 0, False), ("urban", 1, True)],
)  # fmt: skip
def test_a_small_household_is_one_of_so_many_persons(base, persons, passes):
    """With a larger total than 18 ㎡ a head, so that the number of persons decides."""
    from dataclasses import replace

    policy = moved("housing.small_household_persons", persons)
    area = moved("housing.small_household_area", 2400).parameters["housing.small_household_area"]
    key = "housing.small_household_area"
    policy = replace(policy, parameters=dict(policy.parameters) | {key: area}, _days={})
    home = {"records": {"property": {"$A": [{"zl": "某路1号101室", "jzmj": "58"}]}}}
    result = scenarios.judged(scenarios.built(base, home), by=policy)
    assert scenarios.by_rule(result)["HOUSING_AREA"] == ("pass" if passes else "fail")


def starts() -> list[tuple[str, date]]:
    """Every day on which a value of a pack changes."""
    return sorted(
        {
            (one.key, dated.start)
            for pack in shipped().values()
            for one in pack.parameters.values()
            for dated in one.dated[1:]
        }
    )


@pytest.mark.parametrize(("key", "start"), starts(), ids=str)
def test_every_effective_date_has_a_scenario_on_the_day_and_on_the_day_before(key, start):
    days = {day for _says, _case, day, before in cases() if reads(before, key)}
    assert start in days and date.fromordinal(start.toordinal() - 1) in days


@pytest.mark.parametrize("key", [key for key, one in KEYS.items() if one.rules != ("platform",)])
def test_the_table_of_keys_names_exactly_the_rules_that_read_a_value(key):
    named = {one for one in KEYS[key].rules if one.isupper()}
    found = {
        one.rule for _s, _c, _d, result in cases() for one in result.findings
        if key in one.policy_keys
    }  # fmt: skip
    assert found == named or (not named and not found), (key, found ^ named)

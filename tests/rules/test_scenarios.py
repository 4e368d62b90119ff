"""Every rule on both sides of every threshold, one sentence a scenario."""

import pytest

from tests.rules import scenarios
from tests.rules.scenarios import money


@pytest.mark.parametrize("scenario", scenarios.all_scenarios(), ids=lambda one: one["says"])
def test_scenario(scenario):
    result = scenarios.judged(scenarios.entry_of(scenario), scenario.get("day"))
    rules = scenarios.by_rule(result)
    for rule, wanted in scenario.get("expect", {}).items():
        assert rules.get(rule) == wanted, (rule, result.findings)
    odd = {
        rule: got
        for rule, got in rules.items()
        if got != "pass" and rule not in scenario.get("expect", {})
    }
    got = {
        "outcome": result.outcome,
        "tier": result.tier,
        "category": result.category,
        "fails": sorted(rule for rule in rules if rules[rule] == "fail"),
        "unknown": sorted(rule for rule in rules if rules[rule] == "unknown"),
        "units": list(result.unit_types),
        "rent": money(result.rent.monthly if result.rent else None),
        "subsidy": money(result.subsidy.monthly if result.subsidy else None),
        "priority": list(result.priority),
        "draw_tier": result.draw_tier,
        "forms": list(result.forms),
    }
    for key in got:
        if key in scenario:
            assert got[key] == scenario[key], (key, odd, result.findings)
    for rule, values in scenario.get("shows", {}).items():
        (finding,) = [one for one in result.findings if one.rule == rule]
        shown = dict(finding.values) | {"actual": finding.actual, "limit": finding.limit}
        assert {key: shown.get(key) for key in values} == values


def test_no_two_scenarios_say_the_same():
    said = [one["says"] for one in scenarios.all_scenarios()]
    assert len(said) == len(set(said))

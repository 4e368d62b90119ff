"""Every rule on both sides of every threshold, one sentence a scenario."""

import pytest

from tests.rules import scenarios


@pytest.mark.parametrize("scenario", scenarios.all_scenarios(), ids=lambda one: one["says"])
def test_scenario(scenario):
    entry = scenarios.built(scenario["base"], scenario.get("set"), scenario.get("people"))
    result = scenarios.judged(entry, scenario.get("day"))
    rules = scenarios.by_rule(result)
    for rule, wanted in scenario["expect"].items():
        assert rules.get(rule) == wanted, (rule, result.findings)
    unexpected = {
        rule: got for rule, got in rules.items() if got != "pass" and rule not in scenario["expect"]
    }
    if "outcome" in scenario:
        assert result.outcome == scenario["outcome"], unexpected
    if "tier" in scenario:
        assert result.tier == scenario["tier"]

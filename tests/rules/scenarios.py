"""Scenarios of the rules: a base household that passes, one change, what the rules then say."""

import copy
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from applications.eligibility.assessment import Assessment, assess
from applications.eligibility.cast import Case
from applications.eligibility.policy import default_for

HERE = Path(__file__).parent
BASES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "bases.yaml").read_text(encoding="utf-8"))
FILES = ("people", "ties", "means", "housing", "outcomes")


def all_scenarios() -> list[dict[str, Any]]:
    found = []
    for name in FILES:
        found += yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def built(base: str, change: dict[str, Any] | None = None, people: dict | None = None) -> dict:
    """A base with a change merged in and its people's numbers put for $A, $S, $C."""
    entry = copy.deepcopy(BASES[base])
    numbers = entry.pop("people") | (people or {})
    entry["case"] = base
    return _filled(_merged(entry, change or {}), numbers)


def judged(entry: dict[str, Any], on: date | None = None) -> Assessment:
    case = Case.from_dict(entry)
    day = on or case.as_of
    assert day is not None
    return assess(case, on=day, policy=default_for(day))


def by_rule(result: Assessment) -> dict[str, str]:
    """The worst result of each rule."""
    order = ("pass", "unknown", "fail")
    worst: dict[str, str] = {}
    for one in result.findings:
        worst[one.rule] = max(worst.get(one.rule, "pass"), one.result, key=order.index)
    return worst


def _merged(base: Any, change: Any) -> Any:
    if isinstance(base, dict) and isinstance(change, dict):
        return base | {key: _merged(base.get(key), value) for key, value in change.items()}
    return change


def _filled(value: Any, numbers: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {_filled(key, numbers): _filled(one, numbers) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, numbers) for one in value]
    return numbers.get(value, value) if isinstance(value, str) else value

"""Scenarios of the rules: a base household that passes, one change, what the rules then say."""

import copy
import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from applications.eligibility.assessment import Assessment, assess
from applications.eligibility.cast import Case
from applications.eligibility.policy import Policy, default_for
from core.identity.numbers import check_character

HERE = Path(__file__).parent
BASES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "bases.yaml").read_text(encoding="utf-8"))
FILES = (
    "people", "ties", "means", "housing", "outcomes", "edges", "dates", "families", "sums",
    "combinations",
)  # fmt: skip
_BORN = re.compile(r"~(\d{8})/(\d)")


@cache
def _texts() -> tuple[str, ...]:
    return tuple((HERE / f"{name}.yaml").read_text(encoding="utf-8") for name in FILES)


def all_scenarios() -> list[dict[str, Any]]:
    return [one for text in _texts() for one in yaml.safe_load(text)]


def built(base: str, change: dict[str, Any] | None = None, people: dict | None = None) -> dict:
    """A base with a change merged in and its people's numbers put for $A, $S, $C.

    ``~20080105/2`` stands for a number of somebody born then; an odd place is a man's.
    """
    entry = copy.deepcopy(BASES[base])
    numbers = entry.pop("people") | (people or {})
    entry["case"] = base
    return _filled(_merged(entry, change or {}), numbers)


def entry_of(scenario: dict[str, Any]) -> dict[str, Any]:
    return built(scenario["base"], scenario.get("set"), scenario.get("people"))


def judged(entry: dict[str, Any], on: date | None = None, by: Policy | None = None) -> Assessment:
    case = Case.from_dict(entry)
    day = on or case.as_of
    assert day is not None
    return assess(case, on=day, policy=by or default_for(day))


def by_rule(result: Assessment) -> dict[str, str]:
    """The worst result of each rule."""
    order = ("pass", "unknown", "fail")
    worst: dict[str, str] = {}
    for one in result.findings:
        worst[one.rule] = max(worst.get(one.rule, "pass"), one.result, key=order.index)
    return worst


def number(written: str) -> str:
    """The ID number of ``~19900101/1``."""
    found = _BORN.fullmatch(written)
    assert found, written
    first = f"330212{found[1]}99{found[2]}"
    return first + check_character(first)


def money(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _merged(base: Any, change: Any) -> Any:
    if isinstance(base, dict) and isinstance(change, dict):
        return base | {key: _merged(base.get(key), value) for key, value in change.items()}
    return change


def _filled(value: Any, numbers: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {_filled(key, numbers): _filled(one, numbers) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, numbers) for one in value]
    if not isinstance(value, str):
        return value
    value = numbers.get(value, value)
    return number(value) if _BORN.fullmatch(value) else value

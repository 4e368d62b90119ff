"""A pack with one value moved by steps: to find the scenarios that stand right at its edge."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from applications.eligibility.policy import Policy, find
from applications.eligibility.schema import KEYS, WHOLE

# The smallest step that matters; one unit of the last digit people see.
STEPS = {
    "元": Decimal("0.01"), "元/人": Decimal("0.01"), "元/人·年": Decimal("0.01"),
    "㎡": Decimal("0.01"), "㎡/人": Decimal("0.01"), "㎡/户": Decimal("0.01"),
    "比例": Decimal("0.000001"), "元/㎡·月": Decimal("0.01"),
}  # fmt: skip


def step_of(key: str) -> Any:
    return 1 if KEYS[key].kind == WHOLE else STEPS[KEYS[key].unit]


@lru_cache(maxsize=512)
def moved(key: str, steps: int, pack: str = "YZ-DEMO-2021") -> Policy:
    """The pack with every dated value of ``key`` moved by so many steps."""
    policy = find(pack)
    parameter = policy.parameters[key]
    dated = tuple(
        replace(one, value=max(one.value + steps * step_of(key), KEYS[key].low))
        for one in parameter.dated
    )
    parameters = dict(policy.parameters) | {key: replace(parameter, dated=dated)}
    return replace(policy, parameters=parameters, text=f"{key} {steps}", _days={})


def pack_of(on: date) -> str:
    return "YZ-DEMO-2021" if on < date(2026, 1, 1) else "YZ-DEMO-2026"

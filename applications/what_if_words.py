"""What the what-if panel says of a value: its heading, its name, or why it cannot be tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.eligibility import wording
from applications.eligibility.policy import Policy
from applications.eligibility.whatif import movable
from applications.eligibility.whatif.movable import Lever, NotMovable
from core.display import money

HEADINGS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("收入"), ("income.",)),
    (_("住房"), ("housing.",)),
    (_("户籍和单人户"), ("hukou.", "single.")),
    (_("就业"), ("migrant.", "new_employee.")),
    (_("车辆、投资和存款"), ("vehicle.", "company.", "deposit.")),
    (_("租金"), ("units.", "rent.")),
    (_("租赁补贴"), ("subsidy.",)),
)
_SIGNS = {"<=": "≤", ">=": "≥"}
WHY_NOT: dict[str, Any] = {
    movable.NO_NUMBER: _("这一项不是数值，请起草政策包看影响。"),
    movable.ROWS: _("改这一项要重读各部门的原始记录，请起草政策包看影响。"),
    movable.ORDER: _("这一项只影响轮候次序，不改变谁符合、花多少钱。"),
    movable.UNREAD: _("这一项不参与资格认定，改了也没有家庭变化。"),
    "unknown": _("没有这一项。"),
    "value": _("请填写一个数。"),
    "whole": _("请填写整数。"),
    "places": _("最多填6位小数。"),
    "range": _("请填写%(low)s到%(high)s之间的数。"),
    "table": _("这个数超出允许的范围，请换一个。"),
    "agree": _("和别的数值冲突：%(fault)s"),
}


@dataclass(frozen=True)
class Shown:
    """One value as the panel lists it."""

    name: str
    description: str
    unit: str
    op: str
    present: str
    clause: str
    unverified: bool


def sentence(refused: NotMovable) -> str:
    """Why a value cannot be tried."""
    return str(WHY_NOT[refused.why]) % refused.values


def groups(policy: Policy, on: date) -> list[tuple[Any, list[Shown]]]:
    """Every value that can be moved, under headings."""
    every = movable.levers(policy)
    return [
        (title, [described(one, policy, on) for one in every if one.key.startswith(starts)])
        for title, starts in HEADINGS
    ]


def refused(policy: Policy, on: date) -> Iterator[tuple[str, str, Any]]:
    """Every value that cannot be tried, and why not."""
    for key, why in movable.FIXED.items():
        if key in policy.parameters:
            yield key, policy.parameters[key].description, WHY_NOT[why]


def described(lever: Lever, policy: Policy, on: date) -> Shown:
    parameter = policy.parameters[lever.key]
    part = f"：{part_name(lever.part, policy)}" if lever.part else ""
    return Shown(
        name=str(lever),
        description=f"{parameter.description}{part}",
        unit=parameter.unit,
        op=_SIGNS.get(parameter.op, parameter.op),
        present=shown(lever.present(policy)),
        clause=policy.citation(lever.key, on),
        unverified=policy.is_unverified(lever.key, on),
    )


def part_name(part: str, policy: Policy) -> str:
    """A tier by its name, a type of home by the pack's."""
    if part in wording.TIERS:
        return tier_name(part)
    return str(policy.value("units.names", movable.ALWAYS).get(part, part))


def tier_name(code: str) -> str:
    return _in_language(wording.TIERS[code]) if code else str(_("还没有定档"))


def reader_name(code: str) -> str:
    """A rule by its name, or what else is run again."""
    named: dict[str, Any] = {
        "tier": _("保障档次"), "sums": _("租金和补贴"), "category": _("类别推定"),
    }  # fmt: skip
    return str(named[code]) if code in named else _in_language(wording.RULES[code])


def plain(value: Decimal) -> str:
    """A number without needless zeros."""
    return f"{value.normalize():f}"


def shown(value: Decimal) -> str:
    """A number as people read it: thousands apart, no needless zeros."""
    return f"{value.normalize():,f}"


def signed(value: Decimal) -> str:
    """A difference in yuan with its sign."""
    return f"{'+' if value > 0 else ''}{money(value)}"


def _in_language(pair: tuple[str, str]) -> str:
    return pair[0] if str(get_language()).startswith("zh") else pair[1]

"""What people settled (经人核实): facts and rules that a department has answered for itself.

A settlement never changes what the registers said. It stands beside it: `assess` without it gives
the rules' own doubts, with it the conclusion (tier, home, rent, subsidy) that follows from people's
answers, by the very same sums. Only a person's word is read here; nothing is guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from applications.eligibility.finding import CONDITIONAL, FAIL, PASS, UNKNOWN, Finding
from applications.eligibility.schema import RULES, STATUS_TIERS
from datashare.cells import Unreadable, id_text, number, text

MET, NOT_MET, PROMISED = "pass", "fail", "commitment"
_WAYS = (MET, NOT_MET, PROMISED)


@dataclass(frozen=True)
class Settled:
    """核实结论. ``aid``: status by ID number, '' for none. ``income``: yuan of the whole household
    in the window. ``rules``: pass, fail or commitment by rule and ID number ('' the household)."""

    aid: Mapping[str, str] = field(default_factory=dict)
    income: Decimal | None = None
    rules: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.aid or self.rules or self.income is not None)

    def of(self, rule: str, person: str | None = None) -> str:
        """How a rule was settled about a person or the household; '' if it was not."""
        return self.rules.get((rule, person or ""), "")

    def to_dict(self) -> dict[str, Any]:
        """Plain data that ``read`` reads back."""
        return {
            "aid": dict(self.aid),
            "income": None if self.income is None else str(self.income),
            "rules": [
                {"rule": rule, "person": person or None, "result": way}
                for (rule, person), way in self.rules.items()
            ],
        }


def read(raw: Mapping[str, Any]) -> Settled:
    """From plain data. Raises ValueError with a sentence that names the field."""
    aid = {}
    for person, kind in _mapping(raw.get("aid"), "aid").items():
        if text(kind) not in ("", *STATUS_TIERS):
            raise ValueError(f"aid must be one of {', '.join(STATUS_TIERS)}, or empty for none")
        aid[id_text(person)] = text(kind)
    try:
        income = number(raw.get("income"))
    except Unreadable:
        raise ValueError("income is no number") from None
    if income is not None and income < 0:
        raise ValueError("income must not be below nought")
    return Settled(aid, income, dict(_rule(one) for one in _list(raw.get("rules"), "rules")))


def applied(one: Finding, settled: Settled) -> Finding:
    """A finding as people settled it; value, limit, clause and evidence stay those of the rule."""
    way = settled.of(one.rule, one.person)
    if way == MET and one.result != PASS:
        return one.but(result=PASS, route="", reason="SETTLED_MET")
    if way == NOT_MET and one.result != FAIL:
        return one.but(result=FAIL, route="", reason="SETTLED_NOT_MET")
    if way == PROMISED and one.result == UNKNOWN:
        return one.but(route=CONDITIONAL, reason="SETTLED_PROMISED")
    return one


def _rule(raw: Any) -> tuple[tuple[str, str], str]:
    entry = _mapping(raw, "rules: each")
    way = text(entry.get("result"))
    code = text(entry.get("rule"))
    if not code:
        raise ValueError("rules: one names no rule")
    if code not in RULES:  # it would settle nothing, and nobody would know
        raise ValueError(f"rules: {code} is no rule; the rules are {', '.join(RULES)}")
    if way not in _WAYS:
        raise ValueError(f"rules: result must be one of {', '.join(_WAYS)}")
    return (code, id_text(entry.get("person"))), way


def _list(raw: Any, name: str) -> list[Any]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise ValueError(f"{name} must be a list")
    return raw


def _mapping(raw: Any, name: str) -> Mapping[Any, Any]:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise ValueError(f"{name} must be a mapping")
    return raw

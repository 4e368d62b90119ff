"""Finding (认定结果): one rule on one household or person, three-valued, with its values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"

# Where an unknown goes: a retry of the source, a person's question, or a commitment checked later.
PENDING, MANUAL, CONDITIONAL = "pending", "manual", "conditional"


@dataclass(frozen=True, slots=True)
class Reference:
    """证据: one fact of one register. ``value`` as shown, ``dated`` when it happened."""

    source: str
    person: str
    value: str = ""
    dated: date | None = None

    def to_dict(self) -> dict[str, str | None]:
        return {
            "source": self.source,
            "person": self.person,
            "value": self.value,
            "dated": self.dated.isoformat() if self.dated else None,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's result. ``reason`` names the sentence that explains it, ``values`` fill it;
    ``route`` is set for an unknown only. ``policy_keys``: the values of the policy that it read;
    ``unverified`` where any of them is."""

    rule: str
    result: str
    person: str | None = None
    actual: str | None = None
    limit: str | None = None
    op: str | None = None
    citation: str = ""
    evidence: tuple[str, ...] = ()
    route: str = ""
    reason: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    unverified: bool = False
    policy_keys: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The contract's shape, keys in its order."""
        return {
            "rule": self.rule,
            "result": self.result,
            "person": self.person,
            "actual": self.actual,
            "limit": self.limit,
            "op": self.op,
            "citation": self.citation,
            "evidence": list(self.evidence),
        }

    def to_record(self) -> dict[str, Any]:
        """The contract's shape and all that explains it: what is stored."""
        return self.to_json() | {
            "route": self.route,
            "reason": self.reason,
            "values": dict(self.values),
            "references": [one.to_dict() for one in self.references],
            "unverified": self.unverified,
            "policy_keys": list(self.policy_keys),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Finding":
        """A stored finding, to be explained again without its case."""
        return cls(
            rule=record["rule"],
            result=record["result"],
            person=record.get("person"),
            actual=record.get("actual"),
            limit=record.get("limit"),
            op=record.get("op"),
            citation=record.get("citation", ""),
            evidence=tuple(record.get("evidence", ())),
            route=record.get("route", ""),
            reason=record.get("reason", ""),
            values=dict(record.get("values", {})),
            references=tuple(_reference(one) for one in record.get("references", ())),
            unverified=bool(record.get("unverified", False)),
            policy_keys=tuple(record.get("policy_keys", ())),
        )

    def but(self, **changes: Any) -> "Finding":
        return replace(self, **changes)


def two_places(value: Decimal) -> str:
    """Money (元) and areas (㎡) as shown: two decimals, half up."""
    return str(value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def holds(actual: Decimal | int, op: str, limit: Decimal | int) -> bool:
    """Whether ``actual op limit``; the operators of texts of law (不高于, 低于, 不少于)."""
    match op:
        case "<=":
            return actual <= limit
        case "<":
            return actual < limit
        case ">=":
            return actual >= limit
        case ">":
            return actual > limit
    raise ValueError(op)


def _reference(one: Mapping[str, Any]) -> Reference:
    dated = date.fromisoformat(one["dated"]) if one.get("dated") else None
    return Reference(one["source"], one.get("person", ""), one.get("value", ""), dated)

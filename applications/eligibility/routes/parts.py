"""What two routes are made of (印证的要素): facts, sides, the result, and their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from applications.eligibility.status import OTHER, OWN

AGREE, DISAGREE, SILENT = "agree", "disagree", "silent"
AID, DEATH, HOME = "aid", "death", "home"
PAIRS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    AID: (OWN, OTHER),
    DEATH: (("death", "cremation"), ("household_register",)),
    HOME: (("property",), ("deed_tax", "resale_contract", "presale_contract")),
}
# what a side does: says it, answers without it, does not know, could not be asked
SAYS, NOT, UNKNOWN, UNAVAILABLE = "says", "not", "unknown", "unavailable"
# why a result is silent
NO_ANSWER, OTHER_MONTH, AWAITED, ALONE, LONG_AGO, UNDATED = (
    "no_answer", "other_month", "awaited", "alone", "long_ago", "undated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a register says. ``what`` TK, DB, DBBY, died or home; areas ㎡.

    ``person`` is the number that was asked about.
    """

    what: str
    person: str = ""
    dated: date | None = None
    area: Decimal | None = None
    place: str = ""

    def to_dict(self) -> dict[str, str | None]:
        return {
            "what": self.what,
            "person": self.person,
            "dated": self.dated.isoformat() if self.dated else None,
            "area": str(self.area) if self.area is not None else None,
            "place": self.place,
        }


@dataclass(frozen=True, slots=True)
class Side:
    """One register in a pair: what it does and, where it says something, what."""

    source: str
    state: str
    facts: tuple[Fact, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        facts = [one.to_dict() for one in self.facts]
        return {"source": self.source, "state": self.state, "facts": facts}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """印证结果 of one pair about one person; ``person`` is '' where it is the household's.

    ``disputed`` are the facts that one side states and the other does not bear out.
    """

    pair: str
    person: str
    result: str
    left: tuple[Side, ...]
    right: tuple[Side, ...]
    reason: str = ""
    disputed: tuple[tuple[str, Fact], ...] = ()

    @property
    def key(self) -> str:
        """What the disagreement is about: equal keys are the same question, '' for none.

        The month for which a row of aid was written and rows that bear nothing out stay out of
        it, so that the same disagreement asked again next month is no new question.
        """
        if self.result != DISAGREE:
            return ""
        return "; ".join(sorted({key_of(self.pair, *one) for one in self.disputed}))

    def to_dict(self) -> dict[str, Any]:
        return {
            "pair": self.pair,
            "person": self.person,
            "result": self.result,
            "reason": self.reason,
            "left": [one.to_dict() for one in self.left],
            "right": [one.to_dict() for one in self.right],
        }


@dataclass(frozen=True, slots=True)
class Lags:
    """登记时差: months in which the property register may rightly not know a home yet.

    ``registration`` after a resale contract or a deed tax (tax comes first, then the entry);
    ``presale`` after an off-plan contract: the home must be built, handed over and entered.
    """

    registration: int
    presale: int


def sources_of(pair: str) -> tuple[str, ...]:
    return PAIRS[pair][0] + PAIRS[pair][1]


def in_order(disputed: Iterable[tuple[str, Fact]]) -> tuple[tuple[str, Fact], ...]:
    return tuple(sorted(set(disputed), key=lambda one: (one[0], order(one[1]))))


def order(fact: Fact) -> tuple[str, ...]:
    return tuple(str(part) for part in (fact.dated, fact.place, fact.area, fact.what, fact.person))


def key_of(pair: str, source: str, fact: Fact) -> str:
    if pair == AID:
        return f"{source} {fact.what}"
    return " ".join(map(str, (source, fact.what, fact.dated, fact.place, fact.area)))

"""What the engine found (引擎结果), in the codes of columns: rules as bits, sums as whole cents."""

from decimal import Decimal

from applications.eligibility.assessment import Assessment
from applications.eligibility.facts import Facts
from applications.eligibility.finding import CONDITIONAL, FAIL, MANUAL, PASS, PENDING, Finding
from applications.eligibility.rules.base import Verdict
from applications.eligibility.schema import CATEGORIES
from applications.eligibility.sums import Rent, rounded
from applications.eligibility.whatif.columns import (
    ASKS,
    FAILS,
    GROUPS,
    OUTCOMES,
    PROMISES,
    TIERS,
    WAITS,
    Line,
)

_BITS = {PENDING: WAITS, MANUAL: ASKS, CONDITIONAL: PROMISES}
GROUP_OF = {"HUKOU": "TIES", "PERMIT": "TIES"} | {one: one for one in GROUPS}
"""The group of a rule that can be run again."""


def bits_of(one: Finding | Verdict) -> int:
    """A rule's result as bits."""
    if one.result == PASS:
        return 0
    return FAILS if one.result == FAIL else _BITS[one.route]


def results(facts: Facts, result: Assessment) -> Line:
    """What the engine found: rules that turn on no movable value together, the others by name."""
    fixed, was = 0, dict.fromkeys(GROUPS, 0)
    for one in result.findings:
        if one.result == PASS:
            continue
        group = GROUP_OF.get(one.rule)
        if group is None:
            fixed |= bits_of(one)
        else:
            was[group] |= bits_of(one)
    return {
        "category": CATEGORIES.index(facts.category),
        "persons": facts.persons,
        "fixed": fixed,
    } | {f"was_{name}": bits for name, bits in was.items()}


def told(result: Assessment, facts: Facts) -> dict[str, int]:
    """An assessment in the codes of columns."""
    return {
        "outcome": OUTCOMES.index(result.outcome),
        "tier": TIERS.index(result.tier or ""),
        "category": CATEGORIES.index(result.category),
        "subsidy": cents(result.subsidy.monthly if result.subsidy else None),
    } | rent_in_cents(result.rent, facts)


def rent_in_cents(rent: Rent | None, facts: Facts) -> dict[str, int]:
    """Rent and rent waived below the market, of a month; -1 for none."""
    if rent is None:
        return {"rent": -1, "waived": -1}
    market = rounded(facts, rent.area * rent.market)
    return {"rent": cents(rent.monthly), "waived": cents(market - rent.monthly)}


def cents(value: Decimal | None) -> int:
    """Whole cents of yuan; -1 for none."""
    return -1 if value is None else int(value.scaleb(2))

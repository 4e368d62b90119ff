"""Assessment (资格认定): a case on a day under a policy → findings, outcome, tier, sums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from applications.eligibility import rules
from applications.eligibility.cast import Case
from applications.eligibility.facts import Facts, SourcePending
from applications.eligibility.finding import (
    CONDITIONAL,
    FAIL,
    MANUAL,
    PENDING,
    Finding,
    holds,
    two_places,
)
from applications.eligibility.policy import Policy
from applications.eligibility.priority import draw_tier_of, groups_of
from applications.eligibility.rules import MIGRANT, NEW, URBAN
from applications.eligibility.rules.housing import own_area
from applications.eligibility.rules.income import household_income, limit_of
from applications.eligibility.rules.work import degree
from applications.eligibility.settled import MET, PROMISED, applied
from applications.eligibility.status import CONFIRMED, DISPUTED, Status
from applications.eligibility.sums import Rent, Subsidy, forms, rent_of, subsidy_of, unit_types
from datashare.cells import Unreadable, number

ELIGIBLE, ON_COMMITMENT, INELIGIBLE, PENDING_SOURCE, MANUAL_REVIEW = (
    "eligible", "conditional", "ineligible", "pending_source", "manual_review",
)  # fmt: skip
INCOME_TIERS = {"DSR": "income.ratio_low", "ZPX": "income.ratio_lower_middle"}
_BY_ROUTE = ((PENDING, PENDING_SOURCE), (MANUAL, MANUAL_REVIEW), (CONDITIONAL, ON_COMMITMENT))


@dataclass(frozen=True)
class Assessment:
    """资格认定结果. Sums in yuan a month, None unless eligible or conditional."""

    case: str
    on: date
    policy: str
    policy_digest: str
    outcome: str
    category: str
    tier: str | None
    findings: tuple[Finding, ...]
    unit_types: tuple[str, ...] = ()
    rent: Rent | None = None
    subsidy: Subsidy | None = None
    priority: tuple[str, ...] = ()
    draw_tier: int = 0
    forms: tuple[str, ...] = ()
    inferred: bool = False
    unverified: tuple[str, ...] = field(default=(), repr=False)

    def to_json(self) -> dict[str, Any]:
        """The contract's shape, keys in its order."""
        return {
            "case": self.case,
            "on": self.on.isoformat(),
            "policy": self.policy,
            "outcome": self.outcome,
            "category": self.category,
            "tier": self.tier,
            "findings": [one.to_json() for one in self.findings],
            "unit_types": list(self.unit_types),
            "rent_monthly": two_places(self.rent.monthly) if self.rent else None,
            "subsidy_monthly": two_places(self.subsidy.monthly) if self.subsidy else None,
            "priority": list(self.priority),
        }

    def to_record(self) -> dict[str, Any]:
        """The contract's shape, and what explains it: to be stored and replayed."""
        return self.to_json() | {
            "findings": [one.to_record() for one in self.findings],
            "policy_digest": self.policy_digest,
            "draw_tier": self.draw_tier,
            "forms": list(self.forms),
            "category_inferred": self.inferred,
            "unverified": list(self.unverified),
            "rent_sum": _steps(self.rent),
            "subsidy_sum": _steps(self.subsidy),
        }

    @property
    def failed(self) -> list[str]:
        """Codes of the rules that fail, once each, in order."""
        return list(dict.fromkeys(one.rule for one in self.findings if one.result == FAIL))


def assess(case: Case, *, on: date, policy: Policy) -> Assessment:
    """Judge a case as of a day. No clock, network or database: the same gives the same.

    Raises PolicyError if the policy has no value for the day.
    """
    facts = Facts(case, on, policy)
    if case.category:
        return under(facts.for_category(case.category), inferred=False)
    tried = [under(facts.for_category(one), inferred=True) for one in plausible(facts)]
    return next((one for one in tried if one.outcome != INELIGIBLE), tried[0])


def under(facts: Facts, *, inferred: bool) -> Assessment:
    """The assessment under the category of ``facts``."""
    settled = facts.case.settled
    findings = tuple(applied(one, settled) for one in rules.findings_of(facts))
    outcome = outcome_of(findings)
    status = rules.household_status(facts)
    tier = tier_of(facts, status)
    priority = groups_of(facts, status)
    granted = outcome in (ELIGIBLE, ON_COMMITMENT) and tier is not None
    subsidy = _subsidy(facts, str(tier)) if granted else None
    return Assessment(
        case=facts.case.case,
        on=facts.on,
        policy=facts.policy.id,
        policy_digest=facts.policy.digest,
        outcome=outcome,
        category=facts.category,
        tier=tier,
        findings=findings,
        unit_types=unit_types(facts) if granted else (),
        rent=rent_of(facts, str(tier)) if granted else None,
        subsidy=subsidy,
        priority=priority,
        draw_tier=draw_tier_of(priority, facts),
        forms=forms(facts, subsidy) if granted else (),
        inferred=inferred,
        unverified=tuple(sorted(facts.day.unverified)),
    )


def outcome_of(findings: tuple[Finding, ...]) -> str:
    """Fails beat pending, pending beats manual, manual beats conditional."""
    if any(one.result == FAIL for one in findings):
        return INELIGIBLE
    routes = {one.route for one in findings if one.route}
    return next((outcome for route, outcome in _BY_ROUTE if route in routes), ELIGIBLE)


def tier_of(facts: Facts, status: Status | None) -> str | None:
    """保障档次: by category, by status, or by income; None while undecided."""
    if facts.category == NEW:
        return "NEW"
    if facts.category == MIGRANT:
        return "MIG"
    if (status is None or status.state == DISPUTED) and not _income_by_hand(facts):
        return None
    if status is not None and status.state == CONFIRMED:
        return status.kind
    return _tier_by_income(facts)


def _tier_by_income(facts: Facts) -> str | None:
    """By the income found; where a person found it within the limit without a sum, or goes by the
    household's commitment that it is, the last tier that the limit bounds."""
    total = _income_known(facts)
    for tier in facts.value("tiers.by_income"):
        key = INCOME_TIERS[tier]
        if total is not None and holds(total, facts.op(key), limit_of(facts, key)):
            return tier
    return facts.value("tiers.by_income")[-1] if _income_by_hand(facts) else None


def _income_by_hand(facts: Facts) -> bool:
    """Whether a person's word stands for the income: the household is granted by it, so it must
    have a tier."""
    return facts.case.settled.of("INCOME") in (MET, PROMISED)


def _income_known(facts: Facts) -> Decimal | None:
    try:
        found = household_income(facts, facts.look())
    except SourcePending:
        return None
    return None if found.missing else found.total


def _subsidy(facts: Facts, tier: str) -> Subsidy | None:
    """None where the area held is not known, which may grant a home all the same: its whole may
    be within the limit, or people may have settled it."""
    try:
        own = own_area(facts)
    except SourcePending:
        return None
    try:
        actual = number(facts.case.declared.get("actual_rent"))
    except Unreadable:
        actual = None
    return subsidy_of(facts, tier, own, actual)


def plausible(facts: Facts) -> list[str]:
    """Categories that the registers make plausible, the first the likeliest (类别推定).

    By hukou: registered here → urban; elsewhere → new employee or migrant. A recent degree makes a
    new employee of either. Where the register is silent, and for the city's other districts, whose
    people need no residence permit here, a permit speaks for a migrant.
    """
    recent = _has_recent_degree(facts)
    if is_local(facts):
        return [URBAN, NEW] if recent else [URBAN]
    return [NEW, MIGRANT] if recent else [MIGRANT]


def is_local(facts: Facts) -> bool:
    """Whether the applicant's hukou makes an urban household likelier than a migrant's."""
    number_ = facts.applicant.id_number
    register = facts.reply("household_register", number_)
    district = register.records[0].district if register.found else ""
    if district == facts.value("hukou.area"):
        return True
    if district and district not in facts.value("housing.property_scope"):
        return False
    return not facts.reply("residence_permit", number_).found


def _has_recent_degree(facts: Facts) -> bool:
    try:
        return degree(facts.for_category(NEW), facts.look(), facts.applicant).result == "pass"
    except SourcePending:
        return False


def _steps(sum_: Rent | Subsidy | None) -> Mapping[str, str | None] | None:
    if sum_ is None:
        return None
    return {name: _text(getattr(sum_, name)) for name in sum_.__dataclass_fields__}


def _text(value: Any) -> str | None:
    return None if value is None else str(value) if not isinstance(value, Decimal) else f"{value:f}"

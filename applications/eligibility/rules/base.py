"""What all rules share: a verdict, and how it becomes a finding with its evidence and clause."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts, Look, SourcePending
from applications.eligibility.finding import (
    CONDITIONAL,
    FAIL,
    MANUAL,
    PASS,
    PENDING,
    UNKNOWN,
    Finding,
    holds,
    two_places,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule decided. ``key`` is the policy value that it turned on, for the citation."""

    result: str
    reason: str
    actual: str | None = None
    limit: str | None = None
    op: str | None = None
    route: str = ""
    key: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def passes(reason: str, **more: object) -> Verdict:
    return Verdict(PASS, reason, **more)  # type: ignore[arg-type]


def fails(reason: str, **more: object) -> Verdict:
    return Verdict(FAIL, reason, **more)  # type: ignore[arg-type]


def for_a_person(reason: str, **more: object) -> Verdict:
    """Unknown: a human's question (人工核实)."""
    return Verdict(UNKNOWN, reason, route=MANUAL, **more)  # type: ignore[arg-type]


def on_commitment(reason: str, **more: object) -> Verdict:
    """Unknown: accepted on a commitment that is checked later (承诺)."""
    return Verdict(UNKNOWN, reason, route=CONDITIONAL, **more)  # type: ignore[arg-type]


def whole(facts: Facts, actual: int, key: str, reason: str, **values: str) -> Verdict:
    """An age, a count or months against a limit of the policy, both shown."""
    op, limit = facts.op(key), facts.whole(key)
    result = PASS if holds(actual, op, limit) else FAIL
    name = reason if result == PASS else f"{reason}_FAIL"
    return Verdict(result, name, str(actual), str(limit), op, key=key, values=values)


def amount(actual: Decimal, op: str, limit: Decimal) -> dict[str, str]:
    """The shown values of a comparison of money or area."""
    return {"actual": two_places(actual), "limit": two_places(limit), "op": op}


HouseholdRule = Callable[[Facts, Look], Verdict]
PersonRule = Callable[[Facts, Look, Person], Verdict]

# The clause of a rule that turns on no number of the policy.
CLAUSES = {
    "IDENTITY": "《公共租赁住房管理办法》第8条",
    "DECEASED": "《公共租赁住房管理办法》第9条",
    "DUPLICATE": "《公共租赁住房管理办法》第7条",
    "BAN": "《公共租赁住房管理办法》第35、36条",
    "CONSENT": "《公共租赁住房管理办法》第8条；《个人信息保护法》第13条",
    "MEMBERS": "《公共租赁住房管理办法》第8条",
    "PERMIT": "《公共租赁住房管理办法》第7条第3项；《居住证暂行条例》第10条",
    "STUDENT": "《公共租赁住房管理办法》第3条",
    "VEHICLE": "《公共租赁住房管理办法》第7条第2项",
}


def household_finding(code: str, judge: HouseholdRule, facts: Facts) -> Finding:
    """A rule on the household as a finding."""
    return _finding(code, facts, None, lambda look: judge(facts, look))


def person_finding(code: str, judge: PersonRule, facts: Facts, person: Person) -> Finding:
    """A rule on one person as a finding."""
    return _finding(code, facts, person.id_number, lambda look: judge(facts, look, person))


def _finding(
    code: str, facts: Facts, person: str | None, judge: Callable[[Look], Verdict]
) -> Finding:
    look, facts.read = facts.look(), {}
    try:
        verdict = judge(look)
    except SourcePending as pending:
        values = {"sources": ",".join(pending.sources)}
        verdict = Verdict(UNKNOWN, "SOURCE_PENDING", route=PENDING, values=values)
    key, read = verdict.key, facts.read
    return Finding(
        rule=code,
        result=verdict.result,
        person=person,
        actual=verdict.actual,
        limit=verdict.limit,
        op=verdict.op,
        citation=facts.day.citations[key] if key else _clause(code, facts),
        evidence=tuple(look.sources),
        route=verdict.route,
        reason=verdict.reason,
        values=verdict.values,
        references=tuple(look.references),
        unverified=not facts.day.unverified.isdisjoint(read),
        policy_keys=tuple(read),
    )


def _clause(code: str, facts: Facts) -> str:
    if code in CLAUSES:
        return CLAUSES[code]
    return facts.day.citations[MAIN_KEY[code]]


# The policy value a rule is about, where a finding stops before any comparison.
MAIN_KEY = {
    "HUKOU": "hukou.min_months",
    "EMPLOYMENT": "migrant.insured_months",
    "SINGLE_AGE": "single.min_age",
    "INCOME": "income.ratio_lower_middle",
    "HOUSING_AREA": "housing.area_per_person",
    "HOUSING_OFFPLAN": "housing.area_per_person",
    "TRANSFER_LOOKBACK": "housing.transfer_lookback_months",
    "DIVORCE_LOOKBACK": "housing.divorce_lookback_months",
    "COMPANY": "company.capital_review_over",
    "DEPOSIT": "deposit.per_person_review_over",
}

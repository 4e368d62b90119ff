"""A trial (试算): one value moved, its readers run again on all columns, and what then differs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from applications.eligibility.assessment import Assessment
from applications.eligibility.facts import Facts
from applications.eligibility.policy import Policy
from applications.eligibility.schema import CATEGORIES, PROGRAMMES
from applications.eligibility.sums import forms, rent_of, subsidy_of
from applications.eligibility.whatif import again
from applications.eligibility.whatif.columns import (
    ASKS,
    FAILS,
    GROUPS,
    OUTCOMES,
    PROMISES,
    TIERS,
    WAITS,
    Column,
    Columns,
    back,
)
from applications.eligibility.whatif.movable import SUMS, Lever
from applications.eligibility.whatif.results import GROUP_OF, cents, rent_in_cents, told

ELIGIBLE, CONDITIONAL, INELIGIBLE, PENDING, MANUAL = range(len(OUTCOMES))
TERMS = ("rent", "waived", "subsidy")
MONTHS = 12
RESULTS = ("outcome", "tier", *TERMS)
_NO_READER = ("tier", "category", SUMS)


@dataclass(frozen=True)
class Outcomes:
    """Results by case: codes of outcome and tier, cents a month (-1: none), and the category that
    won."""

    outcome: Column
    tier: Column
    rent: Column
    waived: Column
    subsidy: Column
    category: Column

    @property
    def helped(self) -> Column:
        """Whether the household may be helped, at once or on its commitment."""
        return (self.outcome == ELIGIBLE) | (self.outcome == CONDITIONAL)


@dataclass(frozen=True)
class Trial:
    """A lever moved: results before and after, and the cases that the engine had to judge."""

    columns: Columns
    policy: Policy
    lever: Lever
    before: Outcomes
    after: Outcomes
    rerun: tuple[str, ...]
    for_engine: Column = field(repr=False)

    def settle(self, case: int, result: Assessment, facts: Facts) -> None:
        """Put the engine's own result of a case in its place."""
        for name, value in told(result, facts).items():
            getattr(self.after, name)[case] = value

    def differs(self, case: int, result: Assessment, facts: Facts) -> list[str]:
        """Names of what the engine says otherwise of a case: nothing, or columns are at fault."""
        said = told(result, facts)
        return [name for name in RESULTS if int(getattr(self.after, name)[case]) != said[name]]


def stored(columns: Columns) -> Outcomes:
    """What the engine found at the preparation."""
    cases = columns.cases
    category = columns.lines["category"][cases["line"]]
    return Outcomes(category=category, **{name: cases[name].copy() for name in RESULTS})


def run(columns: Columns, policy: Policy, lever: Lever) -> Trial:
    """Move ``lever`` as it stands in ``policy`` (pinned) and judge every case on its columns.

    ``for_engine`` lists the cases whose facts no column holds: settle them before reading results.
    """
    at = again.Lines(columns, policy)
    groups = _groups(lever)
    bits = at.c["fixed"].copy()
    for name in GROUPS:
        bits |= again.RULES[name](at) if name in groups else at.c[f"was_{name}"]
    outcome, tier = outcome_of(bits), again.tier(at)
    line = _winning(columns, at, outcome)
    before = stored(columns)
    after = _with_sums(columns, policy, lever, before, line, outcome[line], tier[line])
    return Trial(
        columns=columns,
        policy=policy,
        lever=lever,
        before=before,
        after=after,
        rerun=lever.readers,
        for_engine=np.flatnonzero(columns.cases["engine_only"] | _of_cases(columns, at.unsure)),
    )


def agrees(columns: Columns, policy: Policy) -> Column:
    """By case, whether the columns give again, under the policy they were prepared with, all that
    the engine found: every rule on every line, and what follows from them."""
    at = again.Lines(columns, policy)
    same = ~at.unsure
    for name in GROUPS:
        found = again.RULES[name](at)
        same &= _gravest(found) == _gravest(at.c[f"was_{name}"])
    bits = at.c["fixed"].copy()
    for name in GROUPS:
        bits |= at.c[f"was_{name}"]
    outcome, tier = outcome_of(bits), again.tier(at)
    line = _winning(columns, at, outcome)
    cases = columns.cases
    good: Column = ~_of_cases(columns, ~same | at.unsure)
    good &= (line == cases["line"]) & (outcome[line] == cases["outcome"])
    return good & (tier[line] == cases["tier"])


def _groups(lever: Lever) -> set[str]:
    return {GROUP_OF.get(one, one) for one in lever.readers if one not in _NO_READER}


def _gravest(bits: Column) -> Column:
    """The one bit of a rule that decides: fails, waits, asks, promises."""
    return bits & (~bits + np.uint8(1))


def outcome_of(bits: Column) -> Column:
    """Fails beat pending, pending beats manual, manual beats conditional."""
    found = np.full(len(bits), ELIGIBLE, np.int8)
    for bit, code in ((PROMISES, CONDITIONAL), (ASKS, MANUAL), (WAITS, PENDING),
                      (FAILS, INELIGIBLE)):  # fmt: skip
        found[(bits & bit) > 0] = code
    return found


def _of_cases(columns: Columns, lines: Column) -> Column:
    """Whether any line of a case is so."""
    found = np.zeros(len(columns), bool)
    found[columns.lines["case"][lines]] = True
    return found


def _winning(columns: Columns, at: again.Lines, outcome: Column) -> Column:
    """By case, the line that counts: the first not refused, else the first of all.

    A line of an inferred category counts only while the degree is recent enough for it.
    """
    counts = ~at.c["if_recent"] | again.recent(at)
    first = _first(columns, np.flatnonzero(counts))
    good = _first(columns, np.flatnonzero(counts & (outcome != INELIGIBLE)))
    return np.where(good >= 0, good, first)


def _first(columns: Columns, lines: Column) -> Column:
    """By case, the first of these lines, -1 where it has none of them."""
    found = np.full(len(columns), -1, np.int64)
    found[columns.lines["case"][lines][::-1]] = lines[::-1]  # of equals the last is kept
    return found


# -- Sums ----------------------------------------------------------------------------------------


def _with_sums(
    columns: Columns, policy: Policy, lever: Lever, before: Outcomes, line: Column,
    outcome: Column, tier: Column,
) -> Outcomes:  # fmt: skip
    """Rent and subsidy of the cases whose terms can have changed; the others keep theirs."""
    granted = ((outcome == ELIGIBLE) | (outcome == CONDITIONAL)) & (tier > 0)
    changed = np.full(len(columns), SUMS in lever.readers)
    changed |= (outcome != before.outcome) | (tier != before.tier)
    sums = {name: np.where(granted, getattr(before, name), -1) for name in TERMS}
    todo = np.flatnonzero(granted & (changed | (before.rent < 0)))
    lines = line[todo]
    facts = {size: again.household_of(size, policy) for size in _sizes(columns, lines)}
    asked = np.stack([
        tier[todo], columns.lines["persons"][lines], columns.lines["area"][lines],
        columns.lines["actual_rent"][lines],
    ]).astype(np.int64)  # fmt: skip
    _fill(sums, todo, asked[:2], lambda row: _rent(facts[row[1]], row))
    _fill(sums, todo, asked, lambda row: {"subsidy": _subsidy(facts[row[1]], row)})
    category = columns.lines["category"][line]
    return Outcomes(outcome, tier, category=category, **sums)


def _fill(
    sums: dict[str, Column], places: Column, asked: Column,
    work: Callable[[tuple[int, ...]], dict[str, int]],
) -> None:  # fmt: skip
    """Each distinct question answered once by the engine's own function."""
    distinct, which = np.unique(asked, axis=1, return_inverse=True)
    answers = [work(tuple(int(one) for one in column)) for column in distinct.T]
    for name in answers[0] if answers else ():
        values = np.array([one[name] for one in answers], np.int64)
        sums[name][places] = values[which.reshape(-1)]


def _sizes(columns: Columns, lines: Column) -> Iterable[int]:
    return (int(one) for one in np.unique(columns.lines["persons"][lines]))


def _rent(facts: Facts, asked: tuple[int, ...]) -> dict[str, int]:
    tier, _persons = asked
    return rent_in_cents(rent_of(facts, TIERS[tier]), facts)


def _subsidy(facts: Facts, asked: tuple[int, ...]) -> int:
    tier, _persons, own, actual = asked
    stated = None if actual < 0 else back(actual)
    return cents(subsidy_of(facts, TIERS[tier], back(own), stated).monthly)


# -- What it costs -------------------------------------------------------------------------------


def yearly_cost(columns: Columns, found: Outcomes, policy: Policy) -> tuple[Column, Column]:
    """By case, cents a year: subsidy paid, and rent waived below the market.

    Each household counts by the form it applied for, or by the only one its category may have.
    """
    form = columns.cases["programme"].copy()
    for place, category in enumerate(CATEGORIES):
        allowed = forms(again.household_of(1, policy, category), None)
        only = [PROGRAMMES.index(one) for one in PROGRAMMES if _may(one, allowed, policy, category)]
        if len(only) == 1:
            form[found.category == place] = only[0]
    paid = PROGRAMMES.index("rental_subsidy")
    helped = found.helped & (found.tier > 0)
    subsidy = np.where(helped & (form == paid), np.maximum(found.subsidy, 0), 0) * MONTHS
    waived = np.where(helped & (form != paid), np.maximum(found.waived, 0), 0) * MONTHS
    return subsidy, waived


def _may(form: str, allowed: tuple[str, ...], policy: Policy, category: str) -> bool:
    """Whether a category may have a form at all; a subsidy of nothing is left out of ``forms``."""
    if category == "migrant_worker":
        return form == policy.value("migrant.form", again.ALWAYS)
    return form in (*allowed, "rental_subsidy")

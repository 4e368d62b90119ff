"""What if (阈值试算): a leader moves one value and sees whom it touches and what it costs a year.

It decides nothing and changes nothing. Most households are judged on prepared columns; one in a
hundred, drawn by a seed that is shown and recorded, also by the full engine under the moved value:
where the two differ, the panel says so by case number and calls its own figures wrong.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from time import perf_counter
from typing import Any

import numpy as np
from django.db import transaction

from applications import preparation
from applications.eligibility.assessment import Assessment as Judged
from applications.eligibility.assessment import assess
from applications.eligibility.cast import Case
from applications.eligibility.facts import Facts
from applications.eligibility.policy import Policy
from applications.eligibility.whatif import movable, trial
from applications.eligibility.whatif.columns import TIERS, Column, Columns
from applications.eligibility.whatif.movable import Lever
from applications.eligibility.whatif.trial import Trial
from applications.models import Assessment, Preparation
from core import audit

KINDS = ("gains", "loses", "terms", "other", "same")
SHARE, LEAST = 100, 20  # one in a hundred, and in a small town at least so many
_STEP = 200


@dataclass(frozen=True)
class Cost:
    """Yuan a year: subsidy paid, and rent below the market."""

    subsidy: Decimal
    waived: Decimal

    @property
    def total(self) -> Decimal:
        return self.subsidy + self.waived


@dataclass(frozen=True)
class Checked:
    """The sample that the full engine judged too; ``differing`` names case and what differs."""

    seed: str
    compared: int
    differing: list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What the panel shows."""

    lever: Lever
    present: Decimal
    moved: Decimal
    households: int
    helped_before: int
    helped_after: int
    counts: dict[str, int]
    cost_before: Cost
    cost_after: Cost
    by_street: list[tuple[str, list[int]]]
    by_tier: list[tuple[str, list[int]]]
    rerun: tuple[str, ...]
    by_engine: int
    checked: Checked
    seconds: float


def ask(row: Preparation, name: str, written: str, *, by: Any, seed: str = "") -> Answer:
    """Move the value ``name`` to ``written``. Raises NotMovable."""
    started = perf_counter()
    seed = seed or secrets.token_hex(4)
    policy, columns = preparation.pack_of(row), preparation.columns_of(row)
    lever = movable.lever(name, policy)
    pack = movable.moved(policy, lever, written)
    tried = trial.run(columns, pack, lever)
    for case, result, facts, _number in _judged(columns, tried.for_engine, pack):
        tried.settle(case, result, facts)
    checked = _check(tried, seed)
    answer = _answer(row, tried, policy, checked, started)
    with transaction.atomic():
        audit.record(
            "what_if.tried", by=by, thing=row, value=str(lever), moved=str(answer.moved),
            seed=seed, compared=checked.compared, differing=len(checked.differing),
        )  # fmt: skip
    return answer


# -- The full engine -----------------------------------------------------------------------------


def sample(columns: Columns, left_out: Column, seed: str) -> list[int]:
    """One case in a hundred by the smallest hash of seed and key: anybody can draw it again."""
    out = set(left_out.tolist())
    places = [place for place in range(len(columns)) if place not in out]
    size = min(len(places), max(LEAST, -(-len(places) // SHARE)))
    keys = columns.cases["key"]
    drawn = sorted(places, key=lambda one: sha256(f"{seed}:{keys[one]}".encode()).digest())
    return sorted(drawn[:size])


def _check(tried: Trial, seed: str) -> Checked:
    places = sample(tried.columns, tried.for_engine, seed)
    judged = [
        (number, tried.differs(case, result, facts))
        for case, result, facts, number in _judged(tried.columns, places, tried.policy)
    ]
    differing = [(number, ", ".join(names)) for number, names in judged if names]
    return Checked(seed, len(judged), differing)


def _judged(
    columns: Columns, places: Iterable[int], policy: Policy
) -> Iterator[tuple[int, Judged, Facts, str]]:
    """Stored cases judged in full under a pack: place, result, facts, case number."""
    by_key = {int(columns.cases["key"][one]): int(one) for one in places}
    rows = Assessment.objects.filter(pk__in=by_key).defer("result").select_related("application")
    for row in rows.order_by("pk").iterator(chunk_size=_STEP):
        case = Case.from_dict(row.inputs)
        result = assess(case, on=row.on, policy=policy)
        number = row.application.case_no or str(row.application.ref)
        yield by_key[row.pk], result, Facts(case, row.on, policy), number


# -- Counting ------------------------------------------------------------------------------------


def _answer(
    row: Preparation, tried: Trial, policy: Policy, checked: Checked, started: float
) -> Answer:
    before, after, columns = tried.before, tried.after, tried.columns
    kinds = kinds_of(tried)
    return Answer(
        lever=tried.lever,
        present=tried.lever.present(policy),
        moved=tried.lever.present(tried.policy),
        households=len(columns),
        helped_before=int(before.helped.sum()),
        helped_after=int(after.helped.sum()),
        counts=dict(zip(KINDS, _counted(kinds), strict=True)),
        cost_before=_cost(columns, before, policy),
        cost_after=_cost(columns, after, tried.policy),
        by_street=_by(columns.cases["street"], row.streets, kinds),
        by_tier=_by(before.tier, TIERS, kinds),
        rerun=tried.rerun,
        by_engine=len(tried.for_engine),
        checked=checked,
        seconds=perf_counter() - started,
    )


def kinds_of(tried: Trial) -> Column:
    """By case, the place in KINDS: as the preview of a release counts (rule_preview.kind_of)."""
    before, after = tried.before, tried.after
    helped, then = before.helped, after.helped
    same_terms = before.tier == after.tier
    for name in trial.TERMS:
        same_terms &= getattr(before, name) == getattr(after, name)
    found = np.where(same_terms, KINDS.index("same"), KINDS.index("terms"))
    found = np.where(before.outcome == after.outcome, found, KINDS.index("other"))
    found = np.where(helped & ~then, KINDS.index("loses"), found)
    return np.where(~helped & then, KINDS.index("gains"), found)


def _counted(kinds: Column) -> list[int]:
    return [int(one) for one in np.bincount(kinds, minlength=len(KINDS))]


def _by(group: Column, names: Iterable[str], kinds: Column) -> list[tuple[str, list[int]]]:
    """Counts of each kind by group; groups without a household are left out."""
    rows = [(name, _counted(kinds[group == code])) for code, name in enumerate(names)]
    return [(name, counts) for name, counts in rows if sum(counts)]


def _cost(columns: Columns, found: trial.Outcomes, policy: Policy) -> Cost:
    subsidy, waived = trial.yearly_cost(columns, found, policy)
    return Cost(Decimal(int(subsidy.sum())).scaleb(-2), Decimal(int(waived.sum())).scaleb(-2))

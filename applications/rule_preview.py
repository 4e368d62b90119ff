"""Preview of a rule (发布预览): who would be judged otherwise, and by which rule.

Every case's newest assessment of each round is judged twice from its own stored facts on its own
day: with the values before the release and with the release's. So only the rules differ, and no
date that has passed since. Counts of groups under five are not shown as such.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Case as OneOf
from django.db.models import F, Max, Value, When

from applications import releases
from applications.eligibility import policy as policies
from applications.eligibility.assessment import ELIGIBLE, ON_COMMITMENT, Assessment, assess
from applications.eligibility.cast import Case
from applications.eligibility.policy import Policy
from applications.eligibility.whatif import movable
from applications.models import Assessment as Stored
from applications.models import PolicyRelease
from applications.models.evidence import APPLY, CONCLUDED
from core import clock

pinned = movable.pinned
_HELPED = (ELIGIBLE, ON_COMMITMENT)
_STEP = 200
_MOST_NAMED = 500


def run(release_id: int, digest: str) -> bool:
    """Computes and stores the preview; False where the draft has changed meanwhile."""
    release = PolicyRelease.objects.get(pk=release_id)
    if release.digest != digest or release.is_previewed:
        return False
    before = pinned(releases.before_it(release), release.effective_on)
    after = pinned(policies.load(release.text), release.effective_on)
    ids = _newest()
    mine = PolicyRelease.objects.filter(pk=release_id, digest=digest, preview_of=digest)
    mine.update(preview_total=len(ids), preview_done=0)
    tally = Tally()
    for place in range(0, len(ids), _STEP):
        for row in _rows(ids[place : place + _STEP]):
            tally.count(row, before, after)
        if not mine.update(preview_done=min(place + _STEP, len(ids)), preview_at=clock.now()):
            return False
    return bool(mine.update(preview=tally.result(), preview_done=len(ids), preview_at=clock.now()))


class Tally:
    """Counts of what changes, by street and by tier, and the cases by number."""

    def __init__(self) -> None:
        self.total = self.changed = 0
        self.by_street: dict[str, Counter[str]] = {}
        self.by_tier: dict[str, Counter[str]] = {}
        self.by_rule: Counter[str] = Counter()
        self.cases: list[dict[str, Any]] = []

    def count(self, row: Stored, before: Policy, after: Policy) -> None:
        """Judge one stored case twice and note the difference."""
        case = Case.from_dict(row.inputs)
        old = assess(case, on=row.on, policy=before)
        new = assess(case, on=row.on, policy=after)
        self.total += 1
        kind = kind_of(old, new)
        street = row.application.street.name if row.application.street else ""
        self.by_street.setdefault(street, Counter())[kind] += 1
        self.by_tier.setdefault(old.tier or "", Counter())[kind] += 1
        if kind == "same":
            return
        self.changed += 1
        rules = _changed_rules(old, new)
        self.by_rule.update(rules)
        if len(self.cases) < _MOST_NAMED:
            self.cases.append(
                {
                    "case_no": row.application.case_no or "", "kind": kind, "rules": rules,
                    "before": old.outcome, "after": new.outcome,
                    "tier_before": old.tier or "", "tier_after": new.tier or "",
                }
            )  # fmt: skip

    def result(self) -> dict[str, Any]:
        """What is stored and shown."""
        return {
            "total": self.total,
            "changed": self.changed,
            "by_street": {name: dict(one) for name, one in sorted(self.by_street.items())},
            "by_tier": {name: dict(one) for name, one in sorted(self.by_tier.items())},
            "by_rule": dict(self.by_rule.most_common()),
            "cases": self.cases,
        }


def kind_of(old: Assessment, new: Assessment) -> str:
    """same; gains or loses the outlook of help; terms: other tier or sums; other."""
    helped = (old.outcome in _HELPED, new.outcome in _HELPED)
    if helped == (False, True):
        return "gains"
    if helped == (True, False):
        return "loses"
    if old.outcome != new.outcome:
        return "other"
    if (old.tier, _sums(old)) != (new.tier, _sums(new)):
        return "terms"
    return "same"


def _sums(one: Assessment) -> tuple[Any, Any, Any]:
    return (
        one.unit_types,
        one.rent.monthly if one.rent else None,
        one.subsidy.monthly if one.subsidy else None,
    )


def _changed_rules(old: Assessment, new: Assessment) -> list[str]:
    was = {(one.rule, one.person): one.result for one in old.findings}
    now = {(one.rule, one.person): one.result for one in new.findings}
    keys = {key for key in was | now if was.get(key) != now.get(key)}
    return sorted({rule for rule, _person in keys})


def _newest() -> list[int]:
    """The newest assessment of each case and round; what people concluded is the first check's."""
    check = When(round=CONCLUDED, then=Value(APPLY))
    rounds = Stored.objects.annotate(as_round=OneOf(check, default=F("round"))).order_by()
    newest = rounds.values("application", "as_round").annotate(last=Max("pk"))
    return sorted(newest.values_list("last", flat=True))


def _rows(ids: list[int]) -> Iterator[Stored]:
    rows = Stored.objects.filter(pk__in=ids).select_related("application__street")
    return rows.order_by("pk").iterator(chunk_size=_STEP)

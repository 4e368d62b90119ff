"""部门数据: the catalogue of sources beside how each answered in the last day."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Aggregate, Count, IntegerField, Max, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications import registers
from applications.eligibility import explain
from datashare import catalogue, queries
from datashare.models import Call
from office.figures.figure import Moment

_DAY = timedelta(hours=24)


class _Middle(Aggregate):
    """The median, as PostgreSQL computes it over sorted values."""

    function = "percentile_disc"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = IntegerField()


@dataclass(frozen=True)
class Health:
    """One source: what it is, its last day, and what its quota still allows."""

    entry: catalogue.Entry
    calls: int
    failed: int
    median_ms: int | None
    slowest_ms: int | None
    errors: list[tuple[str, int]]
    left: int | None
    rest: float

    @property
    def name(self) -> str:
        """The register, in the language of the page."""
        return registers.name_of(self.entry.code)

    @property
    def owner(self) -> str:
        """Who keeps it."""
        return registers.owner_of(self.entry.code)

    @property
    def basis(self) -> str:
        """The law that lets the platform ask."""
        return explain.clause(self.entry.basis, get_language() or "zh-hans")

    @property
    def state(self) -> str:
        """The state mark: nothing asked, answering, partly silent, silent."""
        if not self.calls:
            return "later"
        if self.failed == self.calls:
            return "unmet"
        return "unknown" if self.failed else "met"

    @property
    def word(self) -> Any:
        return {
            "later": _("今天没有查询"), "unmet": _("没有答复"), "unknown": _("部分没有答复"),
            "met": _("正常"),
        }[self.state]  # fmt: skip


def page(moment: Moment) -> dict[str, Any]:
    """All sources in the order of the catalogue."""
    rows = health(moment)
    return {
        "rows": rows,
        "silent": [one for one in rows if one.state == "unmet"],
        "quota_known": any(one.left is not None for one in rows),
    }


def health(moment: Moment) -> list[Health]:
    """How each source answered in the 24 hours before the moment: two queries."""
    calls = Call.objects.since(moment.at - _DAY).filter(started_at__lte=moment.at).order_by()
    done = {
        row["source"]: row
        for row in calls.values("source").annotate(
            calls=Count("pk"),
            failed=Count("pk", filter=Q(outcome=Call.Outcome.UNAVAILABLE)),
            median_ms=_Middle("duration_ms"),
            slowest_ms=Max("duration_ms"),
        )
    }
    errors: dict[str, list[tuple[str, int]]] = {}
    for row in calls.exclude(error_kind="").values("source", "error_kind").annotate(n=Count("pk")):
        errors.setdefault(row["source"], []).append((row["error_kind"], row["n"]))
    left = _allowances()
    return [_health(entry, done, errors, left) for entry in catalogue.entries()]


def _health(entry: catalogue.Entry, done: Any, errors: Any, left: Any) -> Health:
    row, quota = done.get(entry.code, {}), left.get(entry.code, {})
    return Health(
        entry=entry,
        calls=row.get("calls", 0),
        failed=row.get("failed", 0),
        median_ms=row.get("median_ms"),
        slowest_ms=row.get("slowest_ms"),
        errors=sorted(errors.get(entry.code, []), key=lambda pair: -pair[1]),
        left=quota.get("left"),
        rest=quota.get("rest", 0),
    )


def _allowances() -> dict[str, dict[str, Any]]:
    """Quota left by source; nothing when the store that keeps it is away."""
    try:
        return queries.allowances()
    except OSError:
        return {}

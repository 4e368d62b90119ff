"""What outreach came to (主动发现成效): by street, each number with its list. Queries only."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from allocation.models import Lease
from applications import states as case_states
from renewal import states
from renewal.models import DiscoveryRun, Outreach


class Median(Aggregate):
    """The middle of the sorted values, as PostgreSQL computes it."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def outcomes(today: date) -> dict[str, tuple[Any, Q]]:
    """Word and condition of each number; a list of the office is narrowed by the same ones."""
    housed = Lease.objects.filter(application=OuterRef("application"), signed_at__isnull=False)
    sent = Q(application__submitted_at__isnull=False)
    ended = (case_states.WITHDRAWN, case_states.DEEMED_WITHDRAWN)
    return {
        "found": (_("发现"), Q()),
        "late": (_("该联系没联系"), Q(state__in=states.OUTREACH.open_ids, next_on__lt=today)),
        "reached": (_("联系上"), Q(reached_at__isnull=False)),
        "applied": (_("已申请"), sent),
        "accepted": (_("已受理"), Q(application__accepted_at__isnull=False)),
        "housed": (_("已签约入住"), Q(Exists(housed))),
        "refused": (_("不符合条件"), Q(application__state=case_states.REFUSED)),
        "withdrawn": (_("已撤回"), sent & Q(application__state__in=ended)),
        "not_wanted": (_("暂不需要"), Q(state=states.O_NOT_WANTED)),
        "not_found": (_("没有找到"), Q(state=states.O_NOT_FOUND)),
        "expired": (_("已过期"), Q(state=states.O_EXPIRED)),
    }


@dataclass(frozen=True)
class StreetLine:
    """One street: (number, address of its list) for each outcome, and days to the first contact."""

    name: str
    code: str
    cells: list[tuple[Any, int, str]]
    days: float | None


def by_street(rows: QuerySet[Outreach], today: date) -> list[StreetLine]:
    """A line for each street with anything, the district's whole first; two queries."""
    whole = rows.aggregate(**_columns(today))
    each = rows.order_by("street__code").values("street__code", "street__name")
    lines = [_line("", str(_("全区")), whole, today)]
    for row in each.annotate(**_columns(today)):
        name = row["street__name"] or str(_("还没有分到镇街"))
        lines.append(_line(row["street__code"] or "none", name, dict(row), today))
    return lines


def last_search() -> DiscoveryRun | None:
    """The newest search, for the line that says how far the registers were read."""
    return DiscoveryRun.objects.order_by("-started_at").first()


def _columns(today: date) -> dict[str, Any]:
    told = {
        f"n_{key}": Count("pk", filter=condition) if condition else Count("pk")
        for key, (_word, condition) in outcomes(today).items()
    }
    taken = ExpressionWrapper(F("contacted_at") - F("found_at"), output_field=DurationField())
    return {**told, "median": Median(taken)}


def _line(code: str, name: str, row: dict[str, Any], today: date) -> StreetLine:
    base = reverse("outreach_list")
    cells = []
    for key, (word, _condition) in outcomes(today).items():
        asked = {"what": key, "street": code} if code else {"what": key}
        cells.append((word, row[f"n_{key}"], f"{base}?{urlencode(asked)}"))
    median: timedelta | None = row["median"]
    days = None if median is None else round(median / timedelta(days=1), 1)
    return StreetLine(name, code, cells, days)


def housed_after(row: Outreach) -> bool:
    """Whether the household signed a lease."""
    if row.application_id is None:
        return False
    leases = Lease.objects.filter(application_id=row.application_id, signed_at__isnull=False)
    return leases.exists()

"""/office/recheck/<code>/report/: what a campaign came to, on one page that prints."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import staff_only
from accounts.roles import Role
from applications.models import Evidence
from renewal import campaign_list, campaigns, estimate_words, numbers, sampling, states
from renewal.models import Campaign
from renewal.views.campaigns import campaign_of


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Numbers with their definitions, by street and tier, grounds, days, calls beside the plan."""
    row = campaign_of(code)
    counts = numbers.counted(row)
    calls = _calls(row)
    first, last = numbers.span(row)
    context = {
        "campaign": row,
        "state": states.CAMPAIGN[row.state],
        "scope": estimate_words.scope(row),
        "progress": campaigns.progress(row),
        "figures": [(one, counts[one.code]) for one in numbers.NUMBERS],
        "split": [numbers.BY_CODE[one] for one in numbers.SPLIT],
        "tables": [_split(row, "street", _("按镇街")), _split(row, "tier", _("按保障档次"))],
        "reasons": numbers.reasons(row),
        "days": numbers.days_to_hearing(row),
        "found": numbers.found_households(row).count(),
        "first": first,
        "last": last,
        "calls": [(estimate_words.source_name(one), n, planned) for one, n, planned in calls],
        "called": sum(n for _one, n, _planned in calls),
        "cost": estimate_words.cost_of({one: n for one, n, _planned in calls}),
        "sample": sampling.redone(row),
    }
    return render(request, "renewal/campaign_report.html", context)


def _split(row: Campaign, column: str, title: str) -> dict[str, Any]:
    found = []
    for key, word, counts in numbers.by(row, column):
        shown = campaign_list.tier_word(word) if column == "tier" else word
        cells = [(numbers.BY_CODE[one], counts[one]) for one in numbers.SPLIT]
        found.append((shown or _("没有登记"), key, cells))
    return {"title": title, "column": column, "rows": found}


def _calls(row: Campaign) -> list[tuple[str, int, int]]:
    """By register: questions that were put, and how many calls were foreseen."""
    asked = Evidence.objects.filter(round=row.round).exclude(status=Evidence.Status.PENDING)
    put = dict(asked.values_list("source").annotate(n=Count("pk")))
    planned = row.estimate.get("calls", {})
    return [(one, put.get(one, 0), planned.get(one, 0)) for one in sorted({*put, *planned})]

"""/office/recheck/: campaigns, their progress and their households."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import has_role, staff_only
from accounts.roles import Role
from core import clock
from core.workflow import Refusal
from renewal import (
    campaign_list,
    campaigns,
    estimate_words,
    estimates,
    numbers,
    populations,
    states,
)
from renewal.forms import CancelForm, PlanForm, TakeInForm
from renewal.models import Campaign

_VERBS = {
    "start": campaigns.start,
    "pause": campaigns.pause,
    "resume": campaigns.resume,
}
_STOP_POLLING = 286
_SHOWN = 30  # campaigns of the index
# numbers that are shown even when they are nil
_ALWAYS = ("all", "in_force", "renewed", "changed", "question", "flagged", "wrong", "ended")


@staff_only(Role.ADMIN, Role.LEADER)
def index(request: HttpRequest) -> HttpResponse:
    """Every campaign, the dry run and the plan of the next."""
    form = PlanForm(request.POST or None, initial={"year": clock.today().year})
    foreseen = None
    if request.method == "POST" and form.is_valid():
        if planned := _planned(request, form):
            return redirect("office_recheck_campaign", planned.code)
        scope, limit = form.scope, form.cleaned_data["limit"]
        foreseen = estimates.of(
            scope.population, street=scope.street, category=scope.category, limit=limit
        )
    context = {
        "form": form,
        "rows": [(row, campaigns.progress(row)) for row in Campaign.objects.all()[:_SHOWN]],
        "numbers": populations.counts(),
        "foreseen": foreseen,
        "parts": estimate_words.lines(foreseen) if foreseen else [],
        "may_plan": has_role(request.user, Role.ADMIN),
        "table": states.CAMPAIGN,
        "may_import": has_role(request.user, Role.ADMIN),
    }
    return render(request, "renewal/campaigns.html", context)


def _planned(request: HttpRequest, form: PlanForm) -> Campaign | None:
    if "plan" not in request.POST or not has_role(request.user, Role.ADMIN):
        return None
    told = form.cleaned_data
    try:
        return campaigns.plan(told["year"], by=request.user, limit=told["limit"], scope=form.scope)
    except Refusal as refusal:
        form.add_error("year", str(refusal))
    return None


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def campaign(request: HttpRequest, code: str) -> HttpResponse:
    """One campaign: progress, numbers, and the households behind a number, by street and tier."""
    row = campaign_of(code)
    context = _context(row) | {
        "found": campaign_list.of(row, request.GET),
        "figures": [
            (one, count, f"?number={one.code}#households")
            for one, count in _figures(row)
            if count or one.code in _ALWAYS
        ],
        "scope": estimate_words.scope(row),
        "cancel_form": CancelForm(),
        "take_in_form": TakeInForm(),
        "why_not_take_in": campaigns.why_not_take_in(row),
        "may_act": has_role(request.user, Role.ADMIN),
    }
    return render(request, "renewal/campaign.html", context)


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """The progress bar alone, polled while the campaign runs."""
    row = campaign_of(code)
    response = render(request, "renewal/campaign_progress.html", _context(row))
    if row.state != states.C_RUNNING:
        response.status_code = _STOP_POLLING
    return response


@staff_only(Role.ADMIN)
@require_POST
def move(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """Starts, pauses, resumes or cancels a campaign, or takes more households in."""
    row = campaign_of(code)
    try:
        if verb in _VERBS:
            _VERBS[verb](row, by=request.user)
        elif verb == "cancel":
            _cancel(request, row)
        elif verb == "take-in":
            _take_in(request, row)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("office_recheck_campaign", code)


def _cancel(request: HttpRequest, row: Campaign) -> None:
    form = CancelForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请写明取消的原因。"))
        return
    campaigns.cancel(row, by=request.user, reason=form.cleaned_data["reason"])


def _take_in(request: HttpRequest, row: Campaign) -> None:
    form = TakeInForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("户数要写一个数字，或者不填。"))
        return
    taken = campaigns.take_in(row, by=request.user, limit=form.cleaned_data["limit"])
    messages.success(request, _("又加入了%(n)s户。") % {"n": taken})


def campaign_of(code: str) -> Campaign:
    """The campaign of an address; 404 without one."""
    year, _dash, number = code.partition("-")
    rows = Campaign.objects.select_related("street")
    return get_object_or_404(rows, year=int(year), number=int(number or 0))


def _figures(row: Campaign) -> list[tuple[numbers.Number, int]]:
    counts = numbers.counted(row)
    return [(one, counts[one.code]) for one in numbers.NUMBERS]


def _context(row: Campaign) -> dict[str, Any]:
    done = campaigns.progress(row)
    return {
        "campaign": row,
        "progress": done,
        "time_left": estimate_words.time_left(done),
        "state": states.CAMPAIGN[row.state],
        "running": row.state == states.C_RUNNING,
    }

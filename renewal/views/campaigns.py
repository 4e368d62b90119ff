"""/office/recheck/: campaigns, their progress and their households."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import has_role, staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from applications import change_screen, duties, open_changes, permissions
from core import audit, clock
from core.workflow import Refusal, State
from renewal import campaigns, recheck, states
from renewal.flags import cards
from renewal.forms import PlanForm, WordsForm
from renewal.models import Campaign, ExitCase, Recheck

_VERBS = {
    "start": campaigns.start,
    "pause": campaigns.pause,
    "resume": campaigns.resume,
    "cancel": campaigns.cancel,
}
_STOP_POLLING = 286
_PAGE = 50


@staff_only(Role.ADMIN, Role.LEADER)
def index(request: HttpRequest) -> HttpResponse:
    """Every campaign, and the plan of the next."""
    form = PlanForm(request.POST or None, initial={"year": clock.today().year})
    if request.method == "POST" and form.is_valid() and has_role(request.user, Role.ADMIN):
        try:
            campaign = campaigns.plan(form.cleaned_data["year"], by=request.user)
            return redirect("office_recheck_campaign", campaign.year)
        except Refusal as refusal:
            form.add_error("year", str(refusal))
    context = {
        "form": form,
        "rows": [(row, campaigns.progress(row)) for row in Campaign.objects.all()],
        "estimate": campaigns.estimate(),
        "table": states.CAMPAIGN,
        "may_import": has_role(request.user, Role.ADMIN),
    }
    return render(request, "renewal/campaigns.html", context)


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def campaign(request: HttpRequest, year: int) -> HttpResponse:
    """One campaign: progress, lanes, and the households of the chosen lane."""
    row = get_object_or_404(Campaign, year=year)
    lane = request.GET.get("lane", "")
    households = _with_exits(row.rechecks.select_related("lease__application", "lease__home"))
    if lane in dict(states.RECHECK.choices):
        households = households.filter(state=lane)
    page = Paginator(households.order_by("id"), _PAGE).get_page(request.GET.get("page"))
    context = _context(row) | {
        "page": page,
        "rows": [(one, _doubted(one)) for one in page],
        "facets": [(_("结果"), _lanes(row, lane))],
        "table": _words(),
    }
    return render(request, "renewal/campaign.html", context)


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def progress(request: HttpRequest, year: int) -> HttpResponse:
    """The progress bar alone, polled while the campaign runs."""
    row = get_object_or_404(Campaign, year=year)
    response = render(request, "renewal/campaign_progress.html", _context(row))
    if row.state != states.C_RUNNING:
        response.status_code = _STOP_POLLING
    return response


@staff_only(Role.ADMIN)
@require_POST
def move(request: HttpRequest, year: int, verb: str) -> HttpResponse:
    """Starts, pauses, resumes or cancels a campaign."""
    row = get_object_or_404(Campaign, year=year)
    if verb in _VERBS:
        try:
            _VERBS[verb](row, by=request.user)
        except Refusal as refusal:
            messages.error(request, str(refusal))
    return redirect("office_recheck_campaign", year)


@staff_only(Role.ADMIN)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """A person settles one household's question or change, or asks the registers again."""
    row = get_object_or_404(
        Recheck.objects.select_related("lease__application", "campaign", "assessment"), pk=pk
    )
    if why := permissions.why_not_free(request.user.staff, row.lease.application):
        return refuse(request, why)
    form = WordsForm(request.POST or None, label=_("怎么核实的"))
    if request.method == "POST" and _settled(request, row, form):
        return redirect("office_recheck_campaign", row.campaign.year)
    found = row.assessment.result["findings"] if row.assessment else []
    unclear = [f for f in found if f["result"] != "pass"]
    _note_look(row, request.user)
    context = {
        "row": row,
        "form": form,
        "state": next(one for one in _words() if one.id == row.state),
        "doubts": cards(unclear),
        "told": [
            (str(one.get_kind_display()), change_screen.declared(one))
            for one in open_changes.for_renewal(row.lease.application)
        ],
    }
    return render(request, "renewal/settle.html", context)


def _note_look(row: Recheck, user: Any) -> None:
    members = row.lease.application.members.values_list("id_index", flat=True)
    purpose = str(_("年度复核"))
    audit.looked(row, by=user, purpose=purpose, case_no=row.case_no, subjects=members)


def _settled(request: HttpRequest, row: Recheck, form: WordsForm) -> bool:
    try:
        if "again" in request.POST:
            recheck.ask_again(row, by=request.user)
            return True
        if form.is_valid():
            recheck.settle_by_hand(row, by=request.user, note=form.cleaned_data["words"])
            return True
    except Refusal as refusal:
        form.add_error(None, str(refusal))
    return False


def _context(row: Campaign) -> dict[str, Any]:
    return {
        "campaign": row,
        "progress": campaigns.progress(row),
        "state": states.CAMPAIGN[row.state],
        "running": row.state == states.C_RUNNING,
    }


def _with_exits(rechecks: QuerySet[Recheck]) -> QuerySet[Recheck]:
    """With the newest exit of each lease: a clue may belong to one that was open before."""
    newest = ExitCase.objects.filter(lease=OuterRef("lease")).order_by("-pk")
    return rechecks.annotate(exit_id=Subquery(newest.values("pk")[:1]))


def _doubted(row: Recheck) -> list[tuple[str, Any]]:
    """Name of each rule that is in doubt, and the value that was found."""
    return [(duties.name_of(flag["rule"]), flag["actual"]) for flag in row.flags]


def _words() -> list[State]:
    """The states as the office reads them: how many questions a family has is the family's."""
    own = {states.K_QUESTION: _("待查清")}
    return [replace(one, tag=own.get(one.id, one.tag)) for one in states.RECHECK]


def _lanes(row: Campaign, chosen: str) -> list[tuple[Any, str, int, bool]]:
    counts = campaigns.progress(row).by_state
    lanes = [
        (state.tag, f"?lane={state.id}", counts.get(state.id, 0), state.id == chosen)
        for state in _words()
    ]
    return [(_("全部"), "?", sum(counts.values()), not chosen), *lanes]

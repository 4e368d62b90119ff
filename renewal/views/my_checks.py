"""/my/checks/: the household reads what was seen and asked of it, and says its own words."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only
from applications.receipts import as_file
from core.refusals import Refusal
from renewal import violation_states as states
from renewal.forms import WordsForm
from renewal.forms_violations import OwnFineSpeakForm, OwnSpeakForm
from renewal.models import Fine, Inspection, InspectionVisit, Violation
from renewal.occupancy import visiting
from renewal.views.inspections import shown
from renewal.views.violations import fine_lines, matter
from renewal.violations import fines, order_letter, steps


@require_GET
@citizen_only
def index(request: HttpRequest) -> HttpResponse:
    """Appointments, records, and what the household was told; a lead before that is nobody's."""
    mine = _of(request)
    inspections = Inspection.objects.filter(state=states.N_ANNOUNCED, **mine)
    visits = InspectionVisit.objects.filter(**{f"inspection__{k}": v for k, v in mine.items()})
    matters = Violation.objects.filter(told_at__isnull=False, **mine)
    context = {
        "appointments": inspections.order_by("on"),
        "visits": visits.order_by("-visited_at"),
        "matters": [(one, states.VIOLATION[one.state]) for one in matters.order_by("-told_at")],
        "fines": [
            (one, states.FINE[one.state])
            for one in Fine.objects.filter(violation__in=matters, noticed_at__isnull=False)
        ],
    }
    return render(request, "renewal/violations/my_checks.html", context)


@require_http_methods(["GET", "POST"])
@citizen_only
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record in full, and a box for the household's comment."""
    mine = {f"inspection__{key}": value for key, value in _of(request).items()}
    made = get_object_or_404(InspectionVisit.objects.select_related("inspection"), pk=pk, **mine)
    citizen: Any = request.user.as_citizen  # type: ignore[union-attr]
    form = WordsForm(request.POST or None, label=_("您的意见"), hint=_("会和记录一起保留。"))
    if request.method == "POST" and form.is_valid():
        try:
            visiting.comment(made, text=form.cleaned_data["words"], by=citizen)
            return redirect("my_check_record", pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    context = {**shown(made), "form": None if made.nobody else form}
    status = 422 if form.errors else 200
    return render(request, "renewal/violations/my_record.html", context, status=status)


@require_http_methods(["GET", "POST"])
@citizen_only
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What was seen, what it is about, until when; the household's words; the order."""
    row = _matter(request, pk)
    form = OwnSpeakForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            steps.speak(row, by=request.user, channel="online", text=form.cleaned_data["text"])
            return redirect("my_check_matter", pk)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    context = {
        **matter(row),
        "row": row,
        "state": states.VIOLATION[row.state],
        "case_open": row.exit_case is not None and row.exit_case.STATES[row.exit_case.state].open,
        "form": None if steps.why_not_speak(row) else form,
    }
    status = 422 if form.errors else 200
    return render(request, "renewal/violations/my_matter.html", context, status=status)


@require_GET
@citizen_only
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """The order as PDF."""
    row = _matter(request, pk)
    if row.order_no is None:
        raise Http404
    return as_file(order_letter.pdf(row), f"{row.order_no}.pdf")


@require_http_methods(["GET", "POST"])
@citizen_only
def fine(request: HttpRequest, pk: int) -> HttpResponse:
    """拟处罚告知: facts, grounds, basis; a statement, and a hearing where one is wanted."""
    mine = {f"violation__{key}": value for key, value in _of(request).items()}
    rows = Fine.objects.select_related("violation__lease", "decision")
    row = get_object_or_404(rows, pk=pk, noticed_at__isnull=False, **mine)
    form = OwnFineSpeakForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            fines.speak(row, by=request.user, channel="online", **form.cleaned_data)
            return redirect("my_check_fine", pk)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {**fine_lines(row), "form": None if fines.why_not_speak(row) else form}
    status = 422 if form.errors else 200
    return render(request, "renewal/violations/my_fine.html", context, status=status)


def _of(request: HttpRequest) -> dict[str, Any]:
    """What is this household's own: one address is not enough to read any of it."""
    citizen: Any = request.user.as_citizen  # type: ignore[union-attr]
    return {
        "lease__application__members__id_index": citizen.id_index,
        "lease__application__members__excluded": False,
    }


def _matter(request: HttpRequest, pk: int) -> Violation:
    rows = Violation.objects.select_related("lease__application", "exit_case")
    return get_object_or_404(rows, pk=pk, told_at__isnull=False, **_of(request))

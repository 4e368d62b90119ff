"""入户检查 in the office and at the door: who is visited, the appointment, the record, photos."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import signed_in, staff_only
from accounts.middleware import refuse
from accounts.models import User
from accounts.roles import Role
from allocation import facts, home_photos
from allocation.views.upkeep_desk import sent
from applications import looks, permissions
from applications.papers import store
from applications.views.queue import staff_of
from core.refusals import Refusal
from renewal import violation_states as states
from renewal.forms import WordsForm
from renewal.forms_violations import AnnounceForm, DrawForm, InspectionForm, PlanForm
from renewal.models import Inspection, InspectionDraw, InspectionPhoto, InspectionVisit
from renewal.occupancy import photos, planning, visiting
from renewal.violations import finding, listing

READERS = (Role.STREET, Role.DISTRICT, Role.ADMIN, Role.LEADER)
_PHOTO_READERS = {Role.STREET, Role.DISTRICT, Role.AUDITOR}
_FILTERS = {
    "state": (gettext_lazy("状态"), states.INSPECTION.choices),
    "reason": (gettext_lazy("为什么上门"), Inspection.Reason.choices),
}


@require_GET
@staff_only(*READERS)
def index(request: HttpRequest) -> HttpResponse:
    """Inspections that this person may see, the newest first; names are masked."""
    staff = staff_of(request)
    found = listing.of(planning.visible_to(staff), request.GET, _FILTERS)
    names = listing.tenants(found.rows)
    context = {
        "found": found,
        "rows": [{**line(one), "who": names[one.lease.application_id]} for one in found.rows],
        "may_plan": not planning.why_not_plan(staff),
    }
    return render(request, "renewal/violations/inspections.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*planning.PLANNERS)
def plan(request: HttpRequest) -> HttpResponse:
    """安排入户检查: a draw with its seed, or one household for a reason; the last draws below."""
    staff = staff_of(request)
    drawing = request.POST.get("do") == "draw"
    draw = DrawForm(request.POST if drawing else None)
    single = PlanForm(request.POST if request.method == "POST" and not drawing else None)
    form: Any = draw if drawing else single
    if request.method == "POST" and form.is_valid():
        try:
            if drawing:
                street = form.cleaned_data["street"]
                made = planning.draw(
                    size=form.cleaned_data["size"], by=staff, street_id=street and street.pk
                )
                messages.success(request, _("抽了%(n)d户，种子已经记下。") % {"n": made.size})
                return redirect("office_inspections")
            row = planning.plan(by=staff, **form.cleaned_data)
            return redirect("office_inspection", row.pk)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {
        "draw": draw,
        "single": single,
        "draws": InspectionDraw.objects.select_related("drawn_by").order_by("-pk")[:10],
    }
    status = 422 if form.errors else 200
    return render(request, "renewal/violations/plan.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_only(*READERS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One inspection: the appointment, calling it off, the records."""
    staff, row = staff_of(request), _row(request, pk)
    if why := permissions.why_not_free(staff, row.lease.application):
        return refuse(request, why)
    what = request.POST.get("do", "")
    announce = AnnounceForm(request.POST if what == "announce" else None)
    drop = WordsForm(request.POST if what == "drop" else None, label=_("为什么不再上门"))
    form: Any = drop if what == "drop" else announce
    if what in ("announce", "drop") and form.is_valid():
        try:
            if what == "drop":
                planning.drop(row, reason=form.cleaned_data["words"], by=staff)
            else:
                planning.announce(row, by=staff, **form.cleaned_data)
            messages.success(request, _("已登记。告知过的住户会收到消息。"))
            return redirect("office_inspection", pk)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    looks.note(row.lease.application, by=request.user, purpose=_("入户检查"))
    context = {
        **line(row),
        "address": facts.address(row.lease.home),
        "tenant": row.lease.application.applicant.name,
        "announce": announce,
        "drop": drop,
        "may": not planning.why_not_visit(row, staff),
        "why_not": visiting.why_not_record(row, staff),
        "visits": row.visits.select_related("by"),
    }
    status = 422 if form.errors else 200
    return render(request, "renewal/violations/inspection.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_only(*planning.VISITORS)
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """检查记录 at the door, on a phone; sent twice it is one visit, and works without a script."""
    staff, row = staff_of(request), _row(request, pk)
    if why := planning.why_not_visit(row, staff):
        return refuse(request, why)
    form = InspectionForm(*sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = visiting.record(row, by=staff, key=form.key_or_new(), told=form.told())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            for sentence in photos.add_each(made, form.cleaned_data["photos"], by=request.user):
                messages.error(request, sentence)
            messages.success(request, _("已记录这次上门。"))
            return redirect("office_inspection_record", made.pk)
    looks.note(row.lease.application, by=request.user, purpose=_("入户检查"))
    context = {
        **line(row),
        "address": facts.address(row.lease.home),
        "form": form,
        "why_not": visiting.why_not_record(row, staff),
        "back_href": reverse("office_inspection", args=[pk]),
    }
    status = 422 if form.errors else 200
    return render(request, "renewal/violations/visit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_only(*READERS)
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record with its photos and the household's comments; a person may note a lead from it."""
    staff = staff_of(request)
    rows = InspectionVisit.objects.filter(inspection__in=planning.visible_to(staff))
    made = get_object_or_404(
        rows.select_related("inspection__lease__home__estate", "by__bureau"), pk=pk
    )
    case = made.inspection.lease.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    if request.method == "POST":
        try:
            found = finding.from_visit(made, kind=request.POST.get("kind", ""), by=staff)
            return redirect("office_violation", found.pk)
        except Refusal as refusal:
            messages.error(request, str(refusal))
    looks.note(case, by=request.user, purpose=_("入户检查"))
    context = {
        **shown(made),
        "address": facts.address(made.inspection.lease.home),
        "seen": [(kind, kind.label) for kind in visiting.seen(made)]
        if Role.DISTRICT in staff.roles else [],
    }  # fmt: skip
    return render(request, "renewal/violations/record.html", context)


@never_cache
@require_GET
@signed_in
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """One photo with the viewer's watermark: for the household, street, district and audit."""
    rows = InspectionPhoto.objects.select_related("visit__inspection__lease__application")
    row = get_object_or_404(rows, pk=pk, raw="")
    user: Any = request.user
    if not _may_see(user, row.visit):
        raise Http404
    try:
        content = home_photos.picture(row, by=user)
    except store.PaperGone as gone:
        raise Http404 from gone
    response = HttpResponse(content, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@staff_only(Role.OPERATOR)
def operator(request: HttpRequest) -> HttpResponse:
    """Where and when somebody comes: the operating company reads no name and no reason."""
    rows = Inspection.objects.filter(state=states.N_ANNOUNCED).select_related("lease__home__estate")
    context = {
        "rows": [
            {"address": facts.address(one.lease.home), "on": one.on, "part": one.get_part_display()}
            for one in rows.order_by("on", "pk")[:100]
        ]
    }
    return render(request, "renewal/violations/operator.html", context)


# -- Parts -----------------------------------------------------------------------------------------


def line(row: Inspection) -> dict[str, Any]:
    """An inspection as lists show it."""
    return {
        "row": row,
        "state": states.INSPECTION[row.state],
        "street": row.lease.application.street or "",
    }


def shown(made: InspectionVisit) -> dict[str, Any]:
    """A record as pages of the office and of the household show it."""
    words = dict(InspectionVisit.Look.choices)
    return {
        "visit": made,
        "looks": [
            (kind.label, words.get(made.looks.get(kind, ""), "")) for kind in visiting.LOOKED_AT
        ]
        if made.looks
        else [],
        "photos": made.photos.filter(raw=""),
        "comments": made.comments.order_by("recorded_at"),
        "drawn": made.signature.startswith("data:"),
    }


def _row(request: HttpRequest, pk: int) -> Inspection:
    return get_object_or_404(planning.visible_to(staff_of(request)), pk=pk)


def _may_see(user: User, made: InspectionVisit) -> bool:
    application = made.inspection.lease.application
    staff, citizen = user.as_staff, user.as_citizen
    if staff is not None:
        held = _PHOTO_READERS & set(staff.roles)
        own = held - {Role.STREET} or application.street_id == staff.bureau_id
        return bool(held and own) and not permissions.why_not_free(staff, application)
    if citizen is None:
        return False
    return application.members.filter(id_index=citizen.id_index, excluded=False).exists()

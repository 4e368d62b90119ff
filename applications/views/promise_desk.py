"""承诺核实: the promises that an office checks after approval, and the family's explanation."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only, staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from applications import looks, material_permissions, permissions, promises
from applications.forms.desk import ExplainForm, FindingForm
from applications.models import Commitment
from applications.views.own import case_of_citizen
from applications.views.queue import staff_of
from core import clock, display
from core.refusals import Refusal

State = Commitment.State
_PAGE = 50


@require_GET
@staff_only(*promises.CHECKERS)
def listed(request: HttpRequest) -> HttpResponse:
    """Promises to check, the earliest day first."""
    rows = Paginator(promises.to_check(staff_of(request)), _PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": rows, "today": clock.today(), "back_href": reverse("review_queue")}
    return render(request, "review/promises.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*promises.CHECKERS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One promise: its terms, what the registers say now, and the answer. A look is recorded."""
    staff = staff_of(request)
    visible = Commitment.objects.filter(
        application__in=permissions.applications_visible_to(staff), check_due__isnull=False
    )
    row = get_object_or_404(visible.select_related("application", "doubted_by"), pk=pk)
    if why := permissions.why_not_free(staff, row.application):
        return refuse(request, why)
    form = FindingForm(request.POST or None, acts=_acts(row, staff))
    if request.method == "POST" and form.is_valid():
        act, words = form.cleaned_data["act"], form.cleaned_data["reasons"]
        try:
            _VERBS[act](row, by=staff, finding=words)
        except Refusal as refusal:
            form.add_error("reasons" if refusal.field == "finding" else None, str(refusal))
        else:
            messages.success(request, _("已记录核实结果。"))
            return redirect("review_promises")
    if request.method == "GET":
        looks.note(row.application, by=request.user, purpose=_("核实承诺"))
    context = {
        "row": row,
        "form": form,
        "open": not promises.why_not_check(row, staff),
        "why_not_false": promises.why_not_find_false(row, staff)
        if row.state == State.DOUBTED
        else "",
        "terms": row.terms.splitlines(),
        "back_href": reverse("review_promises"),
    }
    return render(request, "review/promise.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@citizen_only
def explain(request: HttpRequest, case_no: str, pk: int) -> HttpResponse:
    """请说明: what was promised, what was found, until when to say what is so."""
    application = case_of_citizen(request.user, case_no)
    row = get_object_or_404(application.commitments, pk=pk)
    if not material_permissions.hands_in(request.user, application):
        raise Http404
    form = ExplainForm(request.POST or None, initial={"text": row.heard})
    if request.method == "POST" and form.is_valid():
        try:
            promises.explain(row, by=request.user, text=form.cleaned_data["text"])  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已收到您的说明，会由另一位工作人员核对。"))
            return redirect("my_case", case_no)
    context = {
        "row": row,
        "form": form,
        "asked": row.state == State.DOUBTED,
        "due": display.day(row.hearing_due) if row.hearing_due else "",
        "back_href": reverse("my_case", args=[case_no]),
    }
    return render(request, "my/promise.html", context, status=422 if form.errors else 200)


def _acts(row: Commitment, staff: Staff) -> list[tuple[str, Any]]:
    acts: list[tuple[str, Any]] = [("kept", _("属实"))]
    if row.state == State.OPEN:
        acts.append(("doubt", _("有疑问，请当事人说明（不是结论）")))
    if not promises.why_not_find_false(row, staff):
        acts.append(("false", _("听取说明后，认定不实")))
    return acts


_VERBS: dict[str, Callable[..., Any]] = {
    "kept": promises.confirm,
    "doubt": promises.doubt,
    "false": promises.find_false,
}

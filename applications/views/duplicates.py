"""疑似重复: two entries that may be one person; a person judges, and may take it back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from applications import duplicate_run, duplicate_screen, duplicates, permissions, states
from applications.forms.duplicates import ResolveForm, UndoForm
from applications.models import DuplicateResolution, PossibleDuplicate
from core import audit
from core.refusals import Refusal

_PAGE = 30
READERS = (Role.DISTRICT, Role.ADMIN, Role.STREET)


@staff_only(*READERS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list: what is open, the likeliest on top; or what was judged, the newest first."""
    done = "done" in request.GET
    rows = duplicates.visible_to(request.user.as_staff)
    if done:
        rows = rows.exclude(state=states.DUPLICATE_OPEN).order_by("-state_since", "-pk")
    else:
        rows = rows.filter(state=states.DUPLICATE_OPEN).order_by("-score", "pk")
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [duplicate_screen.row_of(one) for one in page],
        "done": done,
        "run": duplicate_run.latest(),
    }
    return render(request, "office/duplicates.html", context)


@staff_only(*READERS)
@require_GET
def pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Both side by side. Each look is recorded for each of the two people."""
    row = _pair(request, pk)
    if why := _why_not_see(request, row):
        return refuse(request, why)
    _look(request, row)
    return _page(request, row)


@staff_only(*duplicates.JUDGES)
@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """判断."""
    row = _pair(request, pk)
    if why := _why_not_see(request, row):
        return refuse(request, why)
    form = ResolveForm(request.POST)
    if form.is_valid():
        try:
            duplicates.resolve(row, by=request.user.as_staff, **_words(form.cleaned_data))
        except Refusal as refusal:
            _say(request, form, refusal)
        else:
            messages.success(request, _("已记下判断，随时可以撤销。"))
            return redirect("duplicate", pk=pk)
    return _page(request, _pair(request, pk), form=form, status=422)


@staff_only(*duplicates.JUDGES)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """撤销判断."""
    row = _pair(request, pk)
    if why := _why_not_see(request, row):
        return refuse(request, why)
    form = UndoForm(request.POST)
    if form.is_valid():
        try:
            duplicates.undo(row, why=form.cleaned_data["why"], by=request.user.as_staff)
        except Refusal as refusal:
            _say(request, form, refusal)
        else:
            messages.success(request, _("已撤销，重新等待判断。"))
            return redirect("duplicate", pk=pk)
    return _page(request, _pair(request, pk), undo_form=form, status=422)


# -- Parts ---------------------------------------------------------------------------------------


def _pair(request: HttpRequest, pk: int) -> PossibleDuplicate:
    return get_object_or_404(duplicates.visible_to(request.user.as_staff), pk=pk)


def _why_not_see(request: HttpRequest, row: PossibleDuplicate) -> str:
    """Nobody reads a pair in which their own household stands (回避)."""
    for one in row.applications:
        if why := permissions.why_not_free(request.user.as_staff, one):
            return why
    return ""


def _look(request: HttpRequest, row: PossibleDuplicate) -> None:
    """One entry a person: on nobody's page stands the number of the other's case."""
    for one in row.sides:
        audit.looked(
            row, by=request.user, purpose=_("判断疑似重复"),
            case_no=one.application.case_no or "", subjects=[one.id_index],
        )  # fmt: skip


def _say(request: HttpRequest, form: Form, refusal: Refusal) -> None:
    """Beside its field, or on top: where a colleague was first the form is no longer there."""
    if refusal.field:
        form.add_error(refusal.field, str(refusal))
    else:
        messages.error(request, str(refusal))


def _words(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("outcome", "reason_code", "text")}


def _page(
    request: HttpRequest,
    row: PossibleDuplicate,
    *,
    form: ResolveForm | None = None,
    undo_form: UndoForm | None = None,
    status: int = 200,
) -> HttpResponse:
    staff = request.user.as_staff
    reasons = dict(duplicates.REASONS)
    context = {
        **duplicate_screen.screen_of(row),
        "form": form or ResolveForm(),
        "undo_form": undo_form or UndoForm(),
        "why_not_resolve": duplicates.why_not_resolve(row, staff),
        "why_not_undo": duplicates.why_not_undo(row, staff),
        "is_judged": row.state in DuplicateResolution.Outcome.values,
        "history": [
            {"row": one, "how": reasons.get(one.reason_code, "")}
            for one in row.resolutions.select_related("by__bureau", "undone_by__bureau")
        ],
    }
    return render(request, "office/duplicate.html", context, status=status)

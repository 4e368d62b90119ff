"""房源导入 (/office/homes/import/): upload, the preview line by line, taken in whole, undone."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from allocation import facts, home_file, home_imports, states
from allocation.home_forms import ImportForm, ReasonForm
from allocation.models import Estate, HomeImport
from core.refusals import Refusal

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PER_PAGE = 50
_LISTS = 20
_STEPS = ("take-in", "discard", "undo")


@staff_only(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form, and what was handed in before."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = home_imports.check(file.read(), file_name=file.name, by=request.user.as_staff)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("office_home_import", pk=row.pk)
    rows = HomeImport.objects.select_related("uploaded_by").defer("rows", "problems")[:_LISTS]
    context = {"form": form, "imports": [(one, one.STATES[one.state]) for one in rows]}
    status = 422 if form.errors else 200
    return render(request, "allocation/homes/imports.html", context, status=status)


@staff_only(Role.ADMIN)
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    estates = list(Estate.objects.order_by("code").values_list("code", "name"))
    answer = HttpResponse(home_file.template(estates), content_type=_XLSX)
    answer["Content-Disposition"] = 'attachment; filename="homes.xlsx"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@staff_only(Role.ADMIN)
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file would bring, or what is wrong with it; once imported, the way to undo it."""
    return _page(request, _row(pk), ReasonForm())


@staff_only(Role.ADMIN)
@require_POST
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """take-in, discard or undo."""
    if step not in _STEPS:
        raise Http404
    row, staff = _row(pk), request.user.as_staff
    form = ReasonForm(request.POST) if step == "undo" else ReasonForm()
    if form.is_bound and not form.is_valid():
        return _page(request, row, form, status=422)
    try:
        if step == "take-in":
            home_imports.take_in(row, by=staff)
            messages.success(request, _("已全部导入。房源等待验收，验收合格放行以后可以配租。"))
        elif step == "undo":
            home_imports.undo(row, by=staff, reason=form.cleaned_data["reason"])
            messages.success(request, _("已撤销，这份清单的房源全部删去。"))
        else:
            home_imports.discard(row, by=staff)
            return redirect("office_home_imports")
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("office_home_import", pk=pk)


def _page(request: HttpRequest, row: HomeImport, form: Any, status: int = 200) -> HttpResponse:
    staff = request.user.as_staff
    problems, listed = home_imports.problems_of(row), home_imports.homes_of(row)
    faulty = row.state == states.I_CHECKED and bool(problems)
    page: Any = Paginator(problems if faulty else listed, _PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "row": row,
        "state": row.STATES[row.state],
        "page": page,
        "lines": [] if faulty else [(one, facts.unit_type(one.unit_type)) for one in page],
        "wrong_rows": len({one.row for one in problems}),
        "by_estate": _by_estate(listed),
        "good_until": home_imports.good_until(row),
        "why_not": home_imports.why_not_take_in(row, staff),
        "why_not_undo": home_imports.why_not_undo(row, staff),
        "form": form,
    }
    return render(request, "allocation/homes/import.html", context, status=status)


def _by_estate(listed: list[home_file.Listed]) -> list[tuple[str, int]]:
    counted: dict[str, int] = {}
    for one in listed:
        counted[one.estate] = counted.get(one.estate, 0) + 1
    return sorted(counted.items())


def _row(pk: int) -> HomeImport:
    return get_object_or_404(
        HomeImport.objects.select_related("uploaded_by", "imported_by", "undone_by"), pk=pk
    )

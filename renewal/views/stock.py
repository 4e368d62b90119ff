"""存量导入 (/office/stock/): upload, mapping, what is to be mended, dry run, take-in, undo."""

import csv
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from allocation.home_forms import ReasonForm
from applications import permissions
from core import audit, clock
from core.identity.masking import mask_text
from core.refusals import Refusal
from renewal import states
from renewal.forms_stock import MappingForm, UploadForm
from renewal.models import StockEntry, StockImport
from renewal.stock import check, file, imports, opening, take_in, undo

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PER_PAGE, _LISTS = 50, 20
_STOP_POLLING = 286
_STEPS = ("rehearse", "start", "stop", "discard", "undo", "book")


@staff_only(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form, and what was handed in before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        handed_in = form.cleaned_data["file"]
        try:
            row = imports.upload(
                handed_in.read(), file_name=handed_in.name, by=request.user.as_staff
            )
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("office_stock_mapping", pk=row.pk)
    rows = StockImport.objects.select_related("uploaded_by").defer("content", "faults")[:_LISTS]
    context = {"form": form, "imports": [(one, one.STATES[one.state]) for one in rows]}
    return render(request, "renewal/stock/index.html", context, status=422 if form.errors else 200)


@staff_only(Role.ADMIN)
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    answer = HttpResponse(file.template(), content_type=_XLSX)
    answer["Content-Disposition"] = 'attachment; filename="stock.xlsx"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@staff_only(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Which title is which column; then every line is checked."""
    row = get_object_or_404(StockImport.objects.defer("content", "faults"), pk=pk)
    if why := imports.why_not_judge(row, request.user.as_staff):
        messages.error(request, why)
        return redirect("office_stock_import", pk=pk)
    form = MappingForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            imports.judge(
                row, form.mapping, by=request.user.as_staff,
                make_homes=form.cleaned_data["make_homes"],
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("office_stock_import", pk=pk)
    context = {"row": row, "form": form}
    return render(
        request, "renewal/stock/mapping.html", context, status=422 if form.errors else 200
    )


@staff_only(Role.ADMIN)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file would bring and what is wrong with it; once taken in, its households."""
    return _page(request, _row(pk), ReasonForm())


@staff_only(Role.ADMIN)
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, polled while households are taken in."""
    row = _row(pk)
    answer = render(request, "renewal/stock/progress.html", _progress(row))
    if row.state != states.S_RUNNING:
        answer.status_code = _STOP_POLLING
    return answer


@staff_only(Role.ADMIN)
@require_GET
def faults(request: HttpRequest, pk: int) -> HttpResponse:
    """What is to be mended, as a file for the spreadsheet it came from."""
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="stock-faults.csv"'
    answer["Cache-Control"] = "private, no-store"
    writer = csv.writer(answer)
    writer.writerow([_("表"), _("行"), _("列"), _("哪里不对"), _("怎么改")])
    for one in imports.faults_of(_row(pk)):
        writer.writerow([one.sheet, one.row, one.column, one.what, one.mend])
    return answer


@staff_only(Role.ADMIN)
@require_GET
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """What the old system said of one household, cell by cell; the look is recorded."""
    row = get_object_or_404(
        StockEntry.objects.select_related("source__started_by", "application", "lease"), pk=pk
    )
    if why := _why_not_look(row, request.user.as_staff):
        return refuse(request, why)
    audit.looked(
        row, by=request.user, purpose=str(_("存量导入")), subjects=_people(row),
        case_no=audit.case_number(row.application),
    )  # fmt: skip
    lines = [(file.HOUSES, row.said[file.HOUSES])]
    lines += [(file.PEOPLE, one) for one in row.said[file.PEOPLE]]
    told = [(sheet, line["row"], _masked(sheet, line["cells"])) for sheet, line in lines]
    return render(request, "renewal/stock/entry.html", {"row": row, "lines": told})


@staff_only(Role.ADMIN)
@require_POST
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """rehearse, start, stop, book, discard or undo."""
    if step not in _STEPS:
        raise Http404
    row, staff = _row(pk), request.user.as_staff
    form = ReasonForm(request.POST) if step == "undo" else ReasonForm()
    if form.is_bound and not form.is_valid():
        return _page(request, row, form, status=422)
    try:
        if step == "undo":
            undo.undo(row, by=staff, reason=form.cleaned_data["reason"])
            messages.success(request, _("已撤销，导入的内容全部删去。"))
        elif step == "book":
            sum_ = opening.book(row, by=staff)
            messages.success(request, _("已记到租金账，合计%(sum)s元。") % {"sum": sum_})
        elif step == "rehearse":
            take_in.rehearse(row, by=staff)
        else:
            getattr(imports, step)(row, by=staff)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("office_stock_import", pk=pk)


def _page(request: HttpRequest, row: StockImport, form: Any, status: int = 200) -> HttpResponse:
    staff, found = request.user.as_staff, imports.faults_of(row)
    taken = row.entries.filter(state=StockEntry.State.TAKEN).defer("said", "faults")
    households = taken.select_related("application", "lease").order_by("pk")
    number = request.GET.get("page")
    context = _progress(row) | {
        "state": row.STATES[row.state],
        "faults": Paginator(found, _PER_PAGE).get_page(request.GET.get("faults")),
        "page": Paginator(households, _PER_PAGE).get_page(number),
        "why_not": imports.why_not_start(row, staff),
        "opening": opening.open_sum(row) if not opening.why_not(row, staff) else 0,
        "why_not_undo": undo.why_not_undo(row, staff),
        "form": form,
    }
    return render(request, "renewal/stock/import.html", context, status=status)


def _masked(sheet: str, cells: dict[str, str]) -> list[tuple[str, str]]:
    """Column and what its cell said, in the order of the sheet."""
    return [(name, mask_text(cells[name])) for name in file.COLUMNS[sheet] if name in cells]


def _people(row: StockEntry) -> list[str]:
    """Blind indexes of the people in the lines; who was in no case yet is in them, too."""
    people = file.house(row.said, clock.today()).people
    return [check.index_of(one) for one in people if one.id_number]


def _why_not_look(row: StockEntry, staff: Any) -> str:
    """Why this person must keep away from the household: their own, or their family's."""
    if staff.id_index and staff.id_index in _people(row):
        return _("这份清单涉及您本人或家人，按回避规定请由同事办理。")
    return permissions.why_not_free(staff, row.application) if row.application else ""


def _progress(row: StockImport) -> dict[str, Any]:
    counts = take_in.progress(row)
    able = counts["total"] - counts["faulty"]
    return {
        "row": row, "counts": counts, "able": able, "done": able - counts["ready"],
        "running": row.state == states.S_RUNNING,
    }  # fmt: skip


def _row(pk: int) -> StockImport:
    rows = StockImport.objects.select_related("uploaded_by", "started_by", "undone_by")
    return get_object_or_404(rows.defer("content"), pk=pk)

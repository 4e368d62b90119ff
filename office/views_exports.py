"""/office/exports/: one's own files, asking for one, its progress, download and end."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.models import Staff
from applications import periods
from core import clock, display
from core.refusals import Refusal
from office import export_rows, exports, states
from office.export_files import KINDS
from office.export_form import ExportForm
from office.export_rows import LEADERS, REVIEWERS, NoSuchList
from office.models import Export

_SHOWN = 50


@require_GET
@staff_only(*REVIEWERS, *LEADERS)
def mine(request: HttpRequest) -> HttpResponse:
    """The person's exports, the newest first."""
    staff = _staff(request)
    rows = [_shown(one) for one in exports.of(staff)[:_SHOWN]]
    context = {"rows": rows, "days": periods.of("export_kept").value, "leads": _leads(staff)}
    return render(request, "office/exports.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS, *LEADERS)
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """What the file will hold; its format and purpose; then it is made in the background."""
    staff = _staff(request)
    if exports.why_not_export(staff, kind):
        raise Http404
    try:
        listing = export_rows.listing(kind, staff, request.GET)
        total = listing.count()
    except NoSuchList:
        raise Http404 from None
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            exports.ask(kind, said["format"], request.GET, purpose=said["purpose"], by=staff)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已开始生成，可以离开这一页，生成好了再来下载。"))
            return redirect("office_exports")
    context = {
        "form": form, "title": listing.title, "heads": listing.heads, "total": total,
        "days": periods.of("export_kept").value,
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "office/export_ask.html", context, status=status)


@require_GET
@staff_only(*REVIEWERS, *LEADERS)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """One row of the list, as htmx asks for it again while the file is made."""
    row = _own(request, pk)
    return render(request, "office/export_progress.html", {"one": _shown(row)})


@require_POST
@staff_only(*REVIEWERS, *LEADERS)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stops it, or throws the file away."""
    try:
        exports.cancel(_own(request, pk), by=_staff(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已取消，文件没有保留。"))
    return redirect("office_exports")


@require_POST
@staff_only(*REVIEWERS, *LEADERS)
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file itself; the download is recorded before its first byte."""
    row = _own(request, pk)
    try:
        content = exports.download(row, by=_staff(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("office_exports")
    kind = KINDS[row.format]
    answer = StreamingHttpResponse(content, content_type=kind.content_type)
    name = f"{row.get_kind_display()}-{row.pk}.{kind.suffix}"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Content-Length"] = str(row.size)
    answer["Cache-Control"] = "no-store"
    return answer


def _staff(request: HttpRequest) -> Staff:
    staff = request.user.as_staff  # type: ignore[union-attr]
    assert staff is not None  # the door lets in nobody else
    return staff


def _own(request: HttpRequest, pk: int) -> Export:
    return get_object_or_404(exports.of(_staff(request)), pk=pk)


def _shown(row: Export) -> dict[str, Any]:
    state = row.STATES[row.state]
    until = display.day_time(row.expires_at) if row.expires_at else ""
    under_way = row.state in exports.UNDER_WAY
    return {
        "row": row,
        "state": state,
        "line": str(state.line).format(date=until),
        "under_way": under_way,
        "left": _minutes_left(row) if under_way else None,
        "ready": row.state == states.EXPORT_READY,
        "size": display.count(max(1, row.size // 1024)),
    }


def _minutes_left(row: Export) -> int | None:
    """At the pace so far; None before the first rows."""
    if not row.done or not row.total:
        return None
    passed = (clock.now() - row.state_since).total_seconds()
    return max(1, round(passed * (row.total - row.done) / row.done / 60))


def _leads(staff: Staff) -> dict[str, bool]:
    """Which lists the person may take out: where an empty page sends them."""
    return {kind: not exports.why_not_export(staff, kind) for kind in export_rows.LISTINGS}

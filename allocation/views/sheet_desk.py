"""交接和验房: the sheet at the home on the company's device; the household signs or says a code."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from allocation import facts, home_photos, sheets, states, tenancy_list
from allocation.forms_movein import CodeForm, SheetForm, SheetSignForm, TextForm
from allocation.models import HandoverSheet, Lease
from applications import looks
from applications.views.queue import staff_of
from core.refusals import Refusal

Kind = HandoverSheet.Kind


@require_GET
@staff_only(Role.OPERATOR)
def handovers(request: HttpRequest) -> HttpResponse:
    """交接: households that have moved in without a confirmed sheet."""
    return _list(request, Kind.IN, tenancy_list.cut(tenancy_list.to_hand_over()))


@require_GET
@staff_only(Role.OPERATOR)
def moveouts(request: HttpRequest) -> HttpResponse:
    """验房: households that move out without a confirmed inspection."""
    return _list(request, Kind.OUT, tenancy_list.cut(tenancy_list.to_inspect()))


@require_http_methods(["GET", "POST"])
@staff_only(Role.OPERATOR)
def sheet(request: HttpRequest, kind: str, number: str) -> HttpResponse:
    """One sheet: readings and photos, then shown, then signed or disputed."""
    if kind not in Kind.values:
        raise Http404
    lease = get_object_or_404(
        Lease.objects.select_related("home__estate", "application"), number=number
    )
    row = lease.sheets.filter(kind=kind).first()
    forms = _forms(request, row)
    if request.method == "POST" and _do(request, lease, kind, row, forms):
        return redirect("operator_sheet", kind, number)
    if request.method == "GET":
        looks.note(lease.application, by=request.user, purpose=_("交接房屋"))
    context = {
        "lease": lease,
        "kind": kind,
        "sheet": row,
        "state": states.SHEET[row.state] if row else None,
        "address": facts.address(lease.home),
        "lines": facts.sheet_lines(row) if row else [],
        "photos": row.photos.filter(raw="") if row else [],
        "disputes": row.disputes.all() if row else [],
        "editable": row is None or row.state != states.S_CONFIRMED,
        "missing": sheets.why_incomplete(row) if row else "",
        **forms,
    }
    status = 422 if any(one.errors for one in forms.values()) else 200
    return render(request, "allocation/operator/sheet.html", context, status=status)


# -- Parts ---------------------------------------------------------------------------------------


def _list(request: HttpRequest, kind: str, rows: list[Lease]) -> HttpResponse:
    found = {
        one.lease_id: one
        for one in HandoverSheet.objects.filter(kind=kind, lease__in=[one.pk for one in rows])
    }
    context = {
        "kind": kind,
        "rows": [
            {
                "lease": one,
                "address": facts.address(one.home),
                "state": states.SHEET[found[one.pk].state] if one.pk in found else None,
            }
            for one in rows
        ],
    }
    return render(request, "allocation/operator/sheets.html", context)


def _forms(request: HttpRequest, row: HandoverSheet | None) -> dict[str, Any]:
    what = request.POST.get("do", "")
    told = request.POST if request.method == "POST" else None
    return {
        "form": SheetForm(told, request.FILES, sheet=row)
        if told and what == "save"
        else SheetForm(sheet=row),
        "sign_form": SheetSignForm(told if what == "sign" else None),
        "code_form": CodeForm(told if what == "code" else None),
        "answer_form": TextForm(told if what == "answer" else None, label=_("怎么核对的、结果")),
    }


def _do(
    request: HttpRequest, lease: Lease, kind: str, row: HandoverSheet | None, forms: dict[str, Any]
) -> bool:
    what, staff, user = request.POST.get("do", ""), staff_of(request), request.user
    if what == "save":
        form = forms["form"]
        return bool(form.is_valid()) and _try(form, lambda: _save(request, lease, kind, form))
    if row is None:
        return False
    if what in ("show", "send_code"):
        return _press(request, row, what)
    acts: dict[str, Callable[[Any], Any]] = {
        "sign": lambda told: sheets.sign(row, by=user, **told),
        "code": lambda told: sheets.confirm_by_code(row, by=user, **told),
        "answer": lambda told: sheets.answer(
            get_object_or_404(row.disputes, answered_at=None), by=staff, **told
        ),
    }
    form = forms.get(f"{what}_form")
    if what not in acts or form is None or not form.is_valid():
        return False
    return _try(form, lambda: acts[what](form.cleaned_data))


def _press(request: HttpRequest, row: HandoverSheet, what: str) -> bool:
    """A button without a box: its refusal is a sentence above the page, nothing is lost."""
    try:
        (sheets.show if what == "show" else sheets.send_code)(row, by=staff_of(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return True


def _try(form: Form, act: Callable[[], Any]) -> bool:
    try:
        act()
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _save(request: HttpRequest, lease: Lease, kind: str, form: SheetForm) -> None:
    row = sheets.draw_up(lease, kind, by=staff_of(request), told=form.told())
    for sentence in home_photos.add_each(row, form.cleaned_data["photos"], by=request.user):
        messages.error(request, sentence)
    messages.success(request, _("已保存。"))

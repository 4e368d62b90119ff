"""我的交接单和报修: the household's own word on both."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import citizen_only
from allocation import facts, home_photos, mine, repairs, sheets, states
from allocation.forms_movein import RepairForm, SheetSignForm, TextForm
from allocation.models import Lease, Repair
from allocation.views.upkeep_desk import line, sent
from core.refusals import Refusal


@citizen_only
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, kind: str) -> HttpResponse:
    """交接单: read, then sign or say what is not so."""
    lease = _lease(request)
    row = get_object_or_404(
        lease.sheets.exclude(state=states.S_DRAFT).select_related("lease__home__estate"), kind=kind
    )
    what = request.POST.get("do", "")
    sign = SheetSignForm(request.POST if what == "sign" else None)
    dispute = TextForm(request.POST if what == "dispute" else None, label=_("哪里和实际不一样"))
    form: Any = sign if what == "sign" else dispute
    if request.method == "POST" and form.is_valid():
        try:
            if what == "sign":
                sheets.sign(row, by=request.user, **form.cleaned_data)
                messages.success(request, _("已确认交接单。"))
            else:
                sheets.dispute(row, by=request.user, **form.cleaned_data)
                messages.success(request, _("已记录，运营公司会核对后答复。钥匙和门禁照常使用。"))
            return redirect("my_keys")
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {
        "sheet": row,
        "state": states.SHEET[row.state],
        "address": facts.address(row.lease.home),
        "lines": facts.sheet_lines(row),
        "photos": row.photos.filter(raw=""),
        "disputes": row.disputes.all(),
        "sign": sign,
        "dispute": dispute,
        "to_confirm": row.state == states.S_TO_CONFIRM,
    }
    status = 422 if sign.errors or dispute.errors else 200
    return render(request, "allocation/my/sheet.html", context, status=status)


@citizen_only
@require_http_methods(["GET", "POST"])
def repair(request: HttpRequest) -> HttpResponse:
    """报修: a new one, and how the earlier ones stand."""
    lease = mine.lease(request.user)
    in_force = lease is not None and lease.state in states.L_IN_FORCE
    form = RepairForm(*sent(request))
    if request.method == "POST" and lease is not None and form.is_valid():
        told = dict(form.cleaned_data)
        photos = told.pop("photos")
        try:
            made = repairs.report(lease, by=request.user, **told)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            for sentence in home_photos.add_each(made, photos, by=request.user):
                messages.error(request, sentence)
            messages.success(request, _("已报修，运营公司会约时间。"))
            return redirect("my_repair")
    rows = Repair.objects.filter(lease=lease).select_related("lease__home__estate")
    context = {
        "lease": lease if in_force else None,
        "form": form,
        "rows": [_shown(one) for one in rows.order_by("-pk")[:20]],
        "not_done": TextForm(label=_("还有什么问题")),
    }
    status = 422 if form.errors else 200
    return render(request, "allocation/my/repair.html", context, status=status)


@citizen_only
@require_POST
def repair_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The tenant's word: done, not done, or not needed any more."""
    row = get_object_or_404(_lease(request).repairs, pk=pk)
    what = request.POST.get("do", "")
    try:
        if what == "confirm":
            repairs.confirm(row, by=request.user)
            messages.success(request, _("已确认修好。"))
        elif what == "not_done":
            repairs.not_done(row, by=request.user, text=request.POST.get("text", ""))
            messages.success(request, _("已告诉运营公司，会再来。"))
        elif what == "withdraw":
            repairs.withdraw(row, by=request.user)
            messages.success(request, _("已撤回这次报修。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("my_repair")


def _shown(row: Any) -> dict[str, Any]:
    told = line(row)
    words = {"due": facts.moment(row.promised_at), "date": facts.moment(row.confirmed_at)}
    return told | {"line": str(states.REPAIR[row.state].line).format(**words)}


def _lease(request: HttpRequest) -> Lease:
    lease = mine.lease(request.user)
    if lease is None:
        raise Http404
    return lease

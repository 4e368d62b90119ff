"""/operator/rent/: arrears, contacts, bank files. Sums only: no income, tier, reason or health."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from allocation import aid, arrears, bank_file, facts, payments, rent_account, rent_words, states
from allocation.forms_rent import (
    AgreedForm,
    ContactForm,
    EndForm,
    FileForm,
    InstalmentForm,
    MatchForm,
    ReasonForm,
    TotalForm,
)
from allocation.models import BankFile, Lease, RentContact
from applications import looks
from core import clock
from core.refusals import Refusal

_PAGE = 50
_SHOWN = 24  # payments of one household
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@staff_only(Role.OPERATOR)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """欠租: who owes, for how long, when somebody last spoke with them."""
    found = arrears.owing()
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    leases = [one.lease for one in page]
    agreed, last = arrears.arrangements(leases), _last_contacts(leases)
    today = clock.today()
    context = {
        "page_obj": page,
        "rows": [_row(one, agreed, last, today) for one in page],
        "total": sum(one.amount for one in found),
        "waiting": payments.suspense().count(),
    }
    return render(request, "allocation/operator/rent.html", context)


@staff_only(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest, pk: int) -> HttpResponse:
    """One household's rent: sums, contacts, instalments. Each look is recorded."""
    lease = get_object_or_404(_signed(), pk=pk)
    step = request.POST.get("step")
    contact = ContactForm(request.POST if step == "contact" else None)
    parts = InstalmentForm(request.POST if step == "parts" else None)
    agreed = AgreedForm(request.POST if step == "agreed" else None)
    end = EndForm(request.POST if step == "end" else None)
    forms = {"contact": contact, "parts": parts, "agreed": agreed, "end": end}
    if step and _done(request, lease, step, forms):
        return redirect("operator_rent_home", pk)
    account = rent_account.of([lease])[lease.pk]
    applicant = lease.application.applicant
    looks.note(lease.application, by=request.user, purpose=_("租金联系"))
    arrangement = arrears.arrangements([lease]).get(lease.pk)
    context = {
        "lease": lease,
        "address": facts.address(lease.home),
        "tenant": applicant,
        "owing": arrears.owing_of(lease, account),
        "lines": _sums_only(account),
        "payments": account.payments[::-1][:_SHOWN],
        "aid": aid.standing(lease),
        "contacts": [_contact(one) for one in lease.rent_contacts.select_related("by")],
        "arrangement": arrangement,
        "arrangement_state": states.ARRANGEMENT[arrangement.state] if arrangement else None,
        "contact_form": contact,
        "parts_form": parts,
        "agreed_form": agreed,
        "end_form": end,
    }
    wrong = any(form.errors for form in forms.values())
    return render(
        request, "allocation/operator/rent_home.html", context, status=422 if wrong else 200
    )


@staff_only(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """Bank files: upload one, see the earlier ones."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            row = payments.check(given.read(), name=given.name, by=request.user.staff)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("operator_rent_file", row.pk)
    page = Paginator(BankFile.objects.defer("rows"), _PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "rows": [(one, states.BANK_FILE[one.state]) for one in page],
        "columns": bank_file.COLUMNS,
    }
    status = 422 if form.errors else 200
    return render(request, "allocation/operator/rent_files.html", context, status=status)


@staff_only(Role.OPERATOR)
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The layout of a bank file as a workbook."""
    response = HttpResponse(bank_file.template(), content_type=_XLSX)
    response["Content-Disposition"] = 'attachment; filename="bank-receipts.xlsx"'
    return response


@staff_only(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One bank file: what counting it would do; count, put aside, undo, reconcile."""
    row = get_object_or_404(BankFile.objects.select_related("uploaded_by", "settled_by"), pk=pk)
    step = request.POST.get("step")
    reason = ReasonForm(request.POST if step == "undo" else None)
    total = TotalForm(request.POST if step == "reconcile" else None)
    if step and _moved(request, row, step, reason, total):
        return redirect("operator_rent_file", pk)
    row.refresh_from_db()
    found = payments.seen(row)
    before = row.state == states.B_CHECKED
    counted = [one for one in found if one.counted] if before else []
    context = {
        "row": row,
        "state": states.BANK_FILE[row.state],
        "problems": payments.problems_of(row),
        "page_obj": Paginator(found, _PAGE).get_page(request.GET.get("page")),
        "counted": len(counted),
        "unknown": sum(one.lease is None for one in found),
        "why_not": payments.why_not_take_in(row),
        "before": before,
        "reason_form": reason,
        "total_form": total,
        "undo_effects": [
            _("这份文件里的付款都不再计入，欠租重新计算。"),
            _("认领过的也要重新认领；别的文件里也有的流水，改由那份文件计入。"),
        ],
    }
    wrong = reason.errors or total.errors
    return render(
        request, "allocation/operator/rent_file.html", context, status=422 if wrong else 200
    )


@staff_only(Role.OPERATOR)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """待认领: payments that name no lease."""
    page = Paginator(payments.suspense(), _PAGE).get_page(request.GET.get("page"))
    return render(request, "allocation/operator/rent_waiting.html", {"page_obj": page})


@staff_only(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts one payment to the lease that the person names."""
    payment = get_object_or_404(payments.suspense(), pk=pk)
    form = MatchForm(request.POST or None, initial={"number": request.GET.get("number", "")[:30]})
    if request.method == "POST" and form.is_valid():
        lease = _signed().filter(number=form.cleaned_data["number"]).first()
        try:
            if lease is None:
                raise payments.MatchRefused(_("没有这个合同编号，请对照合同再看一遍。"), "number")
            payments.match(payment, lease, by=request.user.staff)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("已记到%(number)s。") % {"number": lease.number})
            return redirect("operator_rent_waiting")
    status = 422 if form.errors else 200
    context = {"payment": payment, "form": form}
    return render(request, "allocation/operator/rent_match.html", context, status=status)


# -- Parts -----------------------------------------------------------------------------------------


def _signed() -> Any:
    unsigned = (states.L_TO_SIGN, states.L_CANCELLED)
    rows = Lease.objects.exclude(state__in=unsigned)
    return rows.select_related("home__estate", "application")


def _row(one: arrears.Owing, agreed: Any, last: Any, today: Any) -> dict[str, Any]:
    arrangement = agreed.get(one.lease.pk)
    return {
        "owing": one,
        "address": facts.address(one.lease.home),
        "last": last.get(one.lease.pk),
        "arrangement": states.ARRANGEMENT[arrangement.state] if arrangement else None,
        "kept": bool(arrangement) and arrears.is_kept(arrangement, one.account, today),
    }


def _last_contacts(leases: list[Lease]) -> dict[int, RentContact]:
    rows = RentContact.objects.filter(lease__in=leases).order_by("at", "id").defer("words")
    return {one.lease_id: one for one in rows}


def _contact(row: RentContact) -> dict[str, Any]:
    words = dict(RentContact.Help.choices)
    return {"row": row, "helps": [words[one] for one in row.helps if one in words]}


def _sums_only(account: rent_account.Account) -> list[rent_words.MonthLine]:
    """The months without their notes: why something was taken off is not the company's."""
    lines = rent_words.statement(account)
    for line in lines:
        line.notes = []
    return lines


def _done(request: HttpRequest, lease: Lease, step: str, forms: dict[str, Any]) -> bool:
    form = forms.get(step)
    if form is None or not form.is_valid():
        return False
    try:
        said = _act(request, lease, step, form.cleaned_data)
    except Refusal as refusal:
        form.add_error(refusal.field, str(refusal))
        return False
    messages.success(request, said)
    return True


def _act(request: HttpRequest, lease: Lease, step: str, data: dict[str, Any]) -> str:
    by = request.user.staff
    if step == "contact":
        arrears.note_contact(
            lease, way=data["way"], reached=data["reached"] == "yes", words=data["words"],
            helps=data["helps"], by=by,
        )  # fmt: skip
        return _("已记下这次联系。")
    if step == "parts":
        arrears.propose(lease, parts=data["parts"], first_due=data["first_due"], by=by)
        return _("分期已发给住户，住户同意以后才算数。")
    if step == "end":
        arrears.end_open(lease, by=by, reason=data["reason"])
        return _("分期已结束，可以再约。")
    arrears.agreed_on_paper(lease, by=by)
    return _("已记下住户同意分期。")


def _moved(
    request: HttpRequest, row: BankFile, step: str, reason: ReasonForm, total: TotalForm
) -> bool:
    by = request.user.staff
    form = {"undo": reason, "reconcile": total}.get(step)
    if form is not None and not form.is_valid():
        return False
    try:
        if step == "take_in":
            payments.take_in(row, by=by)
            messages.success(request, _("已入账。对账之前可以撤销。"))
        elif step == "discard":
            payments.discard(row, by=by)
        elif step == "undo":
            payments.undo(row, by=by, reason=reason.cleaned_data["reason"])
            messages.success(request, _("已撤销，这份流水没有计入任何一户。"))
        elif step == "reconcile":
            payments.reconcile(row, bank_total=total.cleaned_data["bank_total"], by=by)
            messages.success(request, _("已对账，和银行合计一分不差。"))
    except Refusal as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return True
        form.add_error(refusal.field, str(refusal))
        return False
    return True

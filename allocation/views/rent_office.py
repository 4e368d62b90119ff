"""/office/rent/: totals by month and estate, down to one household; what people decide there."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import has_role, staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from allocation import (
    aid,
    arrears,
    facts,
    months,
    payments,
    reductions,
    rent_account,
    rent_basis,
    rent_corrections,
    rent_terms,
    rent_totals,
    rent_words,
    states,
)
from allocation.forms_rent import AskForm, CorrectionForm, DecideForm, SettleForm, TermForm
from allocation.models import ArrearsFlag, Estate, Lease, Reduction
from applications import looks, permissions
from core import clock
from core.refusals import Refusal

READ = (Role.ADMIN, Role.DISTRICT, Role.LEADER)
ACT = (Role.ADMIN, Role.DISTRICT)
_PAGE = 50
_SHOWN = 30


@staff_only(*READ)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """租金: totals by month, then by estate; what waits for a person."""
    by_month = rent_totals.by_month()
    month = _month(request) or (by_month[0].key if by_month else None)
    flags = ArrearsFlag.objects.filter(state=states.F_RAISED).order_by("-months", "raised_at")
    asked = Reduction.objects.filter(state=states.D_ASKED).order_by("asked_at")
    context = {
        "months": by_month,
        "month": month,
        "estates": rent_totals.by_estate(month) if month else [],
        "unmatched": rent_totals.waiting_in(month) if month else months.ZERO,
        "suspense": payments.suspense().count(),
        "flags": flags.select_related("lease__home__estate")[:_SHOWN],
        "asked": asked.select_related("lease__home__estate")[:_SHOWN],
        "may_act": _may_act(request),
    }
    return render(request, "allocation/office/rent.html", context)


@staff_only(*READ)
@require_GET
def homes(request: HttpRequest) -> HttpResponse:
    """The households behind a total."""
    month, estate = _month(request), request.GET.get("estate", "")
    rows = rent_totals.homes(month, estate)
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    context = {
        "month": month,
        "estate": Estate.objects.filter(code=estate).first(),
        "page_obj": page,
        "rows": [
            (one, facts.address(one.home), -one.month_off, one.charged_sum - one.paid_sum)
            for one in page
        ],
    }
    return render(request, "allocation/office/rent_homes.html", context)


@staff_only(*READ)
@require_http_methods(["GET", "POST"])
def lease(request: HttpRequest, pk: int) -> HttpResponse:
    """One household's account, with corrections and changes of the rent. Looks are recorded."""
    row = get_object_or_404(Lease.objects.select_related("home__estate", "application"), pk=pk)
    step = request.POST.get("step")
    correction = CorrectionForm(request.POST if step == "correct" else None, prefix="c")
    term = TermForm(request.POST if step == "term" else None, prefix="t")
    ask = AskForm(request.POST if step == "ask" else None, prefix="a")
    if step:
        if why := _why_not_act(request, row):
            return refuse(request, why)
        if _done(request, row, {"correct": correction, "term": term, "ask": ask}, step):
            return redirect("office_rent_lease", pk)
    _note_look(request, row)
    account = rent_account.of([row])[row.pk]
    context = {
        "lease": row,
        "address": facts.address(row.home),
        "sums": rent_words.sums(account),
        "owing": arrears.owing_of(row, account),
        "lines": rent_words.statement(account),
        "payments": rent_words.payments_of(account),
        "why": rent_words.why(rent_basis.term_in_force(row, clock.today())),
        "coming": [rent_words.why(one) for one in rent_words.coming(row, clock.today())],
        "contacts": row.rent_contacts.select_related("by"),
        "aid": (helped := aid.standing(row)),
        "aid_state": states.AID[helped.state] if helped else None,
        "reductions": [(one, states.REDUCTION[one.state]) for one in row.rent_reductions.all()],
        "correction_form": correction,
        "term_form": term,
        "ask_form": ask,
        "may_act": not _why_not_act(request, row),
    }
    status = 422 if correction.errors or term.errors or ask.errors else 200
    return render(request, "allocation/office/rent_lease.html", context, status=status)


@staff_only(*READ)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A person grants or declines a reduction."""
    rows = Reduction.objects.select_related("lease__home__estate", "lease__application")
    row = get_object_or_404(rows, pk=pk)
    why = _why_not_act(request, row.lease)
    if why and request.method == "POST":
        return refuse(request, why)
    initial = {"from_month": row.from_month, "to_month": row.to_month}
    form = DecideForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _decided(request, row, form):
        messages.success(request, _("已决定，已告诉住户。"))
        return redirect("office_rent")
    _note_look(request, row.lease)
    row.refresh_from_db()
    context = {
        "row": row,
        "state": states.REDUCTION[row.state],
        "address": facts.address(row.lease.home),
        "sums": rent_words.sums(rent_account.of([row.lease])[row.lease_id]),
        "why_not": why or reductions.why_not_decide(row, request.user.staff),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "allocation/office/rent_decide.html", context, status=status)


@staff_only(*READ)
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """A person looks at arrears that came to the line; nothing follows by itself."""
    rows = ArrearsFlag.objects.select_related("lease__home__estate", "lease__application")
    row = get_object_or_404(rows, pk=pk)
    why = _why_not_act(request, row.lease)
    if why and request.method == "POST":
        return refuse(request, why)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            arrears.settle_flag(row, words=form.cleaned_data["words"], by=request.user.staff)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("已记下。"))
            return redirect("office_rent")
    _note_look(request, row.lease)
    account = rent_account.of([row.lease])[row.lease_id]
    context = {
        "row": row,
        "state": states.ARREARS_FLAG[row.state],
        "open": row.state == states.F_RAISED,
        "address": facts.address(row.lease.home),
        "sums": rent_words.sums(account),
        "contacts": row.lease.rent_contacts.select_related("by"),
        "why_not": why,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "allocation/office/rent_flag.html", context, status=status)


# -- Parts -----------------------------------------------------------------------------------------


def _month(request: HttpRequest) -> date | None:
    """The month in the address. Raises Http404 for what is none."""
    text = request.GET.get("month", "")
    try:
        return months.of_text(text) if text else None
    except ValueError:
        raise Http404 from None


def _may_act(request: HttpRequest) -> bool:
    return any(has_role(request.user, role) for role in ACT)


def _why_not_act(request: HttpRequest, row: Lease) -> str:
    if not _may_act(request):
        return _("您的岗位只看，不办理。")
    return permissions.why_not_free(request.user.staff, row.application)


def _note_look(request: HttpRequest, row: Lease) -> None:
    looks.note(row.application, by=request.user, purpose=_("租金核对"))


def _done(request: HttpRequest, row: Lease, forms: dict[str, Any], step: str) -> bool:
    form = forms.get(step)
    if form is None or not form.is_valid():
        return False
    try:
        messages.success(request, _act(request, row, step, form.cleaned_data))
    except Refusal as refusal:
        form.add_error(refusal.field, str(refusal))
        return False
    return True


def _act(request: HttpRequest, row: Lease, step: str, data: dict[str, Any]) -> str:
    if step == "correct":
        rent_corrections.correct(row, **data, by=request.user)
        return _("已写进这个月的账，原来的账单不变。")
    if step == "term":
        rent_terms.change(row, **data, by=request.user)
        return _("月租金已调整，已告诉住户。")
    reductions.ask(row, **data, by=request.user)
    return _("已代住户登记减免申请，请由同事决定。")


def _decided(request: HttpRequest, row: Reduction, form: DecideForm) -> bool:
    data, by = form.cleaned_data, request.user.staff
    try:
        if request.POST.get("step") == "decline":
            reductions.decline(row, by=by, words=data["words"])
        else:
            reductions.grant(
                row, by=by, source=data["source"], words=data["words"],
                share=form.share_of_rent(), amount=data["amount"],
                from_month=data["from_month"], to_month=data["to_month"],
            )  # fmt: skip
    except Refusal as refusal:
        form.add_error(refusal.field, str(refusal))
        return False
    return True

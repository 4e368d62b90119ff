"""续租、换房: what a household asks of its lease, said with what follows before the button."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from allocation import mine, places, states
from allocation.forms_lease import SignForm, SwapForm, WishForm
from allocation.leases import moving, renewing, requests, texts
from allocation.leases.terms import LeaseRefused
from allocation.models import Lease, LeaseRequest
from applications import mandates, signatures
from applications.letters import PHONE
from core import clock, display
from core.refusals import Refusal


@citizen_only
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest) -> HttpResponse:
    """续租: until when, what happens if it is late or not asked at all, and the wish itself."""
    row = mine.lease(request.user)
    form = WishForm(request.POST or None)
    sent = request.method == "POST" and row is not None and form.is_valid()
    if sent and _try(form, lambda: _renewal(request, row, form)):
        return redirect("my_lease_renew")
    asked = row.requests.filter(kind="renewal").first() if row else None
    context: dict[str, Any] = {"lease": row, "form": form, "asked": asked}
    if row is not None:
        context |= {
            "end": renewing.last_day(row),
            "due": renewing.ask_until(row),
            "late": clock.today() > renewing.ask_until(row),
            "why_not": renewing.why_not_ask(row) or _only_tenant(row, request),
            "open": asked is not None and LeaseRequest.STATES[asked.state].open,
            "state": states.LEASE_REQUEST[asked.state] if asked else None,
            "may_withdraw": asked is not None and not requests.why_not_withdraw(asked),
        }
    status = 422 if form.errors else 200
    return render(request, "allocation/my/renew.html", context, status=status)


@citizen_only
@require_http_methods(["GET", "POST"])
def swap(request: HttpRequest) -> HttpResponse:
    """换房: ask another household, or answer one that asks, or the bureau's offer."""
    row = mine.lease(request.user)
    open_ = moving.open_for(row) if row else None
    asked = open_ is not None and open_.state == states.Q_CONSENT and _is_asked(row, open_)
    form = SignForm(request.POST or None) if asked else SwapForm(request.POST or None)
    if request.method == "POST" and row is not None:
        if "withdraw" in request.POST and open_ is not None:
            _take_back(request, row, open_)
            return redirect("my_lease_swap")
        elif form.is_valid() and _try(form, lambda: _answer(request, row, open_, asked, form)):
            return redirect("my_lease_swap")
    context: dict[str, Any] = {"lease": row, "form": form, "open": open_, "asked": asked}
    if row is not None:
        context["why_not"] = _why_not_swap(row, request)
    if open_ is not None and row is not None:
        context |= _told(row, open_)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "allocation/my/swap.html", context, status=status)


# -- Parts ----------------------------------------------------------------------------------


def _renewal(request: HttpRequest, row: Lease, form: WishForm) -> None:
    _refuse_others(row, request)
    if "withdraw" in request.POST:
        asked = row.requests.get(kind="renewal", state__in=states.LEASE_REQUEST.open_ids)
        requests.withdraw(asked, by=request.user)
        messages.success(request, _("已撤回。现在的租约不受影响。"))
        return
    made = renewing.ask(row, by=request.user, reason=form.cleaned_data["reason"])
    messages.success(
        request,
        _("已收到，比规定的日期晚，由工作人员联系您。") if made.late else _("已收到续租申请。"),
    )


def _answer(
    request: HttpRequest, row: Lease, open_: LeaseRequest | None, asked: bool, form: Any
) -> None:
    _refuse_others(row, request)
    if asked and open_ is not None:
        signatures.read(form.cleaned_data["name"], texts.tenant_of(row).name)
        moving.consent(open_, by=request.user)
        messages.success(request, _("已同意，由工作人员审核。"))
        return
    data = form.cleaned_data
    moving.ask_swap(row, data["number"], by=request.user, reason=data["reason"])
    messages.success(request, _("已告诉对方。对方同意以后，由工作人员审核。"))


def _why_not_swap(row: Lease, request: HttpRequest) -> str:
    if row.state not in moving.RUNNING:
        return _("租约生效以后、交还以前才能换房。")
    return _only_tenant(row, request)


def _only_tenant(row: Lease, request: HttpRequest) -> str:
    own = texts.tenant_of(row).id_index == mandates.index_of(request.user)
    return "" if own else _("由承租人提出。需要帮助时，请拨%(phone)s。") % {"phone": PHONE}


def _refuse_others(row: Lease, request: HttpRequest) -> None:
    if why := _only_tenant(row, request):
        raise LeaseRefused(why)


def _is_asked(row: Lease | None, open_: LeaseRequest) -> bool:
    """Whether it is this household whose consent is waited for."""
    return row is not None and (open_.kind == LeaseRequest.Kind.MOVE or open_.lease_id != row.pk)


def _told(row: Lease, open_: LeaseRequest) -> dict[str, Any]:
    home = next(home for lease, home in moving.pairs(open_) if lease.pk == row.pk)
    text = open_.texts.filter(lease=row).first()
    return {
        "state": states.LEASE_REQUEST[open_.state],
        "to": places.address(home),
        "to_area": display.area(home.area),
        "kind": open_.get_kind_display(),
        "text": text,
        "may_withdraw": not requests.why_not_withdraw(open_),
    }


def _try(form: Any, act: Any) -> bool:
    try:
        act()
    except Refusal as refusal:
        names = {"signature": "name"}
        field = names.get(refusal.field or "", refusal.field)
        form.add_error(field if field in form.fields else None, str(refusal))
        return False
    return True


def _take_back(request: HttpRequest, row: Lease, open_: LeaseRequest) -> None:
    try:
        _refuse_others(row, request)
        requests.withdraw(open_, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已撤回。现在的租约不受影响。"))

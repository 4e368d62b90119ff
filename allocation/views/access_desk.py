"""门禁: access per member, cards and one-time codes, who is told what."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from allocation import facts, handover, spare_keys, states, tenancy_list
from allocation.forms_movein import ReplaceForm, SpareForm
from allocation.models import AccessGrant, Lease, SpareKey
from applications import looks
from applications.views.queue import staff_of
from core.refusals import Refusal

TONE: dict[str, str] = {
    AccessGrant.State.QUEUED: "waiting",
    AccessGrant.State.CONFIRMED: "done",
    AccessGrant.State.FAILED: "yours",
    AccessGrant.State.REVOKED: "ended",
}


@require_GET
@staff_only(Role.OPERATOR)
def listed(request: HttpRequest) -> HttpResponse:
    """Households whose doors do not open first, then whoever is searched for."""
    words = request.GET.get("q", "")
    context = {
        "words": words,
        "failed": [_line(one) for one in tenancy_list.cut(tenancy_list.failed_locks())],
        "rows": [_line(one) for one in tenancy_list.cut(tenancy_list.in_force(words))]
        if words
        else [],
    }
    return render(request, "allocation/operator/access.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(Role.OPERATOR)
def household(request: HttpRequest, number: str) -> HttpResponse:
    """One household: each member's access, cards and codes; what is issued is logged."""
    lease = get_object_or_404(Lease.objects.select_related("home__estate"), number=number)
    form = SpareForm(request.POST or None)
    code = ""
    if request.method == "POST" and form.is_valid():
        grant = get_object_or_404(lease.grants, pk=_number(request.POST.get("grant")))
        done, code = _issue(request, grant, form)
        if done and not code:
            return redirect("operator_household", number)
    if request.method == "GET":
        looks.note(lease.application, by=request.user, purpose=_("办理门禁"))
    grants = lease.grants.select_related("member").order_by("member__position", "pk")
    context = {
        "lease": lease,
        "state": states.LEASE[lease.state],
        "address": facts.address(lease.home),
        "grants": [(one, TONE[one.state]) for one in grants],
        "chosen": _number(request.POST.get("grant")),
        "spares": list(spare_keys.of_lease(lease)),
        "sent": list(handover.messages(lease).items()),
        "form": SpareForm() if code else form,
        "code": code,
        "in_force": lease.state in states.L_IN_FORCE,
    }
    status = 422 if form.errors else 200
    response = render(request, "allocation/operator/household.html", context, status=status)
    if code:
        response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@staff_only(Role.OPERATOR)
def spare(request: HttpRequest, pk: int) -> HttpResponse:
    """A card that came back, or is lost: the new one first, then the old one stops."""
    row = get_object_or_404(
        SpareKey.objects.select_related("grant__lease__home__estate", "grant__member"), pk=pk
    )
    what = request.POST.get("do", "")
    form = ReplaceForm(request.POST if what == "replace" else None)
    if request.method == "POST" and _settle(request, row, what, form):
        return redirect("operator_household", row.grant.lease.number)
    looks.note(row.grant.lease.application, by=request.user, purpose=_("办理门禁"))
    status = 422 if form.errors else 200
    context = {"row": row, "form": form, "address": facts.address(row.grant.lease.home)}
    return render(request, "allocation/operator/spare.html", context, status=status)


# -- Parts ---------------------------------------------------------------------------------------


def _issue(request: HttpRequest, grant: AccessGrant, form: SpareForm) -> tuple[bool, str]:
    told, staff = form.cleaned_data, staff_of(request)
    try:
        if told["what"] == "code":
            _made, digits = spare_keys.issue_code(grant, by=staff, reason=told["reason"])
            return True, digits
        spare_keys.issue_card(
            grant, by=staff, number=told["number"], reason=told["reason"],
            spare=told["what"] == "spare",
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False, ""
    messages.success(request, _("卡已登记，几分钟内可以开门。"))
    return True, ""


def _settle(request: HttpRequest, row: SpareKey, what: str, form: ReplaceForm) -> bool:
    staff = staff_of(request)
    try:
        if what == "back":
            spare_keys.give_back(row, by=staff)
            messages.success(request, _("已登记交回，这张卡不能再开门。"))
        elif not form.is_valid():
            return False
        else:
            spare_keys.replace(row, by=staff, **form.cleaned_data)
            messages.success(request, _("新卡已发，旧卡停用。"))
    except Refusal as refusal:
        if form.is_bound:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return False
        messages.error(request, str(refusal))
    return True


def _line(lease: Lease) -> dict[str, Any]:
    return {"lease": lease, "address": facts.address(lease.home)}


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0

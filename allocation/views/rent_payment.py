"""One payment (一笔款): whose it is, and the way back where it was put to the wrong household."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from allocation import facts, payments, rent_account, states
from allocation.forms_rent import ReleaseForm
from allocation.models import Lease, RentPayment
from allocation.rent_account import Account
from applications import looks
from applications.views.queue import staff_of
from core import clock
from core.refusals import Refusal

MAY = (Role.OPERATOR, Role.ADMIN, Role.DISTRICT)


@staff_only(*MAY)
@require_http_methods(["GET", "POST"])
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what putting the payment back does to the household's account, then does it."""
    rows = RentPayment.objects.filter(lease__isnull=False, undone_at=None)
    row = get_object_or_404(
        rows.select_related("lease__home__estate", "lease__application", "file"), pk=pk
    )
    lease = row.lease
    assert lease is not None
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _released(request, row, form):
        return redirect(_after(request, row, lease))
    looks.note(lease.application, by=request.user, purpose=_("租金核对"))
    context = {
        "payment": row,
        "lease": lease,
        "state": states.LEASE[lease.state],
        "address": facts.address(lease.home),
        "preview": preview(rent_account.of([lease])[lease.pk], row),
        "form": form,
        "why_not": payments.why_not_release(row, staff_of(request)),
        "back_href": _household(request, lease),
    }
    status = 422 if form.errors else 200
    return render(request, "allocation/operator/rent_payment.html", context, status=status)


def preview(account: Account, row: RentPayment) -> list[tuple[str, Any, Any]]:
    """The household's sums as they are and as they would be without the payment."""
    today = clock.today()
    others = [one for one in account.payments if one.pk != row.pk]
    without = Account(lines=account.lines, payments=others)
    return [
        (_("已付"), account.paid, without.paid),
        (_("过期金额"), account.overdue_sum(today), without.overdue_sum(today)),
        (_("多付的余额"), account.credit, without.credit),
    ]


def _released(request: HttpRequest, row: RentPayment, form: ReleaseForm) -> bool:
    try:
        payments.release(row, by=staff_of(request), reason=form.cleaned_data["reason"])
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _after(request: HttpRequest, row: RentPayment, lease: Lease) -> str:
    """The company goes on to whose payment it is, the earlier number at hand to take it back."""
    if _is_company(request):
        messages.success(request, _("已退回待认领。退错了，点下面的按钮记回原来的那一户。"))
        return f"{reverse('operator_rent_match', args=[row.pk])}?number={lease.number}"
    messages.success(request, _("已退回待认领，由运营公司重新认领。"))
    return _household(request, lease)


def _household(request: HttpRequest, lease: Lease) -> str:
    page = "operator_rent_home" if _is_company(request) else "office_rent_lease"
    return reverse(page, args=[lease.pk])


def _is_company(request: HttpRequest) -> bool:
    return Role.OPERATOR in staff_of(request).roles

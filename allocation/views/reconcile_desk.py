"""对账: the last comparisons and what differs, each with its proposed repair."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from allocation import dead_letters, facts, reconciliation
from allocation.forms_movein import ReasonForm
from allocation.models import Difference, Reconciliation
from core.refusals import Refusal

_READERS = (Role.OPERATOR, Role.ADMIN)
_SHOWN = 200


@require_GET
@staff_only(*_READERS)
def listed(request: HttpRequest) -> HttpResponse:
    """Today's comparison of both systems, then every difference that stands."""
    runs = Reconciliation.objects.all()[:6]
    rows = reconciliation.standing()
    context = {
        "runs": [(one, dead_letters.RECEIVERS[one.destination]) for one in runs],
        "rows": [_line(one) for one in rows[:_SHOWN]],
        "count": rows.count(),
    }
    return render(request, "allocation/operator/reconcile.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*_READERS)
def difference(request: HttpRequest, pk: int) -> HttpResponse:
    """One difference: the proposed repair, or a reason to leave it."""
    row = get_object_or_404(Difference.objects.select_related("lease__home__estate"), pk=pk)
    keeps = request.POST.get("do") == "keep"
    form = ReasonForm(request.POST if keeps else None)
    error = ""
    if request.method == "POST" and (not keeps or form.is_valid()):
        try:
            _settle(request.user, row, keeps, form)
        except Refusal as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("已处理，明天再核对一次。"))
            return redirect("operator_reconcile")
    context = {**_line(row), "form": form, "error": error}
    status = 422 if error or form.errors else 200
    return render(request, "allocation/operator/difference.html", context, status=status)


def _settle(user: Any, row: Difference, keeps: bool, form: ReasonForm) -> None:
    if keeps:
        reconciliation.keep(row, by=user, reason=form.cleaned_data["reason"])
    else:
        reconciliation.repair(row, by=user)


def _line(row: Difference) -> dict[str, Any]:
    return {
        "row": row,
        "to": dead_letters.RECEIVERS[row.destination],
        "address": facts.address(row.lease.home) if row.lease else "",
        "proposal": reconciliation.proposal(row),
        "standing": row.state in reconciliation.STANDING,
        "person": row.person[:8],  # enough to find the row at the other side
    }

"""主动帮助 at the street: households in arrears that the company asked it to call on."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from allocation import aid, facts, rent_account, rent_words, states
from allocation.forms_rent import AidForm
from allocation.models import AidReferral
from applications import looks
from applications.views.queue import staff_of
from core import clock
from core.refusals import Refusal

_PAGE = 50


@staff_only(Role.STREET)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Whom to call on, the first to be due first; below, whom the street has called on."""
    staff = staff_of(request)
    page = Paginator(aid.of_street(staff), _PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(one, facts.address(one.lease.home)) for one in page],
        "done": [
            (one, facts.address(one.lease.home)) for one in aid.settled_by_street(staff)[:_PAGE]
        ],
        "today": clock.today(),
    }
    return render(request, "allocation/aid/list.html", context)


@staff_only(Role.STREET)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One household: what it owes, what was said, and what came of the call. Looks recorded."""
    staff = staff_of(request)
    rows = AidReferral.objects.filter(street=staff.bureau_id)
    rows = rows.select_related("street", "lease__home__estate", "lease__application", "contact")
    row = get_object_or_404(rows, pk=pk)
    form = AidForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _settled(request, row, form):
        return redirect("aid_list")
    looks.note(row.lease.application, by=request.user, purpose=_("主动帮助"))
    row.refresh_from_db()
    context = {
        "row": row,
        "state": states.AID[row.state],
        "address": facts.address(row.lease.home),
        "tenant": row.lease.application.applicant,
        "sums": rent_words.sums(rent_account.of([row.lease])[row.lease_id]),
        "contacts": row.lease.rent_contacts.select_related("by"),
        "why_not": aid.why_not_settle(row, staff),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "allocation/aid/one.html", context, status=status)


def _settled(request: HttpRequest, row: AidReferral, form: AidForm) -> bool:
    try:
        aid.settle(row, by=staff_of(request), **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    if form.cleaned_data["outcome"] == aid.Outcome.REDUCTION:
        messages.success(request, _("已记下，减免申请已转中心，由中心的同事决定。"))
    else:
        messages.success(request, _("已记下这次联系。"))
    return True

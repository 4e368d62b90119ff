"""/office/renewals/: households that ask to renew their lease, and the decision."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from allocation.leases import renewing
from applications import looks, permissions
from applications.eligibility import explain
from applications.views.queue import staff_of
from core.workflow import Refusal
from renewal import exits, renewals, states
from renewal.forms_household import AgreeForm, NoteForm
from renewal.models import Recheck
from renewal.views.settling import word

_PAGE = 50
_OFFICE = (Role.ADMIN, Role.DISTRICT)


@staff_only(*_OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every renewal that waits for a decision, the oldest first."""
    page = Paginator(renewals.waiting(), _PAGE).get_page(request.GET.get("page"))
    lines = [(one, _check(one), renewing.last_day(one.lease)) for one in page.object_list]
    context = {"page": page, "lines": lines}
    return render(request, "renewal/renewals.html", context)


@staff_only(*_OFFICE)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One renewal: its check, the new term, or what speaks against it."""
    asked = get_object_or_404(renewals.waiting(), pk=pk)
    staff, case = staff_of(request), asked.lease.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    looks.note(case, by=request.user, purpose=_("续租核对"))
    act = request.POST.get("act", "") if request.method == "POST" else ""
    agree = AgreeForm(request.POST if act == "agree" else None)
    doubt = NoteForm(request.POST if act == "doubt" else None, prefix="no", label=_("事实和依据"))
    try:
        if act == "agree" and agree.is_valid():
            renewals.agree(asked, by=staff, **agree.cleaned_data)
            messages.success(request, _("已同意，承租人会收到新合同。"))
            return redirect("office_renewals")
        if act == "doubt" and doubt.is_valid():
            opened = renewals.doubt(asked, by=staff, reasons=doubt.cleaned_data["note"])
            return redirect("office_exit", opened.pk)
    except Refusal as refusal:
        form: Any = agree if act == "agree" else doubt
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    row = renewals.check_of(asked)
    tier = renewals.tier_of(asked, asked.lease.term.upper)
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    context = {
        "asked": asked,
        "row": row,
        "state": word(row) if row else None,
        "to_settle": row is not None and row.state in (states.K_CHANGED, states.K_QUESTION),
        "end": renewing.last_day(asked.lease),
        "tier": explain.tier_name(tier, language),
        "agree": agree,
        "why_not": renewals.why_not_agree(asked, staff),
        "doubt": doubt,
        "why_not_doubt": renewals.why_not_doubt(asked, staff),
        "case": exits.open_of(asked.lease),
    }
    wrong = agree.errors or doubt.errors
    return render(request, "renewal/renewal.html", context, status=422 if wrong else 200)


def _check(asked: Any) -> Any:
    row: Recheck | None = asked.renewal_check.recheck if hasattr(asked, "renewal_check") else None
    return word(row) if row else None

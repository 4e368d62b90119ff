"""/office/recheck/…/sample/: the clean households that human eyes look at, one by one."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import has_role, staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from applications import permissions
from core import audit
from core.workflow import Refusal
from renewal import campaign_list, sampling
from renewal.flags import cards
from renewal.forms import SampleForm
from renewal.models import Recheck
from renewal.views.campaigns import campaign_of

_PAGE = 50


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def sample(request: HttpRequest, code: str) -> HttpResponse:
    """The sample: seed, size, whether a second draw agrees, and each household with its verdict."""
    row = campaign_of(code)
    key = request.GET.get("after", "")
    after = int(key) if key.isdecimal() and len(key) < 19 else 0
    rows = row.rechecks.filter(sampled=True, pk__gt=after).order_by("pk")
    found = list(
        rows.select_related("lease__application", "lease__home", "sample_check__by")[: _PAGE + 1]
    )
    context = {
        "campaign": row,
        "redone": sampling.redone(row),
        "share": sampling.SHARE,
        "seen": row.rechecks.filter(sampled=True).exclude(sample_check=None).count(),
        "rows": [(one, getattr(one, "sample_check", None)) for one in found[:_PAGE]],
        "next": found[_PAGE - 1].pk if len(found) > _PAGE else 0,
        "may_act": has_role(request.user, Role.ADMIN),
    }
    return render(request, "renewal/sample.html", context)


@staff_only(Role.ADMIN)
def household(request: HttpRequest, pk: int) -> HttpResponse:
    """One household of the sample: what the registers said of it, and what the person found."""
    rows = Recheck.objects.select_related(
        "lease__application", "lease__home", "campaign", "assessment", "sample_check__by"
    )
    row = get_object_or_404(rows.filter(Q(sampled=True)), pk=pk)
    if why := permissions.why_not_free(request.user.staff, row.lease.application):
        return refuse(request, why)
    form = SampleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sampling.conclude(row, by=request.user.staff, **form.cleaned_data)
            return redirect("office_recheck_sample", row.campaign.code)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    members = row.lease.application.members.values_list("id_index", flat=True)
    audit.looked(
        row, by=request.user, purpose=str(_("年度复核抽查")), case_no=row.case_no, subjects=members
    )
    context = {
        "row": row,
        "form": form,
        "state": campaign_list.words()[row.state],
        "tier": campaign_list.tier_word(row.lease.tier),
        "findings": cards(row.assessment.result["findings"] if row.assessment else []),
        "why_not": sampling.why_not_conclude(row, request.user.staff),
        "check": getattr(row, "sample_check", None),
    }
    return render(request, "renewal/sample_household.html", context)

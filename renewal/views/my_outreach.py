"""/my/outreach/: why the street came, what was read for it, the draft, and "not again"."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from applications import states as case_states
from core.refusals import Refusal
from renewal import outreach, outreach_screen
from renewal.models import NoContact, Outreach


@citizen_only
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The person's own page; whoever acts for somebody sees their own, not the other's."""
    index = request.user.citizen.id_index
    row = _newest(index)
    if request.method == "POST":
        return _act(request, row, index)
    draft = row.application if row and row.began_here else None
    context = {
        "row": row,
        "street": row.street.name if row and row.street else _("街道"),
        "draft": draft if draft and draft.state == case_states.DRAFT else None,
        "registers": outreach_screen.asked_registers(),
        "never": NoContact.objects.filter(person_index=index, ended_at=None).first(),
    }
    return render(request, "renewal/my_outreach.html", context)


def _newest(index: str) -> Outreach | None:
    rows = Outreach.objects.filter(person_index=index).select_related("street", "application")
    return rows.select_related("application__created_by__staff").order_by("-found_at").first()


def _act(request: HttpRequest, row: Outreach | None, index: str) -> HttpResponse:
    user: Any = request.user
    try:
        if "delete" in request.POST and row is not None:
            outreach.delete_draft(row, by=user)
            messages.success(request, _("草稿已删除。"))
        elif "never" in request.POST:
            _never(row, index, user)
            messages.success(request, _("好的，我们不再联系您。您随时可以自己申请。"))
        elif "again" in request.POST:
            outreach.contact_again(index, by=user)
            messages.success(request, _("已取消。有新情况时，我们可能会联系您。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("my_outreach")


def _never(row: Outreach | None, index: str, user: Any) -> None:
    if row is not None and row.is_open:
        outreach.not_wanted(row, by=user, never=True)
    else:
        outreach.do_not_contact(index, by=user)

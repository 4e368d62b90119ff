"""家庭变化 at the desk: what families reported, what the registers say, what follows."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from applications import change_screen, change_settling, open_changes, permissions
from applications.forms.change import SettleForm
from applications.models import Change, Member
from applications.views.queue import staff_of
from core.refusals import Refusal

_PAGE = 50


@require_GET
@staff_only(*open_changes.DESKS)
def listed(request: HttpRequest) -> HttpResponse:
    """Changes that wait for a person of this desk, the most urgent first."""
    staff = staff_of(request)
    page = Paginator(open_changes.waiting_for_desk(staff), _PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(one, one.STATES[one.state]) for one in page],
        "bureau": staff.bureau,
        "back_href": reverse("review_queue"),
    }
    return render(request, "review/changes.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*open_changes.DESKS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: said beside fetched, the effect, this desk's result. Each look is recorded."""
    staff = staff_of(request)
    found = get_object_or_404(open_changes.visible_to(staff), pk=pk)
    if why := permissions.why_not_free(staff, found.application):
        return refuse(request, why)
    heirs = change_screen.successors(found)
    form = SettleForm(request.POST or None, successors=heirs)
    if request.method == "POST" and form.is_valid() and _settle(form, found, staff, heirs):
        messages.success(request, _("已记录。"))
        return redirect("review_changes")
    if request.method == "GET":
        change_screen.note_look(found, by=request.user)
    context = {
        "change": found,
        "case": found.application,
        "state": found.STATES[found.state],
        "told": change_screen.declared(found),
        "fetched": change_screen.fetched(found),
        "effect": change_screen.effect_of(found.effect, found.application),
        "why_not": open_changes.why_not_settle(found, staff),
        "form": form,
        "back_href": reverse("review_changes"),
    }
    return render(request, "review/change.html", context, status=422 if form.errors else 200)


def _settle(form: SettleForm, found: Change, staff: Staff, heirs: list[Member]) -> bool:
    answer: dict[str, Any] = form.cleaned_data
    chosen = next((one for one in heirs if str(one.pk) == answer.get("successor")), None)
    try:
        if answer["verdict"] == "updated":
            change_settling.confirm(found, by=staff, note=answer["note"], successor=chosen)
        elif answer["verdict"] == "no_effect":
            change_settling.no_effect(found, by=staff, note=answer["note"])
        else:
            change_settling.ask(found, by=staff, question=answer["note"])
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True

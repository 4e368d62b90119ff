"""/office/waiting/: the list as of any day; one household, its moves, and what moves it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.models import Staff
from accounts.roles import Role
from applications import looks, states, waiting
from applications.forms import waiting as forms
from applications.models import Application
from core import clock
from core.refusals import Refusal
from office import waiting_page

_READERS = (Role.ADMIN, Role.LEADER, Role.DISTRICT)


@require_GET
@staff_only(*_READERS)
def on_day(request: HttpRequest) -> HttpResponse:
    """轮候名单 as it stood at the end of a day; today without one."""
    today = clock.today()
    day = _day(request.GET.get("on", ""), today)
    page, rows = waiting_page.listed(day or today, request.GET.get("page"))
    context = {
        "day": day or today, "today": today, "wrong": day is None, "page": page, "rows": rows,
        "asked": request.GET.get("on", ""),
    }  # fmt: skip
    return render(request, "office/waiting.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*_READERS)
def household(request: HttpRequest, case_no: str) -> HttpResponse:
    """One household's moves; the centre suspends, resumes or moves it with a reason."""
    case = get_object_or_404(
        Application.objects.sent().select_related("street", "wait_entry"), case_no=case_no
    )
    if not hasattr(case, "wait_entry"):
        raise Http404
    staff = request.user.as_staff  # type: ignore[union-attr]
    why_not = waiting.why_not_move(staff, case)
    form = _form(request, case)
    if request.method == "POST" and form.is_valid():
        assert staff is not None  # the door lets in nobody else
        try:
            _moved(case, form.cleaned_data, staff)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已记录，家庭会收到通知。"))
            return redirect("office_wait", case_no)
    looks.note(case, by=request.user, purpose=str(_("轮候管理")))
    context = {**waiting_page.household(case), "form": None if why_not else form,
               "why_not": why_not}  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "office/wait.html", context, status=status)


def _form(request: HttpRequest, case: Application) -> forms.MoveForm:
    return forms.MoveForm(
        request.POST if request.method == "POST" else None,
        suspended=case.state == states.WAIT_SUSPENDED, tiers=waiting_page.tiers(),
    )  # fmt: skip


def _moved(case: Application, said: dict[str, Any], by: Staff) -> None:
    if said["what"] == forms.SUSPEND:
        waiting.suspend(case, by=by, words=said["words"])
    elif said["what"] == forms.RESUME:
        waiting.resume(case, by=by, words=said["words"])
    else:
        waiting.reorder(
            case, by=by, words=said["words"], draw_tier=said["draw_tier"],
            order_on=said["order_on"],
        )  # fmt: skip


def _day(text: str, today: date) -> date | None:
    """The day that was asked for; None for what is no day up to today."""
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        return None
    return day if day <= today else None

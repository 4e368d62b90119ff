"""现场值守 and the hall: calls, machines, log; a new 摇号码; the screen for everybody."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import kiosk_only, staff_only
from accounts.roles import Role
from allocation import appointments, attending, hall
from allocation.forms import NumberForm
from allocation.models import HelpCall
from applications import permissions
from core import clock
from core.identity import ciphers
from core.refusals import Refusal


@staff_only(Role.ATTENDANT)
@require_GET
def attend(request: HttpRequest) -> HttpResponse:
    """What waits, how the machines stand, what happened today."""
    return _page(request)


@staff_only(Role.ATTENDANT)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a call: six digits for that machine, shown once."""
    row = get_object_or_404(HelpCall, pk=pk)
    try:
        code = attending.take(row, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("kiosk_attend")
    return _page(request, taken=row, code=code)


@staff_only(Role.ATTENDANT)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The call is dealt with."""
    attending.close(get_object_or_404(HelpCall, pk=pk), by=request.user)
    return redirect("kiosk_attend")


@staff_only(Role.ATTENDANT, Role.WINDOW)
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """A new 摇号码 for somebody whose ID card was seen: shown and printed once, logged, told."""
    form = NumberForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "code": "", "found": None, "now": clock.now()}
    if request.method == "POST" and form.is_valid():
        index = ciphers.blind_index(form.cleaned_data["id_number"])
        found = appointments.of_adult(index)
        staff = request.user.as_staff  # type: ignore[union-attr]
        if why := permissions.why_not_serve(staff, index):
            form.add_error("id_number", why)
        elif found is None:
            form.add_error(
                "id_number", _("这个号码没有在摇号名单里。可以试试另一位成年家人的号码。")
            )
        else:
            context["code"] = appointments.renew_code(found, by=request.user)
            context["found"] = found
    status = 422 if form.errors else 200
    return render(request, "kiosk/new_code.html", context, status=status)


@kiosk_only
@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """大厅屏幕: the whole page, or only its board where the page asks by itself."""
    context = {"board": hall.board(request.kiosk), "now": clock.now()}  # type: ignore[attr-defined]
    part = "kiosk/_board.html" if "HX-Request" in request.headers else "kiosk/hall.html"
    return render(request, part, context)


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    context = {
        "calls": attending.open_calls(),
        "machines": attending.standings(),
        "log": attending.log(),
        "taken": None,
        "code": "",
        **more,
    }
    return render(request, "kiosk/attend.html", context)

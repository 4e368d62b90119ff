"""自助机 in the office: machines and their setup codes, opening hours, today's bookings."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import has_role, staff_only
from accounts.roles import Role
from allocation import bookings, kiosks
from allocation.forms_kiosk import HoursForm, KioskForm
from allocation.models import Kiosk
from core import clock
from core.refusals import Refusal


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def machines(request: HttpRequest) -> HttpResponse:
    """Every machine, every place's hours, today's bookings, and what does not fit."""
    return _page(request)


@staff_only(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """A new machine: its setup code is shown once."""
    form = KioskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            token = kiosks.register(data["name"], data["place"], kind=data["kind"], by=request.user)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _page(request, token=token, name=data["name"])
    status = 422 if form.errors else 200
    return render(request, "allocation/office/kiosk.html", {"form": form}, status=status)


@staff_only(Role.ADMIN)
@require_POST
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Stops a machine, or gives it a new setup code; both end what its browser could do."""
    row = get_object_or_404(Kiosk, pk=pk)
    if step == "reissue":
        return _page(request, token=kiosks.reissue(row, by=request.user), name=row.name)
    if step != "stop":
        raise Http404
    kiosks.stop(row, by=request.user)
    messages.success(request, _("%(name)s已停用。") % {"name": row.name})
    return redirect("office_kiosks")


@staff_only(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def hours(request: HttpRequest) -> HttpResponse:
    """Opening hours and seats of a place; booked times stay as they are."""
    place = request.POST.get("place") or request.GET.get("place") or ""
    form = HoursForm(request.POST or None, instance=bookings.hours_to_edit(place))
    if request.method == "POST" and form.is_valid():
        bookings.set_hours(form.save(commit=False), by=request.user)
        messages.success(request, _("开放时间已保存，已经约好的时间不变。"))
        return redirect("office_kiosks")
    status = 422 if form.errors else 200
    return render(request, "allocation/office/kiosk_hours.html", {"form": form}, status=status)


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    context = {
        "machines": Kiosk.objects.order_by("-active", "place", "name"),
        "hours": bookings.hours(),
        "today": clock.today(),
        "rows": bookings.of_day(clock.today()),
        "late": bookings.after_the_last_day(),
        "may_act": has_role(request.user, Role.ADMIN),
        "token": "",
        "name": "",
        **more,
    }
    return render(request, "allocation/office/kiosks.html", context)

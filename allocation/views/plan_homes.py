"""A home of a planned round that cannot be let: another takes its place, or it is taken out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import staff_only
from accounts.roles import Role
from allocation import plan_homes
from allocation.models import Home, Round
from core.refusals import Refusal


@staff_only(Role.ADMIN)
@require_POST
def change(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Does what the button says with one home of the round."""
    row = get_object_or_404(Round, code=code)
    home = get_object_or_404(Home.objects.select_related("estate"), pk=pk)
    try:
        if request.POST.get("do") == "replace":
            key = request.POST.get("instead", "")
            instead = Home.objects.filter(pk=int(key)).first() if key.isdecimal() else None
            if instead is None:
                raise plan_homes.PlanRefused(_("请先选一套换上的房源。"), "instead")
            plan_homes.replace(row, home, instead, by=request.user)
            messages.success(request, _("房源已换，已登记的家庭收到了通知。"))
        else:
            plan_homes.take_out(row, home, by=request.user)
            messages.success(request, _("房源已拿掉，已登记的家庭收到了通知。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("office_round", code=code)

"""小区和租金标准 (/office/estates/): what is registered, by day, with its source."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import has_role, staff_only
from accounts.roles import Role
from allocation import buildings, standards, whereabouts
from allocation.home_forms import EstateForm, ReasonForm, StandardForm, WayForm
from allocation.models import Estate, RentStandard
from core import clock
from core.refusals import Refusal


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every estate with its homes and the standard in force."""
    rows = Estate.objects.annotate(n=Count("homes")).select_related("street").order_by("name")
    rows = rows.prefetch_related("rent_standards")
    today = clock.today()
    context = {
        "rows": [(one, _current(one, today)) for one in rows],
        "may_act": has_role(request.user, Role.ADMIN),
    }
    return render(request, "allocation/homes/estates.html", context)


@staff_only(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new estate."""
    form = EstateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = standards.add_estate(by=request.user.as_staff, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("小区已登记。下一步录入租金标准，再导入房源。"))
            return redirect("office_estate", code=row.code)
    status = 422 if form.errors else 200
    return render(request, "allocation/homes/estate_add.html", {"form": form}, status=status)


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def estate(request: HttpRequest, code: str) -> HttpResponse:
    """One estate: its buildings and its rent standards by day."""
    return _page(request, get_object_or_404(Estate, code=code), StandardForm())


@staff_only(Role.ADMIN)
@require_POST
def set_standard(request: HttpRequest, code: str) -> HttpResponse:
    """A standard from a later day."""
    row, form = get_object_or_404(Estate, code=code), StandardForm(request.POST)
    if form.is_valid():
        try:
            standards.set_standard(row, by=request.user.as_staff, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("租金标准已录入。"))
            return redirect("office_estate", code=code)
    return _page(request, row, form, status=422)


@staff_only(Role.ADMIN)
@require_POST
def set_way(request: HttpRequest, code: str) -> HttpResponse:
    """How one gets there, as every household sees it."""
    row, form = get_object_or_404(Estate, code=code), WayForm(request.POST)
    if form.is_valid():
        try:
            whereabouts.set_way(row, whereabouts.Way(**form.cleaned_data), by=request.user.as_staff)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("怎么去已保存。"))
            return redirect("office_estate", code=code)
    return _page(request, row, StandardForm(), status=422, way=form)


@staff_only(Role.ADMIN)
@require_POST
def take_back(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Removes a standard that has not begun."""
    row = get_object_or_404(RentStandard, pk=pk, estate__code=code)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        standards.take_back(row, by=request.user.as_staff, reason=reason)
        messages.success(request, _("已撤回，没有执行过。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("office_estate", code=code)


def _page(
    request: HttpRequest, row: Estate, form: Any, status: int = 200, way: WayForm | None = None
) -> HttpResponse:
    today = clock.today()
    listed = list(row.rent_standards.all())
    current = _current(row, today)
    context = {
        "estate": row,
        "buildings": buildings.names_of(row),
        "standards": [(one, one == current, one.starts_on > today) for one in listed],
        "current": current,
        "form": form,
        "reason_form": ReasonForm(prefix=""),
        "way": whereabouts.lines(row),
        "geo": whereabouts.geo(row),
        "way_form": way or WayForm(initial={name: getattr(row, name) for name in _WAY}),
        "may_act": has_role(request.user, Role.ADMIN),
    }
    return render(request, "allocation/homes/estate.html", context, status=status)


_WAY = ("metro", "bus", "way", "latitude", "longitude")


def _current(row: Estate, today: Any) -> RentStandard | None:
    """From the rows that were read along; newest first."""
    return next((one for one in row.rent_standards.all() if one.starts_on <= today), None)

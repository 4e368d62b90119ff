"""寄存: keeping what is typed, putting a case aside, taking it up again at any desk."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import staff_only
from accounts.roles import Role
from applications import desk_sheets
from applications.models import DeskSheet
from applications.views.at_window import clerk, leave_face, look, of_this_office
from core.refusals import Refusal


@staff_only(Role.WINDOW)
@require_POST
def keep(request: HttpRequest, ref: UUID, form: str) -> HttpResponse:
    """Keeps what stands in the boxes of one form while it is typed."""
    application = of_this_office(request, ref)
    sheet = desk_sheets.sheet_of(application, clerk(request))
    try:
        desk_sheets.keep(sheet, form, request.POST.dict())
    except Refusal as refusal:
        raise Http404 from refusal
    return HttpResponse(status=204)


@staff_only(Role.WINDOW)
@require_POST
def park(request: HttpRequest, ref: UUID) -> HttpResponse:
    """F4: what the accept form holds is kept, the case waits for any desk of this office."""
    application = of_this_office(request, ref)
    staff = clerk(request)
    sheet = desk_sheets.sheet_of(application, staff)
    if "programme" in request.POST:  # without JavaScript nothing was kept before
        sheet = desk_sheets.keep(sheet, "accept", request.POST.dict())
    desk_sheets.park(sheet, by=staff)
    leave_face(request)
    messages.success(request, _("已寄存，填的内容都保留。"))
    return redirect("window_home")


@staff_only(Role.WINDOW)
@require_POST
def park_person(request: HttpRequest) -> HttpResponse:
    """F4 before anything was asked: the boxes of the first page."""
    staff = clerk(request)
    try:
        sheet = desk_sheets.park_person(request.POST.dict(), by=staff)
        _replace(request, sheet)
        messages.success(request, _("已寄存，填的内容都保留。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("window_home")


@staff_only(Role.WINDOW)
@require_POST
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """A parked case at this desk, with every field as it was left."""
    staff = clerk(request)
    sheet = desk_sheets.parked(staff).filter(pk=pk).exclude(application=None).first()
    if sheet is None or sheet.application is None:
        messages.warning(request, _("这一件已经由同事取回。"))
        return redirect("window_home")
    application = of_this_office(request, sheet.application.ref)
    look(request, application)
    try:
        desk_sheets.take_up(sheet, by=staff)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect("window_home")
    return redirect("window_desk", ref=application.ref)


@staff_only(Role.WINDOW)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """A parked person who does not come back: what was typed is forgotten."""
    sheet = desk_sheets.parked(clerk(request)).filter(pk=pk, application=None).first()
    if sheet is not None:
        desk_sheets.clear(sheet)
        messages.success(request, _("已删除，没有留下记录。"))
    return redirect("window_home")


def _replace(request: HttpRequest, made: DeskSheet) -> None:
    """Parked again from a sheet that was taken from the list: one sheet stays, the new one."""
    wanted = request.POST.get("sheet", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 18:
        earlier = desk_sheets.parked(clerk(request)).filter(pk=wanted, application=None)
        for one in earlier.exclude(pk=made.pk):
            desk_sheets.clear(one)

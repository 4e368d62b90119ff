"""Papers to a just cause that somebody brings to the district's desk."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import staff_only
from accounts.roles import Role
from allocation.forms_choice import BroughtForm
from allocation.models import JustCause
from applications import materials
from core.refusals import Refusal


@staff_only(Role.DISTRICT)
@require_POST
def brought(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a scan to the papers of a cause; who decides on it reads it there."""
    row = get_object_or_404(JustCause.objects.select_related("offer__entrant__application"), pk=pk)
    form = BroughtForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("请选择扫描件或者照片。"))
        return redirect("office_cause", pk)
    paper = form.cleaned_data["paper"].read()
    try:
        materials.add(row.offer.entrant.application, row.papers, paper, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("材料已放进这一项理由。"))
    return redirect("office_cause", pk)

"""回避: the kin that staff declare, one case to keep away from, and the auditor's list."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from applications import conflicts, permissions
from applications.forms.queue import KinForm, RecuseForm
from applications.models import Kin, Recusal
from applications.views.queue import REVIEWERS, staff_of
from core.refusals import Refusal

_PAGE = 50


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def kin(request: HttpRequest) -> HttpResponse:
    """申报亲属: declared relations, and a form for one more."""
    staff = staff_of(request)
    form = KinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            conflicts.declare_kin(staff, by=staff, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("已申报。涉及这位亲属的办件不再分给您。"))
            return redirect("review_kin")
    rows = Kin.objects.filter(staff=staff, ended_at=None)
    context = {"rows": rows, "form": form, "back_href": reverse("review_queue")}
    status = 422 if form.errors else 200
    return render(request, "review/kin.html", context, status=status)


@require_POST
@staff_only(*REVIEWERS)
def end_kin(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a declaration that is no longer so."""
    staff = staff_of(request)
    conflicts.end_kin(get_object_or_404(Kin, pk=pk, staff=staff), by=staff)
    messages.success(request, _("已结束这条申报。"))
    return redirect("review_kin")


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def recuse(request: HttpRequest, pk: int) -> HttpResponse:
    """申请回避 of one case: the task goes back to the queue and stays away."""
    staff = staff_of(request)
    visible = permissions.tasks_visible_to(staff).select_related("application", "bureau")
    task = get_object_or_404(visible, pk=pk)
    if why := permissions.why_not_free(staff, task.application):
        return refuse(request, why)
    form = RecuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            conflicts.recuse(task.application, by=staff, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("已回避，这个办件由同事办理。"))
            return redirect("review_queue")
    context = {"task": task, "form": form, "back_href": reverse("review_task", args=[pk])}
    status = 422 if form.errors else 200
    return render(request, "review/recuse.html", context, status=status)


@require_GET
@staff_only(Role.AUDITOR)
def recusals(request: HttpRequest) -> HttpResponse:
    """回避记录, for the auditor: who kept away from what, when and why."""
    rows = Recusal.objects.select_related("staff__bureau", "application")
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    return render(request, "audit/recusals.html", {"page": page, "back_href": reverse("audit")})

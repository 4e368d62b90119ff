"""工作量和转办: who holds what at a desk, and how a task passes to a colleague."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import absences, hand_overs, permissions, queue_counts, states, workload
from applications.forms.queue import GiveForm, GiveNextForm
from applications.models import ReviewTask
from applications.views.queue import REVIEWERS, staff_of
from core import clock
from core.refusals import Refusal

AT_A_DESK = (*REVIEWERS, Role.ADMIN, Role.LEADER)


@require_http_methods(["GET", "POST"])
@staff_only(*AT_A_DESK)
def desk(request: HttpRequest) -> HttpResponse:
    """工作量: each colleague's tasks; the lead of the desk gives out what nobody holds."""
    staff = staff_of(request)
    form = GiveNextForm(request.POST if request.POST.get("act") == "next" else None)
    offer_colleagues(form, staff)
    if request.method == "POST" and _gave(request, form, staff):
        return redirect("review_desk")
    cube = queue_counts.of_desk(staff, staff.bureau_id, clock.today(), clock.now())
    free = {"state": states.TASK_OPEN}
    context = {
        "loads": workload.of_desk(staff),
        "free": cube.total(free),
        "late": cube.total({**free, "urgency": "late"}),
        "lead": absences.is_lead(staff),
        "form": form,
        "me": staff,
        "bureau": staff.bureau,
        "back_href": reverse("review_queue"),
    }
    status = 422 if form.errors else 200
    return render(request, "review/desk.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_only(*AT_A_DESK)
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """转办 one task to a named colleague."""
    staff = staff_of(request)
    visible = permissions.tasks_visible_to(staff).select_related("application", "bureau")
    task = get_object_or_404(visible, pk=pk)
    if why := permissions.why_not_free(staff, task.application):
        return refuse(request, why)
    form = GiveForm(request.POST or None)
    offer_colleagues(form, staff, but=task.claimed_by_id if _is_claimed(task) else staff.pk)
    if request.method == "POST" and form.is_valid():
        try:
            given = hand_overs.give(task, by=staff, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("已转给%(who)s。") % {"who": given.to.name})
            return redirect("review_queue")
    context = {
        "task": task,
        "form": form,
        "why_not": hand_overs.why_not_give(task, staff, now=clock.now()),
        "back_href": reverse("review_task", args=[pk]),
    }
    status = 422 if form.errors else 200
    return render(request, "review/give.html", context, status=status)


@require_POST
@staff_only(*REVIEWERS)
def seen(request: HttpRequest) -> HttpResponse:
    """知道了: the hand-overs have been read."""
    hand_overs.mark_seen(by=staff_of(request))
    return redirect("review_queue")


def offer_colleagues(form: Any, staff: Staff, but: int | None = None) -> None:
    """People of the desk in a form's ``to``; who is away says who would receive."""
    field = form.fields["to"]
    people = absences.colleagues(staff)
    field.queryset = people.exclude(pk=but) if but else people
    field.notes = {
        one.staff_id: _("不在岗，由%(who)s代办") % {"who": one.deputy.name}
        for one in absences.ahead(staff, clock.today())
        if one.starts_on <= clock.today()
    }


def _is_claimed(task: ReviewTask) -> bool:
    return task.state == states.TASK_CLAIMED


def _gave(request: HttpRequest, form: GiveNextForm, staff: Staff) -> bool:
    try:
        if request.POST.get("act") == "spread":
            count = hand_overs.spread(by=staff)
        elif form.is_valid():
            count = hand_overs.give_next(by=staff, **form.cleaned_data)
        else:
            return False
    except Refusal as refusal:
        if not form.is_bound:
            messages.error(request, str(refusal))
            return True
        form.add_error(refusal.field, str(refusal))
        return False
    messages.success(request, _("已分派%(n)d件。") % {"n": count})
    return True

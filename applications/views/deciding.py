"""Beside the opinion: the second person, taking it back, and asking another desk (征询)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from applications import (
    evidence_screen,
    looks,
    permissions,
    referrals,
    seconding,
    states,
    undoing,
)
from applications.forms.deciding import ReferForm, ReferralAnswerForm, SecondForm, UndoForm
from applications.models import Referral, ReviewTask
from applications.models.review import Stage
from applications.views.queue import REVIEWERS, staff_of
from core import clock
from core.refusals import Refusal

_PAGE = 50


@require_GET
@staff_only(*REVIEWERS)
def seconds(request: HttpRequest) -> HttpResponse:
    """待第二人: overrides of colleagues that wait for this person, the most urgent first."""
    rows = Paginator(seconding.to_second(staff_of(request)), _PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page_obj": rows, "today": clock.today(), "back_href": reverse("review_queue")}
    return render(request, "review/seconds.html", context)


@require_POST
@staff_only(*REVIEWERS)
def second(request: HttpRequest, pk: int) -> HttpResponse:
    """第二人: confirms an override, or sends it back with a reason."""
    staff, form = staff_of(request), SecondForm(request.POST)
    found = _task(staff, pk)
    if not form.is_valid():
        return _back(request, pk, _first_fault(form), "second")
    text = form.cleaned_data["text"]
    try:
        if form.cleaned_data["act"] == "confirm":
            seconding.confirm(found, by=staff, text=text)
            messages.success(request, _("已确认，这条意见从现在起算数。"))
        else:
            seconding.send_back(found, by=staff, reason=text)
            messages.success(request, _("已退回，由提出的人重新办理。"))
    except Refusal as refusal:
        return _back(request, pk, str(refusal), "second")
    waiting = seconding.to_second(staff).exists()
    return redirect("review_seconds" if waiting else "review_queue")


@require_POST
@staff_only(*REVIEWERS)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回 one's own opinion while nobody has acted on it."""
    staff, form = staff_of(request), UndoForm(request.POST)
    found = _task(staff, pk)
    if not form.is_valid():
        return _back(request, pk, _first_fault(form), "undo")
    try:
        again = undoing.undo(found, by=staff, reason=form.cleaned_data["reason"])
    except Refusal as refusal:
        return _back(request, pk, str(refusal), "undo")
    messages.success(request, _("意见已撤回，任务还由您办理。"))
    return redirect("review_task", again.pk)


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def refer(request: HttpRequest, pk: int) -> HttpResponse:
    """征询其他部门: one question to a named desk."""
    staff = staff_of(request)
    found = _task(staff, pk)
    if why := permissions.why_not_free(staff, found.application):
        return refuse(request, why)
    form = ReferForm(request.POST or None, desks=referrals.may_be_asked(found))
    if request.method == "POST" and form.is_valid():
        try:
            made = referrals.ask(found, by=staff, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已征询%(bureau)s。") % {"bureau": made.bureau.name})
            return redirect("review_task", found.pk)
    context = {
        "task": found,
        "form": form,
        "why_not": referrals.why_not_ask(found, staff),
        "back_href": reverse("review_task", args=[found.pk]),
    }
    return render(request, "review/refer.html", context, status=422 if form.errors else 200)


@require_GET
@staff_only(*REVIEWERS)
def asked(request: HttpRequest) -> HttpResponse:
    """征询: what other desks ask this one, and what this one has asked."""
    staff = staff_of(request)
    rows = Paginator(referrals.to_answer(staff), _PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": rows,
        "own": list(referrals.asked_by_desk(staff)[:_PAGE]),
        "today": clock.today(),
        "back_href": reverse("review_queue"),
    }
    return render(request, "review/asked.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def asked_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One question: what is asked, what this desk's own registers say, the answer."""
    staff = staff_of(request)
    row = get_object_or_404(referrals.visible_to(staff).select_related(*referrals.JOINED), pk=pk)
    if why := permissions.why_not_free(staff, row.application):
        return refuse(request, why)
    form = ReferralAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            referrals.answer(row, by=staff, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已答复，征询的部门看得到。"))
            return redirect("review_asked")
    if request.method == "GET":
        looks.note(row.application, by=request.user, purpose=_("答复征询"))
    why_not = referrals.why_not_answer(row, staff)
    context = {
        "row": row,
        "form": form,
        "why_not": why_not,
        "settled": row.state == states.REFERRAL_ANSWERED,
        "today": clock.today(),
        "back_href": reverse("review_asked"),
        **_own_registers(row, staff),
    }
    return render(request, "review/asked_one.html", context, status=422 if form.errors else 200)


def _own_registers(row: Referral, staff: Staff) -> dict[str, Any]:
    """What the answering desk may read of the case: the same as on a task of its own."""
    task = ReviewTask(application=row.application, stage=Stage.JOINT, bureau=row.bureau)
    screen = evidence_screen.screen_of(task, staff)
    return {
        "screen": screen,
        "people": evidence_screen.masked_people(screen.people),
        "lines": [
            one
            for one in (*screen.mine, *screen.others, *screen.met)
            if screen.confined == "" or one.sentence
        ],
    }


def _task(staff: Staff, pk: int) -> ReviewTask:
    visible = permissions.tasks_visible_to(staff).select_related(
        "application__street", "bureau", "claimed_by", "opinion__by"
    )
    return get_object_or_404(visible, pk=pk)


def _first_fault(form: Any) -> str:
    return str(next(iter(form.errors.values()))[0])


def _back(request: HttpRequest, pk: int, why: str, at: str) -> HttpResponse:
    """A refusal of a button's verb, shown on the page of the task."""
    messages.error(request, why)
    return redirect(reverse("review_task", args=[pk]) + f"#{at}")

"""名单异议 at the office: taken in from a telephone, claimed, checked, answered in public."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from allocation import keeping_out, roster_objections
from allocation.forms_rounds import AnswerForm, ObjectForm
from allocation.models import RosterObjection, Round
from applications import filters, objections
from applications.views.acting_at_desk import act, attempt
from applications.views.queue import staff_of
from core import clock


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, code: str) -> HttpResponse:
    """The objections to a roster, and the form for one that came by telephone or letter."""
    row = get_object_or_404(Round, code=code)
    form = ObjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made: list[RosterObjection] = []
        if attempt(form, lambda: made.append(
            roster_objections.raise_(row, form.said(), by=request.user)
        )):  # fmt: skip
            number = objections.grouped(made[0].number)
            messages.success(request, _("已登记，查询号%(number)s，请告诉反映人。")
                             % {"number": number})  # fmt: skip
            return redirect("office_objections", code=row.code)
    today = clock.today()
    context = {
        "round": row,
        "form": form,
        "rows": [
            (one, "" if one.answered_at else filters.left(one.due_on, today))
            for one in row.objections.select_related("claimed_by", "answered_by")
        ],
        "closed": roster_objections.why_not_object(row),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "allocation/office/objections.html", context, status=status)


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def objection(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """核查一条异议: what was said, and the answer; who said it is shown to the checker alone."""
    made, staff = _objection(code, pk), staff_of(request)
    why_not = roster_objections.why_not_answer(made, staff)
    form = AnswerForm(request.POST or None)
    sent = request.method == "POST" and not why_not and form.is_valid()
    answer = roster_objections.answer
    if sent and attempt(form, lambda: answer(made, by=staff, **form.cleaned_data)):
        messages.success(request, _("核查结论已公布，反映人收到了通知。"))
        return redirect("office_objections", code=code)
    mine = objections.is_held(made) and made.claimed_by_id == staff.pk
    context: dict[str, Any] = {
        "made": made,
        "number": objections.grouped(made.number),
        "form": form,
        "why_not": why_not,
        "mine": mine,
        "reads_contact": mine or made.answered_by_id == staff.pk,
        "left": "" if made.answered_at else filters.left(made.due_on, clock.today()),
        "kept_out": keeping_out.is_excluded(made.round, request.user),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "allocation/office/objection.html", context, status=status)


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_POST
def claim(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """认领: from now on this person checks it."""
    made, staff = _objection(code, pk), staff_of(request)
    return act(request, lambda: roster_objections.claim(made, by=staff),
               "office_objection", code, pk)  # fmt: skip


def _objection(code: str, pk: int) -> RosterObjection:
    rows = RosterObjection.objects.select_related("round", "claimed_by", "answered_by")
    return get_object_or_404(rows, pk=pk, round__code=code)

"""核实单: the desk's list and the page of one question."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import filters, inquiry_answers, inquiry_screen, permissions
from applications.forms.inquiry import InquiryForm
from applications.inquiries import UNDER_WAY, Kind
from applications.inquiry_screen import JOINED, Group
from applications.models import Inquiry
from applications.views.queue import inquiries_of, staff_of
from core import audit, clock
from core.refusals import Refusal

DESKS = (Role.REVIEWER, Role.DISTRICT)
PAGE = 100


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    group: Group
    left: str
    urgency: str
    href: str


@require_GET
@staff_only(*DESKS)
def listed(request: HttpRequest) -> HttpResponse:
    """核实单: questions of this desk that wait for a person, the most urgent first."""
    staff, today = staff_of(request), clock.today()
    kind = request.GET.get("kind", "")
    mine = inquiries_of(staff)
    rows = mine.filter(kind=kind) if kind in Kind.values else mine
    shown = list(rows.select_related(*JOINED).order_by("due_on", "pk")[:PAGE])
    left = filters.days_left((one.due_on for one in shown), today)
    context = {
        "rows": [_row(group, left) for group in inquiry_screen.groups(shown, staff)],
        "kinds": _kinds(mine, kind),
        "more": rows.count() - len(shown),
        "bureau": staff.bureau,
        "back_href": reverse("review_queue"),
    }
    return render(request, "review/inquiries.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*DESKS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One question: both sides, and the answer of this desk. Each look is recorded."""
    staff = staff_of(request)
    found = get_object_or_404(
        permissions.inquiries_visible_to(staff).select_related(*JOINED), pk=pk
    )
    if why := permissions.why_not_free(staff, found.application):
        return refuse(request, why)
    rows = same_question(found)
    form = InquiryForm(request.POST or None, rows=rows)
    if request.method == "POST" and form.is_valid() and _answer(form, rows, staff):
        messages.success(request, _("已记录。"))
        return redirect(_next(request, staff))
    if request.method == "GET":
        _note_look(request, rows)
    context = {
        "group": inquiry_screen.groups(rows, staff)[0],
        "rows": rows,
        "form": form,
        "case": found.application,
        "why_not": inquiry_answers.why_not_answer(found, staff),
        "history": _history(found, staff),
        "task": request.GET.get("task") or request.POST.get("task") or "",
        "back_href": reverse("review_inquiries"),
    }
    return render(request, "review/inquiry.html", context)


def same_question(found: Inquiry) -> list[Inquiry]:
    """The row and those that may be answered together with it."""
    if found.state not in UNDER_WAY:
        return [found]
    same = Inquiry.objects.filter(
        application=found.application_id, round=found.round, kind=found.kind,
        bureau=found.bureau_id, subject=found.subject, state=found.state, outcome=found.outcome,
    )  # fmt: skip
    return list(same.select_related(*JOINED).order_by("member__position", "pk"))


def _row(group: Group, left: dict[Any, filters.Left]) -> Row:
    time = left[group.first.due_on]
    href = reverse("review_inquiry", args=[group.first.pk])
    return Row(group, time.words, time.urgency, href)


def _kinds(mine: QuerySet[Inquiry], chosen: str) -> list[dict[str, Any]]:
    counts = dict(mine.order_by().values_list("kind").annotate(n=Count("pk")))
    return [
        {
            "label": label,
            "count": counts.get(value, 0),
            "active": value == chosen,
            "href": "?" if value == chosen else f"?kind={value}",
        }
        for value, label in Kind.choices
    ]


def _answer(form: InquiryForm, rows: list[Inquiry], staff: Staff) -> bool:
    try:
        inquiry_answers.answer(form.chosen(rows), by=staff, **form.answer())
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _next(request: HttpRequest, staff: Staff) -> str:
    """Back to the task it was answered from, else the next question of the desk."""
    task = request.POST.get("task", "")
    if task.isdigit():
        return reverse("review_task", args=[int(task)])
    following = inquiries_of(staff).filter(state="open").order_by("due_on", "pk")
    pk = following.values_list("pk", flat=True).first()
    return reverse("review_inquiry", args=[pk]) if pk else reverse("review_inquiries")


def _history(found: Inquiry, staff: Staff) -> list[dict[str, Any]]:
    """Earlier rows about the same question, newest first."""
    same = Inquiry.objects.filter(
        application=found.application_id, subject=found.subject, member=found.member_id
    ).exclude(pk=found.pk)
    return [
        {
            "row": one,
            "word": inquiry_answers.outcome_word(one) or one.STATES[one.state].tag,
        }
        for one in permissions.inquiries_visible_to(staff)
        .filter(pk__in=same.values("pk"))
        .select_related(*JOINED)
        .order_by("-pk")[:20]
    ]


def _note_look(request: HttpRequest, rows: list[Inquiry]) -> None:
    found = rows[0]
    people = [one.member.id_index for one in rows if one.member]
    if not people:
        people = list(found.application.members.values_list("id_index", flat=True))
    audit.looked(
        found, by=request.user, purpose=str(found.get_kind_display()), case_no=found.case_no,
        subjects=people,
    )  # fmt: skip

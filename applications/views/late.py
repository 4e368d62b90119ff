"""/office/late/: cases that will miss their day or have missed it, and who holds them (督办)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import has_role, staff_only
from accounts.roles import Role
from applications import escalations
from applications.models import Escalation
from core.identity.masking import mask_name

_PAGE = 50


@dataclass(frozen=True)
class Line:
    """One case on the board; the name is masked."""

    row: Escalation
    due: str
    who: str
    street: str
    state: Any
    desks: list[tuple[str, date]]  # who holds it now, and until when
    href: str


@require_GET
@staff_only(Role.ADMIN, Role.LEADER, Role.DISTRICT)
def board(request: HttpRequest) -> HttpResponse:
    """The most urgent first."""
    page = Paginator(escalations.standing(), _PAGE).get_page(request.GET.get("page"))
    sheets = has_role(request.user, Role.ADMIN, Role.LEADER)
    lines = [_line(one, sheets=sheets) for one in page]
    return render(request, "office/late.html", {"page_obj": page, "lines": lines})


def _line(one: Escalation, *, sheets: bool) -> Line:
    case = one.application
    held = case.held  # type: ignore[attr-defined]
    first = next((each for each in case.members.all() if each.is_applicant), None)
    if sheets:
        href = reverse("office_case", args=[one.case_no])
    else:
        href = reverse("review_task", args=[held[0].pk]) if held else ""
    return Line(
        row=one,
        due=escalations.day_words(one),
        who=mask_name(first.name) if first else "",
        street=case.street.name if case.street else "—",
        state=case.STATES[case.state],
        desks=[(each.bureau.name, each.due_on) for each in held],
        href=href,
    )

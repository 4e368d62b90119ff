"""/audit/overrides/: every opinion that went against or beyond the registers, with both persons."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import staff_only
from accounts.roles import Role
from applications import looks, reason_codes, second_screen
from applications.models import Application, Opinion
from applications.models.review import Second

_PAGE = 50


@staff_only(Role.AUDITOR)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """更正系统判断的意见: the newest first, by case and by outcome; each look is recorded."""
    case_no, outcome = request.GET.get("case", "").strip(), request.GET.get("outcome", "")
    rows = Opinion.objects.exclude(second=Second.NONE).select_related(
        "task__application", "task__bureau", "by", "second_by", "undone_by"
    )
    if case_no:
        rows = rows.filter(task__application__case_no=case_no)
    if outcome in (Second.WAITING, Second.CONFIRMED, Second.RETURNED):
        rows = rows.filter(second=outcome)
    page = Paginator(rows.order_by("-at", "-pk"), _PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    _note(request, found)
    context = {
        "page": page,
        "rows": [_row(one) for one in found],
        "case_no": case_no,
        "outcome": outcome,
        "outcomes": [(one.value, one.label) for one in Second if one != Second.NONE],
    }
    return render(request, "audit/overrides.html", context)


def _row(one: Opinion) -> tuple[Opinion, list[second_screen.Line], list[dict[str, str]]]:
    return one, second_screen.lines(one), reason_codes.shown(one.reason_codes)


def _note(request: HttpRequest, found: list[Opinion]) -> None:
    """The reasons name the household's facts: each case shown was looked at."""
    cases: dict[Any, Application] = {one.task.application_id: one.task.application for one in found}
    for case in cases.values():
        looks.note(case, by=request.user, purpose=_("审计更正系统判断的意见"))

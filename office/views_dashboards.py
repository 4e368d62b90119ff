"""/office/: 今天要定的事, the three leader pages, and the cases behind each figure."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import has_role, staff_only
from accounts.models import Bureau
from accounts.roles import Role
from applications import registers
from applications.models import Application
from applications.models.review import Stage
from core import audit
from datashare import catalogue
from datashare.models import Call
from office import agenda, cases, dashboards
from office.figures.figure import Moment
from office.figures.populations import of_applications

_LEADERS = (Role.ADMIN, Role.LEADER)
_PAGE = 50


@staff_only(*_LEADERS, Role.SYSTEM, Role.SECURITY)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """今天要定的事: decisions, risks, who waits longest. Guardians go to their own desk."""
    if not has_role(request.user, *_LEADERS):
        own = "office_ops" if has_role(request.user, Role.SYSTEM) else "office_people"
        return redirect(own)
    return render(request, "office/today.html", agenda.today_page(Moment.now()))


@staff_only(*_LEADERS)
@require_GET
def onestop(request: HttpRequest) -> HttpResponse:
    """一站式, on a desk or (``?wall=1``) on the wall."""
    if request.GET.get("wall"):
        return render(request, "office/onestop_wall.html", dashboards.wall(Moment.now()))
    return render(request, "office/onestop.html", dashboards.onestop_page(Moment.now()))


@staff_only(*_LEADERS)
@require_GET
def oneflow(request: HttpRequest) -> HttpResponse:
    """一体化: clocks."""
    return render(request, "office/oneflow.html", dashboards.oneflow_page(Moment.now()))


@staff_only(*_LEADERS)
@require_GET
def onenet(request: HttpRequest) -> HttpResponse:
    """一张网: registers, households, exits."""
    return render(request, "office/onenet.html", dashboards.onenet_page(Moment.now()))


@staff_only(*_LEADERS)
@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """The very rows that a figure counts."""
    try:
        chosen = cases.Chosen.of(request.GET)
    except cases.NoSuchFigure:
        raise Http404 from None
    moment = Moment.now()
    page = Paginator(chosen.rows(moment), _PAGE).get_page(request.GET.get("page"))
    context = {
        "figure": chosen.figure,
        "moment": moment.at,
        "page": page,
        "lines": chosen.figure.population.lines(list(page.object_list)),
        "total": _total(chosen, moment),
        "filters": _filters(chosen),
    }
    return render(request, "office/cases.html", context)


@staff_only(*_LEADERS)
@require_GET
def case_sheet(request: HttpRequest, case_no: str) -> HttpResponse:
    """One case with its history; the look is recorded and its family sees it."""
    row = get_object_or_404(
        Application.objects.sent().select_related("street").prefetch_related("pauses", "members"),
        case_no=case_no,
    )
    subjects = [one.id_index for one in row.members.all()]
    audit.looked(
        row, by=request.user, purpose=str(_("业务管理")), case_no=case_no, subjects=subjects
    )
    return render(request, "office/case.html", cases.sheet(row, Moment.now()))


@staff_only(*_LEADERS)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Cases by number, name or pinyin; names masked, the search recorded."""
    text = request.GET.get("q", "").strip()
    rows = cases.found(text)
    if text:
        # not what was typed: it may be a name
        audit.record("office.searched", by=request.user, found=len(rows))
    return render(request, "office/search.html", {"q": text, "lines": of_applications(rows)})


def _total(chosen: cases.Chosen, moment: Moment) -> int | None:
    """The sum of a figure that adds up a field."""
    if not chosen.figure.total:
        return None
    rows = chosen.rows(moment).select_related(None).order_by()
    return rows.aggregate(total=Sum(chosen.figure.total, default=0))["total"]


def _filters(chosen: cases.Chosen) -> list[Any]:
    """The filters in words."""
    words: list[Any] = []
    if chosen.street:
        words += Bureau.objects.filter(code=chosen.street).values_list("name", flat=True)
    if chosen.desk:
        words += Bureau.objects.filter(code=chosen.desk).values_list("name", flat=True)
    if chosen.stage in Stage.values:
        words.append(Stage(chosen.stage).label)
    if chosen.month:
        words.append(f"{chosen.month:%Y-%m}")
    if chosen.source:
        words += [
            registers.name_of(one.code) for one in catalogue.entries() if one.code == chosen.source
        ]
    if chosen.outcome in Call.Outcome.values:
        words.append(Call.Outcome(chosen.outcome).label)
    return words

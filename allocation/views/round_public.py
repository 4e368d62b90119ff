"""What anybody reads of a round beside its draw: plan, roster by ticket, objections."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import public
from allocation import facts, plan_sheet, plan_table, roster_objections, round_screen, states
from allocation.forms_rounds import FollowForm, ObjectForm
from allocation.models import Entrant, RosterObjection, Round
from applications import objections, periods, public_limits
from applications.letters import PHONE
from applications.receipts import as_file
from core import display
from core.refusals import Refusal

PAGE = 50


@public
@require_GET
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """配租方案 (令11号 §11): place, number, type, area, rent, groups, time."""
    row = get_object_or_404(Round, code=code)
    context = {
        "round": row,
        "state": states.ROUND[row.state],
        "rows": plan_table.shown(row),
        "homes": plan_table.homes_count(row),
        "groups": plan_table.groups_line(row),
        **round_screen.calendar_of(row),
    }
    return render(request, "public/draws/plan.html", context)


@public
@require_GET
def plan_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The plan as a printed sheet."""
    row = get_object_or_404(Round, code=code)
    return as_file(plan_sheet.pdf(row), f"{row.code}-plan.pdf")


@public
@never_cache
@require_GET
def roster(request: HttpRequest, code: str) -> HttpResponse:
    """名单: tickets without names; a household that signed in sees which one is its own."""
    row = get_object_or_404(Round, code=code)
    if not row.roster:
        raise Http404
    ticket = "".join(request.GET.get("ticket", "").upper().split())[:64]
    rows = row.entrants.order_by("ticket")
    if ticket:
        rows = rows.filter(ticket=ticket)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    own = round_screen.own_entrant(row, request.user)
    names = round_screen.estate_names()
    context = {
        "round": row,
        "page_obj": page,
        "rows": [_line(one, own, names) for one in page],
        "summary": round_screen.roster_summary(row),
        "own": _line(own, own, names) if own is not None else None,
        "ticket": ticket,
        "may_object": not roster_objections.why_not_object(row),
    }
    return render(request, "public/draws/roster.html", context)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def object_to(request: HttpRequest, code: str) -> HttpResponse:
    """对名单提出异议: anybody may; who it was is never published."""
    row = get_object_or_404(Round, code=code)
    why_not = roster_objections.why_not_object(row)
    form = ObjectForm(request.POST or None, initial={"ticket": request.GET.get("ticket", "")[:64]})
    if request.method == "POST" and not why_not and form.is_valid():
        if public_limits.spent(request, "objection_most"):
            return _too_often(request)
        if (made := _raised(row, form)) is not None:
            request.session["roster_objection"] = made.number
            return redirect("public_roster_objected", code=row.code)
    context = {
        "round": row, "form": form, "why_not": why_not,
        "workdays": periods.of("roster_objection").value,
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "public/draws/object.html", context, status=status)


@public
@never_cache
@require_GET
def objected(request: HttpRequest, code: str) -> HttpResponse:
    """The receipt, with the number to follow it up by."""
    made = roster_objections.by_number(request.session.get("roster_objection") or "")
    if made is None or made.round.code != code:
        raise Http404
    context = {"round": made.round, "made": made, "number": objections.grouped(made.number)}
    return render(request, "public/draws/objected.html", context)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """查名单异议的结果 by its number."""
    row = get_object_or_404(Round, code=code)
    form = FollowForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        if public_limits.spent(request, "notice_views"):
            return _too_often(request)
        made = roster_objections.by_number(form.cleaned_data["number"])
        if made is None or made.round_id != row.pk:
            made = None
            form.add_error(
                "number", _("没有找到这个查询号，请再核对一次，或拨%(phone)s。") % {"phone": PHONE}
            )
    context = {"round": row, "form": form, "made": made}
    status = 422 if form.errors else 200
    return render(request, "public/draws/follow.html", context, status=status)


# -- Parts -----------------------------------------------------------------------------------------


def _line(one: Entrant, own: Entrant | None, names: dict[str, str]) -> dict[str, Any]:
    return {
        "ticket": one.ticket,
        "tier": one.tier,
        "types": display.listed(facts.unit_type(kind) for kind in one.unit_types),
        "preferences": display.listed(names.get(code, code) for code in one.preferences),
        "any_estate": one.any_estate,
        "accessible": one.needs_accessible,
        "own": own is not None and one.pk == own.pk,
    }


def _raised(row: Round, form: ObjectForm) -> RosterObjection | None:
    try:
        return roster_objections.raise_(row, form.said())
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


def _too_often(request: HttpRequest) -> HttpResponse:
    response = render(request, "public_notices/too_often.html", status=429)
    response["Retry-After"] = "900"
    return response

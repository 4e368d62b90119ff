"""摇号配租 in the office: rounds planned, frozen, revealed, closed, or voided by two persons."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import has_role, staff_only
from accounts.roles import Role
from allocation import (
    calendar,
    choice_days,
    facts,
    intentions,
    keeping_out,
    planning,
    round_screen,
    rounds,
    schedule,
    states,
)
from allocation.forms import HomesForm, PlanForm, ReasonForm, RevealForm
from allocation.models import Home, Offer, Round
from core import clock
from core.refusals import Refusal


@staff_only(Role.ADMIN, Role.LEADER, Role.DISTRICT)
@require_GET
def rounds_list(request: HttpRequest) -> HttpResponse:
    """Every round with its stage and counts."""
    rows = Round.objects.annotate(
        homes_count=Count("homes", distinct=True), entrants_count=Count("entrants", distinct=True)
    ).order_by("-created_at")[:100]
    context = {
        "rows": [(one, states.ROUND[one.state]) for one in rows],
        "may_act": has_role(request.user, Role.ADMIN),
    }
    return render(request, "allocation/office/rounds.html", context)


@staff_only(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """方案: impossible dates and weak events are refused at their field."""
    form = PlanForm(request.POST or None, initial=_proposed())
    if request.method == "POST" and form.is_valid():
        try:
            row = planning.plan(form.plan(), by=request.user)
        except Refusal as refusal:
            complain(form, refusal, {"entropy_at": "entropy_on"})
        else:
            messages.success(request, _("方案已公布，现在可以登记意向。下一步选房源。"))
            return redirect("office_round_homes", code=row.code)
    status = 422 if form.errors else 200
    steps = schedule.steps(schedule.proposal(clock.today()))
    context = {
        "round": None,
        "form": form,
        "steps": steps,
        "provisional": any(one.provisional for one in steps),
    }
    return render(request, "allocation/office/plan.html", context, status=status)


@staff_only(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def homes(request: HttpRequest, code: str) -> HttpResponse:
    """Which free homes the round gives out."""
    row = get_object_or_404(Round, code=code)
    free = _free_homes(row)
    chosen = list(row.homes.values_list("pk", flat=True))
    form = HomesForm(request.POST or None, homes=free, initial={"homes": chosen})
    if request.method == "POST" and form.is_valid():
        try:
            planning.choose_homes(row, list(form.cleaned_data["homes"]), by=request.user)
        except Refusal as refusal:
            complain(form, refusal, {})
        else:
            messages.success(request, _("房源已保存。"))
            return redirect("office_round", code=row.code)
    picked = set(request.POST.getlist("homes")) if form.is_bound else set(map(str, chosen))
    context = {"round": row, "form": form, "groups": _grouped(free, picked)}
    return render(
        request, "allocation/office/homes.html", context, status=422 if form.errors else 200
    )


@staff_only(Role.ADMIN, Role.LEADER, Role.DISTRICT)
@require_GET
def round_page(request: HttpRequest, code: str) -> HttpResponse:
    """One round: rail, counts, what comes next, who keeps out, the way to void it."""
    return _page(request, get_object_or_404(Round, code=code))


@staff_only(Role.ADMIN)
@require_POST
def step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One step of the round: freeze, reveal, close, exclude, propose-void, void."""
    row = get_object_or_404(Round, code=code)
    act = _STEPS.get(step)
    if act is None:
        raise Http404
    forms = _forms(request.POST, step)
    form = forms.get(step)
    if form is not None and not form.is_valid():
        return _page(request, row, forms, status=422)
    try:
        messages.success(request, act(row, request, form))
    except Refusal as refusal:
        if form is None:
            messages.error(request, str(refusal))
        else:
            complain(form, refusal, {})
            return _page(request, row, forms, status=422)
    return redirect("office_round", code=code)


# -- Steps ----------------------------------------------------------------------------------


def _freeze(row: Round, request: HttpRequest, form: Any) -> str:
    rounds.freeze(row, by=request.user, set_aside=request.POST.get("set_aside") == "on")
    return _("名单已定，摘要已公布。每户收到了号牌和摇号码。")


def _reveal(row: Round, request: HttpRequest, form: Any) -> str:
    rounds.reveal(row, by=request.user, entropy=form.cleaned_data["entropy"])
    return _("已揭晓，结果和公示包已公布。")


def _close(row: Round, request: HttpRequest, form: Any) -> str:
    rounds.close(row, by=request.user)
    return _("这一轮已结束。")


def _exclude(row: Round, request: HttpRequest, form: Any) -> str:
    rounds.exclude(row, request.user.as_staff, reason=form.cleaned_data["reason"], by=request.user)
    return _("已登记回避，您不再经手这一轮。")


def _drop(row: Round, request: HttpRequest, form: Any) -> str:
    rounds.drop_void(row, by=request.user.as_staff)
    return _("没有作废，这一轮照常进行。")


def _propose(row: Round, request: HttpRequest, form: Any) -> str:
    rounds.propose_void(row, by=request.user.as_staff, reason=form.cleaned_data["reason"])
    return _("已提出作废，请另一位同事确认。")


def _void(row: Round, request: HttpRequest, form: Any) -> str:
    rounds.void(row, by=request.user.as_staff)
    return _("这一轮已作废，原因已公布，各家资格不变。")


_STEPS: dict[str, Callable[[Round, HttpRequest, Any], str]] = {
    "freeze": _freeze,
    "reveal": _reveal,
    "close": _close,
    "exclude": _exclude,
    "propose-void": _propose,
    "void": _void,
    "drop-void": _drop,
}


# -- Parts ----------------------------------------------------------------------------------


def _forms(data: Any = None, step: str = "") -> dict[str, Any]:
    """The forms of the page; only the one that was sent is filled."""
    kinds = {"reveal": RevealForm, "exclude": ReasonForm, "propose-void": ReasonForm}
    return {
        name: kind(data if name == step else None, prefix="" if name == "reveal" else name)
        for name, kind in kinds.items()
    }


def _page(
    request: HttpRequest, row: Round, forms: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    forms = forms or _forms()
    open_offers = Offer.objects.filter(entrant__round=row, state__in=states.OFFER.open_ids)
    context = {
        "round": row,
        "state": states.ROUND[row.state],
        "stages": calendar.stages(row),
        "counts": round_screen.counts(row),
        "next": round_screen.what_is_next(row, request.user),
        "tiers": round_screen.by_tier(row),
        "types": round_screen.by_type(row),
        "calendar": round_screen.calendar_of(row),
        "checks": round_screen.check_counts(row),
        "unfit": round_screen.unfit_homes(row),
        "objections": row.objections.order_by("line"),
        "objections_open": row.objections.filter(answered_at=None).count(),
        "excluded": keeping_out.shown(row),
        "unusual": [name for name, one in row.selfcheck.items() if one["verdict"] == "unusual"],
        "may_act": not keeping_out.why_not_run(row, request.user),
        "joined": intentions.joined(row).count() if row.state == states.R_PLANNED else 0,
        "event_passed": clock.now() >= row.entropy_at,
        "unanswered": open_offers.count(),
        "choice_over": choice_days.is_over(row),
        "voidable": row.STATES.allows(row.state, states.R_VOID),
        "own_proposal": row.void_proposed_by_id == request.user.as_staff.pk,
        "reveal_form": forms["reveal"],
        "exclude_form": forms["exclude"],
        "void_form": forms["propose-void"],
    }
    return render(request, "allocation/office/round.html", context, status=status)


def _proposed() -> dict[str, Any]:
    """The initial values of a new plan; whoever wants the freeze on a day of its own sets it."""
    days = schedule.proposal(clock.today())
    return {
        "intention_until": days.intention_until,
        "objection_until": days.objection_until,
        "entropy_on": days.event_on,
    }


def _free_homes(row: Round) -> Any:
    elsewhere = Round.objects.filter(state__in=[states.R_PLANNED, states.R_FROZEN]).exclude(
        pk=row.pk
    )
    free = Home.objects.to_let().exclude(rounds__in=elsewhere)
    return free.select_related("estate").order_by("code")


def _grouped(free: Any, chosen: set[str]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for home in free:
        groups.setdefault(home.estate.name, []).append(
            {
                "pk": home.pk,
                "code": home.code,
                "type": facts.unit_type(home.unit_type),
                "area": home.area,
                "floor": home.floor,
                "accessible": home.accessible,
                "chosen": str(home.pk) in chosen,
            }
        )
    return list(groups.items())


def complain(form: Any, refusal: Refusal, other_names: dict[str, str]) -> None:
    """A refusal at its field; ``other_names`` are fields that the form calls otherwise."""
    field = other_names.get(refusal.field or "", refusal.field)
    form.add_error(field if field in form.fields else None, str(refusal))

"""运营公司: arrivals, pushes with their receipts, homes. No income, no health, no reasons."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from allocation import (
    buildings,
    dead_letters,
    facts,
    handover,
    holds,
    inspections,
    next_things,
    repairs,
    states,
    tenancy_list,
)
from allocation.models import Estate, Home, HomeHold, Inspection, Lease, Push
from allocation.views.upkeep_desk import line
from core import clock
from core.models import OutboxMessage
from core.refusals import Refusal

_SHOWN = 30
_AT_ONCE = 60  # homes of one list that are inspected or released together


@staff_only(Role.OPERATOR)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """今日: what comes next, doors that do not open, urgent repairs, who moves in and out."""
    arrivals = Lease.objects.filter(
        state__in=[states.L_SIGNED, states.L_FILED],
        signed_at__gte=clock.now() - tenancy_list.ARRIVING,
    )
    leaving = Lease.objects.filter(state=states.L_ENDING)
    context = {
        "arrivals": [_arrival(one) for one in _recent(arrivals, "-signed_at")],
        "leaving": [_arrival(one) for one in _recent(leaving, "state_since")],
        "dead": [
            (one, dead_letters.why(one.message), dead_letters.RECEIVERS[one.message.destination])
            for one in dead_letters.dead()[:_SHOWN]
        ],
        "waiting": OutboxMessage.objects.filter(
            destination__in=handover.PUSHES, state=OutboxMessage.State.PENDING
        ).count(),
        "failed": [(one, facts.address(one.home)) for one in tenancy_list.failed_locks()[:_SHOWN]],
        "urgent": [line(one) for one in repairs.open_ones().filter(urgent=True)[:_SHOWN]],
        "next": next_things.first(),
        "homes": _homes_by_state(),
    }
    return render(request, "allocation/operator/today.html", context)


@staff_only(Role.OPERATOR)
@require_GET
def homes(request: HttpRequest) -> HttpResponse:
    """房源: a building picture per building of one estate."""
    estates = list(Estate.objects.annotate(number=Count("homes")).order_by("name"))
    chosen = next((one for one in estates if one.code == request.GET.get("estate")), None)
    chosen = chosen or (estates[0] if estates else None)
    facets = [
        (
            _("小区"),
            [(one.name, f"?estate={one.code}", one.number, one == chosen) for one in estates],
        )
    ]
    shown = buildings.of(chosen, href=_address) if chosen else []
    context = {
        "facets": facets,
        "estate": chosen,
        "buildings": shown,
        "legend": buildings.legend(shown),
        "groups": _to_do(chosen) if chosen else [],
        "due": _due(),
        "today": clock.today(),
    }
    return render(request, "allocation/operator/homes.html", context)


@staff_only(Role.OPERATOR)
@require_POST
def batch(request: HttpRequest) -> HttpResponse:
    """Several homes at once: inspected and found fit, or released; each by itself."""
    act = request.POST.get("do", "")
    estate = get_object_or_404(Estate, code=request.POST.get("estate", ""))
    chosen = list(estate.homes.filter(code__in=request.POST.getlist("home")[:_AT_ONCE]))
    if act not in ("inspect", "release"):
        raise Http404
    if not chosen:
        messages.error(request, _("请先选房源。"))
    elif act == "inspect" and request.POST.get("seen") != "on":
        messages.error(request, _("请逐套逐项看过以后打勾。有一项不合格的，请打开那一套单独记录。"))
    else:
        _each(request, act, chosen)
    return redirect(f"{reverse('operator_homes')}?estate={estate.code}")


@staff_only(Role.OPERATOR)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends a dead message again."""
    push = get_object_or_404(dead_letters.pushes(), message_id=pk)
    dead_letters.resend(push, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("已放回队列，马上再发。"))
    return redirect("operator_today")


def _each(request: HttpRequest, act: str, chosen: list[Home]) -> None:
    """One verb for each home; the good ones stay done where one is refused."""
    by, done = request.user.as_staff, 0
    for home in chosen:
        try:
            if act == "inspect":
                inspections.inspect(home, by=by, passed=inspections.ITEMS)
            else:
                inspections.release(home, by=by)
            done += 1
        except Refusal as refusal:
            messages.error(request, f"{home.code} {refusal}")
    if not done:
        return
    if act == "inspect":
        said = ngettext("%(n)s套验收合格，已记录。", "%(n)s套验收合格，已记录。", done)
    else:
        said = ngettext("%(n)s套已放行，可以配租。", "%(n)s套已放行，可以配租。", done)
    messages.success(request, said % {"n": done})


def _recent(rows: Any, order: str) -> Any:
    living = Count("application__members", filter=Q(application__members__excluded=False))
    pushes = Prefetch("pushes", Push.objects.select_related("message").order_by("pk"))
    rows = rows.select_related("home__estate", "application").annotate(persons=living)
    return rows.prefetch_related(pushes).order_by(order)[:_SHOWN]


def _homes_by_state() -> list[tuple[Any, int]]:
    """How many homes are fit to let, being repaired, or coming back."""
    wanted = (states.H_AVAILABLE, states.H_REPAIR, states.H_VACATING)
    rows = Home.objects.filter(state__in=wanted).order_by().values_list("state")
    found = dict(rows.annotate(n=Count("pk")))
    return [(states.HOME[one], found.get(one, 0)) for one in wanted]


def _arrival(lease: Any) -> dict[str, Any]:
    sent = {one.kind: one.message for one in lease.pushes.all()}
    return {
        "lease": lease,
        "state": states.LEASE[lease.state],
        "address": facts.address(lease.home),
        "persons": lease.persons,
        "pushes": [
            (word, sent[kind])
            for kind, word in (("lease", _("合同")), ("grant", _("门禁")))
            if kind in sent
        ],
    }


def _address(home: Home) -> str:
    return reverse("operator_home", args=[home.code])


def _to_do(estate: Estate) -> list[tuple[str, str, list[Any]]]:
    """Homes that wait for this company: found fit and to be released, or to be inspected.

    What is in repair is inspected when its repair is done, one by one.
    """
    empty = estate.homes.filter(state__in=inspections.EMPTY).order_by("code")
    last = Inspection.objects.filter(home=OuterRef("pk"), at__gte=OuterRef("state_since"))
    rows = list(empty.annotate(found_fit=Subquery(last.order_by("-at", "-pk").values("fit")[:1])))
    ready = [one for one in rows if one.found_fit]
    waiting = [one for one in rows if not one.found_fit and one.state != states.H_REPAIR]
    return [
        ("release", _("验收合格，等待放行"), ready[:_AT_ONCE]),
        ("inspect", _("等待验收"), waiting[:_AT_ONCE]),
    ]


def _due() -> Any:
    """Repairs that end soon or are overdue; holds are the centre's business."""
    rows = holds.to_look_after(clock.today()).filter(kind=HomeHold.Kind.REPAIR)
    return rows[:_SHOWN]

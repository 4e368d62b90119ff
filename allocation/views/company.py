"""运营公司: arrivals, pushes with their receipts, homes. No income, no health, no reasons."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from allocation import facts, handover, states
from allocation.models import Estate, Home, Lease
from core import clock, outbox
from core.models import OutboxMessage

_SHOWN = 30
_ARRIVING = timedelta(days=60)  # how long a signed lease stands under arrivals
_PUSHES = ("operator", "access")
# the state of a home in the colours of the building picture
_PICTURE = {
    states.H_ACQUIRED: "works",
    states.H_REPAIR: "works",
    states.H_AVAILABLE: "free",
    states.H_IN_ROUND: "free",
    states.H_OFFERED: "offered",
    states.H_LET: "let",
    states.H_VACATING: "works",
    states.H_RETIRED: "works",
}


@staff_only(Role.OPERATOR)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """今日: who moves in, what was told to whom, who moves out."""
    arrivals = Lease.objects.filter(
        state__in=[states.L_SIGNED, states.L_FILED], signed_at__gte=clock.now() - _ARRIVING
    )
    leaving = Lease.objects.filter(state=states.L_ENDING)
    pushes = OutboxMessage.objects.filter(destination__in=_PUSHES)
    context = {
        "arrivals": [_arrival(one) for one in _recent(arrivals, "-signed_at")],
        "leaving": [_arrival(one) for one in _recent(leaving, "state_since")],
        "dead": pushes.filter(state=OutboxMessage.State.DEAD).order_by("created_at")[:_SHOWN],
        "waiting": pushes.filter(state=OutboxMessage.State.PENDING).order_by("created_at")[:_SHOWN],
        "vacant": Home.objects.filter(state=states.H_VACATING).count(),
    }
    return render(request, "allocation/operator/today.html", context)


@staff_only(Role.OPERATOR)
@require_GET
def homes(request: HttpRequest) -> HttpResponse:
    """房源: a building picture per building of one estate."""
    estates = list(Estate.objects.order_by("name"))
    chosen = next((one for one in estates if one.code == request.GET.get("estate")), None)
    chosen = chosen or (estates[0] if estates else None)
    facets = [
        (
            _("小区"),
            [
                (one.name, f"?estate={one.code}", one.homes.count(), one == chosen)
                for one in estates
            ],
        )
    ]
    context = {
        "facets": facets,
        "estate": chosen,
        "buildings": _buildings(chosen) if chosen else [],
    }
    return render(request, "allocation/operator/homes.html", context)


@staff_only(Role.OPERATOR)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends a dead message again."""
    message = get_object_or_404(OutboxMessage, pk=pk, destination__in=_PUSHES)
    outbox.retry(message, by=request.user)
    messages.success(request, _("已放回队列，马上再发。"))
    return redirect("operator_today")


def _recent(rows: Any, order: str) -> Any:
    return rows.select_related("home__estate", "application").order_by(order)[:_SHOWN]


def _arrival(lease: Lease) -> dict[str, Any]:
    sent = handover.messages(lease)
    return {
        "lease": lease,
        "state": states.LEASE[lease.state],
        "address": facts.address(lease.home),
        "persons": lease.application.members.filter(excluded=False).count(),
        "pushes": [
            (word, sent[kind])
            for kind, word in (("lease", _("合同")), ("grant", _("门禁")))
            if kind in sent
        ],
    }


def _buildings(estate: Estate) -> list[tuple[str, list[Any]]]:
    floors: dict[str, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for home in estate.homes.order_by("building", "unit", "room"):
        word = str(states.HOME[home.state].tag)
        unit = (home.room, _PICTURE[home.state], word, "")
        floors[home.building][home.floor].append(unit)
    return [
        (building, [(str(n), rows) for n, rows in sorted(found.items(), reverse=True)])
        for building, found in sorted(floors.items(), key=lambda pair: (len(pair[0]), pair[0]))
    ]

"""房子在哪里: at the machine, of the home that was drawn or is looked at on a choice day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import kiosk_only
from allocation import kiosks, states, whereabouts
from allocation.models import Entrant, Home


@kiosk_only
@require_GET
def place(request: HttpRequest) -> HttpResponse:
    """The way to the estate; the code is for the household's own phone, the machine has no map."""
    entrant = kiosks.entrant_of(request)
    if entrant is None:
        return redirect("kiosk_start")
    wanted = request.GET.get("home", "")
    home, back = _of_round(entrant, wanted) if wanted.isdecimal() else _drawn(entrant)
    if home is None:
        return redirect(back)
    context = {
        "home": home,
        "lines": whereabouts.lines(home.estate),
        "qr": whereabouts.qr(home.estate),
        "back": back,
    }
    return render(request, "kiosk/place.html", context)


def _drawn(entrant: Entrant) -> tuple[Home | None, str]:
    offer = kiosks.current_offer(entrant)
    if offer is None or offer.state == states.O_UNOPENED:
        return None, reverse("kiosk_ticket")
    return offer.home, reverse("kiosk_home")


def _of_round(entrant: Entrant, wanted: str) -> tuple[Home, str]:
    """A home that this household may be looking at on its choice day."""
    turn = getattr(entrant, "turn", None)
    rounds = [turn.day.round_id] if turn is not None else []
    rows = Home.objects.filter(rounds__in=rounds).select_related("estate")
    home = get_object_or_404(rows, pk=int(wanted[:18]))
    return home, reverse("kiosk_choice_home", args=[home.pk])

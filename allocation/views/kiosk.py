"""Pages of the self-service machine: 首屏 → 身份 → 摇号码 → 号牌 → 揭晓 → 房源 → 选择 → 凭条.

The path works without JavaScript; a machine's own addresses are refused to any other browser.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import kiosk_only, public, staff_only
from accounts.roles import Role
from allocation import appointments, facts, kiosks, offers, slips, states
from allocation.forms import CodeForm, NumberForm, PairForm
from allocation.models import Entrant, Offer
from applications.receipts import as_file
from core import display
from core.identity import ciphers
from core.refusals import Refusal

_DRUM = "kiosk_drum"
CHOICES = ("accept", "think", "decline")


@public
@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest) -> HttpResponse:
    """Binds this machine to its device token, once, by whoever installs it."""
    form = PairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = HttpResponseRedirect(reverse("kiosk_start"))
        try:
            kiosks.pair(answer, form.cleaned_data["token"])
        except Refusal as refusal:
            form.add_error("token", str(refusal))
        else:
            return answer
    return render(request, "kiosk/pair.html", {"form": form}, status=422 if form.errors else 200)


@kiosk_only
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """首屏: what can be done here, and one button."""
    return render(request, "kiosk/start.html", {})


@kiosk_only
@require_http_methods(["GET", "POST"])
def identify(request: HttpRequest) -> HttpResponse:
    """身份: the ID number; nothing of it is written down but its blind index."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kiosks.greet(request, form.cleaned_data["id_number"])
        return redirect("kiosk_code")
    return render(request, "kiosk/identify.html", {"form": form}, status=_status(form))


@kiosk_only
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """摇号码: six digits of the notice, or help from the attendant."""
    if not kiosks.has_greeted(request):
        return redirect("kiosk_start")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kiosks.identify(request, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            return redirect("kiosk_ticket")
    return render(request, "kiosk/code.html", {"form": form}, status=_status(form))


@kiosk_only
@require_GET
def ticket(request: HttpRequest) -> HttpResponse:
    """号牌: the household's ticket and its appointment; the result may be opened from here."""
    entrant = kiosks.entrant_of(request)
    if entrant is None:
        return redirect("kiosk_start")
    context = _context(entrant)
    context["drawn"] = entrant.round.state != states.R_FROZEN
    context["event"] = display.day_time(entrant.round.entropy_at)
    return render(request, "kiosk/ticket.html", context)


@kiosk_only
@require_http_methods(["GET", "POST"])
def result(request: HttpRequest) -> HttpResponse:
    """揭晓: shown with an animation the first time, at once ever after; always the same."""
    entrant = kiosks.entrant_of(request)
    if entrant is None or entrant.round.state == states.R_FROZEN:
        return redirect("kiosk_ticket" if entrant else "kiosk_start")
    if request.method == "POST":
        offer = kiosks.current_offer(entrant)
        request.session[_DRUM] = offer is not None and offer.state == states.O_UNOPENED
        kiosks.reveal(request, entrant)
        return redirect("kiosk_result")
    context = _context(entrant)
    if context["offer"] is not None and context["offer"].state == states.O_UNOPENED:
        return redirect("kiosk_ticket")
    context["drum"] = request.session.pop(_DRUM, False)
    return render(request, "kiosk/result.html", context)


@kiosk_only
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """房源: the home, its facts, and the three ways to answer."""
    found = _opened(request)
    if found is None:
        return redirect("kiosk_start")
    entrant, offer = found
    context = {
        **_context(entrant),
        "lines": facts.home_lines(offer.home),
        "answerable": offer.state in states.OFFER.open_ids,
        "line": facts.offer_line(offer),
        "state": states.OFFER[offer.state],
    }
    return render(request, "kiosk/home.html", context)


@kiosk_only
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, choice: str) -> HttpResponse:
    """选择: what follows is said first, then the button."""
    if choice not in CHOICES:
        raise Http404
    found = _opened(request)
    if found is None:
        return redirect("kiosk_start")
    entrant, offer = found
    context: dict[str, Any] = {**_context(entrant), "choice": choice, "error": ""}
    if request.method == "POST":
        try:
            _answer(request, offer, choice)
        except Refusal as refusal:
            context["error"] = str(refusal)
        else:
            return redirect("kiosk_slip")
    context["effects"] = facts.consequences(offer, choice)
    return render(request, "kiosk/choose.html", context, status=422 if context["error"] else 200)


@kiosk_only
@require_GET
def slip(request: HttpRequest) -> HttpResponse:
    """凭条: to print and take home."""
    entrant = kiosks.entrant_of(request)
    if entrant is None:
        return redirect("kiosk_start")
    printed = slips.of(entrant, site=request.build_absolute_uri("/")[:-1])
    return render(request, "kiosk/slip.html", {**_context(entrant), "slip": printed})


@kiosk_only
@require_GET
def slip_pdf(request: HttpRequest) -> HttpResponse:
    """凭条 as a PDF."""
    entrant = kiosks.entrant_of(request)
    if entrant is None:
        return redirect("kiosk_start")
    content = slips.pdf(entrant, site=request.build_absolute_uri("/")[:-1])
    return as_file(content, f"slip-{entrant.ticket}.pdf")


@kiosk_only
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest) -> HttpResponse:
    """Forgets the person; the next one finds the first screen."""
    return kiosks.end(request, HttpResponseRedirect(reverse("kiosk_start")))


@staff_only(Role.ATTENDANT, Role.WINDOW)
@require_http_methods(["GET", "POST"])
def attend(request: HttpRequest) -> HttpResponse:
    """现场值守: a new 摇号码 for somebody whose ID card the attendant has seen; logged."""
    form = NumberForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "code": "", "found": None}
    if request.method == "POST" and form.is_valid():
        index = ciphers.blind_index(form.cleaned_data["id_number"])
        found = appointments.of_person(index)
        if found is None:
            form.add_error("id_number", _("这个号码没有在摇号名单里。可以试试另一位家人的号码。"))
        else:
            context["code"] = appointments.renew_code(found, by=request.user)
            context["found"] = found
    return render(request, "kiosk/attend.html", context, status=_status(form))


# -- Parts ----------------------------------------------------------------------------------


def _status(form: Any) -> int:
    return 422 if form.errors else 200


def _context(entrant: Entrant) -> dict[str, Any]:
    return {
        "entrant": entrant,
        "round": entrant.round,
        "appointment": getattr(entrant, "appointment", None),
        "offer": kiosks.current_offer(entrant),
        "reserve": facts.reserve_place(entrant),
    }


def _opened(request: HttpRequest) -> tuple[Entrant, Offer] | None:
    """The household's offer, once its result was opened."""
    entrant = kiosks.entrant_of(request)
    offer = kiosks.current_offer(entrant) if entrant else None
    if entrant is None or offer is None or offer.state == states.O_UNOPENED:
        return None
    return entrant, offer


def _answer(request: HttpRequest, offer: Offer, choice: str) -> None:
    machine = request.kiosk  # type: ignore[attr-defined]
    by = kiosks.actor(machine)
    if choice == "accept":
        offers.accept(offer, by=by, via=machine.name)
    elif choice == "think":
        offers.think(offer, by=by)
    else:
        offers.decline(offer, by=by, via=machine.name)

"""Pages of the self-service machine: 首屏 → 身份 → 摇号码 → 号牌 → 揭晓 → 房源 → 选择 → 凭条.

The path works without JavaScript; a machine's own addresses are refused to any other browser.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import kiosk_only, public
from allocation import attending, causes, facts, homes, kiosks, offers, slips, states
from allocation.forms import CodeForm, NumberForm, PairForm
from allocation.forms_kiosk import CauseForm, VouchForm
from allocation.models import Entrant, HelpCall, Kiosk, Offer, Round
from applications.receipts import as_file
from core import clock, display
from core.identity import masking
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
    """首屏: what can be done here, and one button. A hall's screen goes on to its board."""
    if request.kiosk.kind == Kiosk.Kind.HALL:  # type: ignore[attr-defined]
        return redirect("kiosk_hall")
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
    vouched = kiosks.needs_code(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kiosks.identify(request, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            return redirect(_after_code(request) if vouched else "kiosk_ticket")
    context = {"form": form, "vouched": vouched}
    return render(request, "kiosk/code.html", context, status=_status(form))


@kiosk_only
@require_POST
def call(request: HttpRequest, kind: str) -> HttpResponse:
    """Calls a person to the machine; nothing about who stands there goes with the call."""
    if kind not in HelpCall.Kind.values:
        raise Http404
    attending.call(request.kiosk, kind)  # type: ignore[attr-defined]
    if kind == HelpCall.Kind.PAPER:
        return redirect("kiosk_slip")
    return redirect("kiosk_attendant" if kiosks.has_greeted(request) else "kiosk_start")


@kiosk_only
@require_http_methods(["GET", "POST"])
def attendant(request: HttpRequest) -> HttpResponse:
    """值守: signs in here with the digits of the taken call, says why, and opens the result."""
    if not kiosks.has_greeted(request):
        return redirect("kiosk_start")
    form = VouchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        machine = request.kiosk  # type: ignore[attr-defined]
        data = form.cleaned_data
        try:
            entrant = attending.vouch(
                machine, kiosks.person(request), data["code"], reason=data["reason"]
            )
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            kiosks.vouched(request, entrant)
            return redirect("kiosk_ticket")
    return render(request, "kiosk/attendant.html", {"form": form}, status=_status(form))


@kiosk_only
@require_GET
def ticket(request: HttpRequest) -> HttpResponse:
    """号牌: the household's ticket and its appointment; the result may be opened from here."""
    entrant = kiosks.entrant_of(request)
    if entrant is None:
        return redirect("kiosk_start")
    context = _context(request, entrant)
    context["drawn"] = entrant.round.state != states.R_FROZEN
    context["event"] = display.day_time(entrant.round.entropy_at)
    context["arrived"] = _arrived(context)
    return render(request, "kiosk/ticket.html", context)


@kiosk_only
@require_http_methods(["GET", "POST"])
def result(request: HttpRequest) -> HttpResponse:
    """揭晓: shown with an animation the first time, at once ever after; always the same."""
    entrant = kiosks.entrant_of(request)
    if entrant is None or entrant.round.state == states.R_FROZEN:
        return redirect("kiosk_ticket" if entrant else "kiosk_start")
    if entrant.round.mode == Round.Mode.ORDER:
        return redirect("kiosk_choice")  # the order was drawn: homes are chosen in turn
    if request.method == "POST":
        offer = kiosks.current_offer(entrant)
        request.session[_DRUM] = offer is not None and offer.state == states.O_UNOPENED
        kiosks.reveal(request, entrant)
        return redirect("kiosk_result")
    context = _context(request, entrant)
    if context["offer"] is not None and context["offer"].state == states.O_UNOPENED:
        return redirect("kiosk_ticket")
    context["drum"] = request.session.pop(_DRUM, False)
    context["held"] = _held(request, entrant)
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
        **_context(request, entrant),
        "lines": facts.home_lines(offer.home),
        "pictures": homes.pictures_of(offer.home),
        "sum": facts.rent_lines(offer),
        "answerable": _answerable(offer),
        "may_explain": not causes.why_not_claim(offer),
        "held": _held(request, entrant),
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
    if kiosks.needs_code(request):
        return redirect("kiosk_code")
    entrant, offer = found
    context: dict[str, Any] = {**_context(request, entrant), "choice": choice, "error": ""}
    if request.method == "POST":
        try:
            _answer(request, offer, choice)
        except Refusal as refusal:
            context["error"] = str(refusal)
        else:
            return redirect("kiosk_slip")
    rent = facts.rent_sentence(offer)
    context["effects"] = [one for one in facts.consequences(offer, choice) if one != rent]
    context["rent"] = rent if choice == "accept" else ""
    return render(request, "kiosk/choose.html", context, status=422 if context["error"] else 200)


@kiosk_only
@require_http_methods(["GET", "POST"])
def cause(request: HttpRequest) -> HttpResponse:
    """正当理由: declines with a cause of the table, or names it afterwards; papers come later."""
    found = _opened(request)
    if found is None:
        return redirect("kiosk_start")
    if kiosks.needs_code(request):
        return redirect("kiosk_code")
    entrant, offer = found
    declining = _answerable(offer)
    if not declining and causes.why_not_claim(offer):
        return redirect("kiosk_home")
    form = CauseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            said = causes.Claim(form.cleaned_data["code"], brief=True)
            _explain(request, offer, said, declining)
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            return redirect("kiosk_slip")
    context = {
        **_context(request, entrant),
        "form": form,
        "declining": declining,
        "effects": facts.cause_effects()[0 if declining else 1 :],
    }
    return render(request, "kiosk/cause.html", context, status=_status(form))


@kiosk_only
@require_GET
def slip(request: HttpRequest) -> HttpResponse:
    """凭条: to print and take home."""
    entrant = kiosks.entrant_of(request)
    if entrant is None:
        return redirect("kiosk_start")
    printed = slips.of(entrant, site=request.build_absolute_uri("/")[:-1])
    context = {**_context(request, entrant), "slip": printed, "held": _held(request, entrant)}
    return render(request, "kiosk/slip.html", context)


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


# -- Parts ----------------------------------------------------------------------------------


def _status(form: Any) -> int:
    return 422 if form.errors else 200


def _context(request: HttpRequest, entrant: Entrant) -> dict[str, Any]:
    mandate = kiosks.mandate_of(request)
    return {
        "entrant": entrant,
        "round": entrant.round,
        "appointment": getattr(entrant, "appointment", None),
        "offer": kiosks.current_offer(entrant),
        "reserve": facts.reserve_place(entrant),
        "principal": masking.mask_name(mandate.principal_name) if mandate else "",
        "needs_code": kiosks.needs_code(request),
    }


def _arrived(context: dict[str, Any]) -> str:
    """early, in time or late for the booked time, by its day; empty without one."""
    row = context["appointment"]
    if row is None:
        return ""
    booked, today = row.starts_at.astimezone(clock.LOCAL).date(), clock.today()
    return "early" if today < booked else "late" if today > booked else "in_time"


def _after_code(request: HttpRequest) -> str:
    """Where the visit stood when it asked for the household's own code."""
    entrant = kiosks.entrant_of(request)
    ordered = entrant is not None and entrant.round.mode == Round.Mode.ORDER
    return "kiosk_choice" if ordered else "kiosk_home"


def _answerable(offer: Offer) -> bool:
    return offer.state in states.OFFER.open_ids and clock.now() < offer.due_at


def _held(request: HttpRequest, entrant: Entrant) -> dict[str, Any]:
    """What this visit has opened, for the case that the network goes: no name, no ID number."""
    return slips.held(entrant, site=request.build_absolute_uri("/")[:-1])


def _opened(request: HttpRequest) -> tuple[Entrant, Offer] | None:
    """The household's offer, once its result was opened."""
    entrant = kiosks.entrant_of(request)
    offer = kiosks.current_offer(entrant) if entrant else None
    if entrant is None or offer is None or offer.state == states.O_UNOPENED:
        return None
    return entrant, offer


def _answer(
    request: HttpRequest, offer: Offer, choice: str, cause: causes.Claim | None = None
) -> None:
    via = kiosks.answered_as(request)
    by = kiosks.actor(request.kiosk)  # type: ignore[attr-defined]
    before = offer.state
    if choice == "accept":
        row = offers.accept(offer, by=by, via=via)
    elif choice == "think":
        row = offers.think(offer, by=by)
    else:
        row = offers.decline(offer, by=by, via=via, cause=cause)
    if row.state != before:  # a second tap tells nobody anything
        kiosks.tell_principal(request, row)


def _explain(request: HttpRequest, offer: Offer, said: causes.Claim, declining: bool) -> None:
    """Declines with a cause; where the home was declined or lapsed before, the cause alone."""
    if declining:
        _answer(request, offer, "decline", said)
        return
    kiosks.answered_as(request)  # a helper may only say what the mandate carries
    causes.claim(offer, said, by=kiosks.actor(request.kiosk))  # type: ignore[attr-defined]

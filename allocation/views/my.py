"""我的轮候、摇号、房源、签约、入住: pages of the household itself."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import citizen_only
from allocation import (
    by_mandate,
    calendar,
    facts,
    handover,
    homes,
    intentions,
    kiosks,
    mine,
    offers,
    slips,
    spare_keys,
    states,
    viewings,
    whereabouts,
)
from allocation.forms import IntentionForm
from allocation.models import AccessGrant, BanProposal, Offer, ReReview, Round
from allocation.views.kiosk import CHOICES
from applications import mandates, wait_moves, waiting
from applications import states as application_states
from applications.models import Application
from applications.receipts import as_file
from core import clock, display
from core.refusals import Refusal

PHONE = "phone"


@citizen_only
@require_http_methods(["GET", "POST"])
def wait(request: HttpRequest) -> HttpResponse:
    """轮候: place, range, and the intention for the next round."""
    household = mine.waiting(request.user)
    round_ = mine.open_round(household)
    joined = household is not None and household.state != application_states.WAITLISTED
    form = None
    if household is not None and round_ is not None and not joined:
        form = IntentionForm(request.POST or None, estates=mine.estates_of(round_))
        if request.method == "POST" and form.is_valid():
            try:
                _register(household, round_, form, request.user)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("已登记意向。名单公布之前，可以退出，位置不变。"))
                return redirect("my_wait")
    context = {
        "household": household,
        "joined": joined and intentions.round_of(household),
        "round": round_,
        "form": form,
        **_order(household),
        "place": waiting.place_of(household.wait_entry) if household else None,
        "estimate": waiting.estimate_of(household.wait_entry, clock.today()) if household else None,
        "wished": mine.wished(household) if household else "",
        "may_leave": household is not None and household.state == application_states.RE_REVIEW,
        "may_change": _may_change(household),
        "check": _check(household) if joined else None,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "allocation/my/wait.html", context, status=status)


def _check(household: Application | None) -> tuple[Any, str] | None:
    """How the household's check before its round stands: the state's word and its day."""
    row = ReReview.objects.filter(
        application=household, round__code=household.wishes.get("round", "") if household else ""
    ).first()
    return (states.RE_REVIEW[row.state].tag, display.day(row.due_on)) if row is not None else None


def _may_change(household: Application | None) -> bool:
    """Whether its wishes for a round may still be changed."""
    joined = intentions.round_of(household) if household is not None else None
    return bool(household and joined and not intentions.why_not_change(household, joined))


def _order(household: Application | None) -> dict[str, Any]:
    """The household's own moves with their reasons, and how many came and went before it."""
    if household is None:
        return {"moves": [], "since": None, "halted": ""}
    entry = household.wait_entry
    moves = list(wait_moves.of(entry))
    return {
        "moves": wait_moves.told(moves),
        "since": wait_moves.since(entry, moves),
        "halted": waiting.why_suspended(household),
    }


@citizen_only
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Takes the household out of a planned round."""
    household = mine.waiting(request.user)
    round_ = intentions.round_of(household) if household else None
    if household is None or round_ is None:
        raise Http404
    try:
        intentions.leave(household, round_, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已退出这一轮，轮候位置不变。"))
    return redirect("my_wait")


@citizen_only
@require_GET
def draw(request: HttpRequest) -> HttpResponse:
    """摇号: the ticket plate, the appointment, the way to check the result oneself."""
    entrant = mine.entrant(request.user)
    context: dict[str, Any] = {"entrant": entrant}
    if entrant is not None:
        context |= {
            "round": entrant.round,
            "state": states.ROUND[entrant.round.state],
            "appointment": getattr(entrant, "appointment", None),
            "reserve": facts.reserve_place(entrant),
            "offer": kiosks.current_offer(entrant),
            "stages": calendar.stages(entrant.round),
            "choosing": entrant.round.mode == Round.Mode.ORDER and entrant.round.revealed_at,
        }
    return render(request, "allocation/my/draw.html", context)


@citizen_only
@require_GET
def slip(request: HttpRequest) -> HttpResponse:
    """凭条 as a PDF."""
    entrant = mine.entrant(request.user)
    if entrant is None:
        raise Http404
    content = slips.pdf(entrant, site=request.build_absolute_uri("/")[:-1])
    return as_file(content, f"slip-{entrant.ticket}.pdf")


@citizen_only
@require_GET
def appointment(request: HttpRequest) -> HttpResponse:
    """预约通知 as a PDF."""
    entrant = mine.entrant(request.user)
    if entrant is None or not hasattr(entrant, "appointment"):
        raise Http404
    return as_file(slips.appointment_pdf(entrant), f"appointment-{entrant.ticket}.pdf")


@citizen_only
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """房源: the result opens on the phone, too, from publication; then the home and its sum."""
    offer = mine.offer(request.user)
    if request.method == "POST" and offer is not None:
        offers.open_result(offer, by=request.user, via=PHONE)
        return redirect("my_offer")
    context: dict[str, Any] = {"offer": offer, "hearing": _hearing_due(request)}
    if offer is not None:
        context |= {
            "unopened": offer.state == states.O_UNOPENED,
            "state": states.OFFER[offer.state],
            "line": facts.offer_line(offer),
            "answerable": offer.state in (states.O_OPEN, states.O_THINKING),
            "lines": facts.home_lines(offer.home),
            "way": whereabouts.ways(offer.home.estate),
            "geo": whereabouts.geo(offer.home.estate),
            "pictures": homes.pictures_of(offer.home),
            "sum": facts.rent_lines(offer),
            "due": offers.last_day(offer),
            "lease": getattr(offer, "lease", None),
            "may_explain": offer.state in (states.O_DECLINED, states.O_LAPSED),
            **_viewing(offer),
        }
    else:
        entrant = mine.entrant(request.user)
        context["reserve"] = facts.reserve_place(entrant) if entrant else None
    return render(request, "allocation/my/home.html", context)


@citizen_only
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, choice: str) -> HttpResponse:
    """接受、考虑、放弃: the consequences first."""
    offer = mine.offer(request.user)
    if choice not in CHOICES or offer is None or offer.state == states.O_UNOPENED:
        raise Http404
    error = ""
    if request.method == "POST":
        try:
            _answer(offer, choice, request.user, mandates.acting(request.user))
        except Refusal as refusal:
            error = str(refusal)
        else:
            return redirect("my_lease" if choice == "accept" else "my_offer")
    context = {
        "offer": offer,
        "choice": choice,
        "effects": facts.consequences(offer, choice),
        "error": error,
    }
    return render(request, "allocation/my/choose.html", context, status=422 if error else 200)


@citizen_only
@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """入住: access of each member to gate and door."""
    row = mine.lease(request.user)
    in_force = row is not None and row.state in states.L_IN_FORCE
    grants = list(row.grants.select_related("member").order_by("member__position")) if row else []
    context = {
        "lease": row if in_force else None,
        "grants": [(one, _GRANT_TONE[one.state]) for one in grants],
        "spares": list(spare_keys.of_lease(row).filter(state="valid")) if in_force and row else [],
        "sheets": [
            (one, states.SHEET[one.state])
            for one in (row.sheets.exclude(state=states.S_DRAFT) if row else [])
        ],
        "ready": bool(grants) and all(one.state == AccessGrant.State.CONFIRMED for one in grants),
        "failing": any(one.state == AccessGrant.State.FAILED for one in grants),
        "start": display.day(row.term.lower) if row and in_force else "",
        "address": facts.address(row.home) if row else "",
        "messages_sent": handover.messages(row) if row else {},
    }
    return render(request, "allocation/my/keys.html", context)


# -- Parts ----------------------------------------------------------------------------------

_GRANT_TONE: dict[str, str] = {
    AccessGrant.State.QUEUED: "waiting",
    AccessGrant.State.CONFIRMED: "done",
    AccessGrant.State.FAILED: "waiting",
    AccessGrant.State.REVOKED: "ended",
}


def _register(household: Any, round_: Any, form: IntentionForm, by: Any) -> None:
    intentions.register(
        household,
        round_,
        by=by,
        preferences=form.preferences,
        any_estate=form.cleaned_data["any_estate"],
        needs_accessible=form.cleaned_data["needs_accessible"],
        low_floor=form.cleaned_data["low_floor"],
    )


def _hearing_due(request: HttpRequest) -> Any:
    """Until when the household may speak about its declines; None if nobody asks."""
    households = mine.applications_of(request.user)  # type: ignore[union-attr]
    asked = BanProposal.objects.filter(
        application__in=households, state__in=[states.B_NOTICE, states.B_HEARD]
    )
    return asked.values_list("hearing_due", flat=True).first()


def _viewing(offer: Offer) -> dict[str, Any]:
    row = viewings.current(offer)
    return {"viewing": row, "viewing_state": states.VIEWING[row.state] if row else None}


def _answer(offer: Offer, choice: str, by: Any, mandate: Any) -> None:
    by_mandate.refuse_unless_choosing(mandate)
    before, via = offer.state, by_mandate.way(PHONE, mandate)
    if choice == "accept":
        row = offers.accept(offer, by=by, via=via)
    elif choice == "think":
        row = offers.think(offer, by=by)
    else:
        row = offers.decline(offer, by=by, via=via)
    if row.state != before:
        by_mandate.tell_principal(row, mandate, by=by)

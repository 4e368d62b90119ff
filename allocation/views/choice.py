"""选房 in turn: on the household's phone, at the machine, and the hall's screen."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only, kiosk_only, public
from allocation import by_mandate, choice_days, choice_line, facts, kiosks, rents, states
from allocation import mine as own
from allocation.models import ChoiceDay, ChoiceTurn, Entrant, Home
from applications import mandates
from applications.models import Mandate
from core import clock, display
from core.refusals import Refusal

PHONE = "phone"
_AGAIN = "10"  # seconds after which the hall's screen asks anew
_NEXT = 5
_TAKEN = gettext_lazy("这套房归您家，下一步签租赁合同，签完就能拿钥匙。")
_NO_OTHER = gettext_lazy("选定以后不能再换成另一套。")
A_SCREEN = 4  # homes on one screen of the machine, which does not scroll


@citizen_only
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """选房: the place in the line, what is still free, and the homes once it is called."""
    entrant = own.entrant(request.user)
    return render(request, "allocation/my/choice.html", _context(entrant))


@citizen_only
@require_http_methods(["GET", "POST"])
def mine_home(request: HttpRequest, home: int) -> HttpResponse:
    """One home: its facts, its rent and what follows, before the button."""
    turn = _turn(own.entrant(request.user))
    chosen = _home(turn, home)
    error = ""
    if request.method == "POST":
        try:
            mandate = mandates.acting(request.user)
            via = by_mandate.way(PHONE, mandate)
            taken = choice_days.choose(turn, chosen, by=request.user, via=via)
            _tell_principal(taken, turn.state, mandate, request.user)
        except Refusal as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("已选定，下一步签约。"))
            return redirect("my_choice")
    context = {**_one(turn, chosen), "error": error}
    return render(request, "allocation/my/choice_home.html", context, status=422 if error else 200)


@citizen_only
@require_http_methods(["GET", "POST"])
def mine_none(request: HttpRequest) -> HttpResponse:
    """None of them: what follows is said before the button."""
    turn = _turn(own.entrant(request.user))
    error = ""
    if request.method == "POST":
        try:
            choice_days.choose_none(turn, by=request.user)
        except Refusal as refusal:
            error = str(refusal)
        else:
            return redirect("my_choice")
    return render(
        request, "allocation/my/choice_none.html",
        {
            "error": error,
            "effects": [
                _("这一轮不再叫您家，马上叫下一户，不能再要回。"),
                _("这不算放弃，不计次数。"),
                _("轮候资格不变，有新的一轮会通知您。"),
            ],
        },
        status=422 if error else 200,
    )  # fmt: skip


@kiosk_only
@require_GET
def kiosk(request: HttpRequest) -> HttpResponse:
    """选房 at the machine, for the household that has identified itself."""
    entrant = kiosks.entrant_of(request)
    if entrant is None:
        return redirect("kiosk_start")
    context = _context(entrant)
    homes = Paginator(context.get("homes", []), A_SCREEN).get_page(request.GET.get("page"))
    return render(request, "kiosk/choice.html", {**context, "homes": homes})


@kiosk_only
@require_http_methods(["GET", "POST"])
def kiosk_home(request: HttpRequest, home: int) -> HttpResponse:
    """One home at the machine, and the button."""
    entrant = kiosks.entrant_of(request)
    if entrant is None:
        return redirect("kiosk_start")
    if request.method == "POST" and kiosks.needs_code(request):
        return redirect("kiosk_code")  # the attendant who opened the visit chooses for nobody
    turn = _turn(entrant)
    chosen = _home(turn, home)
    machine = request.kiosk  # type: ignore[attr-defined]
    error = ""
    if request.method == "POST":
        try:
            via = kiosks.answered_as(request)
            taken = choice_days.choose(turn, chosen, by=kiosks.actor(machine), via=via)
            _tell_principal(taken, turn.state, kiosks.mandate_of(request), kiosks.actor(machine))
        except Refusal as refusal:
            error = str(refusal)
        else:
            return redirect("kiosk_choice")
    context = {**_one(turn, chosen), "error": error, **_at_machine(turn, chosen)}
    return render(request, "kiosk/choice_home.html", context, status=422 if error else 200)


@public
@require_GET
def hall(request: HttpRequest, code: str) -> HttpResponse:
    """The hall's screen: who is called, who comes next, which homes are free. Tickets only."""
    day = get_object_or_404(ChoiceDay.objects.select_related("round"), round__code=code)
    line = day.turns.filter(state=states.T_WAITING).select_related("entrant").order_by("place")
    context = {
        "day": day,
        "round": day.round,
        "state": states.CHOICE_DAY[day.state],
        "starts": display.day_time(day.starts_at),
        "called": choice_line.current(day),
        "next": line[:_NEXT],
        "waiting": line.count(),
        "groups": _grouped(choice_line.free_homes(day)),
        "chosen": day.turns.filter(state=states.T_CHOSEN).count(),
        "wall": "wall" in request.GET,
        "base": "base_wall.html" if "wall" in request.GET else "base_citizen.html",
    }
    answer = render(request, "public/draws/choice.html", context)
    if context["wall"] and day.state != states.D_ENDED:
        answer["Refresh"] = _AGAIN
    return answer


# -- Parts ----------------------------------------------------------------------------------


def _turn(entrant: Entrant | None) -> ChoiceTurn:
    turn = getattr(entrant, "turn", None)
    if turn is None:
        raise Http404
    found: ChoiceTurn = turn
    return found


def _home(turn: ChoiceTurn, pk: int) -> Home:
    return get_object_or_404(turn.day.round.homes.select_related("estate"), pk=pk)


def _context(entrant: Entrant | None) -> dict[str, Any]:
    turn: ChoiceTurn | None = getattr(entrant, "turn", None)
    context: dict[str, Any] = {"entrant": entrant, "turn": turn}
    if entrant is None or turn is None:
        return context
    day = turn.day
    called = turn.state == states.T_CALLED and day.state == states.D_OPEN
    fitting = choice_line.fitting(turn) if turn.state in states.TURN.open_ids else []
    return context | {
        "day": day,
        "round": day.round,
        "called": called and turn.due_at is not None and clock.now() < turn.due_at,
        "paused": day.state == states.D_PAUSED,
        "state": states.TURN[turn.state],
        "before": _before(turn),
        "until": display.clock_time(turn.due_at) if turn.due_at else "",
        "slot": display.day_time(turn.slot_at),
        "homes": [(home, rents.rent_for(home, _tier(turn), clock.today())) for home in fitting],
    }


def _tell_principal(turn: ChoiceTurn, was: str, mandate: Mandate | None, by: Any) -> None:
    """The principal hears of a helper's choice; a second tap tells nobody anything."""
    if mandate is None or turn.state == was or turn.home is None:
        return
    offer = turn.entrant.offers.filter(home=turn.home).first()
    if offer is not None:
        by_mandate.tell_principal(offer, mandate, by=by)


def _at_machine(turn: ChoiceTurn, home: Home) -> dict[str, Any]:
    """What the machine shows otherwise: the rent folded away, the list where one left it."""
    rent = _("每月租金%(rent)s。") % {
        "rent": display.money(rents.rent_for(home, _tier(turn), clock.today()))
    }
    open_ = turn.state in states.TURN.open_ids
    keys = [one.pk for one in choice_line.fitting(turn)] if open_ else []
    return {
        "lines": facts.home_lines(home)[:-1],  # the telephone stands with the way there
        "rent": rent,
        "effects": [_TAKEN, _NO_OTHER],
        "screen": keys.index(home.pk) // A_SCREEN + 1 if home.pk in keys else 1,
    }


def _one(turn: ChoiceTurn, home: Home) -> dict[str, Any]:
    rent = rents.rent_for(home, _tier(turn), clock.today())
    return {
        "turn": turn,
        "home": home,
        "lines": [*facts.home_lines(home), (_("每月租金"), display.rent(rent))],
        "until": display.clock_time(turn.due_at) if turn.due_at else "",
        "effects": [
            _TAKEN,
            _("每月租金%(rent)s。") % {"rent": display.money(rent)},
            _NO_OTHER,
        ],
    }


def _tier(turn: ChoiceTurn) -> str:
    return turn.entrant.application.wait_entry.tier


def _before(turn: ChoiceTurn) -> int:
    open_ids = states.TURN.open_ids
    return turn.day.turns.filter(state__in=open_ids, place__lt=turn.place).count()


def _grouped(homes: list[Home]) -> list[tuple[str, list[tuple[Home, str]]]]:
    groups: dict[str, list[tuple[Home, str]]] = {}
    for home in homes:
        word = facts.unit_type(home.unit_type)
        groups.setdefault(home.estate.name, []).append((home, word))
    return list(groups.items())

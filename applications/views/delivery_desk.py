"""送达: one letter with its tries, and what can be done next; the window's letters to hand over."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import (
    answers,
    contact,
    decision,
    deliveries,
    filters,
    looks,
    materials,
    permissions,
    review,
    serving,
)
from applications.deliveries import Letter
from applications.forms.delivery import NoteForm, PlaceForm, ProofForm, SendForm
from applications.forms.review import ReturnForm
from applications.models import Decision, Delivery, Reconsideration
from applications.views.queue import staff_of
from core import clock
from core.refusals import Refusal


@require_GET
@staff_only(Role.WINDOW)
def at_window(request: HttpRequest) -> HttpResponse:
    """待领取的文书: letters of this window's cases, to hand over to whoever comes."""
    staff, today = staff_of(request), clock.today()
    rows = deliveries.waiting(among=permissions.window_cases_of(staff))
    context = {"rows": [(one, filters.left(one.due, today)) for one in rows]}
    return render(request, "window/letters.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*serving.DESKS)
def one(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """One letter: where it stands, every try, and the next step. The look is recorded."""
    staff = staff_of(request)
    letter = _letter(kind, pk)
    case = deliveries.application_of(letter)
    if why := serving.why_not_touch(letter, staff):
        return refuse(request, why)
    tries = list(deliveries.of(letter))
    forms = _forms(request, letter, tries, staff)
    act = request.POST.get("act", "")
    if request.method == "POST":
        form = forms.get(act)
        valid = form is None or form.is_valid()
        if valid and _act(request, act, letter, tries, form, staff):
            return redirect("review_deliver", kind, pk)
    else:
        looks.note(case, by=request.user, purpose=_("送达文书"))
    context = {
        "letter": letter,
        "kind": kind,
        "title": answers.title_of(letter),
        "word": deliveries.word_of(letter),
        "case": case,
        "tries": [(one, serving.photos_of(one)) for one in tries],
        "forms": forms,
        "open": _open(tries),
        "may_confirm": bool(_open(tries)) and not serving.why_not_confirm(_open(tries), staff),
        "may_carry_out": isinstance(letter, Decision)
        and not decision.why_not_carry_out(letter, case, staff),
        "why_not_announce": serving.why_not_announce(letter, staff),
        "back_href": _back(staff),
    }
    bad = any(form.errors for form in forms.values())
    return render(request, "review/deliver.html", context, status=422 if bad else 200)


@require_GET
@staff_only(*serving.DESKS)
def answer_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The written answer to a re-consideration, as it is printed."""
    row = get_object_or_404(
        Reconsideration.objects.select_related("decision__application"),
        pk=pk, letter_no__isnull=False,
    )  # fmt: skip
    if why := serving.why_not_touch(row, staff_of(request)):
        return refuse(request, why)
    looks.note(row.decision.application, by=request.user, purpose=_("看复核决定书"))
    return HttpResponse(answers.pdf(row), content_type="application/pdf")


# -- Parts -------------------------------------------------------------------------------------


def _letter(kind: str, pk: int) -> Any:
    if kind == "decision":
        rows = Decision.objects.filter(signed_at__isnull=False)
        return get_object_or_404(rows.select_related("application__street"), pk=pk)
    if kind == "answer":
        given = Reconsideration.objects.filter(letter_no__isnull=False)
        return get_object_or_404(given.select_related("decision__application__street"), pk=pk)
    raise Http404


def _open(tries: list[Delivery]) -> Any:
    return next((one for one in tries if one.state in deliveries.OPEN), None)


def _forms(
    request: HttpRequest, letter: Letter, tries: list[Delivery], staff: Staff
) -> dict[str, Any]:
    """The forms of what this person may do now; the one that was sent is bound."""
    act = request.POST.get("act", "")
    found: dict[str, Any] = {}
    standing = _open(tries)

    def bound(name: str) -> dict[str, Any]:
        return {"data": request.POST, "files": request.FILES} if act == name else {}

    if ways := serving.ways_left(letter, staff):
        first = contact.of(deliveries.application_of(letter).applicant.id_index).address
        found["send"] = SendForm(**bound("send"), ways=ways, initial={"address": first})
    ripe = standing is not None and not serving.why_not_record(standing, letter, staff)
    if ripe and (proofs := serving.proofs_for(standing)):
        found["record"] = ProofForm(**bound("record"), proofs=proofs, by=staff)
    if not serving.why_not_hand_over(letter, staff):
        found["hand"] = NoteForm(**bound("hand"), auto_id="hand_%s")
    if isinstance(letter, Decision) and not decision.why_not_take_back(letter, staff):
        found["back"] = ReturnForm(**bound("back"), auto_id="back_%s")
    if not serving.why_not_announce(letter, staff):
        found["announce"] = PlaceForm(**bound("announce"))
    return found


def _act(
    request: HttpRequest, act: str, letter: Any, tries: list[Delivery], form: Any, staff: Staff
) -> bool:
    """Runs the verb of one button; a refusal is shown at its form."""
    data = form.cleaned_data if form is not None else {}
    standing = _open(tries)
    verbs: dict[str, Callable[[], Any]] = {
        "send": lambda: serving.send(letter, by=staff, **data),
        "record": lambda: _record(standing, data, staff),
        "hand": lambda: serving.hand_over(letter, by=staff, note=data["note"]),
        "announce": lambda: serving.announce(letter, by=staff, place=data["place"]),
        "back": lambda: review.take_back(letter, by=staff, reason=data["reason"]),
        "confirm": lambda: serving.confirm_announcement(standing, by=staff),
        "carry": lambda: decision.carry_out(letter, by=staff),
    }
    if act not in verbs or (act in ("record", "confirm") and standing is None):
        return False
    if act in ("carry", "back") and not isinstance(letter, Decision):
        return False
    if form is None and act not in ("confirm", "carry"):
        messages.error(request, _("这一步现在不能办，请看最新的送达情况。"))
        return True
    try:
        verbs[act]()
    except Refusal as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return True
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("已记录。"))
    return True


def _record(standing: Delivery, data: dict[str, Any], staff: Staff) -> None:
    """The photo first: where a letter was left, it is part of the proof."""
    photo = data.get("photo")
    if photo is not None:
        key = serving.photo_key(standing)
        materials.add(standing.application, key, photo.read(), by=staff.user)
    serving.record(
        standing, by=staff, proof=data["proof"], on=data["on"], note=data["note"],
        second=data.get("second"),
    )  # fmt: skip


def _back(staff: Staff) -> str:
    return reverse("review_signing" if Role.DISTRICT in staff.roles else "window_letters")

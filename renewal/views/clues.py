"""/office/clues/: what was seen between the years, and what a person makes of it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import evidence_words, looks, permissions, registers
from applications.views.acting_at_desk import act, attempt
from core import workflow
from core.identity import masking
from renewal import clue_list, clues, states
from renewal.flags import cards
from renewal.forms import ClueForm
from renewal.models import Clue, ExitCase

# what the form's buttons do; each writes down the words
_ENDS: dict[str, Callable[[Clue, Staff, dict[str, Any]], Any]] = {
    "explain": lambda row, by, said: clues.explain(row, by=by, reason=said["words"]),
    "hand_on": lambda row, by, said: clues.hand_on(row, by=by, note=said["words"]),
    "to_case": lambda row, by, said: clues.to_case(
        row, by=by, ground=said["ground"], note=said["words"]
    ),
}
_STEPS: dict[str, Callable[[Clue, Staff], Any]] = {
    "take": lambda row, by: clues.take(row, by=by),
    "put_back": lambda row, by: clues.put_back(row, by=by),
    "ask": lambda row, by: clues.ask(row, by=by),
}
# the ground that fits a clue of a kind, chosen beforehand
_GROUNDS: dict[str, str] = {
    Clue.Kind.HOME: ExitCase.Ground.MOVED_ON,
    Clue.Kind.CONTRACT: ExitCase.Ground.MOVED_ON,
    Clue.Kind.DEATH: ExitCase.Ground.DECEASED,
}


@staff_only(Role.ADMIN, Role.DISTRICT, Role.LEADER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Clues by kind, street, age and state; without anybody's name."""
    context = {"found": clue_list.of(request.GET), "feed": clues.standing()}
    return render(request, "renewal/clues.html", context)


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def clue(request: HttpRequest, pk: int) -> HttpResponse:
    """One clue: what was seen, the second route, what the rules say, and the next step."""
    related = ("lease__application", "lease__home", "street", "taken_by__user", "assessment",
               "exit_case", "change", "closed_by__user")  # fmt: skip
    row = get_object_or_404(Clue.objects.select_related(*related), pk=pk)
    staff = request.user.staff
    if why := permissions.why_not_free(staff, row.lease.application):
        return refuse(request, why)
    todo = request.POST.get("do", "")
    form = ClueForm(
        request.POST if todo in _ENDS else None, initial={"ground": _GROUNDS.get(row.kind)}
    )
    if todo in _STEPS:
        return act(request, lambda: _STEPS[todo](row, staff), "office_clue", row.pk)
    if todo in _ENDS and form.is_valid():
        if attempt(form, lambda: _ENDS[todo](row, staff, form.cleaned_data)):
            return redirect("office_clue", row.pk)
        row.refresh_from_db()
    looks.note(row.lease.application, by=request.user, purpose=_("核实在保期间的线索"))
    status = 422 if form.errors else 200
    return render(request, "renewal/clue.html", _context(row, staff, form), status=status)


def _context(row: Clue, staff: Staff, form: ClueForm) -> dict[str, Any]:
    return {
        "clue": row,
        "state": states.CLUE[row.state],
        "person": _person(row),
        "seen_by": registers.name_of(row.source),
        "what": masking.mask_text(str(row.evidence.get("what") or "")),
        "lines": [evidence_words.line(one) for one in clues.answers(row)],
        "waiting": bool(row.asked_at and not row.outcome and row.state == states.L_LOOKING),
        "flags": cards(clues.failed(row)),
        "until": clues.claim_ends(row),
        "mine": row.state == states.L_LOOKING and row.taken_by_id == staff.pk,
        "why_not": {
            "take": clues.why_not_take(row, staff),
            "ask": clues.why_not_ask(row, staff),
            "hand_on": clues.why_not_hand_on(row, staff),
            "to_case": clues.why_not_case(row, staff),
        },
        "history": [
            (states.CLUE[one.to_state].tag, one) for one in workflow.history(row).order_by("at")
        ],
        "form": form,
    }


def _person(row: Clue) -> str:
    """Whom it names, masked; nobody for a clue about the home."""
    people = row.lease.application.members.filter(id_index=row.person_index)
    return next((masking.mask_name(one.name) for one in people), "") if row.person_index else ""

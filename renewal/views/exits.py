"""/office/exits/: each step of an exit, by a person."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import permissions
from core import audit
from core.workflow import Refusal
from renewal import exits, states
from renewal.flags import cards
from renewal.forms import WordsForm
from renewal.models import ExitCase

_PAGE = 50
_RAIL = (
    states.X_FLAGGED, states.X_VERIFYING, states.X_NOTICE, states.X_HEARD, states.X_MOVING,
    states.X_HANDED_BACK,
)  # fmt: skip
_RAIL_WORDS = {
    states.X_FLAGGED: _("线索"),
    states.X_VERIFYING: _("两路核实"),
    states.X_NOTICE: _("告知"),
    states.X_HEARD: _("听取"),
    states.X_MOVING: _("决定与搬迁期"),
    states.X_HANDED_BACK: _("交还"),
}

# action → (verb, whether it needs words)
_ACTIONS: dict[str, tuple[Callable[[ExitCase, Staff, str], Any], bool]] = {
    "confirm": (lambda case, by, words: exits.confirm(case, by=by, second_route=words), True),
    "clear": (lambda case, by, words: exits.clear(case, by=by, reason=words), True),
    "notice": (lambda case, by, words: exits.serve_notice(case, by=by), False),
    "hear": (
        lambda case, by, words: exits.hear(case, by=by.user, channel="phone", text=words),
        True,
    ),
    "close": (lambda case, by, words: exits.close_hearing(case, by=by), False),
    "draft": (lambda case, by, words: exits.draft_end(case, by=by, text=words), True),
    "sign": (lambda case, by, words: exits.sign_end(case, by=by), False),
    "handback": (lambda case, by, words: exits.hand_back(case, by=by.user, note=words), True),
}


@staff_only(Role.ADMIN, Role.DISTRICT, Role.LEADER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every case on somebody's desk, the oldest first."""
    rows = ExitCase.objects.select_related("lease__application", "lease__home")
    chosen = request.GET.get("state", "")
    if chosen in dict(states.EXIT.choices):
        rows = rows.filter(state=chosen)
    else:
        rows = rows.filter(state__in=states.EXIT.open_ids)
    page = Paginator(rows.order_by("opened_at"), _PAGE).get_page(request.GET.get("page"))
    return render(request, "renewal/exits.html", {"page": page, "chosen": chosen})


@staff_only(Role.ADMIN, Role.DISTRICT)
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: evidence, what was said, and the one step that comes next."""
    row = get_object_or_404(
        ExitCase.objects.select_related("lease__application", "lease__home__estate", "decision"),
        pk=pk,
    )
    staff = request.user.staff
    if why := permissions.why_not_free(staff, row.lease.application):
        return refuse(request, why)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and _act(request, row, staff, form):
        return redirect("office_exit", row.pk)
    _note_look(row, request.user)
    return render(request, "renewal/exit.html", _context(row, staff, form))


def _act(request: HttpRequest, row: ExitCase, staff: Staff, form: WordsForm) -> bool:
    verb, needs_words = _ACTIONS.get(request.POST.get("action", ""), (None, False))
    if verb is None or (needs_words and not form.is_valid()):
        return False
    form.is_valid()
    try:
        verb(row, staff, form.cleaned_data.get("words", ""))
    except Refusal as refusal:
        form.errors.clear()
        form.add_error(None, str(refusal))
        return False
    return True


def _context(row: ExitCase, staff: Staff, form: WordsForm) -> dict[str, Any]:
    return {
        "case": row,
        "form": form,
        "state": states.EXIT[row.state],
        "rail": rail(row),
        "hearings": row.hearings.order_by("recorded_at"),
        "step": row.state,
        "drafted": row.decision is not None,
        "own_draft": row.decision is not None and row.decision.drafted_by_id == staff.pk,
        "flags": cards(row.flags),
    }


def rail(row: ExitCase) -> list[tuple[Any, str]]:
    """The stages of the exit for the stage rail."""
    at = states.X_MOVING if row.state in (states.X_DECIDED, states.X_COURT) else row.state
    here = _RAIL.index(at) if at in _RAIL else -1
    marks = ["met" if i < here else "current" if i == here else "later" for i in range(len(_RAIL))]
    return [(_RAIL_WORDS[state], mark) for state, mark in zip(_RAIL, marks, strict=True)]


def _note_look(row: ExitCase, user: Any) -> None:
    members = row.lease.application.members.values_list("id_index", flat=True)
    audit.looked(row, by=user, purpose=str(_("退出")), case_no=row.case_no, subjects=members)

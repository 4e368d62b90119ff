"""/office/rules/what-if/: a leader moves one value and sees whom it touches and what it costs."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from applications import preparation, releases, what_if, what_if_words
from applications.eligibility.policy import Policy
from applications.eligibility.whatif import movable
from applications.eligibility.whatif.movable import NotMovable
from applications.forms.what_if import MoveForm
from applications.models import Preparation
from core import clock, display
from core.refusals import Refusal

_KINDS = (
    ("gains", _("变为符合")), ("loses", _("变为不符合")), ("terms", _("档次或金额变化")),
    ("other", _("其他变化")), ("same", _("不变")),
)  # fmt: skip


@require_GET
@staff_only(Role.ADMIN, Role.LEADER)
def panel(request: HttpRequest) -> HttpResponse:
    """Every value that can be moved; of one that is named, what moving it would do."""
    row, name = preparation.newest(), request.GET.get("value", "")
    context: dict[str, Any] = _prepared(row)
    policy = _policy(row)
    if not name:
        context |= {"groups": what_if_words.groups(policy, clock.today()),
                    "refused": list(what_if_words.refused(policy, clock.today()))}  # fmt: skip
        return render(request, "rules/what_if.html", context)
    try:
        lever = movable.lever(name, policy)
    except NotMovable as refused:
        messages.error(request, what_if_words.sentence(refused))
        return redirect("office_what_if")
    asked = "to" in request.GET
    form = MoveForm(request.GET if asked else None)
    context |= {"lever": what_if_words.described(lever, policy, clock.today()), "form": form,
                "readers": [what_if_words.reader_name(one) for one in lever.readers]}  # fmt: skip
    if asked and form.is_valid() and row is not None and not context["outdated"]:
        try:
            answer = what_if.ask(row, name, form.cleaned_data["to"], by=request.user)
            context |= _shown(answer) | {"may_draft": Role.ADMIN in request.user.staff.roles}
        except NotMovable as refused:
            form.add_error("to", what_if_words.sentence(refused))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    return render(request, "rules/what_if_value.html", context)


@require_POST
@staff_only(Role.ADMIN, Role.LEADER)
def prepare(request: HttpRequest) -> HttpResponse:
    """Prepare the columns anew."""
    try:
        preparation.ask(by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("office_what_if")


@require_POST
@staff_only(Role.ADMIN, Role.LEADER)
def cancel(request: HttpRequest) -> HttpResponse:
    """Stop preparing; the older columns stay."""
    try:
        preparation.cancel(by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("office_what_if")


@require_GET
@staff_only(Role.ADMIN, Role.LEADER)
def progress(request: HttpRequest) -> HttpResponse:
    """The progress bar alone; the whole page once it is through."""
    context = _prepared(preparation.newest())
    response = render(request, "rules/what_if_progress.html", context)
    if context["running"] is None:
        response["HX-Refresh"] = "true"
    return response


def _policy(row: Preparation | None) -> Policy:
    """The pack that is moved: of the preparation, or today's while there is none."""
    if row is not None and not preparation.is_outdated(row):
        return preparation.pack_of(row)
    today = clock.today()
    return movable.pinned(releases.in_force(today), today)


def _prepared(row: Preparation | None) -> dict[str, Any]:
    running = preparation.running()
    stalled = running is not None and preparation.is_stalled(running)
    cases = preparation.done(running) if running else 0
    left = preparation.time_left(running, cases) if running else None
    return {
        "minutes": None if left is None else max(1, round(left.total_seconds() / 60)),
        "row": row,
        "outdated": row is not None and preparation.is_outdated(row),
        "since": preparation.assessed_since(row) if row else 0,
        "running": None if stalled else running,
        "stalled": stalled,
        "done": cases,
    }


def _shown(answer: what_if.Answer) -> dict[str, Any]:
    return {
        "answer": answer,
        "moved": what_if_words.plain(answer.moved),
        "moved_shown": what_if_words.shown(answer.moved),
        "difference": what_if_words.signed(answer.cost_after.total - answer.cost_before.total),
        "seconds": f"{answer.seconds:.1f}",
        "kinds": [word for key, word in _KINDS if key != "same"],
        "counts": [(word, answer.counts[key]) for key, word in _KINDS],
        "tables": [
            (_("镇街"), _lines(answer.by_street, lambda name: name or "—")),
            (_("现在的保障档次"), _lines(answer.by_tier, what_if_words.tier_name)),
        ],
    }  # fmt: skip


Lines = list[tuple[str, list[tuple[Any, str]]]]


def _lines(groups: list[tuple[str, list[int]]], named: Callable[[str], str]) -> Lines:
    """Groups in which anything changes, each count with its word; small groups not counted out."""
    return [(named(name), _cells(counts)) for name, counts in groups if sum(counts[:-1])]


def _cells(counts: list[int]) -> list[tuple[Any, str]]:
    words = [word for _key, word in _KINDS]
    return [(word, display.few(n)) for word, n in zip(words[:-1], counts[:-1], strict=True)]

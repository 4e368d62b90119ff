"""/office/rules/: the packs in force, drafts, whom they would touch, and the second person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from applications import redraft, releases, states
from applications.eligibility.whatif import movable
from applications.forms.releases import DraftForm, NoteForm
from applications.models import PolicyRelease
from core import audit, clock, display
from core.refusals import Refusal

STALLED_AFTER = 120  # seconds without progress: its worker was lost, so it may be asked for again
_KINDS = (
    ("gains", _("变为符合")), ("loses", _("变为不符合")), ("terms", _("档次或金额变化")),
    ("other", _("其他变化")), ("same", _("不变")),
)  # fmt: skip
_VERBS: dict[str, Callable[..., Any]] = {
    "preview": releases.ask_preview,
    "propose": releases.propose,
    "approve": releases.approve,
}
_NOTED: dict[str, Callable[..., Any]] = {
    "send_back": releases.send_back,
    "withdraw": releases.withdraw,
}


@require_GET
@staff_only(Role.ADMIN, Role.LEADER)
def index(request: HttpRequest) -> HttpResponse:
    """The pack in force with its values, and every release."""
    today = clock.today()
    pack = releases.in_force(today)
    context = {
        "pack": pack,
        "values": [
            pack.provenance(key, today)
            | {"shown": releases.shown(pack.value(key, today), pack.op(key))}
            for key in pack.parameters
        ],
        "unverified": len(pack.unverified_keys(today)),
        "rows": PolicyRelease.objects.select_related("drafted_by__staff", "decided_by__staff"),
        "table": states.RELEASE,
    }
    return render(request, "rules/index.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(Role.ADMIN)
def draft(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new draft, beginning with the text in force; or another text for one."""
    row = get_object_or_404(PolicyRelease, pk=pk) if pk else None
    text = row.text if row else _first_text(request)
    initial = {"text": text, "reason": row.reason if row else ""}
    form = DraftForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = {"reason": form.cleaned_data["reason"], "by": request.user}
        try:
            if row:
                kept = releases.change(row, form.cleaned_data["text"], **said)
            else:
                kept = releases.draft(form.cleaned_data["text"], **said)
            return redirect("office_release", kept.pk)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
    return render(request, "rules/draft.html", {"form": form, "row": row})


@require_GET
@staff_only(Role.ADMIN, Role.LEADER)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """One release: what changes, whom it would touch, and what can be done with it."""
    row = get_object_or_404(PolicyRelease.objects.select_related("drafted_by__staff"), pk=pk)
    return render(request, "rules/release.html", _context(request, row))


@require_GET
@staff_only(Role.ADMIN, Role.LEADER)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview's progress bar alone; the whole page once it is through."""
    row = get_object_or_404(PolicyRelease, pk=pk)
    response = render(request, "rules/progress.html", _context(request, row))
    if row.is_previewed:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@staff_only(Role.ADMIN, Role.LEADER)
def move(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One verb on a release; a refusal is shown on its page."""
    row = get_object_or_404(PolicyRelease, pk=pk)
    try:
        if verb in _NOTED:
            form = NoteForm(request.POST)
            _NOTED[verb](row, note=form["note"].value() or "", by=request.user)
        else:
            _VERBS[verb](row, by=request.user)
    except KeyError:
        messages.error(request, _("没有这个操作。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("office_release", pk)


def _first_text(request: HttpRequest) -> str:
    """The text in force, with the value that the what-if panel has moved, where it names one."""
    today = clock.today()
    pack = releases.in_force(today)
    name, to = request.GET.get("value", ""), request.GET.get("to", "")
    try:
        pinned = movable.pinned(pack, today)
        lever = movable.lever(name, pinned)
        value = lever.present(movable.moved(pinned, lever, to))
    except movable.NotMovable:
        return pack.text
    return redraft.with_value(pack, lever, value, today + timedelta(days=1))


def _context(request: HttpRequest, row: PolicyRelease) -> dict[str, Any]:
    idle = row.preview_at is None or (clock.now() - row.preview_at).total_seconds() > STALLED_AFTER
    return {
        "row": row,
        "state": states.RELEASE[row.state],
        "drafter": audit.label(row.drafted_by),
        "decider": audit.label(row.decided_by) if row.decided_by else "",
        "changes": releases.changes(row),
        "running": bool(row.preview_at and not row.is_previewed and not idle),
        "tables": _tables(row.preview) if row.is_previewed and row.preview else [],
        "kinds": [word for _key, word in _KINDS],
        "may_change": row.state == states.RELEASE_DRAFT,
        "why_not_propose": releases.why_not_propose(row),
        "why_not_approve": releases.why_not_approve(row, request.user),
        "why_not_withdraw": releases.why_not_withdraw(row),
        "note": NoteForm(),
    }


def _tables(preview: dict[str, Any]) -> list[tuple[Any, list[tuple[str, list[str]]]]]:
    """Counts by street and by tier; a group under five is not counted out."""
    return [
        (title, [(name or "—", _cells(counts)) for name, counts in preview[key].items()])
        for title, key in ((_("镇街"), "by_street"), (_("保障档次"), "by_tier"))
    ]


def _cells(counts: dict[str, int]) -> list[str]:
    return [display.few(counts.get(key, 0)) for key, _word in _KINDS]

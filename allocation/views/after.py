"""选房后续 on the desks: viewings at the company; calls, causes and bans at the centre."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from allocation import bans, causes, declining, facts, just_causes, lapsing, states, viewings
from allocation.forms_choice import (
    BroughtForm,
    CallForm,
    CauseForm,
    ViewingNoneForm,
    ViewingTimeForm,
    WordsForm,
)
from allocation.models import BanProposal, JustCause, Offer, Viewing
from applications import contact, looks, materials, permissions
from applications.models import Ban
from core import clock
from core.refusals import Refusal

_SHOWN = 100

# action → (verb, whether it needs words)
_CAUSE_ACTS: dict[str, tuple[Callable[[JustCause, Staff, str], Any], bool]] = {
    "accept": (lambda row, by, words: causes.accept(row, by=by), False),
    "propose": (lambda row, by, words: causes.propose_refusal(row, by=by, reason=words), True),
    "refuse": (lambda row, by, words: causes.refuse(row, by=by), False),
    "back": (lambda row, by, words: causes.send_back(row, by=by), False),
    "uphold": (lambda row, by, words: causes.uphold(row, by=by, reason=words), True),
}
_BAN_ACTS: dict[str, tuple[Callable[[BanProposal, Staff, str], Any], bool]] = {
    "notice": (lambda row, by, words: bans.serve_notice(row, by=by), False),
    "hear": (lambda row, by, words: bans.hear(row, by=by.user, channel="phone", text=words), True),
    "close": (lambda row, by, words: bans.close_hearing(row, by=by), False),
    "drop": (lambda row, by, words: bans.drop(row, by=by, reason=words), True),
    "draft": (lambda row, by, words: bans.draft(row, by=by, text=words), True),
    "sign": (lambda row, by, words: bans.sign(row, by=by), False),
}


# -- the operating company ------------------------------------------------------------------


@staff_only(Role.OPERATOR)
@require_GET
def viewings_page(request: HttpRequest) -> HttpResponse:
    """看房: what is to be answered, then who comes when. Tickets only, no names."""
    rows = [_viewing_line(row) for row in viewings.of_operator()[:_SHOWN]]
    return render(request, "allocation/operator/viewings.html", {"rows": rows})


@staff_only(Role.OPERATOR)
@require_http_methods(["GET", "POST"])
def viewing(request: HttpRequest, pk: int) -> HttpResponse:
    """One wish: a time, or why there is none."""
    row = get_object_or_404(viewings.of_operator(), pk=pk)
    none = request.POST.get("act") == "none"
    time = ViewingTimeForm(request.POST if request.method == "POST" and not none else None)
    reason = ViewingNoneForm(request.POST if none else None, prefix="none")
    form: Any = reason if none else time
    if request.method == "POST" and form.is_valid():
        verb: Any = viewings.cannot if none else viewings.confirm
        if _tried(form, lambda: verb(row, by=request.user, **form.cleaned_data)):
            messages.success(request, _("已答复，家庭会收到通知。"))
            return redirect("operator_viewings")
    context = {**_viewing_line(row), "form": time, "none_form": reason}
    return render(
        request, "allocation/operator/viewing.html", context, status=422 if form.errors else 200
    )


# -- the centre -----------------------------------------------------------------------------


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Who is to be called, which causes and which proposals wait for a person."""
    waiting = (states.J_CLAIMED, states.J_PROPOSED, states.J_OBJECTED)
    found = JustCause.objects.filter(state__in=waiting).select_related(
        "offer__home__estate", "offer__entrant__application"
    )
    proposals = BanProposal.objects.filter(state__in=states.BAN.open_ids)
    context = {
        "calls": lapsing.to_call()[:_SHOWN],
        "causes": [
            (row, causes.word(row), states.CAUSE[row.state], causes.due_on(row))
            for row in found.order_by("claimed_at")[:_SHOWN]
        ],
        "bans": [
            (row, states.BAN[row.state])
            for row in proposals.select_related("application").order_by("opened_at")[:_SHOWN]
        ],
        "today": clock.today(),
        "district": Role.DISTRICT in request.user.as_staff.roles,
    }
    return render(request, "allocation/office/declines.html", context)


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """A household that has not answered: its number, and what the call brought."""
    offer = get_object_or_404(_offers(), pk=pk)
    staff = request.user.as_staff
    if why := lapsing.why_not_call(offer, staff):
        return refuse(request, why)
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reached, note = form.cleaned_data["reached"] == "yes", form.cleaned_data["note"]
        if _tried(form, lambda: lapsing.log_call(offer, by=staff, reached=reached, note=note)):
            messages.success(request, _("已记下电话联系。"))
            return redirect("office_declines")
    case = offer.entrant.application
    looks.note(case, by=request.user, purpose=_("选房到期前电话联系"))
    context = {
        "offer": offer,
        "name": case.applicant.name,
        "phone": contact.phone_of(case.applicant.id_index),
        "calls": offer.calls.select_related("by"),
        "counts": bans.limits().silence_counts,
        "count": declining.count(case),
        "line": facts.offer_line(offer),
        "form": form,
    }
    return render(
        request, "allocation/office/call.html", context, status=422 if form.errors else 200
    )


@staff_only(Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def cause(request: HttpRequest, pk: int) -> HttpResponse:
    """One just cause: what the household says and shows, and the one step that comes next."""
    rows = JustCause.objects.select_related("offer__home__estate", "offer__entrant__application")
    row = get_object_or_404(rows, pk=pk)
    staff, case = request.user.as_staff, row.offer.entrant.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and _act(request, _CAUSE_ACTS, row, form):
        return redirect("office_cause", pk)
    looks.note(case, by=request.user, purpose=_("核实放弃选房的理由"))
    context = {
        "row": row,
        "cause": just_causes.table().get(row.code),
        "word": causes.word(row),
        "said": causes.words(row),
        "state": states.CAUSE[row.state],
        "why": causes.why_not(row, staff),
        "own": row.proposed_by_id == staff.pk,
        "brought": _brought(request, row),
        "pages": materials.pages_of(case, row.papers),
        "address": facts.address(row.offer.home),
        "form": form,
    }
    bad = request.method == "POST"
    return render(request, "allocation/office/cause.html", context, status=422 if bad else 200)


@staff_only(Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """A household gives its reason by phone or in person: taken down for it, in its words."""
    offer = get_object_or_404(_offers(), pk=pk)
    staff, case = request.user.as_staff, offer.entrant.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    form = CauseForm(request.POST or None)
    del form.fields["paper"]  # the household's own to hand in
    if request.method == "POST" and form.is_valid():
        said = causes.Claim(**form.cleaned_data)
        if _tried(form, lambda: causes.claim(offer, said, by=request.user)):
            messages.success(request, _("已登记理由，核实完以前不计次数。"))
            return redirect("office_declines")
    looks.note(case, by=request.user, purpose=_("登记放弃选房的理由"))
    context = {"offer": offer, "form": form, "why": causes.why_not_claim(offer)}
    return render(
        request, "allocation/office/explain.html", context, status=422 if form.errors else 200
    )


@staff_only(Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def ban(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: what was counted, what the household says, and the one step that comes next."""
    row = get_object_or_404(BanProposal.objects.select_related("application", "decision"), pk=pk)
    staff = request.user.as_staff
    if why := permissions.why_not_free(staff, row.application):
        return refuse(request, why)
    form = WordsForm(request.POST or None)
    if request.method == "POST" and _act(request, _BAN_ACTS, row, form):
        return redirect("office_ban", pk)
    looks.note(row.application, by=request.user, purpose=_("核对放弃选房的次数"))
    count = declining.count(row.application)
    context = {
        "row": row,
        "state": states.BAN[row.state],
        "declines": [_declined(one) for one in _of(row)],
        "statements": row.statements.all(),
        "count": count,
        "after_exit": bans.AFTER_EXIT.get(row.reason, ""),
        "too_few": row.reason == bans.REASON and count.so_far < count.allowed,
        "own_draft": row.decision is not None and row.decision.drafted_by_id == staff.pk,
        "signed": row.decision is not None and row.decision.signed_at is not None,
        "bans": Ban.objects.filter(case_no=row.case_no, reason=row.reason).count(),
        "form": form,
    }
    bad = request.method == "POST"
    return render(request, "allocation/office/ban.html", context, status=422 if bad else 200)


# -- Parts ----------------------------------------------------------------------------------


def _offers() -> Any:
    return Offer.objects.select_related("home__estate", "entrant__round", "entrant__application")


def _viewing_line(row: Viewing) -> dict[str, Any]:
    return {
        "row": row,
        "state": states.VIEWING[row.state],
        "address": facts.address(row.offer.home),
        "ticket": row.offer.entrant.ticket,
        "due": row.offer.due_at,
    }


def _of(row: BanProposal) -> Any:
    return row.declines.select_related("home__estate", "cause").order_by("answered_at")


def _brought(request: HttpRequest, row: JustCause) -> BroughtForm | None:
    """The box for a paper that somebody brings, while the cause takes any."""
    case = row.offer.entrant.application
    return None if materials.may_still_change(case, row.papers, request.user) else BroughtForm()


def _declined(offer: Offer) -> tuple[Offer, JustCause | None, Any]:
    cause = getattr(offer, "cause", None)
    return offer, cause, states.CAUSE[cause.state] if cause else None


def _act(request: HttpRequest, acts: dict[str, Any], row: Any, form: WordsForm) -> bool:
    """Does what the button says; False where a sentence says why not."""
    verb, needs_words = acts.get(request.POST.get("action", ""), (None, False))
    if verb is None or (needs_words and not form.is_valid()):
        return False
    words = form.cleaned_data["words"] if form.is_valid() else ""
    staff = request.user.as_staff  # type: ignore[union-attr]
    form.errors.clear()
    if not _tried(form, lambda: verb(row, staff, words)):
        return False
    messages.success(request, _("已记录。"))
    return True


def _tried(form: Any, act: Callable[[], Any]) -> bool:
    try:
        act()
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True

"""看房、说明理由、陈述: what a household does around its offer besides answering it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from allocation import (
    bans,
    by_mandate,
    cause_papers,
    causes,
    facts,
    just_causes,
    mine,
    offers,
    states,
    viewings,
)
from allocation.forms_choice import CauseForm, LaterForm, SayForm, ViewingForm
from allocation.models import BanProposal, Offer
from applications import mandates, materials, periods
from core.refusals import Refusal

PHONE = "phone"
_ANSWERABLE = (states.O_OPEN, states.O_THINKING)


@citizen_only
@require_http_methods(["GET", "POST"])
def viewing(request: HttpRequest) -> HttpResponse:
    """看房: book a time, see what the company answered, cancel."""
    offer = _seen(request)
    row = viewings.current(offer)
    booking = request.method == "POST" and "cancel" not in request.POST
    form = ViewingForm(request.POST if booking else None)
    if request.method == "POST" and _viewing_done(request, offer, row, form):
        return redirect("my_viewing")
    context = {
        "offer": offer,
        "row": row,
        "open": row is not None and row.state in states.VIEWING.open_ids,
        "state": states.VIEWING[row.state] if row else None,
        "form": form,
        "may_book": offer.state in _ANSWERABLE,
        "due": offers.last_day(offer),
        "days": periods.of("viewing_extension").value,
    }
    return render(request, "allocation/my/viewing.html", context, status=_status(form))


@citizen_only
@require_http_methods(["GET", "POST"])
def cause(request: HttpRequest) -> HttpResponse:
    """正当理由: declines with a cause, claims one afterwards, or objects to its refusal."""
    offer = _seen(request)
    standing = getattr(offer, "cause", None)
    objecting = standing is not None and standing.state == states.J_REFUSED
    form: Any = _cause_form(request, standing, objecting)
    sent = request.method == "POST" and form is not None and form.is_valid()
    if sent and _said(request, offer, form, objecting):
        return redirect("my_cause")
    declining = offer.state in _ANSWERABLE
    context = {
        "offer": offer,
        "cause": standing,
        "word": causes.word(standing) if standing else "",
        "said": causes.words(standing) if standing else "",
        "objecting": objecting,
        "state": states.CAUSE[standing.state] if standing else None,
        "due": standing.objection_due if standing else None,
        "form": form,
        "declining": declining,
        "effects": facts.consequences(offer, "decline") if declining else [],
        "table": just_causes.table().values(),
        "why": "" if standing or declining else causes.why_not_claim(offer),
        "pages": materials.pages_of(offer.entrant.application, standing.papers) if standing else (),
    }
    return render(request, "allocation/my/cause.html", context, status=_status(form))


@citizen_only
@require_http_methods(["GET", "POST"])
def hearing(request: HttpRequest) -> HttpResponse:
    """陈述申辩: what is proposed, what it rests on, and the household's own words."""
    households = mine.applications_of(request.user)
    told = BanProposal.objects.filter(application__in=households, noticed_at__isnull=False)
    row = told.order_by("-opened_at").first()
    if row is None:
        raise Http404
    form = SayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            bans.hear(row, by=request.user, channel="online", text=form.cleaned_data["text"])
        except Refusal as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, _("已记下您的说明，决定以前还可以补充。"))
            return redirect("my_ban_hearing")
    context = {
        "row": row,
        "state": states.BAN[row.state],
        "declines": row.declines.select_related("home__estate").order_by("answered_at"),
        "statements": row.statements.all(),
        "form": form,
        "may_speak": row.state in (states.B_NOTICE, states.B_HEARD)
        and (row.decision is None or row.decision.signed_at is None),
    }
    return render(request, "allocation/my/ban_hearing.html", context, status=_status(form))


# -- Parts ----------------------------------------------------------------------------------


def _seen(request: HttpRequest) -> Offer:
    """The household's offer, once its result was opened."""
    offer = mine.offer(request.user)  # type: ignore[union-attr]
    if offer is None or offer.state == states.O_UNOPENED:
        raise Http404
    return offer


def _status(form: Any) -> int:
    return 422 if form is not None and form.errors else 200


def _viewing_done(request: HttpRequest, offer: Offer, row: Any, form: ViewingForm) -> bool:
    try:
        if "cancel" in request.POST:
            if row is not None:
                viewings.withdraw(row, by=request.user)
            messages.success(request, _("已取消，可以再约一个时间。"))
            return True
        if not form.is_valid():
            return False
        viewings.ask(offer, by=request.user, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("已预约，运营公司定了时间会通知您。"))
    return True


def _cause_form(request: HttpRequest, standing: Any, objecting: bool) -> Any:
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    if objecting:
        return SayForm(data)
    if standing is None:
        return CauseForm(data, files)
    if standing.state not in cause_papers.TAKES:
        return None
    return LaterForm(data, files, wordless=not causes.why_not_words(standing))


def _said(request: HttpRequest, offer: Offer, form: Any, objecting: bool) -> bool:
    """The words first; a paper that is refused afterwards does not undo them."""
    data = form.cleaned_data
    if isinstance(form, LaterForm):
        return _added(request, offer, form)
    try:
        if objecting:
            causes.object_to(offer.cause, by=request.user, text=data["text"])
        else:
            _claim(offer, causes.Claim(data["code"], data["text"]), request.user)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("已收到您的说明，核实完以前不计次数。"))
    if data.get("paper"):
        _hand_in(request, offer, data["paper"])
    return True


def _added(request: HttpRequest, offer: Offer, form: LaterForm) -> bool:
    """What follows a cause that stands: its sentence, a paper, or both."""
    data = form.cleaned_data
    try:
        if data.get("text"):
            causes.add_words(offer.cause, data["text"], by=request.user)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    if not data.get("paper") or _hand_in(request, offer, data["paper"]):
        messages.success(request, _("已收到，和原来的理由放在一起。"))
    return True


def _claim(offer: Offer, said: causes.Claim, by: Any) -> None:
    mandate = mandates.acting(by)
    if offer.state in _ANSWERABLE:
        row = offers.decline(offer, by=by, via=by_mandate.way(PHONE, mandate), cause=said)
        by_mandate.tell_principal(row, mandate, by=by)
    else:
        causes.claim(offer, said, by=by)


def _hand_in(request: HttpRequest, offer: Offer, paper: Any) -> bool:
    try:
        key = f"cause-{offer.pk}"
        materials.add(offer.entrant.application, key, paper.read(), by=request.user)
    except Refusal as refusal:
        messages.error(request, _("说明已收到，材料没有收下：%(why)s") % {"why": str(refusal)})
        return False
    return True

"""签约: the texts of the household's lease, seen clause by clause, signed, and kept."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only
from allocation import facts, lease_papers, leases, mine, rent_sums, states
from allocation.forms_lease import SignCodeForm, SignForm
from allocation.leases import (
    by_code,
    changing,
    deposits,
    explaining,
    moving,
    renewing,
    signers,
    signing,
    texts,
)
from allocation.models import Lease, LeaseText
from applications import mandates, open_changes
from applications.models import Change
from applications.receipts import as_file
from core import clock, display
from core.identity import masking
from core.refusals import Refusal

MOST_CLAUSES = 99


@citizen_only
@require_http_methods(["GET", "POST"])
def lease(request: HttpRequest) -> HttpResponse:
    """The lease: what is agreed, the contract to be signed or signed, what comes after it."""
    row = mine.lease(request.user)
    text = texts.contract_of(row) if row else None
    context: dict[str, Any] = {"lease": row}
    status = 200
    if row is not None:
        if text is not None:
            done, signing_part = _text_part(request, text)
            if done:
                return redirect("my_lease")
            context |= signing_part
            status = 422 if signing_part["unread"] or signing_part["wrong"] else 200
        context |= _lease_facts(row, request.user)
    return render(request, "allocation/my/lease.html", context, status=status)


@citizen_only
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """One text: a renewed contract or an agreement, to be read and signed."""
    row = get_object_or_404(mine.lease_texts(request.user), pk=pk)
    done, context = _text_part(request, row)
    if done:
        return redirect("my_lease_text", pk)
    rent = texts.content_of(row)["facts"].get("rent")
    context |= {
        "lease": row.lease,
        "sum": rent_sums.page_lines(rent_sums.read(rent)) if rent else [],
    }
    status = 422 if context["unread"] or context["wrong"] else 200
    return render(request, "allocation/my/lease_text.html", context, status=status)


@citizen_only
@require_GET
def lease_pdf(request: HttpRequest) -> HttpResponse:
    """租赁合同 as a PDF."""
    row = mine.lease(request.user)
    if row is None:
        raise Http404
    return as_file(lease_papers.pdf(row), f"{row.number}.pdf")


@citizen_only
@require_GET
def text_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """One text as a PDF."""
    row = get_object_or_404(mine.lease_texts(request.user), pk=pk)
    return as_file(lease_papers.text_pdf(row), f"{row.lease.number}-{row.number}.pdf")


# -- Parts ----------------------------------------------------------------------------------


def _text_part(request: HttpRequest, row: LeaseText) -> tuple[bool, dict[str, Any]]:
    """Reads or signs where it was sent; True when that is done. Else what the page shows."""
    signer = signers.of(row.lease, request.user)
    step = request.POST.get("step", "sign") if request.method == "POST" else ""
    form = SignForm(request.POST if step == "sign" else None)
    code_form = SignCodeForm(request.POST if step == "code" else None)
    unread = _read(request, row) if step == "explained" else ""
    if step == "send":
        _send_code(request, row)
    elif form.is_valid():
        _sign(request, row, form, signer)
    elif code_form.is_valid():
        _sign_by_code(request, row, code_form)
    if step and not (unread or form.errors or code_form.errors):
        return True, {}
    slots = list(row.signatures.select_related("member", "staff", "mandate"))
    phone = by_code.phone_of(signer) if signer else ""
    code = by_code.open_code(row, request.user)
    missing = {one.pk for one in signing.missing(row)}
    mine_ = next((one for one in slots if signer and one.member_id == signer.member.pk), None)
    seen = set(row.reads.values_list("clause", flat=True))
    return False, {
        "text": row,
        "text_state": states.LEASE_TEXT[row.state],
        "cards": [
            (place, one, place in seen) for place, one in enumerate(texts.clauses_of(row), start=1)
        ],
        "explained_at": row.explained_at,
        "slots": [(one, one.pk in missing) for one in slots],
        "my_turn": mine_ is not None and mine_.signed_at is None and row.state == states.T_TO_SIGN,
        "signer": signer,
        "phone": masking.mask_phone(phone) if phone else "",
        "code": code,
        "tries": by_code.TRIES - code.wrong if code else 0,
        "code_form": code_form,
        "others": display.listed(
            one.member.name for one in slots if one.pk in missing and one.member and one != mine_
        ),
        "waits_for_lessor": any(one.pk in missing and one.party == "lessor" for one in slots),
        "form": form,
        "wrong": bool(form.errors or code_form.errors),
        "unread": unread,
        "pdf_url": reverse("my_lease_text_pdf", args=[row.pk]),
    }


def _read(request: HttpRequest, row: LeaseText) -> str:
    """Keeps the ticks that were sent; the sentence naming those still missing."""
    places = [int(one) for one in request.POST.getlist("clause")[:MOST_CLAUSES] if one.isdecimal()]
    try:
        explaining.refuse_unread(explaining.read(row, places, by=request.user))
    except Refusal as refusal:
        return str(refusal)
    return ""


def _sign(
    request: HttpRequest, row: LeaseText, form: SignForm, signer: signers.Signer | None
) -> None:
    try:
        if signer is None:
            raise leases.LeaseRefused(_("这份文本不用您签字。"))
        mark = signing.mark_of(form.cleaned_data["name"], signer.name)
        done = signing.sign_text(row, by=request.user, member=signer.member, mark=mark)
    except Refusal as refusal:
        form.add_error("name" if refusal.field == "signature" else None, str(refusal))
        return
    _say_signed(request, done)


def _send_code(request: HttpRequest, row: LeaseText) -> None:
    try:
        sent = by_code.send(row, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        phone = masking.mask_phone(sent.phone)
        messages.success(request, _("验证码已发到%(phone)s。") % {"phone": phone})


def _sign_by_code(request: HttpRequest, row: LeaseText, form: SignCodeForm) -> None:
    try:
        done = by_code.sign(row, form.cleaned_data["code"], by=request.user)
    except Refusal as refusal:
        form.add_error("code" if refusal.field == "code" else None, str(refusal))
        return
    _say_signed(request, done)


def _say_signed(request: HttpRequest, done: LeaseText) -> None:
    if done.state != states.T_IN_FORCE:
        messages.success(request, _("您已签字。还有人没有签，签齐以后马上生效。"))
    elif done.kind == LeaseText.Kind.CONTRACT and done.lease.previous_id is None:
        messages.success(request, _("已签约。运营公司和门禁系统会马上收到，不用您再跑一趟。"))
    else:
        messages.success(request, _("已签好，原文留在这里，随时可以看。"))


def _lease_facts(row: Lease, user: Any) -> dict[str, Any]:
    deposit = deposits.standing(row)
    rent = texts.sum_of(row)
    all_texts = list(mine.lease_texts(user).filter(lease__application=row.application_id))
    renewal = row.requests.filter(kind="renewal").first()
    return {
        "state": states.LEASE[row.state],
        "tenant": texts.tenant_of(row).name,
        "is_tenant": texts.tenant_of(row).id_index == mandates.index_of(user),
        "line": facts.lease_line(row),
        "to_sign": row.state == states.L_TO_SIGN,
        "in_force": row.state in states.L_IN_FORCE,
        "address": facts.address(row.home),
        "term": facts.term(row),
        "sum": rent_sums.page_lines(rent) if rent else [],
        "digest": row.text_digest or leases.digest(row),
        "deposit": deposit,
        "deposit_back": deposits.due_back(row),
        "texts": [
            (one, states.LEASE_TEXT[one.state]) for one in all_texts if one.lease_id == row.pk
        ],
        "next_text": next(
            (one for one in all_texts if (one.state == states.T_TO_SIGN and one.lease_id != row.pk)
             or (one.state == states.T_TO_SIGN and one.kind != LeaseText.Kind.CONTRACT)),
            None,
        ),
        "renewal": renewal,
        "renewal_state": states.LEASE_REQUEST[renewal.state] if renewal else None,
        "ends_soon": row.state in renewing.RUNNING
        and renewing.opens_on(row) <= clock.today()
        and not hasattr(row, "successor"),
        "ask_until": renewing.ask_until(row),
        "move": moving.open_for(row),
        "changeable": row.state in changing.CHANGEABLE,
        "bereaved": open_changes.under_way(row.application)
        .filter(kind=Change.Kind.DEATH)
        .exists(),
    }  # fmt: skip

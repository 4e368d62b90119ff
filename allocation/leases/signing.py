"""Signatures on a lease's texts: tenant, co-signing adults, the lessor's authorised person.

The first signature fixes the words. When the last one that is needed has come, the text takes
effect: a contract begins, an agreement changes what it says. The lessor signs a contract before or
after the household; whether it waits for that stands in the table of periods.
"""

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import by_mandate, states
from allocation.leases import beginning, changing, lessor, texts
from allocation.leases.terms import LeaseRefused
from allocation.models import Lease, LeaseSignature, LeaseText
from applications import mandates, periods, permissions, signatures
from applications.models import Member
from core import audit, clock, locks
from core.identity import masking
from core.notices import Template, tell
from core.workflow import advance

Kind, Party = LeaseSignature.Kind, LeaseSignature.Party
SIGNED_FOR = Template(
    "lease_signed_by_helper",
    gettext_lazy("代办人已替您签字"),
    gettext_lazy(
        "{helper}凭您的委托签了{what}，原文在「租约」里。如果不是您的意思，请马上拨{line}。"
    ),
)
_ONE_BENEFIT = "one_benefit_in_force_per_person"


@dataclass(frozen=True)
class Mark:
    """A signature as it was given: drawn, typed or by code after signing in, or on paper."""

    kind: str
    image: bytes | None = None
    digest: str = ""
    sent_to: str = ""  # the masked number of the code


def mark_of(value: str, name: str) -> Mark:
    """What a pad or a keyboard sent; ``name`` is that of who writes. Raises NotSigned."""
    _kind, image, digest = signatures.read(value, name)
    return Mark(Kind.PAD if image else Kind.TYPED, image, digest)


def sign(lease: Lease, *, by: Any, mark: Mark | None = None) -> Lease:
    """The tenant signs the contract; with the last signature needed the benefit begins, the home
    is let, operator and access system are told.

    Raises LeaseRefused, also where another benefit began in the same moment.
    """
    text = texts.contract_of(lease)
    if text is None:
        raise LeaseRefused(_("签名之前，请先看完合同里的责任和退出条款。"))
    sign_text(text, by=by, mark=mark)
    return Lease.objects.select_related("home__estate", "application").get(pk=lease.pk)


def sign_text(
    text: LeaseText,
    *,
    by: Any,
    member: Member | None = None,
    mark: Mark | None = None,
    witness: Staff | None = None,
) -> LeaseText:
    """One of the household signs a text; who has signed before signs nothing anew.

    ``member`` is the tenant unless told. Raises LeaseRefused.
    """
    signer = member or texts.tenant_of(text.lease)
    try:
        with transaction.atomic():
            return _sign(text, signer, mark or _typed(signer), witness, by)
    except IntegrityError as error:
        if _ONE_BENEFIT in str(error):
            beginning.refuse_other_benefit(text.lease)
        raise


def sign_on_paper(text: LeaseText, member: Member, *, by: Staff) -> LeaseText:
    """The signed paper lies on the clerk's table; its scan is added to the case's papers.

    Raises LeaseRefused; nobody witnesses for their own family.
    """
    if why := permissions.why_not_free(by, text.lease.application):
        raise LeaseRefused(why)
    return sign_text(text, by=by.user, member=member, mark=Mark(Kind.PAPER), witness=by)


def sign_as_lessor(text: LeaseText, *, by: Staff, value: str) -> LeaseText:
    """The authorised person signs for the lessor. Raises LeaseRefused, NotSigned."""
    _kind, image, digest = signatures.read(value, by.name)
    mark = Mark(Kind.PAD if image else Kind.TYPED, image, digest)
    with transaction.atomic():
        lease, row = locks.fresh(text.lease), locks.fresh(text)
        slot = row.signatures.select_for_update().get(party=Party.LESSOR)
        if slot.signed_at is not None:
            return row
        if why := why_not_lessor(row, by):
            raise LeaseRefused(why)
        slot.staff = by
        _write(row, slot, mark, by.user)
        return _go_on(row, lease, by.user)


def why_not_lessor(text: LeaseText, staff: Staff) -> str:
    """Why this person does not sign this text for the lessor."""
    if not lessor.may_sign(staff, clock.today()):
        return _("由出租人的授权签约人签字。")
    if text.state == states.T_WITHDRAWN:
        return _("这份文本已经撤回。")
    if text.explained_at is None:
        return _("条款还没有向承租人说明，说明以后再签字。")
    if text.fixed_at is None:
        return _("承租人还没有签字，出租人在承租人之后签字。")
    return permissions.why_not_free(staff, text.lease.application)


def ask_cosigner(text: LeaseText, member: Member, *, by: Staff) -> LeaseText:
    """Has one more adult of the household sign with the tenant. Raises LeaseRefused."""
    with transaction.atomic():
        row = locks.fresh(text)
        if row.fixed_at is not None:
            raise LeaseRefused(_("已经有人签字，不能再增加签字的人。"), "member")
        if member.pk not in {one.pk for one in texts.adults_of(row.lease)}:
            raise LeaseRefused(_("只能请同住的成年家人一起签字。"), "member")
        _slot, made = LeaseSignature.objects.get_or_create(
            text=row, member=member, defaults={"party": Party.COSIGNER}
        )
        if made:
            audit.record("lease.cosigner_asked", by=by.user, thing=row, subjects=[member.id_index])
        return row


def missing(text: LeaseText) -> list[LeaseSignature]:
    """Signatures that the text still waits for before it takes effect."""
    rows = text.signatures.filter(signed_at=None).select_related("member")
    return [one for one in rows if one.party != Party.LESSOR or waits_for_lessor(text)]


def waits_for_lessor(text: LeaseText) -> bool:
    """Whether the text has no effect before the lessor has signed: every agreement, and a contract
    where the table of periods says so."""
    return text.kind != LeaseText.Kind.CONTRACT or bool(periods.of("lease_lessor_first").value)


def _sign(text: LeaseText, signer: Member, mark: Mark, witness: Staff | None, by: Any) -> LeaseText:
    lease, row = locks.fresh(text.lease), locks.fresh(text)
    by_mandate.refuse_unless_signing(mandates.acting(by))
    slot = row.signatures.select_for_update().filter(member=signer).first()
    if slot is None:
        raise LeaseRefused(_("这份文本不用您签字。"))
    if slot.signed_at is not None or row.state == states.T_IN_FORCE:
        return row
    if row.state == states.T_WITHDRAWN:
        raise LeaseRefused(_("这份文本已经撤回，请看最新进度。"))
    if row.explained_at is None:
        raise LeaseRefused(_("签名之前，请先看完合同里的责任和退出条款。"))
    if row.kind == LeaseText.Kind.CONTRACT and lease.previous_id is None:
        beginning.refuse_other_benefit(lease)
        if row.fixed_at is None:
            beginning.set_term(lease)
            row.lease = lease
    texts.fix(row)
    slot.witness, slot.mandate = witness, mandates.acting(by)
    _write(row, slot, mark, by)
    return _go_on(row, lease, by)


def _write(text: LeaseText, slot: LeaseSignature, mark: Mark, by: Any) -> None:
    slot.kind, slot.image_digest, slot.sent_to = mark.kind, mark.digest, mark.sent_to
    slot.image = base64.b64encode(mark.image).decode() if mark.image else None
    slot.text_digest, slot.signed_at = text.digest, clock.now()
    slot.signed_by = audit.label(by)[:80]
    slot.save()
    subjects = [slot.member.id_index] if slot.member else []
    audit.record(
        "lease.text_signed", by=by, thing=text, subjects=subjects, party=slot.party,
        kind=mark.kind, text=text.digest,
    )  # fmt: skip
    if slot.mandate is not None:
        tell(
            slot.mandate.principal_index, SIGNED_FOR, by=by, case_no=text.case_no,
            helper=masking.mask_name(slot.mandate.helper_name),
            what=lambda: str(text.get_kind_display()),
        )  # fmt: skip


def _go_on(text: LeaseText, lease: Lease, by: Any) -> LeaseText:
    """Puts the text in force once nothing is missing any more."""
    if text.state != states.T_TO_SIGN or missing(text):
        return text
    row = advance(text, states.T_IN_FORCE, by=by)
    if row.kind == LeaseText.Kind.CONTRACT:
        beginning.begin(lease, by=by)
    else:
        changing.take_effect(row, lease, by=by)
    return row


def _typed(member: Member) -> Mark:
    return Mark(Kind.TYPED, digest=sha256(member.name.encode()).hexdigest())

"""签约验证码: after signing in, six digits sent to the signer's phone confirm the very words shown.

The second way beside the pad. The number is that of who signs: a helper's own, never the
principal's. A code is good for one text, for minutes and three tries; if the words changed since it
was sent, it signs nothing.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allocation import by_mandate, states
from allocation.leases import signers, signing, texts
from allocation.leases.terms import LeaseRefused, digest_of
from allocation.models import LeaseSignature, LeaseText, SigningCode
from applications import contact, periods
from core import audit, clock, locks, notices
from core.identity.ciphers import keyed_digest
from core.identity.masking import mask_phone

AGAIN_AFTER = timedelta(seconds=60)
TRIES = 3
_DIGITS = 6
A_DAY = 5  # codes for one person within 24 hours
CODE = notices.Template(
    "lease.code",
    gettext_lazy("签约验证码"),
    gettext_lazy("验证码{code}，用于签租赁合同，{minutes}分钟内有效。"),
    sms=gettext_lazy(
        "验证码{code}，用于签租赁合同，{minutes}分钟内有效，不要告诉别人。"
        "我们不会在短信里要您转账或点链接"
    ),
    at_once=True,
)


def phone_of(signer: signers.Signer) -> str:
    """The number in force of who signs; empty where there is none."""
    return contact.phone_of(signer.index)


def send(text: LeaseText, *, by: Any) -> SigningCode:
    """Sends six digits to who signs; an earlier code is void. Raises LeaseRefused."""
    with transaction.atomic():
        lease, row = locks.fresh(text.lease), locks.fresh(text)
        row.lease = lease
        signer, slot = _slot(row, by)
        locks.advisory("signing code", signer.index)
        if why := _why_not(row, slot) or _too_often(signer):
            raise LeaseRefused(why, "code")
        phone = phone_of(signer)
        if not phone:
            raise LeaseRefused(_("没有登记手机号，请手写签名，或者到窗口签。"), "code")
        now = clock.now()
        slot.codes.filter(ended_at=None).update(ended_at=now)
        digits, limit = f"{secrets.randbelow(10**6):06d}", periods.of("lease_sign_code")
        made = SigningCode.objects.create(
            slot=slot, person_index=signer.index, phone=phone, code_digest="",
            text_digest=_words(row), sent_at=now, expires_at=limit.later(now),
        )  # fmt: skip
        made.code_digest = _digest(made, digits)
        made.save(update_fields=["code_digest"])
        notices.text_only(
            phone, CODE, key=f"lease-code-{made.pk}", contact=contact.of(signer.index),
            code=digits, minutes=limit.value,
        )  # fmt: skip
        audit.record(
            "lease.code_sent", by=by, thing=row, subjects=[signer.index], phone=mask_phone(phone)
        )
        return made


def open_code(text: LeaseText, user: Any) -> SigningCode | None:
    """The code that this person may type now."""
    signer = signers.of(text.lease, user)
    rows = SigningCode.objects.filter(slot__text=text, ended_at=None)
    if signer is None:
        return None
    live = rows.filter(person_index=signer.index, slot__member=signer.member)
    return live.filter(expires_at__gt=clock.now(), wrong__lt=TRIES).first()


def sign(text: LeaseText, code: str, *, by: Any) -> LeaseText:
    """Signs with the digits that came back. Raises LeaseRefused; a wrong code is counted.

    Tapped twice, it has signed once.
    """
    with transaction.atomic():
        lease, row = locks.fresh(text.lease), locks.fresh(text)
        row.lease = lease
        signer, slot = _slot(row, by)
        if slot.signed_at is not None:
            return row
        sent = slot.codes.select_for_update().filter(ended_at=None).first()
        why = _wrong(row, sent, signer, "".join(code.split()))
        if not why and sent is not None:
            sent.ended_at = clock.now()
            sent.save(update_fields=["ended_at"])
            mark = signing.Mark(LeaseSignature.Kind.SMS, sent_to=mask_phone(sent.phone))
            return signing.sign_text(row, by=by, member=signer.member, mark=mark)
    raise LeaseRefused(why, "code")


# -- Parts -----------------------------------------------------------------------------------------


def _slot(row: LeaseText, by: Any) -> tuple[signers.Signer, LeaseSignature]:
    """Who signs here and the place for it. Raises LeaseRefused, MandateOver."""
    signer = signers.of(row.lease, by)
    slot = row.signatures.filter(member=signer.member).first() if signer else None
    if signer is None or slot is None:
        raise LeaseRefused(_("这份文本不用您签字。"))
    by_mandate.refuse_unless_signing(signer.mandate)
    return signer, slot


def _why_not(row: LeaseText, slot: LeaseSignature) -> str:
    if slot.signed_at is not None:
        return _("您已经签过这份文本。")
    if row.state != states.T_TO_SIGN:
        return _("这份文本已经撤回，请看最新进度。")
    if row.explained_at is None:
        return _("签名之前，请先看完合同里的责任和退出条款。")
    return ""


def _too_often(signer: signers.Signer) -> str:
    now = clock.now()
    sent = SigningCode.objects.filter(
        person_index=signer.index, sent_at__gt=now - timedelta(days=1)
    )
    if sent.count() >= A_DAY:
        return _("今天的验证码已经发了%(n)d次，请明天再试，或者手写签名。") % {"n": A_DAY}
    if sent.filter(sent_at__gt=now - AGAIN_AFTER).exists():
        return _("验证码刚刚发过，请过1分钟再发。")
    return ""


def _wrong(row: LeaseText, sent: SigningCode | None, signer: signers.Signer, code: str) -> str:
    """Why the code does not do; a wrong one is counted."""
    if sent is None or sent.person_index != signer.index:
        return _("请先发送验证码。")
    if clock.now() >= sent.expires_at:
        return _("验证码已经过期，请重新发送。")
    if sent.wrong >= TRIES:
        return _("验证码错了%(n)d次，请重新发送。") % {"n": TRIES}
    if len(code) != _DIGITS or not code.isdecimal():
        return _("验证码是6位数字。")  # a slip of the finger is no try
    if not hmac.compare_digest(sent.text_digest, _words(row)):
        return _("合同的内容在发送验证码以后有变动。请再看一遍，然后重新发送。")
    if hmac.compare_digest(sent.code_digest, _digest(sent, code)):
        return ""
    sent.wrong += 1
    sent.save(update_fields=["wrong"])
    if left := TRIES - sent.wrong:
        return _("验证码不对，还可以试%(n)d次。") % {"n": left}
    return _("验证码错了%(n)d次，请重新发送。") % {"n": TRIES}


def _words(row: LeaseText) -> str:
    """The digest of what would be signed now."""
    return row.digest or digest_of(texts.content_of(row))


def _digest(sent: SigningCode, code: str) -> str:
    return keyed_digest(f"{sent.pk}\0{code}", kind="signing code")

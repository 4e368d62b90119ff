"""Signatures at the window (签字): who signed which words, on the pad, by typing or on paper.

A signature always comes with the consent it gives. The drawn image is checked to be what it says,
kept encrypted, and never shown to anybody but those who weigh the case.
"""

import base64
import binascii
import struct
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import authority, card_reader, consent
from applications.models import Consent, Member, Signature
from core import audit, clock, locks
from core.refusals import Refusal

MOST_BYTES = 300_000
_MOST_PIXELS = 2400
_PREFIX = "data:image/png;base64,"
_PNG = b"\x89PNG\r\n\x1a\n"


class NotSigned(Refusal):
    """What came from the second screen is no signature."""


def sign(
    member: Member, value: str, *, words: str, by: Staff, as_guardian: bool = False
) -> Signature | None:
    """The member (or the guardian of a minor) signs on the second screen; this is the consent.

    ``value`` is a PNG as data URL, or the name typed; ``words`` the digest of the text that was
    shown. Raises NotSigned, ConsentRefused; who has agreed before signs nothing anew.
    """
    if words != consent.text_digest():
        raise NotSigned(_("授权文本刚才更新过，请再看一遍后签字。"), "signature")
    kind, image, digest = _checked(value, member, as_guardian)
    return _give(member, kind=kind, image=image, digest=digest, by=by)


def on_paper(member: Member, *, by: Staff) -> Signature | None:
    """The clerk has the signed paper on the table. Raises ConsentRefused.

    None for who agreed otherwise before, such as on the phone: that consent has no paper.
    """
    return _give(member, kind=Signature.Kind.PAPER, image=None, digest="", by=by)


def checked_drawing(value: str) -> str:
    """A signature drawn on a pad, as data URL, once it is what it says. Raises NotSigned."""
    _png(value)
    return value


def _give(
    member: Member, *, kind: str, image: bytes | None, digest: str, by: Staff
) -> Signature | None:
    with transaction.atomic():
        application = locks.fresh(member.application)
        before = authority.in_force(member)
        if before is not None and before.given_at and not before.outgrown_at:
            return Signature.objects.filter(consent=before).first()
        adult = authority.is_adult(member, clock.today())
        method = Consent.Method.WINDOW if adult else Consent.Method.GUARDIAN
        given = consent.give(member, method=method, by=by.user)
        made = Signature.objects.create(
            consent=given, kind=kind, text_digest=given.text_digest, signed_at=clock.now(),
            image=base64.b64encode(image).decode() if image else None, image_digest=digest,
            witnessed_by=by,
        )  # fmt: skip
        audit.record(
            "consent.signed", by=by.user, thing=member, case_no=application.case_no or "",
            subjects=[member.id_index], kind=kind, text=given.text_digest, image=digest,
        )  # fmt: skip
        return made


def _checked(value: str, member: Member, as_guardian: bool) -> tuple[str, bytes | None, str]:
    return read(value, "" if as_guardian else member.name)


def read(value: str, signer: str) -> tuple[str, bytes | None, str]:
    """Kind, image and digest of what came from a pad or a keyboard; "" lets any name be typed.

    Raises NotSigned with the way out.
    """
    if value.startswith("data:"):
        image = _png(value)
        return Signature.Kind.PAD, image, sha256(image).hexdigest()
    name = card_reader.clean_name(value)
    if not name:
        raise NotSigned(_("请签字，或者用键盘输入姓名。"), "signature")
    if signer and name != signer:
        raise NotSigned(
            _("输入的姓名和签字的人不一样，请输入「%(name)s」。") % {"name": signer}, "signature"
        )
    return Signature.Kind.TYPED, None, sha256(name.encode()).hexdigest()


def _png(value: str) -> bytes:
    """The bytes of a PNG of bearable size: judged by its content, not by its label."""
    sorry: Any = _("签字没有传完整，请重写一遍；也可以在纸上签字。")
    if not value.startswith(_PREFIX) or len(value) > MOST_BYTES * 4 // 3 + 100:
        raise NotSigned(sorry, "signature")
    try:
        image = base64.b64decode(value[len(_PREFIX) :], validate=True)
        width, height = struct.unpack(">II", image[16:24])
    except (binascii.Error, struct.error, ValueError) as error:
        raise NotSigned(sorry, "signature") from error
    fits = 0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS
    if not (image.startswith(_PNG) and image[12:16] == b"IHDR" and fits):
        raise NotSigned(sorry, "signature")
    return image

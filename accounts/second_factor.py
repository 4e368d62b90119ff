"""The six digits of staff (动态口令, TOTP by RFC 6238), on allauth.mfa's table and arithmetic.

One code is good for one sign-in: the step of the last code used is kept with the secret, and no
code of that step or an earlier one is taken again, also not by a second process at the same time.
"""

import base64
import hmac
from urllib.parse import quote, urlencode

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.db import transaction

from accounts.models import User
from core import clock
from core.identity import ciphers

PERIOD, DIGITS, TOLERANCE = 30, 6, 1
ISSUER = "鄞州公租房"
_CONTEXT = "mfa_authenticator.data"


class Adapter(DefaultMFAAdapter):
    """Keeps allauth's secrets encrypted at rest under our keys."""

    def encrypt(self, text: str) -> str:
        """The stored form of a secret."""
        return base64.b64encode(ciphers.encrypt(text, context=_CONTEXT)).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """The secret."""
        return ciphers.decrypt(base64.b64decode(encrypted_text), context=_CONTEXT)


def new_secret() -> str:
    """A fresh secret: 160 random bits in base32."""
    return totp.generate_totp_secret()


def enrolled(user: User) -> bool:
    """Whether the account has a second factor."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


@transaction.atomic
def enrol(user: User, secret: str, code: str) -> bool:
    """Keeps ``secret`` as the account's second factor if ``code`` proves it was noted down."""
    step = _matching_step(secret, code)
    if step is None:
        return False
    keep(user, secret, last_step=step)
    return True


def keep(user: User, secret: str, *, last_step: int = 0) -> None:
    """Writes the secret, in place of an older one."""
    data = {"secret": Adapter().encrypt(secret), "last_step": last_step}
    Authenticator.objects.update_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": data}
    )


@transaction.atomic
def verify(user: User, code: str) -> bool:
    """Whether ``code`` is right and newer than the last one used; then it is used up."""
    rows = Authenticator.objects.select_for_update()
    kept = rows.filter(user=user, type=Authenticator.Type.TOTP).first()
    if kept is None:
        return False
    step = _matching_step(Adapter().decrypt(kept.data["secret"]), code)
    if step is None or step <= kept.data.get("last_step", 0):
        return False
    kept.data["last_step"] = step
    kept.save(update_fields=["data"])
    return True


def code_at(secret: str, step: int | None = None) -> str:
    """The six digits of a step of 30 seconds; of the present one unless told."""
    step = _step_now() if step is None else step
    return f"{totp.hotp_value(secret, step):0{DIGITS}}"


def enrolment_uri(user: User, secret: str) -> str:
    """What the QR code says to an authenticator app."""
    label = quote(f"{ISSUER}:{user.username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


def enrolment_picture(user: User, secret: str) -> str:
    """The QR code as an SVG data URI."""
    code = segno.make(enrolment_uri(user, secret), error="m")
    return str(code.svg_data_uri(scale=5, border=2))


def _matching_step(secret: str, code: str) -> int | None:
    digits = code.strip().replace(" ", "")
    now = _step_now()
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), digits.encode()):
            return step
    return None


def _step_now() -> int:
    """The present step, by the real time."""
    return clock.real_seconds() // PERIOD

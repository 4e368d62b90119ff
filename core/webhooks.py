"""Signed messages between systems (联动签名): HMAC over id, time and body (Standard Webhooks).

``webhook-signature: v1,<base64 of HMAC-SHA-256 over "id.timestamp.body">``. A receiver refuses what
is older than five minutes, and applies an id once; so a message that was listened to and sent
again does nothing. The time is the real one, whatever the demo's clock says. ``X-Signature`` over
the body alone stays for receivers that were built before. docs/handover.md shows a receiver.
"""

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha256

from core import clock

TOLERANCE = 300  # seconds


class NotSigned(ValueError):
    """No signature of ours, or one of another time."""


def headers(message_id: str, body: bytes, secret: str) -> dict[str, str]:
    """What goes with a message."""
    moment = str(clock.real_seconds())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{_mark(message_id, moment, body, secret)}",
        "X-Signature": hmac.new(secret.encode(), body, sha256).hexdigest(),
    }


def check(got: Mapping[str, str], body: bytes, secret: str) -> str:
    """The id of a message that is ours and of now. Raises NotSigned."""
    message_id, moment = got.get("webhook-id", ""), got.get("webhook-timestamp", "")
    if not (secret and message_id and moment.isascii() and moment.isdecimal()):
        raise NotSigned("no id or time of sending")
    if abs(clock.real_seconds() - int(moment)) > TOLERANCE:
        raise NotSigned("too old, or from the future")
    wanted = f"v1,{_mark(message_id, moment, body, secret)}"
    marks = got.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in marks):
        raise NotSigned("the signature does not fit")
    return message_id


def _mark(message_id: str, moment: str, body: bytes, secret: str) -> str:
    content = f"{message_id}.{moment}.".encode() + body
    return base64.b64encode(hmac.new(secret.encode(), content, sha256).digest()).decode()

"""Messages to other systems: written with the act, delivered later, received once.

``post`` inserts a row in the verb's own transaction, so a message exists exactly if the act does.
``deliver_due`` claims a row (committing before the network is touched), posts it with its key, and
notes the receipt. A receiver that is down delays; after a long time the row is DEAD and stands on
the operations page with a button to try again: nothing is dropped.
"""

import hmac
import json
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from hashlib import sha256
from http.client import HTTPException
from typing import Any

from django.conf import settings
from django.db import transaction

from core import audit, clock
from core.models import OutboxMessage

_LEASE = timedelta(seconds=30)
_TIMEOUT = 5  # seconds
_MAX_ATTEMPTS = 30
_OPERATOR = audit.System("outbox")


def post(
    destination: str,
    kind: str,
    *,
    key: str,
    payload: dict[str, Any],
    case_no: str = "",
    not_before: datetime | None = None,
) -> OutboxMessage:
    """Queues a message inside the caller's transaction; the same key is queued once."""
    if destination not in settings.OUTBOX_DESTINATIONS:
        raise ValueError(f"no outbox destination is called {destination}")
    now = clock.now()
    message, _made = OutboxMessage.objects.get_or_create(
        destination=destination,
        key=key,
        defaults={
            "kind": kind,
            "payload": payload,
            "case_no": case_no,
            "created_at": now,
            "next_attempt_at": not_before or now,
        },
    )
    return message


def deliver_due(limit: int = 100) -> int:
    """Delivers what is due; returns how many receivers confirmed."""
    confirmed = 0
    for _round in range(limit):
        message = _claim()
        if message is None:
            break
        confirmed += _deliver(message)
    return confirmed


def retry(message: OutboxMessage, *, by: Any) -> OutboxMessage:
    """Brings a dead message back into the queue."""
    with transaction.atomic():
        row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
        if row.state == OutboxMessage.State.DEAD:
            row.state, row.attempts, row.next_attempt_at = row.State.PENDING, 0, clock.now()
            row.save(update_fields=["state", "attempts", "next_attempt_at"])
            audit.record("outbox.retried", by=by, thing=row, kind=row.kind)
    return row


def _claim() -> OutboxMessage | None:
    """Takes one due row and leases it: a killed worker's row is due again by itself."""
    with transaction.atomic():
        due = OutboxMessage.objects.filter(state="pending", next_attempt_at__lte=clock.now())
        message = due.select_for_update(skip_locked=True).order_by("next_attempt_at").first()
        if message is not None:
            message.attempts += 1
            message.next_attempt_at = clock.now() + _LEASE
            message.save(update_fields=["attempts", "next_attempt_at"])
    return message


def _deliver(message: OutboxMessage) -> bool:
    try:
        receipt = _send(message)
    except (OSError, ValueError, HTTPException) as error:
        _put_off(message, type(error).__name__)
        return False
    message.state = OutboxMessage.State.CONFIRMED
    message.confirmed_at, message.receipt, message.error = clock.now(), receipt, ""
    message.save(update_fields=["state", "confirmed_at", "receipt", "error"])
    return True


def _send(message: OutboxMessage) -> dict[str, Any]:
    body = json.dumps({"kind": message.kind, "key": message.key, **message.payload}).encode()
    request = urllib.request.Request(
        settings.OUTBOX_DESTINATIONS[message.destination],
        data=body,
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            "X-Signature": hmac.new(settings.OUTBOX_SECRET.encode(), body, sha256).hexdigest(),
        },
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        receipt = json.loads(response.read() or b"{}")
    if not isinstance(receipt, dict):
        raise ValueError("the receipt is not an object")
    return receipt


def _put_off(message: OutboxMessage, error: str) -> None:
    message.error = error[:200]
    if message.attempts >= _MAX_ATTEMPTS:
        message.state = OutboxMessage.State.DEAD
    wait = min(5 * 2 ** min(message.attempts - 1, 10), 3600)
    message.next_attempt_at = clock.now() + timedelta(seconds=wait)
    message.save(update_fields=["state", "error", "next_attempt_at"])

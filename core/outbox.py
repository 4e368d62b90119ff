"""Messages to other systems: written with the act, delivered later, received once.

``post`` inserts a row in the verb's own transaction, so a message exists exactly if the act does.
``deliver_due`` claims a row (committing before the network is touched), posts it with its key, and
notes the receipt. A receiver that is down delays, and only its own messages; after a long time the
row is DEAD and stands on the operations page with a button to try again: nothing is dropped. What
would ring a phone (``daytime``) waits for the day, also when it was put off until late.

Receivers in ``OUTBOX_ORDERED`` get the messages of a household one after the other: none leaves
before the one ahead of it was confirmed, or given up by a person with a reason; what
``OUTBOX_PASSES`` names does not wait for the kinds it may pass. Every message is
signed (core.webhooks); a receipt may also come later, as a signed call of the receiver.
"""

import json
import urllib.error
import urllib.request
from collections import Counter
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import audit, clock, quiet, webhooks
from core.models import OutboxMessage
from core.refusals import Refusal

_LEASE = timedelta(seconds=30)
_TIMEOUT = 5  # seconds
_MAX_ATTEMPTS = 30
_PATIENCE = 2  # failures of one receiver in one run
_OPERATOR = audit.System("outbox")


def post(
    destination: str,
    kind: str,
    *,
    key: str,
    payload: dict[str, Any],
    case_no: str = "",
    not_before: datetime | None = None,
    daytime: bool = False,
) -> OutboxMessage:
    """Queues a message inside the caller's transaction; the same key is queued once."""
    if destination not in settings.OUTBOX_DESTINATIONS:
        raise ValueError(f"no outbox destination is called {destination}")
    now = clock.now()
    due = not_before or now
    message, _made = OutboxMessage.objects.get_or_create(
        destination=destination,
        key=key,
        defaults={
            "kind": kind,
            "payload": payload,
            "case_no": case_no,
            "created_at": now,
            "daytime": daytime,
            "next_attempt_at": quiet.next_daytime(due) if daytime else due,
        },
    )
    return message


class NotTaken(ValueError):
    """The receiver answered that it did not take the message."""


class TakenForLater(ValueError):
    """The receiver has the message and will call back; until then it is asked again."""


class PushRefused(Refusal):
    """A message cannot be given up like this."""


def deliver_due(limit: int = 100) -> int:
    """Delivers what is due; returns how many receivers confirmed.

    A receiver that failed twice is left alone for the rest of the run: the others do not wait for
    its time-outs.
    """
    confirmed, failed = 0, Counter[str]()
    for _round in range(limit):
        message = _claim([name for name, times in failed.items() if times >= _PATIENCE])
        if message is None:
            break
        done = _deliver(message)
        confirmed += done
        failed[message.destination] += not done
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


def give_up(message: OutboxMessage, *, by: Any, reason: str) -> OutboxMessage:
    """A person decides that a message is not sent any more, and why; those behind it go on.

    Raises PushRefused without a reason, or for a message that is on its way or has arrived.
    """
    if not reason.strip():
        raise PushRefused(_("请写明为什么不再推送。"), "reason")
    with transaction.atomic():
        row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
        if row.state != OutboxMessage.State.DEAD:
            raise PushRefused(_("这条消息还在发送，或者已经送到，不用放弃。"))
        row.state = row.State.GIVEN_UP
        row.given_up_by, row.given_up_because = audit.label(by)[:80], reason.strip()[:300]
        row.save(update_fields=["state", "given_up_by", "given_up_because"])
        audit.record("outbox.given_up", by=by, thing=row, kind=row.kind, reason=reason)
        return row


def receipt_came(destination: str, receipt: dict[str, Any]) -> OutboxMessage | None:
    """A receipt that the receiver called in, inside the caller's transaction; None for a message
    that it never got. What was confirmed stays so."""
    rows = OutboxMessage.objects.select_for_update()
    row = rows.filter(destination=destination, key=str(receipt.get("key", ""))).first()
    if row is None or row.state in (row.State.CONFIRMED, row.State.GIVEN_UP):
        return row
    if receipt.get("success") is False:
        row.state, row.error = row.State.DEAD, f"NotTaken {receipt.get('errorCode', '')}"[:200]
        row.save(update_fields=["state", "error"])
        return row
    return _confirm(row, receipt)


def ahead_of(message: OutboxMessage) -> OutboxMessage | None:
    """The message for which this one waits, if it waits for one."""
    if message.destination not in settings.OUTBOX_ORDERED or not message.case_no:
        return None
    rows = _unfinished().filter(destination=message.destination, case_no=message.case_no)
    rows = rows.exclude(kind__in=settings.OUTBOX_PASSES.get(message.kind, ()))
    return rows.filter(pk__lt=message.pk).order_by("pk").first()


def over(before: datetime) -> QuerySet[OutboxMessage]:
    """Messages from before a moment that are not sent any more: confirmed, or given up."""
    ended = [OutboxMessage.State.CONFIRMED, OutboxMessage.State.GIVEN_UP]
    return OutboxMessage.objects.filter(state__in=ended, created_at__lt=before)


def empty(rows: QuerySet[OutboxMessage], limit: int) -> int:
    """Forgets what these messages said, names and phones with it; that they were sent stays."""
    keys = list(
        rows.filter(emptied_at=None).order_by("created_at").values_list("pk", flat=True)[:limit]
    )
    emptied = OutboxMessage.objects.filter(pk__in=keys)
    return emptied.update(payload={}, receipt={}, emptied_at=clock.now())


def _unfinished() -> Any:
    return OutboxMessage.objects.filter(state__in=["pending", "dead"])


def _claim(passed_over: list[str]) -> OutboxMessage | None:
    """Takes one due row and leases it: a killed worker's row is due again by itself."""
    now = clock.now()
    with transaction.atomic():
        due = OutboxMessage.objects.filter(state="pending", next_attempt_at__lte=now)
        due = due.exclude(destination__in=passed_over)
        earlier = _unfinished().filter(
            destination=OuterRef("destination"), case_no=OuterRef("case_no"), pk__lt=OuterRef("pk")
        )
        in_turn: Any = (
            ~Q(destination__in=settings.OUTBOX_ORDERED) | Q(case_no="") | ~Exists(earlier)
        )
        for kind, passed in settings.OUTBOX_PASSES.items():
            in_turn |= Q(kind=kind) & ~Exists(earlier.exclude(kind__in=passed))
        due = due.filter(in_turn)
        if not quiet.is_daytime(now):
            due = due.filter(daytime=False)
        message = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk").first()
        if message is not None:
            message.attempts += 1
            message.next_attempt_at = clock.now() + _LEASE
            message.save(update_fields=["attempts", "next_attempt_at"])
    return message


def _deliver(message: OutboxMessage) -> bool:
    try:
        receipt = _send(message)
    except (OSError, ValueError, HTTPException) as error:
        _put_off(message, _named(error))
        return False
    with transaction.atomic():
        row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
        if row.state == row.State.PENDING:  # its receipt may have been called in meanwhile
            _confirm(row, receipt)
    return True


def _confirm(row: OutboxMessage, receipt: dict[str, Any]) -> OutboxMessage:
    row.state = OutboxMessage.State.CONFIRMED
    row.confirmed_at, row.receipt, row.error = clock.now(), receipt, ""
    row.save(update_fields=["state", "confirmed_at", "receipt", "error"])
    return row


def _named(error: Exception) -> str:
    """The fault by its name; of an HTTP error the number, of a refusal the receiver's code."""
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTPError {error.code}"
    return f"{type(error).__name__} {error if isinstance(error, NotTaken) else ''}"


def _send(message: OutboxMessage) -> dict[str, Any]:
    body = json.dumps({"kind": message.kind, "key": message.key, **message.payload}).encode()
    request = urllib.request.Request(
        settings.OUTBOX_DESTINATIONS[message.destination],
        data=body,
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            **webhooks.headers(message.key, body, settings.OUTBOX_SECRET),
        },
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        receipt = json.loads(response.read() or b"{}")
    if not isinstance(receipt, dict):
        raise ValueError("the receipt is not an object")
    if receipt.get("success") is False:
        raise NotTaken(str(receipt.get("errorCode", "")))
    if receipt.get("pending"):
        raise TakenForLater
    return receipt


def _put_off(message: OutboxMessage, error: str) -> None:
    with transaction.atomic():
        row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
        if row.state != row.State.PENDING:
            return  # its receipt was called in while this try failed
        row.error = error.strip()[:200]
        if row.attempts >= _MAX_ATTEMPTS:
            row.state = row.State.DEAD
        wait = min(5 * 2 ** min(row.attempts - 1, 10), 3600)
        row.next_attempt_at = clock.now() + timedelta(seconds=wait)
        row.save(update_fields=["state", "error", "next_attempt_at"])

"""What is kept no longer than it serves (往来记录): ids of receipts, messages long delivered.

By the table of periods. What waits, failed or belongs to a lease's list of messages is never taken
away; of the latter only the content is forgotten, once it arrived and its receipt was read.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from allocation.models import ReceivedReceipt
from applications import periods
from core import audit, clock, outbox
from core.models import Notice, OutboxMessage

SYSTEM = audit.System("往来记录清理")
_AT_ONCE = 5000


@dataclass(frozen=True)
class Pruned:
    """How many rows: ids of receipts, messages emptied, messages taken away."""

    receipts: int
    emptied: int
    messages: int

    @property
    def total(self) -> int:
        return self.receipts + self.emptied + self.messages


def due(today: date) -> Pruned:
    """What a sweep would take, without taking anything."""
    return Pruned(_receipts(today).count(), _full(today).count(), _messages(today).count())


def sweep(today: date) -> Pruned:
    """Takes what is over, some thousands at a time; recorded in the audit."""
    with transaction.atomic():
        found = Pruned(
            _deleted(_receipts(today)),
            outbox.empty(_full(today), _AT_ONCE),
            _deleted(_messages(today)),
        )
        if found.total:
            audit.record(
                "messages.pruned", by=SYSTEM, receipts=found.receipts, emptied=found.emptied,
                messages=found.messages,
            )  # fmt: skip
        return found


def _receipts(today: date) -> QuerySet[ReceivedReceipt]:
    """A call older than minutes is refused by its time, so its id need not be known any more."""
    return ReceivedReceipt.objects.filter(at__lt=_before("receipt_kept", today))


def _full(today: date) -> QuerySet[OutboxMessage]:
    rows = _read(outbox.over(_before("message_text_kept", today)))
    return rows.filter(emptied_at=None)


def _messages(today: date) -> QuerySet[OutboxMessage]:
    """Those of a lease stay: their number and order are counted from."""
    return _read(outbox.over(_before("message_kept", today))).filter(push=None)


def _read(rows: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
    """Without those whose receipt nobody has read yet."""
    unread = Notice.objects.filter(sms_state=Notice.Sms.QUEUED).values("case_no")
    waiting = Q(destination="sms") & ~Q(case_no="") & Q(case_no__in=unread)
    return rows.filter(Q(push=None) | Q(push__noted=F("state"))).exclude(waiting)


def _deleted(rows: QuerySet[ReceivedReceipt] | QuerySet[OutboxMessage]) -> int:
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
    return rows.model.objects.filter(pk__in=keys).delete()[0]


def _before(name: str, today: date) -> datetime:
    """Midnight of the first day that is kept."""
    period = periods.of(name)
    if period.unit == "months":
        return clock.local_midnight(periods.months_later(today, -period.value))
    return clock.local_midnight(today - timedelta(days=period.value))

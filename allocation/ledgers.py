"""The public log of a round in the database: one writer at a time, lines chained by `ledger`."""

from typing import Any

from allocation import ledger
from allocation.models import LedgerLine, Round
from core import clock, locks


def append(round_: Round, event: str, **fields: Any) -> LedgerLine:
    """Adds a line to the round's log, inside the caller's transaction. Names no person."""
    locks.advisory("ledger", round_.pk)
    last = round_.ledger.order_by("-number").first()
    at = clock.now()
    line = ledger.append_line(
        last.text.encode() if last else None,
        {"round": round_.code, "event": event, "at": at.isoformat(), **fields},
    )
    return LedgerLine.objects.create(
        round=round_,
        number=last.number + 1 if last else 1,
        text=line.decode().removesuffix("\n"),
        at=at,
    )


def file(round_: Round) -> bytes:
    """`ledger.jsonl` as published."""
    return "".join(f"{line.text}\n" for line in round_.ledger.order_by("number")).encode()

"""Calls to registers as the log keeps them."""

import itertools
from datetime import datetime, timedelta

from core import clock
from datashare.models import Call

_count = itertools.count(1)


def call(
    source: str = "property",
    outcome: str = "found",
    *,
    rows: int = 1,
    case_no: str = "",
    at: datetime | None = None,
    minutes_ago: int = 0,
    ms: int = 120,
    error: str = "",
) -> Call:
    """One question, answered or not."""
    unusable = outcome == "unavailable"
    return Call.objects.create(
        source=source, case_no=case_no or f"TEST-{next(_count)}", purpose="test",
        basis="duty:annual_recheck", by="worker", person_index="0" * 64,
        started_at=at or clock.now() - timedelta(minutes=minutes_ago), duration_ms=ms,
        outcome=outcome, error_kind=error or ("timeout" if unusable else ""),
        row_count=rows if outcome == "found" else 0,
    )  # fmt: skip

"""故障 faults on demand: by source, person and period, as the departments have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

MODES = (
    "quota", "timeout", "http_500", "garbage", "empty", "stale",  # those of cast files
    "wrong_person", "reset", "slow", "unknown_code", "upstream",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MockFault:
    """One fault; without a person it concerns everybody, without dates it lasts."""

    source: str
    mode: str
    person: str = ""
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"unknown fault mode; known: {', '.join(MODES)}")

    def hits(self, source: str, person: str, today: date) -> bool:
        """Whether this fault concerns a question asked today."""
        return (
            self.source in (source, "*")
            and self.person in ("", person)
            and (self.since is None or self.since <= today)
            and (self.until is None or today <= self.until)
        )

    @classmethod
    def from_dict(cls, item: dict[str, Any], source: str = "") -> MockFault:
        """A fault as posted or as written in a cast file ({mode, person, from, to})."""
        return cls(
            source=item.get("source") or source,
            mode=item["mode"],
            person=str(item.get("person") or ""),
            since=as_date(item.get("from")),
            until=as_date(item.get("until") or item.get("to")),
        )


def as_date(value: Any) -> date | None:
    """A date from JSON or YAML, None for nothing."""
    if value in (None, ""):
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def first(faults: Iterable[MockFault], source: str, person: str, today: date) -> str:
    """The mode of the first fault that hits, or an empty text."""
    return next((fault.mode for fault in faults if fault.hits(source, person, today)), "")

"""故障 faults on demand: by source, person, share of calls and period, as departments have them.

What each mode looks like on the wire is in `misbehaviour`. Everything is deterministic: which
calls of a share are hit follows from the fault's seed, the source, the person and how often the
person was asked about while the fault was in force.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

# mode → what it means, for the page and the command
MODES: dict[str, str] = {
    "quota": "超量（代码 18）",
    "timeout": "不应答，直到对方放弃",
    "http_500": "HTTP 500",
    "garbage": "HTML 维护页",
    "empty": "空报文",
    "stale": "只有多年前的旧记录",
    "wrong_person": "答的是别人",
    "reset": "连接被重置",
    "slow": "3 秒后才答",
    "unknown_code": "未知代码 37",
    "upstream": "部门后台报错",
    "code_03": "签名错误（代码 03）",
    "code_11": "请求秘钥不在有效期内（代码 11）",
    "code_14": "签名错误（代码 14）",
    "truncated": "报文被截断",
    "content_type": "JSON 却标成 text/html",
    "masked": "证件号码被遮盖",
    "duplicates": "记录重复，夹着旧记录",
    "partial_page": "只给了一半记录",
}
MIXED = "mixed"  # one of all modes, another for each call


@dataclass(frozen=True, slots=True)
class MockFault:
    """One fault; without a person it concerns everybody, without dates it lasts.

    `rate` is the share of calls it hits; after `seconds` or `calls` (hits) it is over, if given.
    """

    source: str
    mode: str
    person: str = ""
    since: date | None = None
    until: date | None = None
    rate: float = 1.0
    seed: int = 0
    seconds: float = 0.0
    calls: int = 0

    def __post_init__(self) -> None:
        if self.mode not in MODES and self.mode != MIXED:
            raise ValueError(f"unknown fault mode; known: {', '.join((*MODES, MIXED))}")
        if not 0 < self.rate <= 1:
            raise ValueError("rate is a share of calls: above 0, at most 1")
        if self.seconds < 0 or self.calls < 0:
            raise ValueError("seconds and calls are not negative")
        if self.since and self.until and self.until < self.since:
            raise ValueError("until is before from")

    def hits(self, source: str, person: str, today: date) -> bool:
        """Whether this fault concerns a question asked today (rate and counts aside)."""
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
            person=str(item.get("person") or "").upper(),
            since=as_date(item.get("from")),
            until=as_date(item.get("until") or item.get("to")),
            rate=1.0 if item.get("rate") is None else float(item["rate"]),
            seed=int(item.get("seed") or 0),
            seconds=float(item.get("seconds") or 0),
            calls=int(item.get("calls") or 0),
        )


@dataclass(slots=True)
class InForce:
    """A fault at work: since when, and how often it has hit."""

    number: int
    fault: MockFault
    began: float = field(default_factory=time.monotonic)
    hits: int = 0
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def over(self) -> bool:
        """Whether its seconds have passed or its calls are used up."""
        fault = self.fault
        return bool(
            (fault.seconds and time.monotonic() - self.began >= fault.seconds)
            or (fault.calls and self.hits >= fault.calls)
        )

    def strike(self, source: str, person: str, today: date) -> str:
        """The mode with which this question fails, or an empty text. Counts the question."""
        fault = self.fault
        if not fault.hits(source, person, today) or self.over:
            return ""
        if fault.rate >= 1 and fault.mode != MIXED:
            self.hits += 1
            return fault.mode
        self.asked[source, person] += 1
        share, pick = _drawn(fault.seed, source, person, self.asked[source, person])
        if share >= fault.rate:
            return ""
        self.hits += 1
        return fault.mode if fault.mode != MIXED else list(MODES)[pick % len(MODES)]

    def describe(self) -> dict[str, Any]:
        """The fault with its number and hits."""
        return {"number": self.number, "hits": self.hits, **asdict(self.fault)}


class Faults:
    """The faults in force, in the order in which they were set."""

    def __init__(self) -> None:
        self._items: list[InForce] = []
        self._given = 0

    def append(self, fault: MockFault) -> InForce:
        """From now on this fault is in force."""
        self._given += 1
        self._items.append(InForce(self._given, fault))
        return self._items[-1]

    def clear(self) -> None:
        """Every department works again."""
        self._items.clear()

    def end(self, source: str = "*", number: int = 0) -> None:
        """End one fault by its number, or all of a source ("*" for all)."""
        if number:
            self._items = [one for one in self._items if one.number != number]
        elif source == "*":
            self.clear()
        else:
            self._items = [one for one in self._items if one.fault.source != source]

    def strike(self, source: str, person: str, today: date) -> str:
        """The mode of the first fault that hits, or an empty text."""
        for one in self._items:
            if mode := one.strike(source, person, today):
                return mode
        return ""

    def __iter__(self) -> Iterator[InForce]:
        return (one for one in self._items if not one.over)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return bool(self._items)


def _drawn(seed: int, *parts: object) -> tuple[float, int]:
    """A share in [0, 1) and a number, both fixed by the seed and the parts."""
    text = "|".join(map(str, (seed, *parts))).encode()
    drawn = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
    return (drawn >> 16) / 2**48, drawn & 0xFFFF


def as_date(value: Any) -> date | None:
    """A date from JSON or YAML, None for nothing."""
    if value in (None, ""):
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def first(faults: Iterable[MockFault], source: str, person: str, today: date) -> str:
    """The mode of the first plain fault that hits, or an empty text."""
    return next((fault.mode for fault in faults if fault.hits(source, person, today)), "")

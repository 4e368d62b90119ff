"""核对报告委托 the civil-affairs platform's reports: ordered by the first question, made in days.

The first question about a person places an order and brings a receipt at once; until the report is
there the same question brings the same receipt; a report still valid is given again. Its rows are
what the registers said on the day of delivery. Working days here are Mondays to Fridays: the mock
knows no public holidays and shares no calendar with the platform, so that a date it expects is a
forecast like the real one.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from datashare.mock_gateway.interfaces import Rows

SOURCE = "income_check"
VALID_MONTHS = 6
PARTIAL_OF = 40  # one report in so many misses what some banks would have said
UNDER_WAY = ("核对中", "委托", "办理中")
SILENT_BANKS = "宁波东海银行、鄞州农村商业银行"
# person, day → the report's rows as the registers have them on that day
Known = Callable[[str, date], Rows]


@dataclass(frozen=True, slots=True)
class Days:
    """办理时限 from `low` to `high` working days, fixed by the person; 0 delivers at once."""

    low: int = 0
    high: int = 0

    @classmethod
    def parse(cls, text: str) -> Days:
        """Read "1-10" or "3"; ValueError for anything else."""
        found = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", str(text).strip())
        if not found or int(found[2] or found[1]) < int(found[1]):
            raise ValueError(f"working days are written as 3 or 1-10, not {text!r}")
        return cls(int(found[1]), int(found[2] or found[1]))

    def of(self, seed: int) -> int:
        """One number of the range for a seed."""
        return self.low + seed % (self.high - self.low + 1)

    def __str__(self) -> str:
        return f"{self.low}-{self.high}" if self.low != self.high else str(self.low)


@dataclass(frozen=True, slots=True)
class Order:
    """委托 one order of a person's report: receipt, day of the order, day of the report."""

    person: str
    receipt: str
    on: date
    expected: date
    delivered: date | None = None  # an earlier day than expected, if somebody hurried it

    def ready(self, today: date) -> bool:
        """Whether the report is there."""
        return self.day <= today

    @property
    def day(self) -> date:
        """The day of the report."""
        return self.delivered or self.expected

    @property
    def valid_until(self) -> date:
        """The last day on which the report is still given without a new order."""
        month = self.day.month - 1 + VALID_MONTHS
        return self.day.replace(
            year=self.day.year + month // 12, month=month % 12 + 1, day=min(self.day.day, 28)
        )


class Desk:
    """核对平台 takes orders and gives out reports. Every change goes through `apply`."""

    def __init__(self) -> None:
        self.days = Days()
        self.orders: dict[str, Order] = {}
        self.placed = 0

    def answer(
        self,
        person: str,
        today: date,
        known: Known,
        place: Callable[[dict[str, Any]], Any],
        *,
        whole: bool = False,
    ) -> Rows:
        """What the platform says today about a person; `place` records a new order.

        Somebody of whom there is nothing to report (a child, a stranger) is told so at once.
        A report that is `whole` by its file misses no bank.
        """
        rows = known(person, today)
        if not self.days.high or not rows or _unfinished(rows, today):
            return rows
        order = self.orders.get(person)
        if order is None or order.valid_until < today:
            place(asdict(self._new(person, today)))
            order = self.orders[person]
        if not order.ready(today):
            return [_receipt(rows[0], order)]
        content = known(person, order.day)
        if not whole and zlib.crc32(f"bank{person}".encode()) % PARTIAL_OF == 0:
            content = _partial(content)
        return [_finished(row, order) for row in content]

    def _new(self, person: str, today: date) -> Order:
        """The next order; how long it takes is fixed by the person and the day."""
        days = self.days.of(zlib.crc32(f"{person}{today}".encode()))
        receipt = f"WT{today:%Y%m%d}{self.placed + 1:06d}"
        return Order(person, receipt, today, after_working_days(today, days))

    # -- changes ----------------------------------------------------------------------------

    def apply(self, item: dict[str, Any]) -> dict[str, Any]:
        """An order, a new delay ({"days"}) or haste ({"hurry", "on", "person"?})."""
        if "receipt" in item:
            order = Order(item["person"], item["receipt"], _day(item["on"]), _day(item["expected"]))
            self.orders[order.person] = order
            self.placed += 1
            return {}
        today, hurried = _day(item["on"]), 0
        if item.get("days") is not None:
            self.days = Days.parse(item["days"])
        if item.get("hurry"):
            hurried = self._hurry(today, str(item.get("person") or ""))
        return {"hurried": hurried, **self.describe(today)}

    def _hurry(self, today: date, person: str) -> int:
        """Every report under way, or one person's, is there today; how many."""
        waiting = [one for one in self.under_way(today) if person in ("", one.person)]
        for order in waiting:
            self.orders[order.person] = replace(order, delivered=max(order.on, today))
        return len(waiting)

    def forget(self, person: str) -> None:
        """The person's file was written anew: the next question orders again."""
        self.orders.pop(person, None)

    def describe(self, today: date) -> dict[str, Any]:
        """The delay, and how many reports are under way and ready."""
        ready = sum(order.ready(today) for order in self.orders.values())
        return {
            "days": str(self.days),
            "ordered": len(self.orders) - ready,
            "delivered": ready,
        }

    def under_way(self, today: date) -> list[Order]:
        """Orders whose report is not there yet, the next to be ready first."""
        waiting = [order for order in self.orders.values() if not order.ready(today)]
        return sorted(waiting, key=lambda order: (order.day, order.receipt))


def after_working_days(start: date, days: int) -> date:
    """The day so many Mondays to Fridays after `start`."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def _unfinished(rows: Rows, today: date) -> bool:
    """Whether a cast file's own rows say that the report is still being made."""
    return any(
        any(word in str(row.get("hdzt") or "") for word in UNDER_WAY)
        or _digits(row.get("hdrq")) > f"{today:%Y%m%d}"
        for row in rows
    )


def _partial(rows: Rows) -> Rows:
    """The report while some banks stay silent: it tells of income, and of no deposit."""
    told = [row for row in rows if not row.get("cclx")] or rows
    return [{**row, "hdzt": "部分出具", "wfkjg": SILENT_BANKS} for row in told]


def _receipt(row: dict[str, Any], order: Order) -> dict[str, Any]:
    return {
        "xm": row.get("xm", ""),
        "sfzh": order.person,
        "hdzt": "核对中",
        "wtdh": order.receipt,
        "wtrq": f"{order.on:%Y%m%d}",
        "yjrq": f"{order.expected:%Y%m%d}",
    }


def _finished(row: dict[str, Any], order: Order) -> dict[str, Any]:
    frame = {
        "hdzt": "已出具",
        "wtdh": order.receipt,
        "wtrq": f"{order.on:%Y%m%d}",
        "bgyxq": f"{order.valid_until:%Y%m%d}",
    }
    return {**frame, **row}


def _digits(value: Any) -> str:
    return re.sub(r"\D", "", str(value or ""))[:8]


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])

"""按月记录 cast rows that speak of months, carried on to the clock's month.

A cast file is a picture of one day. When the demo's clock runs on from there, people keep their
jobs, aid and income until an event says otherwise; without this every re-check would find that
everybody stopped working on the day of the file.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from datashare.mock_gateway.interfaces import Rows


def index(month: str) -> int:
    """Months since year 0 of a text that begins with yyyymm."""
    digits = str(month).replace("-", "")
    return int(digits[:4]) * 12 + int(digits[4:6]) - 1


def label(months: int) -> str:
    """The yyyymm text of a month's index."""
    return f"{months // 12:04d}{months % 12 + 1:02d}"


def of(day: date) -> int:
    """The index of a day's month."""
    return day.year * 12 + day.month - 1


def extended(source: str, rows: Rows, as_of: date | None, today: date) -> Rows:
    """The rows as they stand today, for a file of `as_of`; other sources stay as they are."""
    carry = CARRIED.get(source)
    if carry is None or as_of is None or of(today) <= of(as_of):
        return rows
    return carry(rows, of(as_of), of(today))


def _aid(rows: Rows, then: int, now: int) -> Rows:
    """Aid in the file's month goes on, a row for each month."""
    running = [row for row in rows if _aid_month(row) == then and row.get("zt") != "停保"]
    return rows + [
        {**row, "bHAX0114": label(month)[:4], "bHAX0115": label(month)[4:]}
        for row in running
        for month in range(then + 1, now + 1)
    ]


def _aid_month(row: dict[str, Any]) -> int | None:
    year, month = row.get("bHAX0114"), row.get("bHAX0115")
    return int(year) * 12 + int(month) - 1 if year and month else None


def _insurance(rows: Rows, then: int, now: int) -> Rows:
    """Contributions paid up to the month before the file's day go on to the month before today."""
    return [
        {**row, "AAE003": label(now - 1)}
        if row.get("AAE003") and index(row["AAE003"]) >= then - 1
        else row
        for row in rows
    ]


def _income(rows: Rows, then: int, now: int) -> Rows:
    """The same income again: every month of the report moves on by the months gone by."""
    fields = ("ny", "qsny", "zzny", "hdqq", "hdqz")
    return [
        {
            key: label(index(value) + now - then)
            if key in fields and value
            else _moved(value, now - then)
            if key == "hdrq"
            else value
            for key, value in row.items()
        }
        for row in rows
    ]


def _moved(value: Any, months: int) -> Any:
    digits = str(value).replace("-", "")[:8]
    if len(digits) != 8 or not digits.isdigit():
        return value
    return f"{label(index(digits) + months)}01"  # a later day may still be to come


CARRIED = {"low_income_aid": _aid, "social_insurance": _insurance, "income_check": _income}

"""Periods of the review (期限): one table of numbers, each with its source or its mark."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml

from core import workdays

_FILE = Path(__file__).with_name("periods.yaml")


@dataclass(frozen=True)
class Period:
    """One line of periods.yaml. ``verified`` is false where no source document is known."""

    name: str
    text: str
    value: int
    unit: str
    source: str = ""

    @property
    def verified(self) -> bool:
        return bool(self.source)

    def after(self, start: date) -> date:
        """The last day of the period: the day after ``start`` is its first."""
        if self.unit == "workdays":
            return workdays.add_workdays(start, self.value)
        if self.unit == "months":
            return months_later(start, self.value)
        return start + timedelta(days=self.value)

    def later(self, start: datetime) -> datetime:
        """The end of a period of hours or of minutes."""
        if self.unit == "minutes":
            return start + timedelta(minutes=self.value)
        return start + timedelta(hours=self.value)


def months_later(day: date, months: int) -> date:
    """The same day of a later month; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def of(name: str) -> Period:
    """The period of that name. KeyError if the table has none."""
    return table()[name]


@cache
def table() -> dict[str, Period]:
    """Every period by name. ValueError for a value without source and without mark."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: _period(name, row) for name, row in rows.items()}


def _period(name: str, row: dict[str, object]) -> Period:
    if bool(row.get("source")) == bool(row.pop("unverified", False)):
        raise ValueError(f"period {name} needs either a source or the mark unverified")
    return Period(name=name, **row)  # type: ignore[arg-type]

"""Cells of the mock registers' rows: dates and numbers as those databases write them."""

from __future__ import annotations

import zlib
from datetime import date

from datashare.mock_gateway.city_model import Person

NULL = "\\N"  # how these registers write nothing


def compact(day: date | None) -> str:
    """yyyymmdd, or the registers' nothing."""
    return f"{day:%Y%m%d}" if day else NULL


def stamp(day: date) -> str:
    """A date with the zero time that databases print."""
    return f"{day:%Y-%m-%d} 00:00:00.0"


def choice(*parts: str, of: int) -> int:
    """A number below `of` that is fixed by the parts: variety without a generator."""
    return zlib.crc32("|".join(parts).encode()) % of


def birthday(person: Person, age: int) -> date:
    born = person.birth_date
    return date(born.year + age, born.month, min(born.day, 28))

"""The table of likeness (比对分值): what each level counts, from which day, and who says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("likeness.yaml")
_LEVELS = {
    "name": {"same", "sound", "near_sound", "partly", "one_differs", "different"},
    "birth": {"same", "near", "different"},
    "id": {"old_form", "slip", "area", "different"},
    "sex": {"same", "different"},
    "phone": {"same", "different", "unknown"},
    "address": {"same", "building", "different", "unknown"},
    "company": {"shared", "none"},
}


@dataclass(frozen=True)
class Table:
    """One table of likeness.yaml; ``verified`` is false where no document says its numbers."""

    code: str
    starts_on: date
    ask_at: int  # points
    block_limit: int  # people
    levels: Mapping[str, Mapping[str, int]]
    source: str = ""

    @property
    def verified(self) -> bool:
        return bool(self.source)


def on(day: date) -> Table:
    """The table in force on a day: the latest one that has begun. LookupError before the first."""
    begun = [one for one in tables() if one.starts_on <= day]
    if not begun:
        raise LookupError(f"no table of likeness on {day}")
    return max(begun, key=lambda one: one.starts_on)


def of(code: str) -> Table | None:
    """The table of a code, if the file still holds it."""
    return next((one for one in tables() if one.code == code), None)


@cache
def tables() -> tuple[Table, ...]:
    """Every table. ValueError for one with neither source nor mark, or with levels amiss."""
    return read(_FILE.read_text(encoding="utf-8"))


def read(text: str) -> tuple[Table, ...]:
    """The tables of a text, checked as `tables` says."""
    return tuple(_table(row) for row in yaml.safe_load(text))


def _table(row: dict) -> Table:
    code = row["code"]
    if bool(row.get("source")) == bool(row.get("unverified", False)):
        raise ValueError(f"{code} needs either a source or the mark unverified")
    levels = row["levels"]
    if {key: set(points) for key, points in levels.items()} != _LEVELS:
        raise ValueError(f"{code} has levels too many or too few")
    return Table(code, row["from"], row["ask_at"], row["block_limit"], levels,
                 row.get("source", ""))  # fmt: skip

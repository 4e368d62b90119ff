"""Cells of a register's row → Python values. Registers disagree on every spelling; tolerate all.

Empty is None, never a guess; text that should be a date or a number and is not raises Unreadable,
so that a garbled reply becomes *unavailable* and not a wrong fact.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from datashare.amounts import measure, number, share, whole
from datashare.dates import day, month
from datashare.jsontext import parse
from datashare.written import (
    Unreadable,
    district,
    district_in,
    id_text,
    is_empty,
    is_masked,
    names_agree,
    person_name,
    place,
    same_person,
    says,
    text,
    text_of,
)

T = TypeVar("T")
_YES = frozenset({"1", "是", "有", "真", "Y", "YES", "TRUE", "T", "√", "✓", "已到账", "足额到账",
                  "到账", "有效"})  # fmt: skip
_NO = frozenset({"0", "2", "否", "假", "N", "NO", "FALSE", "F", "×", "未到账", "欠费", "无效"})
_SEPARATORS = re.compile(r"[,，、;；|/]+")


class Row:
    """One raw row, its fields found by any of several names, without regard to case and ``_``.

    Every reader raises Unreadable, with the field's name, for what it cannot make sense of.
    """

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self._cells = {fold(key): value for key, value in raw.items()}

    def has_any(self, folded: frozenset[str]) -> bool:
        """Whether at least one of these fields (see fold) stands in the row, filled or not."""
        return not folded.isdisjoint(self._cells)

    def cell(self, *names: str) -> Any:
        """The first of these fields that is not empty, else None."""
        for name in names:
            value = self._cells.get(fold(name))
            if value is not None and not is_empty(value):
                return value
        return None

    def text(self, *names: str) -> str:
        """Words; a list or an object where words should be is unreadable."""
        value = self.cell(*names)
        if value is None:
            return ""
        if type(value) is str:  # and not empty: cell() has seen to that
            return text_of(value)
        return self._read(_words, names)

    def day(self, *names: str, end: bool = False) -> date | None:
        value = self.cell(*names)
        if value is None:
            return None
        try:
            return day(value, end=end)
        except (ValueError, ArithmeticError):
            raise Unreadable(names[0]) from None

    def month(self, *names: str) -> date | None:
        return self._read(month, names)

    def number(self, *names: str) -> Decimal | None:
        return self._read(number, names)

    def measure(self, *names: str) -> Decimal | None:
        return self._read(measure, names)

    def whole(self, *names: str) -> int | None:
        return self._read(whole, names)

    def share(self, *names: str) -> Decimal | None:
        return self._read(share, names)

    def flag(self, *names: str) -> bool | None:
        return flag(self.cell(*names))

    def says(self, *words: str, of: tuple[str, ...]) -> bool:
        """Whether one of these words stands in the field ``of`` and is not denied."""
        return says(self.text(*of), *words)

    def id(self, *names: str) -> str:
        return id_text(self.text(*names))

    def ids(self, *names: str) -> tuple[str, ...]:
        """Several ID numbers written into one cell."""
        written = self.text(*names)
        if not written:
            return ()
        if len(written) == 18 and written.isascii() and written.isalnum():  # one, written plainly
            return (written.upper(),)
        parts = (part.split() for part in _SEPARATORS.split(written))
        return tuple(id_text(one) for pieces in parts for one in _numbers(pieces))

    def names(self, *names: str) -> tuple[str, ...]:
        """Several names written into one cell."""
        written = self.text(*names)
        if not written:
            return ()
        return tuple(filter(None, (part.strip() for part in _SEPARATORS.split(written))))

    def district(self, *names: str) -> str:
        return district(self.text(*names))

    def rows(self, *names: str) -> tuple["Row", ...]:
        """A list of objects inside the row; a list written as JSON text is read too."""
        value = self.cell(*names)
        if isinstance(value, str):
            try:
                value = parse(value)
            except ValueError:
                raise Unreadable(names[0]) from None
        if isinstance(value, Mapping):
            value = [value]
        if is_empty(value):
            return ()
        if not isinstance(value, (list, tuple)):
            raise Unreadable(names[0])
        return tuple(Row(item) for item in value if isinstance(item, Mapping))

    def _read(self, read: Callable[[Any], T], names: tuple[str, ...]) -> T:
        try:
            value = self.cell(*names)
            return read(value)
        except (ValueError, ArithmeticError):
            raise Unreadable(names[0]) from None


def flag(value: Any) -> bool | None:
    """Yes, no, or nothing said."""
    if isinstance(value, bool):
        return value
    written = text(value).upper()
    return True if written in _YES else False if written in _NO else None


def _words(value: Any) -> str:
    if isinstance(value, (Mapping, list, tuple)):
        raise Unreadable("text")
    return text(value)


def _numbers(pieces: list[str]) -> list[str]:
    """One number written with spaces, or several numbers between spaces."""
    together = id_text("".join(pieces))
    return [together] if len(together) in (15, 18) else pieces


@lru_cache(maxsize=4096)
def fold(name: Any) -> str:
    """A field's name as it is compared: without case and ``_``."""
    return str(name).replace("_", "").strip().lower()


__all__ = [
    "Row", "Unreadable", "day", "district", "district_in", "flag", "fold", "id_text", "is_empty",
    "is_masked", "measure", "month", "names_agree", "number", "person_name", "place", "same_person",
    "says", "share", "text", "whole",
]  # fmt: skip

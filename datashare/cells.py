"""Cells of a register's row → Python values. Registers disagree on every spelling; tolerate all.

Empty is None, never a guess; text that should be a date or a number and is not raises Unreadable,
so that a garbled reply becomes *unavailable* and not a wrong fact.
"""

import calendar
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_EMPTY = frozenset({"", "\\N", "NULL", "NONE", "NAN", "无", "-", "--", "/", "长期", "[]", "{}"})
_NO_DAY = frozenset({"18991231", "18991230", "99991231", "29991231", "00000000"})
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/.年]?(\d{1,2})月?", re.ASCII)
_FRACTION = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)", re.ASCII)
_BEYOND_SENSE = 10**15  # no sum or area of a household; a slip of the register
_WHOLE = ("单独", "共同", "全部", "所有")
_YES = frozenset({"1", "是", "Y", "YES", "TRUE", "T", "已到账", "足额到账", "到账", "有效"})
_NO = frozenset({"0", "2", "否", "N", "NO", "FALSE", "F", "未到账", "欠费", "无效"})


class Unreadable(ValueError):
    """A cell that holds something which is no date, number or list. Carries the field only."""


class Row:
    """One raw row, its fields found by any of several names, without regard to case and ``_``."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self._cells = {_fold(key): value for key, value in raw.items()}

    def cell(self, *names: str) -> Any:
        """The first of these fields that is not empty, else None."""
        for name in names:
            value = self._cells.get(_fold(name))
            if not is_empty(value):
                return value
        return None

    def text(self, *names: str) -> str:
        return text(self.cell(*names))

    def day(self, *names: str, end: bool = False) -> date | None:
        return self._read(lambda value: day(value, end=end), names)

    def month(self, *names: str) -> date | None:
        return self._read(month, names)

    def number(self, *names: str) -> Decimal | None:
        return self._read(number, names)

    def share(self, *names: str) -> Decimal | None:
        return self._read(share, names)

    def flag(self, *names: str) -> bool | None:
        return flag(self.cell(*names))

    def id(self, *names: str) -> str:
        return id_text(self.cell(*names))

    def ids(self, *names: str) -> tuple[str, ...]:
        """Several ID numbers written into one cell."""
        return tuple(
            id_text(part) for part in re.split(r"[,，、;；\s|]+", self.text(*names)) if part
        )

    def district(self, *names: str) -> str:
        return district(self.cell(*names))

    def rows(self, *names: str) -> tuple["Row", ...]:
        """A list of objects inside the row; a list written as JSON text is read too."""
        value = self.cell(*names)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise Unreadable(names[0]) from None
        if isinstance(value, Mapping):
            value = [value]
        if not isinstance(value, Iterable):
            return ()
        return tuple(Row(item) for item in value if isinstance(item, Mapping))

    def _read(self, read: Any, names: tuple[str, ...]) -> Any:
        try:
            return read(self.cell(*names))
        except (Unreadable, ValueError, ArithmeticError):
            raise Unreadable(names[0]) from None


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing, in any of the registers' ways."""
    if value is None or (isinstance(value, (list, tuple, dict)) and not value):
        return True
    return isinstance(value, str) and unicodedata.normalize("NFKC", value).strip().upper() in _EMPTY


def text(value: Any) -> str:
    """Narrow, stripped text; '' for empty."""
    if is_empty(value):
        return ""
    return unicodedata.normalize("NFKC", str(value)).strip()


def person_name(value: Any) -> str:
    """A name for comparison: no spaces, one spelling of the dot in minority names."""
    return re.sub(r"[·•・‧∙．.]", "·", re.sub(r"\s", "", text(value)))


def id_text(value: Any) -> str:
    """An ID number as compared: narrow, without separators, upper case."""
    return re.sub(r"[\s\-·.]", "", text(value)).upper()


def day(value: Any, *, end: bool = False) -> date | None:
    """A day; of a bare month the first day, or the last when ``end``. 1899-12-31 is none."""
    if is_empty(value):
        return None
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return None if value.strftime("%Y%m%d") in _NO_DAY else value
    written = text(value)
    found = _COMPACT.fullmatch(written) or _DAY.fullmatch(written)
    if found:
        year, month_, day_ = (int(part) for part in found.groups())
        if f"{year:04}{month_:02}{day_:02}" in _NO_DAY:
            return None
        return date(year, month_, day_)
    found = _MONTH.fullmatch(written)
    if not found:
        raise Unreadable("date")
    year, month_ = int(found[1]), int(found[2])
    return date(year, month_, calendar.monthrange(year, month_)[1] if end else 1)


def month(value: Any) -> date | None:
    """A month as its first day."""
    found = day(value)
    return found.replace(day=1) if found else None


def number(value: Any) -> Decimal | None:
    """A plain decimal: yuan, ㎡, counts; 万 multiplies."""
    if is_empty(value):
        return None
    if isinstance(value, bool):
        raise Unreadable("number")
    written = re.sub(r"[,\s¥￥元㎡]|平方米|人民币|m2", "", text(value))
    factor = Decimal(1)
    if written.endswith("万"):
        written, factor = written[:-1], Decimal(10000)
    try:
        found = Decimal(written) * factor
    except InvalidOperation:
        raise Unreadable("number") from None
    if not found.is_finite() or abs(found) >= _BEYOND_SENSE:
        raise Unreadable("number")
    return found


def share(value: Any) -> Decimal | None:
    """A share between 0 and 1; None where the row states none or the whole is held jointly."""
    written = text(value).replace("份", "")
    if not written or any(word in written for word in _WHOLE):
        return None
    chinese = re.fullmatch(r"(\d+)分之(\d+)", written)
    fraction = _FRACTION.fullmatch(written)
    if chinese:
        found = Decimal(chinese[2]) / Decimal(chinese[1])
    elif fraction:
        found = Decimal(fraction[1]) / Decimal(fraction[2])
    elif written.endswith("%"):
        found = Decimal(written[:-1]) / 100
    else:
        found = Decimal(written)
        found = found / 100 if found > 1 else found
    if not Decimal(0) <= found <= Decimal(1):
        raise Unreadable("share")
    return found


def flag(value: Any) -> bool | None:
    """Yes, no, or nothing said."""
    if isinstance(value, bool):
        return value
    written = text(value).upper()
    return True if written in _YES else False if written in _NO else None


def district(value: Any) -> str:
    """The six-digit district of a code of any length; '' where there is none."""
    written = text(value)
    return written[:6] if re.match(r"\d{6}", written, re.ASCII) else ""


_DISTRICT_NAMES = {
    "海曙": "330203", "江东": "330204", "江北": "330205", "北仑": "330206", "镇海": "330211",
    "鄞州": "330212", "奉化": "330213", "象山": "330225", "宁海": "330226", "余姚": "330281",
    "慈溪": "330282",
}  # fmt: skip


def district_in(address: str) -> str:
    """The district that an address names (GB/T 2260), '' where it names none of the city's."""
    for name, code in _DISTRICT_NAMES.items():
        if re.search(rf"{name}(区|市|县)", address) or address.startswith(name):
            return code
    return ""


def place(value: Any) -> str:
    """A location for comparison: without spaces, punctuation and the city's name."""
    written = re.sub(r"[\s\-—－,，.。·()（）#]", "", text(value))
    return re.sub(r"^(中国)?(浙江省)?(宁波市)?", "", written)


def same_person(asked: str, answered: str) -> bool:
    """Whether an answered number, perhaps masked or of 15 digits, can be the number asked about."""
    if len(answered) == 15 and len(asked) == 18:
        asked = asked[:6] + asked[8:17]
    if len(asked) != len(answered):
        return "*" in answered and asked.startswith(answered.split("*")[0])
    return all(a == b or b == "*" for a, b in zip(asked, answered, strict=True))


def _fold(name: Any) -> str:
    return str(name).replace("_", "").strip().lower()

"""Days and months as registers write them (日期): a dozen spellings, several words for none."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from datashare.amounts import numeral
from datashare.written import Unreadable, is_empty, text

HERE = timezone(timedelta(hours=8))
# what databases and programs store where there is no day
_NO_DAY = frozenset({
    date(1, 1, 1), date(1, 1, 3), date(1753, 1, 1), date(1899, 12, 30), date(1899, 12, 31),
    date(1900, 1, 1),
})  # fmt: skip
_EARLIEST, _ENDLESS = 1850, 2900
_TIME = r"(?:[ T日号]*(\d{1,2})[:时](\d{1,2})(?:[:分][\d.]*秒?)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?"
_DAY = re.compile(rf"(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})[日号]?{_TIME}", re.ASCII)
_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?份?", re.ASCII)
_YEAR = re.compile(r"(\d{4})年?", re.ASCII)
_SPAN = re.compile(r"(.*\d[日号月年]?)\s*(?:至|到|~|—+|–|--?)\s*(\d{4}.*|至?今|长期.*|永久.*)")
_ENGLISH = re.compile(
    r"(?:[A-Z][a-z]{2,5},? )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* "
    r"(\d{1,2}),? (?:[\d:]+ [A-Z]{3,4} )?(\d{4})(?:,? .*)?",
    re.ASCII,
)
_ENGLISH_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


def day(value: Any, *, end: bool = False) -> date | None:
    """A day; of a bare month or year the first day, or the last when ``end``.

    None for empty and for what stands for no day (1899-12-31, 0000-00-00, 9999-12-31). Of a span
    the first day, or the last when ``end``. Raises Unreadable.
    """
    if type(value) is str and (found := _plainly(value)) is not None:
        return found
    if is_empty(value):
        return None
    if isinstance(value, bool):
        raise Unreadable("date")
    if isinstance(value, datetime):
        value = (value.astimezone(HERE) if value.tzinfo else value).date()
    try:
        found = value if isinstance(value, date) else _written(text(value), end)
    except (ValueError, OverflowError):
        raise Unreadable("date") from None
    if found is None or found in _NO_DAY or found.year >= _ENDLESS:
        return None
    if found.year < _EARLIEST:
        raise Unreadable("date")
    return found


@lru_cache(maxsize=8192)
def _plainly(written: str) -> date | None:
    """The commonest spellings by far, yyyymmdd and yyyy-mm-dd, of the last and this century; None
    where there is anything to think about."""
    if len(written) == 10 and written[4] == written[7] == "-":
        written = written[:4] + written[5:7] + written[8:]
    if len(written) != 8 or written[:2] not in ("19", "20") or not _is_digits(written):
        return None
    try:
        found = date(int(written[:4]), int(written[4:6]), int(written[6:]))
    except ValueError:
        return None
    return None if found in _NO_DAY else found


def _is_digits(written: str) -> bool:
    return written.isascii() and written.isdigit()


def month(value: Any) -> date | None:
    """A month as its first day. Raises Unreadable."""
    found = day(value)
    return found.replace(day=1) if found else None


def _written(written: str, end: bool) -> date | None:
    if not re.sub(r"[0\s:.年月日/-]", "", written):  # 0000-00-00 00:00:00
        return None
    if re.fullmatch(r"-?\d+(?:\.0+)?", written, re.ASCII):
        return _digits(written.partition(".")[0], end)
    written = re.sub(r"\s*([-/.年月日])\s*", r"\1", _arabic(written))
    if found := _DAY.fullmatch(written):
        return _local(found, written)
    if span := _SPAN.fullmatch(written):
        return day(span[2] if end else span[1], end=end)
    if found := _MONTH.fullmatch(written):
        return _of_month(int(found[1]), int(found[2]), end)
    if found := _YEAR.fullmatch(written):
        return date(int(found[1]), *((12, 31) if end else (1, 1)))
    if found := _ENGLISH.fullmatch(written):
        return date(int(found[3]), _ENGLISH_MONTHS.index(found[1]) // 3 + 1, int(found[2]))
    raise Unreadable("date")


def _digits(written: str, end: bool) -> date | None:
    """yyyymmdd with or without a time, yyyymm, yyyy, or the clock of a computer (ms or s)."""
    length = 13 if written.startswith("-") and len(written) > 9 else len(written)
    if length == 4:
        return date(int(written), *((12, 31) if end else (1, 1)))
    if length == 6:
        return _of_month(int(written[:4]), int(written[4:]), end)
    if length in (8, 14, 17) or (length in (10, 12) and written[:2] in ("19", "20")):
        return date(int(written[:4]), int(written[4:6]), int(written[6:8]))
    if 10 <= length <= 14:
        seconds = int(written) / (1 if length == 10 else 1000)
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, hours=8)).date()
    raise Unreadable("date")


def _of_month(year: int, number: int, end: bool) -> date:
    first = date(year, number, 1)
    return first.replace(day=calendar.monthrange(year, number)[1]) if end else first


def _local(found: re.Match[str], written: str) -> date:
    """The day in this country: 16:00 by Greenwich is the next day's midnight here."""
    on = date(int(found[1]), int(found[2]), int(found[3]))
    zone = _ZONE.search(written) if found[4] else None
    if zone is None:
        return on
    at = datetime(on.year, on.month, on.day, int(found[4]), int(found[5]), tzinfo=UTC)
    if zone[1] != "Z":
        hours, minutes = int(zone[1][1:3]), int(zone[1][-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        at = at - offset if zone[1][0] == "+" else at + offset
    return at.astimezone(HERE).date()


def _arabic(written: str) -> str:
    """二〇二一年九月二十四日 → 2021年9月24日."""
    return re.sub(
        r"[〇○零一二三四五六七八九十]+(?=[年月日号])",
        lambda found: str(numeral(found[0])),
        written,
    )

"""Numbers as registers write them (数值): sums, areas, shares; Chinese numerals, units, commas.

A figure that can be read in two ways raises Unreadable: 89,5 is neither 895 nor 89.5 here.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from datashare.written import Unreadable, is_empty, text

_PLAIN = re.compile(
    r"[+-]?(?:(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:E[+-]?\d{1,2})?", re.ASCII
)
_UNITS = re.compile(r"人民币|RMB|CNY|[¥￥\s]|元整|圆整|元|圆|平方米|平方|平米|M2|㎡|整$")
_MULTIPLES = (
    ("亿", 10**8), ("千万", 10**7), ("百万", 10**6), ("十万", 10**5), ("万", 10**4), ("千", 10**3),
)  # fmt: skip
_BEYOND_SENSE = 10**15  # no sum or area of a household; a slip of the register

_DIGITS = {
    char: value
    for value, chars in enumerate(("〇零○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆",
                                   "七柒", "八捌", "九玖"))
    for char in chars
}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}

_FRACTION = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)", re.ASCII)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%", re.ASCII)
_PARTS = re.compile(r"([\d〇零一二两三四五六七八九十百]+)分之([\d.〇零一二两三四五六七八九十百]+)")
_WHOLE = ("单独", "共同", "全部", "所有", "独有")


def number(value: Any) -> Decimal | None:
    """A plain decimal: yuan, ㎡, counts; 万 multiplies. None for empty; raises Unreadable."""
    if is_empty(value):
        return None
    if isinstance(value, bool):
        raise Unreadable("number")
    written = _UNITS.sub("", text(value).upper())
    found = _plain(written)
    if found is None:
        for word, factor in _MULTIPLES:
            base = _plain(written.removesuffix(word)) if written.endswith(word) else None
            if base is not None:
                found = base * factor
                break
    if found is None:
        counted = numeral(written)
        found = None if counted is None else Decimal(counted)
    if found is None or not found.is_finite() or abs(found) >= _BEYOND_SENSE:
        raise Unreadable("number")
    return found


def measure(value: Any) -> Decimal | None:
    """An area, a price, a capital: never below nothing. Raises Unreadable."""
    found = number(value)
    if found is not None and found < 0:
        raise Unreadable("measure")
    return found


def whole(value: Any) -> int | None:
    """A count: a year, a month (9, 09, 9月). Raises Unreadable."""
    found = number(re.sub(r"[年月日份]", "", text(value)))
    if found is None:
        return None
    if found != found.to_integral_value():
        raise Unreadable("whole")
    return int(found)


def _plain(written: str) -> Decimal | None:
    if not _PLAIN.fullmatch(written):
        return None
    try:
        return Decimal(written.replace(",", ""))
    except InvalidOperation:
        return None


def numeral(written: str) -> int | None:
    """十二, 二十四, 二〇二一, 壹拾万伍仟; None for anything else."""
    if not written or set(written) - _DIGITS.keys() - _TENS.keys() - _MYRIADS.keys():
        return None
    if not set(written) - _DIGITS.keys():
        return int("".join(str(_DIGITS[char]) for char in written)) if len(written) < 16 else None
    total = section = digit = 0
    for char in written:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            digit = 0
        else:
            total = (total + section + digit) * _MYRIADS[char]
            section = digit = 0
    return total + section + digit


def share(value: Any) -> Decimal | None:
    """A share above 0 and up to 1; None where the row states none or the whole is held jointly.

    Reads 1/2, 50%, 0.5, 二分之一, 按份共有 50%. Raises Unreadable, also for several that differ.
    """
    if isinstance(value, bool):
        raise Unreadable("share")
    written = text(value).replace("⁄", "/").replace(" ", "")
    stated = _stated_shares(written)
    if written.startswith("-") and stated:
        raise Unreadable("share")
    if not stated:
        if not written or "按份" in written or any(word in written for word in _WHOLE):
            return None
        bare = number(re.sub(r"[^\d.eE+-]", "", written) if "份" in written else written)
        stated = {_of_one(bare if bare is not None else Decimal(-1))}
    found = stated.pop()
    if stated or not Decimal(0) < found <= Decimal(1):
        raise Unreadable("share")
    return found


def _stated_shares(written: str) -> set[Decimal]:
    """Every fraction and percentage in the text."""
    if "一半" in written:
        return {Decimal("0.5")}
    found = {_divided(part, whole_) for part, whole_ in _FRACTION.findall(written)}
    found |= {Decimal(part) / 100 for part in _PERCENT.findall(written)}
    return found | {_divided(_count(part), _count(all_)) for all_, part in _PARTS.findall(written)}


def _count(written: str) -> str:
    counted = numeral(written)
    return written if counted is None else str(counted)


def _divided(part: str, by: str) -> Decimal:
    try:
        return Decimal(part) / Decimal(by)
    except (ArithmeticError, InvalidOperation):
        raise Unreadable("share") from None


def _of_one(bare: Decimal) -> Decimal:
    """0.5 and 1 are shares of one; 50 is a share of a hundred."""
    return bare / 100 if bare >= 2 else bare

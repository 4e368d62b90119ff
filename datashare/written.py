"""Words as registers write them (文字): narrow, stripped, compared without regard to spelling.

Nothing here guesses: what says nothing is empty, what is garbled raises Unreadable where a date or
a number is wanted.
"""

import re
import unicodedata
from typing import Any

_EMPTY = frozenset({
    "", "\\N", "NULL", "NONE", "NIL", "NAN", "N/A", "NA", "#N/A", "UNDEFINED", "无", "空", "暂无",
    "未填", "未知", "不详", "无数据", "-", "--", "---", "—", "——", "/", "[]", "{}", "长期",
    "长期有效", "永久", "永久有效", "至今", "不限",
})  # fmt: skip
_DOTS = re.compile(r"[·•・‧∙⋅●․.᛫⸱]")
_INVISIBLE = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
# letters that stand for the X of an ID number on other keyboards, and what hides a digit
_LOOKALIKES = str.maketrans({"Х": "X", "Χ": "X", "×": "X", "✕": "X", "＊": "*", "※": "*"})
_HIDDEN = re.compile(r"[#●○■□?﹡∗•]")
_NOT = r"(?<!未)(?<!没有)(?<!非)(?<!不)(?<!无)"


class Unreadable(ValueError):
    """A cell that holds something which is no date, number or list. Carries the field only."""


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing, in any of the registers' ways."""
    if type(value) is str and value.isascii() and value.isalnum():  # the commonest cell by far
        return len(value) < 10 and value.upper() in _EMPTY
    if value is None or (isinstance(value, (list, tuple, dict)) and not value):
        return True
    if isinstance(value, float) and value != value:  # NaN: no number was there
        return True
    return isinstance(value, str) and text_of(value).upper() in _EMPTY


def text_of(value: Any) -> str:
    """Narrow, stripped text of anything; a whole number that came as 330212.0 is 330212."""
    if type(value) is str and value.isascii() and value.isalnum():  # the commonest cell by far
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", str(value))).strip()


def text(value: Any) -> str:
    """Narrow, stripped text; '' for empty."""
    return "" if is_empty(value) else text_of(value)


def says(written: str, *words: str) -> bool:
    """Whether one of these words stands in the text and is not denied: 未注销 is not 注销."""
    found = [word for word in words if word in written]
    return any(re.search(_NOT + re.escape(word), written) for word in found)


# -- People ------------------------------------------------------------------------------------


def person_name(value: Any) -> str:
    """A name for comparison: no spaces, one spelling of the dot in minority names, upper case."""
    return _DOTS.sub("·", re.sub(r"\s", "", text(value))).upper()


def names_agree(asked: str, answered: str) -> bool:
    """Whether two names can be one person's; stars hide letters, no name denies nothing."""
    ours, theirs = person_name(asked), person_name(answered)
    if not ours or not theirs:
        return True
    if "*" not in theirs:
        return ours == theirs
    pattern = ".+".join(map(re.escape, re.split(r"\*+", theirs)))
    return re.fullmatch(pattern, ours) is not None


def id_text(value: Any) -> str:
    """An ID number as compared: narrow, without separators, upper case, hidden digits as ``*``."""
    if type(value) is str and len(value) == 18 and value.isascii() and value.isalnum():
        return value.upper()
    written = re.sub(r"[\s\-·.'\"`’‘]", "", text(value)).upper().translate(_LOOKALIKES)
    return _HIDDEN.sub("*", written)


def is_masked(number: str) -> bool:
    """Whether digits are hidden, by stars or by X anywhere but at the end."""
    return "*" in number or "X" in number[:-1]


def same_person(asked: str, answered: str) -> bool:
    """Whether an answered number, perhaps masked or of 15 digits, can be the number asked about."""
    if asked == answered:
        return bool(asked)
    if not asked or not answered:
        return False
    if {len(asked), len(answered)} == {15, 18}:
        asked, answered = _old_form(asked), _old_form(answered)
    if is_masked(answered):
        answered = answered[:-1].replace("X", "*") + answered[-1]
    if len(asked) != len(answered):
        head, tail = answered.split("*")[0], answered.rsplit("*")[-1]
        fits = "*" in answered and len(head) + len(tail) <= len(asked)
        return fits and asked.startswith(head) and asked.endswith(tail)
    return all(a == b or b == "*" for a, b in zip(asked, answered, strict=True))


def _old_form(number: str) -> str:
    """The 15 digits of the last century's number; a number born in 20xx never had any."""
    if len(number) == 18 and re.fullmatch(r"[1*][9*]", number[6:8]):
        return number[:6] + number[8:17]
    return number


# -- Places ------------------------------------------------------------------------------------

_DISTRICT_NAMES = {
    "海曙": "330203", "江东": "330204", "江北": "330205", "北仑": "330206", "镇海": "330211",
    "鄞州": "330212", "奉化": "330213", "象山": "330225", "宁海": "330226", "余姚": "330281",
    "慈溪": "330282",
}  # fmt: skip


def district(value: Any) -> str:
    """The six-digit district of a code of any length, or of its name; '' where there is none."""
    written = text(value)
    return written[:6] if re.match(r"\d{6}", written, re.ASCII) else district_in(written)


def district_in(address: str) -> str:
    """The district that an address names (GB/T 2260), '' where it names none of the city's."""
    bare = place(address)
    for name, code in _DISTRICT_NAMES.items():
        if re.search(rf"{name}(区|市|县)", address) or bare.startswith(name):
            return code
    return ""


def place(value: Any) -> str:
    """A location for comparison: without spaces, punctuation and the city's name."""
    written = re.sub(r"[\s\-—－,，.。·()（）#]", "", text(value))
    return re.sub(r"^(中国)?(浙江省?)?(宁波市?)?", "", written)

"""The reasons of a possible duplicate in words; no value of a person stands in them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FEATURES = {
    "name": _("姓名"),
    "birth": _("出生日期"),
    "id": _("身份证号"),
    "sex": _("性别"),
    "phone": _("手机号"),
    "address": _("户籍地址"),
    "company": _("家庭成员"),
}
_WORDS = {
    ("name", "same"): _("姓名相同"),
    ("name", "sound"): _("姓名同音"),
    ("name", "near_sound"): _("姓名读音相近"),
    ("name", "partly"): _("姓名有字看不清，其余相同"),
    ("name", "one_differs"): _("姓名有一个字不同"),
    ("name", "different"): _("姓名不同"),
    ("birth", "same"): _("出生日期相同"),
    ("birth", "near"): _("出生日期只差一位或两位颠倒"),
    ("birth", "different"): _("出生日期不同"),
    ("id", "old_form"): _("身份证号新旧两种写法相同"),
    ("id", "slip"): _("身份证号只差一位或两位颠倒"),
    ("id", "area"): _("身份证号只有前6位不同"),
    ("id", "different"): _("身份证号不同"),
    ("sex", "different"): _("性别不同"),
    ("phone", "same"): _("手机号相同"),
    ("phone", "different"): _("手机号不同"),
    ("address", "same"): _("户籍地址相同"),
    ("address", "building"): _("户籍地址在同一幢"),
    ("address", "different"): _("户籍地址不同"),
    ("company", "shared"): _("两边有相同的家人"),
}
UNKNOWN = pgettext_lazy("likeness", "没有登记")


def spoken(levels: Mapping[str, str], points: Mapping[str, Mapping[str, int]]) -> list[Any]:
    """What speaks for one person, the weightiest first, then what speaks against it."""
    rows = [(points.get(key, {}).get(level, 0), key, level) for key, level in levels.items()]
    told = [row for row in rows if (row[1], row[2]) in _WORDS and row[0]]
    told.sort(key=lambda row: (row[0] <= 0, -abs(row[0])))
    return [_WORDS[key, level] for _points, key, level in told]


def word(feature: str, level: str) -> Any:
    """One level in words; '' where there is nothing to say."""
    return _WORDS.get((feature, level), "")

"""Kinship (亲属关系) by GB/T 4761: words for codes, and who always belongs to a household."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.authority import ADULT
from core import clock
from core.identity import kinship, numbers

# GB/T 4761, as far as a page offers it
RELATIONS = (
    ("10", _("配偶")),
    ("20", _("儿子")),
    ("30", _("女儿")),
    ("51", _("父亲")),
    ("52", _("母亲")),
    ("41", _("孙子")),
    ("42", _("孙女")),
    ("70", _("兄弟姐妹")),
    ("97", _("其他亲属")),
)
_GROUPS = {
    "01": _("本人"), "02": _("户主"), "1": _("配偶"), "2": _("儿子"), "3": _("女儿"),
    "4": _("孙子女"), "5": _("父母"), "6": _("祖父母"), "7": _("兄弟姐妹"),
}  # fmt: skip


def relation_word(code: str) -> Any:
    """The word for a code of GB/T 4761."""
    named = dict(RELATIONS).get(code) or _GROUPS.get(code)
    return named or _GROUPS.get(code[:1]) or _("其他亲属")


def belongs(relation: str, id_number: str) -> bool:
    """Whether a relative is always in: spouse or minor child (公租房 household rule)."""
    if relation in kinship.SPOUSES:
        return True
    try:
        born = numbers.parse(id_number).birth_date
    except numbers.IdNumberError:
        return False
    return relation in kinship.CHILDREN and numbers.age_on(born, clock.today()) < ADULT

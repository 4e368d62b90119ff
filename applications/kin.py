"""Kinship (亲属关系) by GB/T 4761: words for codes, and who always belongs to a household."""

from typing import Any

from django.utils.translation import gettext_lazy as _

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
# why somebody whom the rules bind to the household stays out (配偶、未成年子女不一起申请)
REASONS_OUT = (
    ("divorced", _("已经离婚，登记没有改")),
    ("died", _("已经去世")),
    ("custody", _("离婚后孩子随另一方生活")),
    ("elsewhere", _("已在另一份保障里")),
    ("not_kin", _("登记有误，不是我家的人")),
    ("other", _("别的情况（请写明，由工作人员核对）")),
)
_GROUPS = {
    "01": _("本人"), "02": _("户主"), "1": _("配偶"), "2": _("儿子"), "3": _("女儿"),
    "4": _("孙子女"), "5": _("父母"), "6": _("祖父母"), "7": _("兄弟姐妹"),
}  # fmt: skip


def relation_word(code: str) -> Any:
    """The word for a code of GB/T 4761."""
    named = dict(RELATIONS).get(code) or _GROUPS.get(code)
    return named or _GROUPS.get(code[:1]) or _("其他亲属")


def seen_from(head: str, relation: str, id_number: str) -> str:
    """The code of somebody's relation to a new applicant, who was ``head`` to the old one.

    Only what follows surely from the two codes; everything else is 97 其他亲属.
    """
    if head in kinship.SPOUSES:
        return relation if relation in kinship.CHILDREN else "97"
    if head in kinship.CHILDREN:
        if relation in kinship.CHILDREN:
            return "70"
        return _by_sex(id_number, "51", "52") if relation in kinship.SPOUSES else "97"
    if head in kinship.PARENTS and relation in kinship.CHILDREN:
        return _by_sex(id_number, "41", "42")
    return "97"


def _by_sex(id_number: str, man: str, woman: str) -> str:
    return man if int(id_number[16]) % 2 else woman


def belongs(relation: str, id_number: str) -> bool:
    """Whether a relative is always in: spouse or minor child (公租房 household rule)."""
    if relation in kinship.SPOUSES:
        return True
    try:
        born = numbers.parse(id_number).birth_date
    except numbers.IdNumberError:
        return False
    return relation in kinship.CHILDREN and not numbers.is_adult_on(born, clock.today())

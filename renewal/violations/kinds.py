"""What each kind of violation is: its clause, its code for a case, and what explains it decently.

``checks`` are the explanations that a person goes through before the household is told anything;
one that holds sets the lead aside, one that is not known keeps it from being established.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.eligibility import explain
from renewal.models import Kind

YES, NO, UNKNOWN = "yes", "no", "unknown"
ANSWERS = ((NO, _("不是")), (YES, _("是，情况属实")), (UNKNOWN, _("没有查清")))
_DECREE = "《公共租赁住房管理办法》"


@dataclass(frozen=True)
class Meaning:
    """One kind: clause, ground of an exit case, default words of an order, decent explanations."""

    kind: Kind
    clause: str
    ground: str
    order: Any
    checks: tuple[tuple[str, Any], ...]

    @property
    def spoken_clause(self) -> str:
        """The clause in the language of the page."""
        english = (get_language() or "").startswith("en")
        return explain.clause(self.clause, "en" if english else "zh-hans")

    @property
    def rule(self) -> str:
        """The code of the finding in an exit case."""
        return self.kind.value.upper()


_KIN = ("kin", _("亲属来照顾家人，或者短时间来住"))
_TABLE = (
    Meaning(
        Kind.SUBLET, f"{_DECREE}第27条第1项", "violation",
        _("请停止转租，由您家自己居住。"),
        (_KIN, ("carer", _("保姆、护工住在家里"))),
    ),
    Meaning(
        Kind.LENT, f"{_DECREE}第27条第1项", "violation",
        _("请由您家自己居住，或者按规定提出换房。"),
        (_KIN, ("swap", _("换房已经提出，还没有答复"))),
    ),
    Meaning(
        Kind.CHANGED_USE, f"{_DECREE}第27条第2项", "violation",
        _("请恢复居住用途。"),
        (("home_work", _("在家做手工、网上工作，房子仍然住人")),),
    ),
    Meaning(
        Kind.DAMAGE, f"{_DECREE}第27条第3项", "violation",
        _("请恢复原状，或者和运营公司约定修复。"),
        (("wear", _("正常使用的磨损，或者房屋本来的问题")),
         ("aid", _("老人、残疾人需要的扶手等改造"))),
    ),
    Meaning(
        Kind.ILLEGAL, f"{_DECREE}第27条第4项", "violation",
        _("请停止有关活动。"),
        (("no_ruling", _("公安或者主管部门还没有书面结论")),),
    ),
    Meaning(
        Kind.IDLE, f"{_DECREE}第27条第5项", "idle",
        _("请回来居住；以后不住了，请来办理交房。"),
        (
            ("reader", _("读卡器、门锁坏了，或者一直用钥匙")),
            ("elderly", _("老人、行动不便的人很少出门")),
            ("hospital", _("住院、康复或者在家人那里养病")),
            ("work", _("外出工作、学习、服役")),
            ("death", _("家中有人去世")),
            ("kin_care", _("在外地照顾家人")),
        ),
    ),
    Meaning(
        Kind.ARREARS, f"{_DECREE}第29条", "arrears",
        _("请交清欠的租金，或者来商量分期。"),
        (
            ("hardship", _("收入减少、生病、失业，先帮助")),
            ("error", _("账有错，或者钱已经付了没有入账")),
        ),
    ),
)  # fmt: skip
TABLE: dict[str, Meaning] = {one.kind.value: one for one in _TABLE}


def of(kind: str) -> Meaning:
    """The meaning of a kind."""
    return TABLE[kind]

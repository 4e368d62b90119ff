"""The table of items (材料目录): what a family may have to show, as data. Tables only.

An item names the registers that prove it; one that finds something is enough (免提交). Where they
are silent, the family may use the ways named here and no others. `basis` is the source of the rule;
empty means that none is known yet (unverified).
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

UPLOAD, PROMISE, LATER = "upload", "promise", "later"  # 交材料, 告知承诺, 容缺
APPLICANT, HOUSEHOLD = "applicant", "household"  # whose registers are read
# only if it is so; ABSENT: somebody else applies online, and nobody has seen the applicant
COUPLE, NEW_EMPLOYEE, MIGRANT, ABSENT = "couple", "new_employee", "migrant_worker", "absent"
_LAW = _("《浙江省保障“最多跑一次”改革规定》第七条")
_LAW_LATER = _("《浙江省保障“最多跑一次”改革规定》第十一条")
_ORDER = _("《公共租赁住房管理办法》（住建部令第11号）第八条")


@dataclass(frozen=True)
class Item:
    """One line of the table. Raises ValueError for a line that contradicts itself."""

    key: str  # for a promise: the rule that it settles
    title: Any
    sources: tuple[str, ...]
    proves: str  # the rule, and through it the department that reads the papers
    per: str = HOUSEHOLD
    only_if: str = ""
    ways: tuple[str, ...] = ()
    why: Any = ""  # why it is open
    paper: Any = ""  # what shows it, where that is not the title
    promise: Any = ""
    listed: bool = False  # in the list of what may follow (容缺目录)
    main: bool = False  # without it the case is not complete
    basis: Any = ""

    def __post_init__(self) -> None:
        if (LATER in self.ways) != self.listed or (self.listed and self.main):
            raise ValueError(f"{self.key}: only a listed item that is no main one may follow")
        if (PROMISE in self.ways) != bool(self.promise):
            raise ValueError(f"{self.key}: a promise needs its sentence, and only then")

    @property
    def fact(self) -> str:
        """The rule that a promise settles."""
        return self.key

    @property
    def shown_by(self) -> str:
        """The papers that show it."""
        return str(self.paper or self.title)


ITEMS = (
    Item(
        "identity", _("居民身份证"), ("identity_card", "population"), "IDENTITY", APPLICANT, ABSENT,
        ways=(UPLOAD,), why=_("公安登记没有查到申请人的身份信息，申请人也没有亲自来过。"),
        main=True, basis=_ORDER,
    ),
    Item(
        "MEMBERS", _("婚姻和家庭成员"), ("marriage", "marriage_national"), "MEMBERS",
        only_if=COUPLE, ways=(UPLOAD, PROMISE, LATER),
        why=_("婚姻登记在外省，或者登记部门没有查到。"),
        paper=_("结婚证、离婚证或者离婚判决书"),
        promise=_("填写的配偶和子女就是我的全部配偶和未成年子女，婚姻状况属实。"),
        listed=True, basis=_LAW_LATER,
    ),
    Item(
        "EMPLOYMENT", _("学历"), ("education",), "EMPLOYMENT", APPLICANT, NEW_EMPLOYEE,
        ways=(UPLOAD, PROMISE, LATER), why=_("学历登记没有查到。"), paper=_("毕业证书"),
        promise=_("填写的学历和毕业时间属实。"), listed=True,
    ),
    Item(
        "permit", _("居住证"), ("residence_permit",), "PERMIT", APPLICANT, MIGRANT,
        ways=(UPLOAD, LATER), why=_("流动人口登记没有查到。"), listed=True,
    ),
    Item(
        "insurance", _("参保缴费证明"), ("social_insurance",), "EMPLOYMENT", APPLICANT, MIGRANT,
        ways=(UPLOAD, LATER), why=_("社会保险登记没有查到。"), listed=True,
    ),
    # what no family can prove and none is asked for: the departments answer alone
    Item(
        "homes", _("名下住房"),
        ("property", "public_tenancy", "presale_contract", "resale_contract", "deed_tax"),
        "HOUSING_AREA", basis=_LAW,
    ),
    Item("income", _("家庭收入"), ("income_check",), "INCOME", basis=_LAW),
    Item(
        "aid", _("低保、低边和特困认定"),
        ("low_income_aid", "extreme_poverty", "social_assistance"), "INCOME", basis=_LAW,
    ),
    Item("vehicles", _("名下车辆"), ("vehicle",), "VEHICLE", basis=_LAW),
)  # fmt: skip
BY_KEY = {item.key: item for item in ITEMS}

# the scan of what was signed on paper at the window: nobody is asked for it, and it can be kept
AUTHORISATION = Item(
    "authorisation",
    _("签字的授权承诺书"),
    ("identity_card",),
    "CONSENT",
    ways=(UPLOAD,),
    basis=_ORDER,
)
# promised where a parent agrees for a child of whom no register here knows (guardians.py)
GUARDIANSHIP = Item(
    "GUARDIAN",
    _("监护关系"),
    ("household_register",),
    "MEMBERS",
    ways=(PROMISE,),
    promise=_("我是申请中填写的未成年子女的父母或者法定监护人。"),
    basis=_LAW,
)

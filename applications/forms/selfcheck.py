"""测一测: eight questions, each a form of its own; together they make a statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.eligibility.schema import STATUS_TIERS
from applications.eligibility.stated import HUKOU, NEITHER, PERMIT, Stated
from core import clock
from core.forms import DateField, DateParts, MonthField, PlainWords, Yuan

SINCE_BIRTH, MOVED_IN = "since_birth", "moved_in"
MOST_PERSONS, MOST_YUAN, MOST_AREA, MOST_CARS = 10, 9_999_999, 9_999, 20
_AMOUNT: dict[str, Any] = {"min_value": 0, "max_digits": 9, "decimal_places": 2}


def _past(day: date | None) -> date | None:
    if day and day > clock.today():
        raise forms.ValidationError(_("这个日期还没有到，请再看一遍。"))
    return day


def _without(form: forms.Form, cleaned: dict[str, Any], name: str) -> dict[str, Any]:
    """What was typed into a box that does not apply is no fault."""
    form.errors.pop(name, None)
    return {**cleaned, name: None}


class Tie(PlainWords, forms.Form):
    """户口或居住证."""

    title = _("您的户口在哪里？")
    hint = _("看户口本上的地址。")
    tie = forms.ChoiceField(
        label=_("户口和居住证"),
        widget=forms.RadioSelect,
        choices=[
            (SINCE_BIRTH, _("在鄞州，一直都在")),
            (MOVED_IN, _("在鄞州，是后来迁入的")),
            (PERMIT, _("不在鄞州，有鄞州的居住证")),
            (NEITHER, _("不在鄞州，也没有鄞州的居住证")),
        ],
    )
    since = MonthField(
        label=_("哪年哪月迁入"), required=False, help_text=_("后来迁入的才填，户口本上有。")
    )

    def clean_since(self) -> date | None:
        return _past(self.cleaned_data["since"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("tie") != MOVED_IN:
            return _without(self, cleaned, "since")
        if "since" not in self.errors and not cleaned.get("since"):
            self.add_error("since", _("请写出哪年哪月迁入，例如2024年6月。"))
        return cleaned


class People(PlainWords, forms.Form):
    """一起申请的人."""

    title = _("一起申请的一共几个人？")
    hint = _("连您自己。丈夫或妻子和未满18岁的孩子都要算。")
    persons = forms.IntegerField(
        label=_("人数"), min_value=1, max_value=MOST_PERSONS, initial=1,
        widget=Yuan(attrs={"inputmode": "numeric", "class": "yz-w6"}, unit=_("人")),
    )  # fmt: skip


class Born(PlainWords, forms.Form):
    """年龄."""

    title = _("您是哪天出生的？")
    hint = _("单独一个人申请，对年龄有规定。")
    born = DateField(label=_("出生日期"), widget=DateParts(birth=True))

    def clean_born(self) -> date | None:
        born = _past(self.cleaned_data["born"])
        if born and born.year < clock.today().year - 120:
            raise forms.ValidationError(_("请再看一遍出生的年份。"))
        return born


class Aid(PlainWords, forms.Form):
    """救助身份."""

    title = _("您家现在有民政的救助吗？")
    hint = _("有救助证，或每月领救助金。")
    aid = forms.ChoiceField(
        label=_("救助"),
        widget=forms.RadioSelect,
        choices=[
            ("none", _("没有")),
            ("DB", _("低保")),
            ("DBBY", _("低保边缘")),
            ("TK", _("特困供养")),
        ],
    )


class Earnings(PlainWords, forms.Form):
    """家庭收入."""

    title = _("全家过去12个月一共收入多少？")
    hint = _("工资、养老金、生意都算，扣税以前的数。记不准可以估一个。")
    income = forms.DecimalField(
        label=_("一年的总收入"), max_value=MOST_YUAN, widget=Yuan(), **_AMOUNT
    )


class Homes(PlainWords, forms.Form):
    """住房."""

    title = _("全家在宁波有多少住房？")
    hint = _("房产证上的建筑面积，买了还没交房的也算。没有就填0。")
    area = forms.DecimalField(
        label=_("现有住房一共"), max_value=MOST_AREA, initial=0, widget=Yuan(unit=_("平方米")),
        **_AMOUNT,
    )  # fmt: skip
    gone = forms.DecimalField(
        label=_("近几年卖掉或送人的住房一共"), max_value=MOST_AREA, initial=0,
        widget=Yuan(unit=_("平方米")), **_AMOUNT,
    )  # fmt: skip
    gone_on = MonthField(
        label=_("最近一次是哪年哪月"), required=False, help_text=_("卖掉或送人过才填。")
    )

    def clean_gone_on(self) -> date | None:
        return _past(self.cleaned_data["gone_on"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("gone"):
            return _without(self, cleaned, "gone_on")
        if "gone_on" not in self.errors and not cleaned.get("gone_on"):
            self.add_error("gone_on", _("请写出哪年哪月，例如2024年6月。"))
        return cleaned


class Cars(PlainWords, forms.Form):
    """车辆."""

    title = _("全家有几辆汽车？")
    hint = _("电动自行车、摩托车不算。没有就填0。")
    cars = forms.IntegerField(
        label=_("汽车"), min_value=0, max_value=MOST_CARS, initial=0,
        widget=Yuan(attrs={"inputmode": "numeric", "class": "yz-w6"}, unit=_("辆")),
    )  # fmt: skip
    price = forms.DecimalField(
        label=_("最贵的一辆买来多少钱"), max_value=MOST_YUAN, required=False, widget=Yuan(),
        help_text=_("有汽车才填。"), **_AMOUNT,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("cars") and "price" not in self.errors and cleaned.get("price") is None:
            self.add_error("price", _("请填写最贵的一辆买来多少钱。"))
        return cleaned


class Work(PlainWords, forms.Form):
    """工作和学历."""

    title = _("您的社保和学历")
    hint = _("外来务工人员和刚工作的毕业生看这两样，其他人填0就可以。")
    months = forms.IntegerField(
        label=_("到上个月为止，社保连续缴了几个月"), min_value=0, max_value=720, initial=0,
        widget=Yuan(attrs={"inputmode": "numeric", "class": "yz-w6"}, unit=_("个月")),
    )  # fmt: skip
    graduated = MonthField(
        label=_("大专或以上是哪年哪月毕业的"), required=False, help_text=_("没有就不填。")
    )

    def clean_graduated(self) -> date | None:
        return _past(self.cleaned_data["graduated"])


QUESTIONS: tuple[type[forms.Form], ...] = (
    Tie, People, Born, Aid, Earnings, Homes, Cars, Work,
)  # fmt: skip
INCOME_AT = QUESTIONS.index(Earnings)


@dataclass(frozen=True)
class Filled:
    """The questions as answered so far: bound forms by place, from what the page carries."""

    data: Mapping[str, Any]

    def form(self, place: int, *, bound: bool = True) -> forms.Form:
        """Question number ``place`` with what was typed, checked only if it is bound."""
        return QUESTIONS[place](self.data if bound else None, prefix=f"q{place}")

    def typed(self, place: int) -> bool:
        """Whether the page has been answered before."""
        return any(name.startswith(f"q{place}-") for name in self.data)

    def asks(self, place: int) -> bool:
        """Income does not matter where aid is confirmed, so it is not asked."""
        aid = self.data.get(f"q{QUESTIONS.index(Aid)}-aid")
        return place != INCOME_AT or aid not in STATUS_TIERS

    def carried(self, place: int) -> list[tuple[str, str]]:
        """What the other questions' boxes hold, to travel on as hidden fields."""
        return [
            (name, str(value))
            for name, value in self.data.items()
            if name.startswith("q") and "-" in name and not name.startswith(f"q{place}-")
        ]


def stated(filled: Filled) -> Stated:
    """The statement that answered questions make. All of them must be valid."""
    said: dict[str, Any] = {}
    for place in range(len(QUESTIONS)):
        if filled.asks(place):
            form = filled.form(place)
            if not form.is_valid():
                raise ValueError(f"question {place} is not answered")
            said |= form.cleaned_data
    here = said["tie"] in (SINCE_BIRTH, MOVED_IN)
    return Stated(
        tie=HUKOU if here else said["tie"],
        hukou_since=said["since"] if said["tie"] == MOVED_IN else None,
        persons=said["persons"],
        born=said["born"],
        aid="" if said["aid"] == "none" else said["aid"],
        income=said.get("income") or Decimal(0),
        area=said["area"],
        gone_area=said["gone"],
        gone_on=said["gone_on"],
        cars=said["cars"],
        car_price=said["price"] or Decimal(0),
        insured_months=said["months"],
        graduated_on=said["graduated"],
    )

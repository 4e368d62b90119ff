"""Forms of the allocation. Saving is the verbs' work."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from allocation import intentions, plan_table, planning
from allocation.models import Estate, Home, Round
from applications import submission
from applications.eligibility.schema import TIERS
from core import clock
from core.forms import DateField, IdNumber, PlainWords
from core.identity import numbers


class NumberForm(PlainWords, forms.Form):
    """Who stands in front of the machine."""

    id_number = forms.CharField(label=_("身份证号码"), widget=IdNumber)

    def clean_id_number(self) -> str:
        value: str = self.cleaned_data["id_number"]
        try:
            return numbers.parse(value).text
        except numbers.IdNumberError as error:
            raise forms.ValidationError(submission.number_sentence(error)) from error


class CodeForm(PlainWords, forms.Form):
    """The six digits of the notice."""

    code = forms.RegexField(
        r"\A[0-9]{6}\Z",
        label=_("摇号码"),
        error_messages={"invalid": _("摇号码是6位数字。")},
    )


class PairForm(PlainWords, forms.Form):
    """A machine's device token, typed once by whoever installs it."""

    token = forms.CharField(
        label=_("设备码"),
        max_length=100,
        widget=forms.PasswordInput,
        help_text=_("登记设备时给出的一串字符。"),
    )


class IntentionForm(PlainWords, forms.Form):
    """意向登记: estates in order of liking, whether any other will do, needs."""

    first = forms.ChoiceField(label=_("第一意愿"), required=False)
    second = forms.ChoiceField(label=_("第二意愿"), required=False)
    third = forms.ChoiceField(label=_("第三意愿"), required=False)
    any_estate = forms.BooleanField(
        label=_("这几个小区都没有房时，其他小区也可以"), required=False, initial=True
    )
    needs_accessible = forms.BooleanField(label=_("家里有人用轮椅，需要无障碍住房"), required=False)
    low_floor = forms.BooleanField(
        label=_("家里有人上下楼不便，希望住低楼层"), required=False,
        help_text=_("摇号不看楼层，填不填都不影响机会；选房源、看房和以后换房时会参考。"),
    )  # fmt: skip

    def __init__(self, *args: Any, estates: list[Estate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("不填"))] + [(one.code, one.name) for one in estates]
        for name in ("first", "second", "third"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def preferences(self) -> list[str]:
        """The chosen estates, in order, each once."""
        chosen = [self.cleaned_data[name] for name in ("first", "second", "third")]
        return list(dict.fromkeys(code for code in chosen if code))

    @property
    def wishes(self) -> intentions.Wishes:
        """What the verbs take."""
        return intentions.Wishes(
            preferences=self.preferences,
            any_estate=self.cleaned_data["any_estate"],
            needs_accessible=self.cleaned_data["needs_accessible"],
            low_floor=self.cleaned_data["low_floor"],
        )

    @staticmethod
    def filled(wishes: dict[str, Any]) -> dict[str, Any]:
        """What a household said before, as the form's initial values."""
        names = ("first", "second", "third")
        chosen = dict(zip(names, wishes.get("preferences", []), strict=False))
        kept = ("any_estate", "needs_accessible", "low_floor")
        return {**chosen, **{name: bool(wishes.get(name)) for name in kept}}


class PlanForm(PlainWords, forms.Form):
    """方案 of a round."""

    code = forms.CharField(
        label=_("轮次编号"), max_length=planning.LONGEST_CODE, help_text=_("例如 YZ-2026-03")
    )
    title = forms.CharField(label=_("名称"), max_length=80)
    mode = forms.ChoiceField(
        label=_("配租方式"), choices=Round.Mode.choices, initial=Round.Mode.HOME,
        widget=forms.RadioSelect, required=False,
    )  # fmt: skip
    text = forms.CharField(
        label=_("配租方案"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("表里没有的说明；会公布。位置、套数、户型、面积和租金由所选房源自动列出。"),
    )
    groups = forms.MultipleChoiceField(
        label=_("面向的家庭"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("都不选，面向全区轮候家庭。"),
    )  # fmt: skip
    intention_until = DateField(label=_("意向登记截止"))
    review_until = DateField(label=_("配租前核对完成"), required=False)
    freeze_on = DateField(
        label=_("定名单"), required=False,
        help_text=_("填了就公布，那天以前不能定；不填，登记截止当天起可以定。"),
    )  # fmt: skip
    objection_until = DateField(label=_("名单异议期截止"), help_text=_("名单公布之后，摇号之前。"))
    entropy_name = forms.CharField(
        label=_("公开事件"),
        max_length=200,
        help_text=_("谁也不能控制、谁都能查到的结果，例如几种彩票当期号码按顺序连写。"),
    )
    entropy_on = DateField(label=_("公开事件的日期"))
    entropy_time = forms.TimeField(
        label=_("公开事件的时间"),
        input_formats=["%H:%M"],
        widget=forms.TextInput(attrs={"class": "yz-w6", "inputmode": "numeric"}),
        help_text=_("例如 15:00"),
        initial="15:00",
    )
    entropy_format = forms.CharField(
        label=_("数值的格式"), max_length=100, initial="^[0-9]{40}$",
        help_text=_("事先定死，免得有人挑写法；至少相当于39位数字。"),
    )  # fmt: skip
    entropy_example = forms.CharField(label=_("示例"), max_length=200, initial="0123456789" * 4)
    choose_days = forms.IntegerField(
        label=_("选房天数（工作日）"), min_value=1, max_value=30, initial=3
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].choices = [  # type: ignore[attr-defined]
            (tier, plan_table.group_name(tier)) for tier in TIERS
        ]

    def plan(self) -> planning.Plan:
        """The plan as the verb takes it."""
        data = dict(self.cleaned_data)
        data["mode"] = data["mode"] or Round.Mode.HOME
        day, at = data.pop("entropy_on"), data.pop("entropy_time")
        moment = dt.datetime.combine(day, at, tzinfo=clock.LOCAL)
        return planning.Plan(**data, entropy_at=moment)


class HomesForm(PlainWords, forms.Form):
    """Which homes a round gives out."""

    homes = forms.ModelMultipleChoiceField(
        label=pgettext_lazy("several", "房源"),
        queryset=Home.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, homes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["homes"].queryset = homes  # type: ignore[attr-defined]


class RevealForm(PlainWords, forms.Form):
    """The value of the public event, twice as a guard against a slip of the hand."""

    entropy = forms.CharField(label=_("公开数值"), max_length=400)
    again = forms.CharField(label=_("再输一遍"), max_length=400)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("again") and cleaned.get("entropy") != cleaned.get("again"):
            self.add_error("again", _("两遍不一样，请对照公布的数值。"))
        return cleaned


class ReasonForm(PlainWords, forms.Form):
    """A reason that will be published."""

    reason = forms.CharField(
        label=_("原因"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("会公布，请写清楚。"),
    )  # fmt: skip

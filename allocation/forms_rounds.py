"""Forms around a round: its plan, the checks before it, objections to its roster."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allocation import roster_objections
from allocation.forms import PlanForm
from allocation.models import RosterObjection
from core.forms import IdNumber, PlainWords

__all__ = ["AnswerForm", "CheckForm", "FollowForm", "ObjectForm", "PersonForm", "PlanChangeForm"]


class PlanChangeForm(PlanForm):
    """A published plan, before its roster is fixed; its number stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget = forms.HiddenInput()


class ObjectForm(PlainWords, forms.Form):
    """名单异议: about what, what one knows, and how one can be reached."""

    about = forms.ChoiceField(
        label=_("对什么有异议"), choices=RosterObjection.About.choices, widget=forms.RadioSelect
    )
    ticket = forms.CharField(
        label=_("号牌"), max_length=64, required=False,
        help_text=_("对某个号牌有异议的，请填号牌；字母T也要写上。"),
    )  # fmt: skip
    text = forms.CharField(
        label=_("您了解到的情况"), max_length=2000, widget=forms.Textarea({"rows": 5}),
        help_text=_("写清时间、地点和事情，方便我们核查。"),
    )  # fmt: skip
    contact = forms.CharField(
        label=_("您的姓名和联系方式"), max_length=60, required=False,
        help_text=_(
            "只给核查的人看，不会公布。留了，答复以前不揭晓；不留，作为线索去了解，摇号照常进行。"
        ),
    )  # fmt: skip

    def said(self) -> roster_objections.Said:
        """What the verb takes."""
        return roster_objections.Said(**self.cleaned_data)


class FollowForm(PlainWords, forms.Form):
    """查名单异议的结果: the number from the receipt."""

    number = forms.CharField(
        label=_("查询号"), max_length=20, help_text=_("提交以后给您的10位字母和数字。"),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )  # fmt: skip


class AnswerForm(PlainWords, forms.Form):
    """核查结论: what a person found; the text is published."""

    outcome = forms.ChoiceField(
        label=_("核查结论"), widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in roster_objections.ANSWERS],
    )  # fmt: skip
    text = forms.CharField(
        label=_("核查的情况"), max_length=1000, widget=forms.Textarea({"rows": 4}),
        help_text=_("会公布。不要写反映人，也不要写哪一户的姓名、收入或者病情。"),
    )  # fmt: skip


class CheckForm(PlainWords, forms.Form):
    """配租前核对: what a person found about a household."""

    act = forms.ChoiceField(label=_("核实结果"), widget=forms.RadioSelect)
    rule = forms.ChoiceField(
        label=_("核实不符的项目"), required=False, help_text=_("只在拟不符合条件决定时选。")
    )
    words = forms.CharField(
        label=_("核实的情况"), max_length=400, widget=forms.Textarea({"rows": 3}),
        help_text=_("暂不参加的，这段话会告诉这户家庭；拟决定的，会写进决定稿。"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, acts: list[tuple[str, Any]], rules: list[tuple[str, Any]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["act"].choices = acts  # type: ignore[attr-defined]
        self.fields["rule"].choices = [("", _("不选")), *rules]  # type: ignore[attr-defined]
        if not rules:
            del self.fields["rule"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("act") == "refuse" and not cleaned.get("rule"):
            self.add_error("rule", _("请选择核实不符的是哪一项。"))
        return cleaned


class PersonForm(PlainWords, forms.Form):
    """Who stands at the window."""

    id_number = forms.CharField(
        label=_("身份证号"), widget=IdNumber, help_text=_("刷卡或键盘输入"), max_length=30
    )

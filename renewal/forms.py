"""Forms of the re-check and of exits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications.models.application import Category
from core.forms import PlainWords
from renewal import clues
from renewal.campaigns import Scope
from renewal.models import Campaign, SampleCheck


class PlanForm(PlainWords, forms.Form):
    """A campaign: the year's own, or a special one of a street or category."""

    year = forms.IntegerField(label=_("年度"), min_value=2015, max_value=2100)
    population = forms.ChoiceField(
        label=_("复核哪些家庭"), choices=Campaign.Population.choices, widget=forms.RadioSelect,
        initial=Campaign.Population.IN_FORCE, required=False,
        help_text=_("已退出的家庭只查询、只统计，不产生任何办理。"),
    )  # fmt: skip
    special = forms.BooleanField(
        label=_("专项复核"), required=False,
        help_text=_("在当年的年度复核以外，另外复核一部分家庭。选了镇街或者类别的，都是专项复核。"),
    )  # fmt: skip
    street = forms.ModelChoiceField(
        label=_("只复核一个镇街"), required=False, queryset=Bureau.objects.none(),
        empty_label=_("全区"),
    )  # fmt: skip
    category = forms.ChoiceField(label=_("只复核一类家庭"), required=False)
    limit = forms.IntegerField(
        label=_("最多多少户"), required=False, min_value=1, max_value=1_000_000,
        help_text=_("不填就是全部。以后可以再加入其余的家庭。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        streets = Bureau.objects.streets()
        self.fields["street"].queryset = streets  # type: ignore[attr-defined]
        categories = [("", _("全部类别")), *Category.choices]
        self.fields["category"].choices = categories  # type: ignore[attr-defined]

    @property
    def scope(self) -> Scope:
        """Whom the filled form means."""
        told = self.cleaned_data
        return Scope(
            population=told["population"] or Campaign.Population.IN_FORCE,
            street=told["street"], category=told["category"], special=told["special"],
        )  # fmt: skip


class CancelForm(PlainWords, forms.Form):
    """Why a campaign is cancelled."""

    reason = forms.CharField(label=_("取消的原因"), max_length=200)


class TakeInForm(PlainWords, forms.Form):
    """How many households there may be in all."""

    limit = forms.IntegerField(
        label=_("一共最多多少户"), required=False, min_value=1, max_value=1_000_000,
        help_text=_("不填就加入全部还没有列入的家庭。"),
    )  # fmt: skip


class SampleForm(PlainWords, forms.Form):
    """What a person found in a household of the sample."""

    verdict = forms.ChoiceField(
        label=_("抽查结论"), choices=SampleCheck.Verdict.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("怎么看的，哪里有出入"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("有出入的必须写。"),
    )  # fmt: skip


class WordsForm(PlainWords, forms.Form):
    """One text that a step needs."""

    words = forms.CharField(
        label=_("说明"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )

    def __init__(self, *args: object, label: object = None, hint: object = "", **kwargs: object):
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if label:
            self.fields["words"].label = label  # type: ignore[assignment]
        self.fields["words"].help_text = str(hint)


class ClueForm(PlainWords, forms.Form):
    """What a person makes of a clue; the ground counts where a case is opened on it."""

    words = forms.CharField(
        label=_("核实情况"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text=_("问了谁、看到什么、为什么这样办，一两句话就够。"),
    )
    ground = forms.ChoiceField(
        label=_("转退出核对的事由"),
        choices=[(one.value, one.label) for one in clues.GROUNDS],
        required=False,
    )

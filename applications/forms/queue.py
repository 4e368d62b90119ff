"""Forms about the queue itself: views, hand-overs, absences, kin and recusals."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications.hand_overs import MOST
from applications.models import Kin
from core.forms import DateField, IdNumber, PlainWords


class ColleagueField(forms.ModelChoiceField):
    """A colleague by name; whoever is away today is marked by the view."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Staff.objects.none(), empty_label=_("请选择"), **kwargs)
        self.notes: dict[int, str] = {}

    def label_from_instance(self, person: Any) -> str:
        """The name, and what is to be known about the person today."""
        note = self.notes.get(person.pk)
        return f"{person.name}（{note}）" if note else str(person.name)


class ViewForm(PlainWords, forms.Form):
    """常用筛选: a name for the filters of the address."""

    name = forms.CharField(label=_("名称"), max_length=30)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)


class GiveForm(PlainWords, forms.Form):
    """转办: to whom, and a word about it."""

    to = ColleagueField(label=_("转给"))
    note = forms.CharField(
        label=_("交代一句（可不填）"), required=False, max_length=200,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("同事会在待办里看到。不要写身份证号码和电话。"),
    )  # fmt: skip


class GiveNextForm(PlainWords, forms.Form):
    """分派: the next tasks that nobody holds, to one colleague."""

    count = forms.IntegerField(
        label=_("件数"), min_value=1, max_value=MOST, initial=10,
        widget=forms.NumberInput({"class": "yz-w6"}),
    )  # fmt: skip
    to = ColleagueField(label=_("分给"))


class AbsenceForm(PlainWords, forms.Form):
    """不在岗: who, which days, and who stands in."""

    staff = ColleagueField(label=_("谁不在岗"))
    starts_on = DateField(label=_("从哪天起"))
    ends_on = DateField(label=_("到哪天止"), help_text=_("首尾两天都算。"))
    deputy = ColleagueField(label=_("代办人"))


class KinForm(PlainWords, forms.Form):
    """申报亲属: relation and ID number; the number itself is not kept."""

    relation = forms.ChoiceField(
        label=_("和您的关系"), choices=[("", _("请选择")), *Kin.Relation.choices]
    )
    id_number = forms.CharField(
        label=_("身份证号码"), max_length=40, widget=IdNumber,
        help_text=_("只用来算出一个对不回去的索引，号码和姓名都不保存。"),
    )  # fmt: skip


class RecuseForm(PlainWords, forms.Form):
    """回避申请: the reason for keeping away from one case."""

    reason = forms.CharField(
        label=_("回避的原因"), max_length=400, widget=forms.Textarea({"rows": 3}),
        help_text=_("例如：申请人是我的邻居。只有审计能看到这句话。"),
    )  # fmt: skip

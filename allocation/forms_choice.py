"""Forms of what follows an offer: viewing, just cause, hearing, call, choice day."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allocation import just_causes
from allocation.models import Viewing
from core import clock
from core.forms import DateField, FileCapture, PlainWords

_MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


class ViewingForm(PlainWords, forms.Form):
    """看房: a day before the time to choose is over, and a part of it."""

    wanted_on = DateField(label=_("哪一天"))
    part = forms.ChoiceField(
        label=_("上午还是下午"), choices=Viewing.Part.choices, widget=forms.RadioSelect
    )


class ViewingTimeForm(PlainWords, forms.Form):
    """The company's answer: when, and where one meets."""

    at = forms.DateTimeField(
        label=_("看房时间"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=_MOMENT,
        error_messages={"invalid": _("请填写日期和时间。")},
    )
    meet = forms.CharField(
        label=_("在哪里见面、找谁"), max_length=100, help_text=_("例如：小区东门，找物业王师傅。")
    )


class ViewingNoneForm(PlainWords, forms.Form):
    """Why no time can be offered."""

    reason = forms.CharField(label=_("安排不上的原因"), max_length=200)


class CauseForm(PlainWords, forms.Form):
    """正当理由: which of the table, one sentence, and a paper if there is one."""

    code = forms.ChoiceField(label=_("理由"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("说明"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一两句话就可以，说清楚为什么不能住这套房。"),
    )  # fmt: skip
    paper = forms.FileField(
        label=_("材料"), required=False, widget=FileCapture,
        help_text=_("有就拍一张；没有也可以先说明，核实的人会和您联系。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            (code, cause.word) for code, cause in just_causes.table().items()
        ]


class LaterForm(PlainWords, forms.Form):
    """What follows a cause that stands: the sentence if none was written, and a paper."""

    text = forms.CharField(
        label=_("补一句说明"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一两句话就可以，说清楚为什么不能住这套房。"),
    )  # fmt: skip
    paper = forms.FileField(
        label=_("补一份材料"), required=False, widget=FileCapture,
        help_text=_("拍一张就可以；不方便上传的，也可以带到住房保障窗口。"),
    )  # fmt: skip

    def __init__(self, *args: Any, wordless: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not wordless:
            del self.fields["text"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("请写一句说明，或者选一张照片。"))
        return cleaned


class BroughtForm(PlainWords, forms.Form):
    """A paper that somebody of the household brought to the desk."""

    paper = forms.FileField(label=_("家庭带来的材料"), widget=FileCapture)


class SayForm(PlainWords, forms.Form):
    """What a household wants to say."""

    text = forms.CharField(
        label=_("您要说明的情况"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class WordsForm(PlainWords, forms.Form):
    """The words that a step of the desk needs."""

    words = forms.CharField(
        label=_("说明"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class CallForm(PlainWords, forms.Form):
    """A call: reached or not, and what was said."""

    reached = forms.ChoiceField(
        label=_("联系上了吗"), widget=forms.RadioSelect,
        choices=[("yes", _("联系上了")), ("no", _("没有联系上"))],
    )  # fmt: skip
    note = forms.CharField(
        label=_("对方说了什么"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("没有联系上的，写什么时候打的、怎么没有联系上。"),
    )  # fmt: skip


class DayForm(PlainWords, forms.Form):
    """选房日: when and where."""

    on = DateField(label=_("选房日"))
    time = forms.TimeField(
        label=_("开始时间"), input_formats=["%H:%M"], initial="09:00", help_text=_("例如 09:00"),
        widget=forms.TextInput(attrs={"class": "yz-w6", "inputmode": "numeric"}),
    )  # fmt: skip
    place = forms.CharField(label=_("地点"), max_length=100)

    @property
    def starts_at(self) -> dt.datetime:
        """The moment at which the day begins."""
        data = self.cleaned_data
        return dt.datetime.combine(data["on"], data["time"], tzinfo=clock.LOCAL)


class DayReasonForm(PlainWords, forms.Form):
    """Why a choice day stops; it stands on the screen and in the public log."""

    reason = forms.CharField(label=_("原因"), max_length=200, help_text=_("会显示在大屏上并公布。"))

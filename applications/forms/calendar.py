"""Forms of the working calendar."""

from hashlib import sha256
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import calendar_changes
from applications.calendar_changes import Day
from core.forms import DateField, PlainWords

WORKS, RESTS, LIBRARY = "works", "rests", "library"
_AS_BOOL = {WORKS: True, RESTS: False, LIBRARY: None}


class _Seen(PlainWords, forms.Form):
    """A form whose effect was shown before: ``seen`` names what was shown."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def token(self) -> str:
        """What names the values as they were typed."""
        values = {key: str(value) for key, value in self.cleaned_data.items() if key != "seen"}
        return sha256(repr(sorted(values.items())).encode()).hexdigest()[:16]

    @property
    def was_shown(self) -> bool:
        return bool(self.cleaned_data.get("seen") == self.token())


class DayForm(_Seen):
    """改一天: working day or not, on which document, and why."""

    date = DateField(label=gettext_lazy("哪一天"))
    kind = forms.ChoiceField(
        label=gettext_lazy("这一天"),
        choices=[
            (WORKS, gettext_lazy("上班")),
            (RESTS, gettext_lazy("放假")),
            (LIBRARY, gettext_lazy("按公布的日历，不另行设定")),
        ],
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label=gettext_lazy("依据的文件"), max_length=200, help_text=gettext_lazy("文件名和文号。")
    )
    reason = forms.CharField(label=gettext_lazy("为什么改"), max_length=200)

    def day(self) -> Day:
        """The day as wanted."""
        return Day(self.cleaned_data["date"], _AS_BOOL[self.cleaned_data["kind"]])

    def clean(self) -> dict[str, Any]:
        """A day that is so already, or waits for somebody, is told at once."""
        given = super().clean() or {}
        told = given.get("date") and given.get("kind")
        if told and (why := calendar_changes.why_not_this_day(self.day())):
            self.add_error("date", why)
        return given


class NoticeForm(_Seen):
    """录入放假通知: the lines of a State Council notice."""

    source = forms.CharField(
        label=gettext_lazy("依据的文件"), max_length=200, help_text=gettext_lazy("文件名和文号。")
    )
    lines = forms.CharField(
        label=gettext_lazy("每行一天或一段"),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "日期,休或班,节日。例如2027-02-05~2027-02-11,休,春节。从表格里复制也可以。"
        ),
    )
    days: list[Day]
    problems: list[calendar_changes.Problem]

    def clean_lines(self) -> str:
        """Reads every line; the wrong ones are kept to be shown beside their numbers."""
        text: str = self.cleaned_data["lines"]
        self.days, self.problems = calendar_changes.read_notice(text)
        if self.problems:
            raise forms.ValidationError(
                _("有%(n)d行看不懂，见下面。改好再试。") % {"n": len(self.problems)}
            )
        return text


class UndoForm(PlainWords, forms.Form):
    """撤回: why."""

    reason = forms.CharField(label=gettext_lazy("为什么撤回"), max_length=200)

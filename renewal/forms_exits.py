"""Forms of an exit: the office's steps, and what the household says and asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Member
from core.forms import DateField, FileCapture, PlainWords
from renewal.forms import WordsForm
from renewal.models import ExitCase

_WORDS = {"rows": 4}
_MOMENT = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
_MOST = 2000


def _text(label: Any, hint: Any = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, max_length=_MOST, required=required,
        widget=forms.Textarea(attrs=_WORDS),
    )  # fmt: skip


class HeardForm(WordsForm):
    """What the household said by phone or at the window."""

    channel = forms.ChoiceField(
        label=_("怎么说的"), choices=[("phone", _("电话")), ("window", _("窗口，当面"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    all_said = forms.BooleanField(label=_("家庭表示没有别的要补充"), required=False)
    field_order = ("channel", "words", "all_said")


class DraftForm(WordsForm):
    """Why the support ends, and what the rent is after the move-out period (令11号 §31)."""

    rent_after = forms.ChoiceField(
        label=_("搬迁期满以后"), choices=ExitCase.RentAfter.choices, widget=forms.RadioSelect
    )


class MeetingForm(PlainWords, forms.Form):
    """Day, hour and place of a spoken hearing."""

    at = forms.DateTimeField(
        label=_("哪一天、几点"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=_MOMENT[0]),
        input_formats=_MOMENT,
        error_messages={"invalid": _("请填写日期和时间。")},
    )
    place = forms.CharField(label=_("在哪里"), max_length=100)


class MoreTimeForm(PlainWords, forms.Form):
    """A later last day, and why."""

    until = DateField(label=_("延长到"))
    text = _text(_("延长的理由"), _("家庭会看到"))


class AnswerMoreTimeForm(PlainWords, forms.Form):
    """The answer to a request for more time."""

    granted = forms.ChoiceField(
        label=_("答复"), choices=[("yes", _("同意延长")), ("no", _("不能延长"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    until = DateField(label=_("延长到"), required=False, help_text=_("同意延长时填写"))
    text = _text(_("答复的理由"), _("家庭会看到"))


class CourtForm(PlainWords, forms.Form):
    """Which court, and why."""

    court = forms.CharField(label=_("哪个法院"), max_length=80)
    text = _text(_("移送的理由"))


class NumberForm(PlainWords, forms.Form):
    """The number of a filing or of a court's document."""

    number = forms.CharField(label=_("编号或文号"), max_length=60)


class BackForm(WordsForm):
    """The signed hand-back: who signed, and the paper that proves it."""

    signed_by = forms.CharField(
        label=_("谁签的字"), max_length=80, required=False,
        help_text=_("承租人本人签的可以不填；亲属签的写姓名"),
    )  # fmt: skip


class WishForm(WordsForm):
    """A signed wish to leave: who signed, the paper, by when they mean to be gone."""

    signed_by = forms.CharField(label=_("谁签的字"), max_length=80)
    until = DateField(label=_("打算哪天前搬走"))


class SuccessorForm(PlainWords, forms.Form):
    """Which adult of the household takes the lease over."""

    successor: "forms.ModelChoiceField[Member]" = forms.ModelChoiceField(
        label=_("由谁接着承租"), queryset=Member.objects.none()
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = people  # type: ignore[attr-defined]
        self.fields["successor"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]


# -- The household's own -------------------------------------------------------------------------


class SayForm(PlainWords, forms.Form):
    """What the household says online, with a paper if it likes."""

    words = _text(_("您要说明的情况"), _("写错了也没关系，可以再补充。"))
    paper = forms.FileField(
        label=_("材料"), required=False, help_text=_("可以不交。照片或PDF，例如合同、证明"),
        widget=FileCapture,
    )  # fmt: skip
    all_said = forms.BooleanField(
        label=_("就是这些，没有别的要补充"), required=False,
        help_text=_("不勾也可以，到期以前随时再补充"),
    )  # fmt: skip


class AskForm(PlainWords, forms.Form):
    """A request in a few words: more time, or a day to speak face to face."""

    words = _text(_("为什么，或者您希望什么时候"), _("例如生病、孩子上学、新房没有交付"))

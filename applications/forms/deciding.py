"""What desks write beside an opinion: a second person's word, why it is taken back, what is
missing, what is asked of another desk and what it answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import correction_lists
from applications.models import Referral


class SecondForm(forms.Form):
    """第二人: confirmed, or sent back with a reason."""

    act = forms.ChoiceField(
        label=_("您的结论"),
        choices=[("confirm", _("确认，意见算数")), ("return", _("退回，由提出的人重新办理"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择确认或者退回。")},
    )
    text = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=400,
        help_text=_("退回的要写明原因。"),
    )


class UndoForm(forms.Form):
    """撤回意见: why."""

    reason = forms.CharField(
        label=_("撤回的原因"),
        max_length=200,
        error_messages={"required": _("请写明为什么撤回，一句话就可以。")},
    )


class MissingForm(forms.Form):
    """缺的一样: the listed material or one's own words, and why it is needed."""

    key = forms.ChoiceField(label=_("材料"), required=False)
    what = forms.CharField(
        label=_("缺什么"),
        required=False,
        max_length=correction_lists.LONGEST,
        help_text=_("目录里没有的，写清要什么。"),
    )
    why = forms.CharField(
        label=_("为什么要"),
        required=False,
        max_length=correction_lists.LONGEST,
        help_text=_("申请人会看到。也可以写到哪里去取。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [("", _("目录里没有，自己写")), *correction_lists.choices()]
        self.fields["key"].choices = listed  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Half a line is asked for in full."""
        data = super().clean() or self.cleaned_data
        named = data.get("key") or data.get("what")
        if named and not data.get("why"):
            self.add_error("why", _("每一样都要写明为什么要，申请人会看到。"))
        if data.get("why") and not named:
            self.add_error("what", _("请写明缺什么，或者从目录里选。"))
        return data


MissingForms = forms.formset_factory(
    MissingForm, extra=correction_lists.MOST, max_num=correction_lists.MOST, validate_max=True
)


class ReferForm(forms.Form):
    """征询: whom, what, why."""

    bureau = forms.ModelChoiceField(
        label=_("问哪个部门"),
        queryset=Bureau.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择另一个部门或者办件所在的镇街。")},
    )
    question = forms.CharField(
        label=_("问题"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("一次一个问题。不写证件号。"),
        error_messages={"required": _("请写明要问什么，一次一个问题。")},
    )
    reason = forms.CharField(
        label=_("为什么要问"),
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("请写明为什么要问，对方和以后看档案的人都会看到。")},
    )

    def __init__(self, *args: Any, desks: list[Bureau], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Bureau.objects.filter(pk__in=[one.pk for one in desks])
        self.fields["bureau"].queryset = known  # type: ignore[attr-defined]


class ReferralAnswerForm(forms.Form):
    """答复征询: in words, with a verdict where there is one."""

    verdict = forms.ChoiceField(
        label=_("结论（可以不选）"),
        choices=Referral.Verdict.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("答复"),
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("请写明查到了什么，一两句话就可以。")},
    )

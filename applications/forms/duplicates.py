"""Forms of the desk of possible duplicates: a judgement with its reason, and taking it back."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications import duplicates
from applications.models import DuplicateResolution


class ResolveForm(forms.Form):
    """判断: the same person or two, how that was found out, and why."""

    outcome = forms.ChoiceField(
        label=_("是不是同一个人"),
        choices=DuplicateResolution.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择是不是同一人。")},
    )
    reason_code = forms.ChoiceField(
        label=_("怎样核实的"),
        choices=[("", _("请选择")), *duplicates.REASONS],
        error_messages={"required": _("请选择怎样核实的。")},
    )
    text = forms.CharField(
        label=_("理由"),
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("写一两句经过，不写身份证号。"),
        error_messages={"required": _("请写明理由。")},
    )


class UndoForm(forms.Form):
    """撤销判断: why."""

    why = forms.CharField(
        label=_("为什么撤销"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("请写明为什么撤销。")},
    )

"""Forms of 我的."""

from django import forms
from django.utils.translation import gettext_lazy as _


class WithdrawForm(forms.Form):
    """撤回."""

    reason = forms.CharField(
        label=_("为什么撤回"), required=False, max_length=200, help_text=_("可以不填。")
    )


class ReconsiderForm(forms.Form):
    """申请复核."""

    text = forms.CharField(
        label=_("您不同意什么"),
        max_length=2000,
        error_messages={"required": _("请写明您不同意什么。")},
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("写明哪一项与实际不符，有什么可以说明。"),
    )

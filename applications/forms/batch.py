"""Forms of passing clean cases together, and of the check of what passed by itself."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainWords

RIGHT, WRONG = "right", "wrong"


class PassForm(PlainWords, forms.Form):
    """批量同意: the words of every opinion."""

    text = forms.CharField(
        label=_("意见"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("每件的意见里都会有这句话和这一批的编号。"),
    )


class CheckForm(PlainWords, forms.Form):
    """抽查结果: no fault, or what is wrong."""

    outcome = forms.ChoiceField(
        label=_("抽查结果"),
        choices=[(RIGHT, _("没有问题")), (WRONG, _("有问题，请本部门重新办理"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择抽查结果。")},
    )
    text = forms.CharField(
        label=_("哪里有问题"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

"""Forms of the window: few fields, keyboard first."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications.forms.apply import clean_number, needed
from applications.models.application import Programme
from core.forms import IdNumber, Phone, Yuan


class PersonAtWindow(forms.Form):
    """Who stands at the window; the reader types into the same fields."""

    id_number = forms.CharField(
        label=_("身份证号"),
        widget=IdNumber(attrs={"autofocus": True}),
        help_text=_("刷卡或键盘输入"),
        error_messages=needed(_("请刷卡或输入身份证号。")),
    )
    name = forms.CharField(label=_("姓名"), max_length=60, error_messages=needed(_("请输入姓名。")))
    phone = forms.CharField(label=_("手机号"), widget=Phone, required=False)
    agreed = forms.BooleanField(
        label=_("申请人已当面同意查询，并在授权书上签字"),
        error_messages=needed(_("本人同意后才能查询。")),
    )

    def clean_id_number(self) -> str:
        return clean_number(self.cleaned_data["id_number"])


class AcceptForm(forms.Form):
    """What is left to ask before accepting."""

    programme = forms.ChoiceField(
        label=_("保障方式"), choices=Programme.choices, widget=forms.RadioSelect
    )
    street = forms.ModelChoiceField(
        label=_("居住镇街"),
        queryset=Bureau.objects.none(),
        empty_label=_("请选择"),
        error_messages=needed(_("请选择居住镇街。")),
    )
    actual_rent = forms.DecimalField(
        label=_("每月房租"), required=False, min_value=0, widget=Yuan(unit=_("元/月"))
    )
    papers = forms.IntegerField(
        label=_("收下的材料份数"), min_value=0, max_value=99, initial=0, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["street"].queryset = Bureau.objects.streets()  # type: ignore[attr-defined]

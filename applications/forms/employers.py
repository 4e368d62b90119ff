"""Forms of the employers' lists (单位名单)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications import employer_file, employer_lists
from applications.forms.apply import needed
from core.forms import Phone, PlainWords


class EmployerForm(PlainWords, forms.Form):
    """Who hands the list in, and the list."""

    employer = forms.CharField(label=_("单位全名"), max_length=80)
    credit_code = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=30,
        help_text=_("18位，在营业执照上"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    contact = forms.CharField(label=_("经办人姓名"), max_length=40)
    contact_phone = forms.CharField(label=_("经办人电话"), widget=Phone, max_length=20)
    mandate = forms.BooleanField(
        label=_("已收单位盖章的委托书和经办人身份证"),
        error_messages=needed(_("收到盖章的委托书后才能上传。")),
    )
    file = forms.FileField(
        label=_("名单文件"),
        help_text=_("xlsx格式，最多5000人、5MB"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def clean_credit_code(self) -> str:
        code = "".join(self.cleaned_data["credit_code"].upper().split())
        if not employer_lists.is_credit_code(code):
            raise forms.ValidationError(
                _("信用代码是18位，可能有一位填错，请对照营业执照再看一遍。")
            )
        return code

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > employer_file.MOST_BYTES:
            raise forms.ValidationError(_("文件太大，最大5MB。请只留名单这一张表。"))
        return file

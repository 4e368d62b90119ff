"""The form that asks for a file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainWords
from office.exports import LEAST_PURPOSE
from office.models import Export


class ExportForm(PlainWords, forms.Form):
    """导出: which format and, in the person's own words, what for."""

    format = forms.ChoiceField(
        label=_("文件格式"), choices=[("xlsx", _("Excel 表格")), ("csv", _("CSV 文本"))],
        widget=forms.RadioSelect, initial="xlsx",
    )  # fmt: skip
    purpose = forms.CharField(
        label=_("用途"), min_length=LEAST_PURPOSE,
        max_length=Export._meta.get_field("purpose").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写明给谁、做什么用。这段话写进文件的水印，清单里的家庭也看得到。"),
        error_messages={"min_length": _("请写明用途，至少%(limit_value)d个字。")},
    )  # fmt: skip

"""监护人 of a minor applicant, as the window writes it down."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications import guardians
from applications.models import Application
from core.forms import PlainWords


class GuardianAtWindow(PlainWords, forms.Form):
    """Who acts for the child, and the paper that shows it."""

    kind = forms.ChoiceField(label=_("监护人是"), choices=guardians.KINDS, widget=forms.RadioSelect)
    name = forms.CharField(label=_("姓名或单位名称"), max_length=60)
    number = forms.CharField(
        label=_("身份证号或统一社会信用代码"),
        max_length=24,
        widget=forms.TextInput({"autocomplete": "off", "class": "num"}),
    )
    evidence = forms.CharField(
        label=_("看了哪种监护证明"),
        max_length=200,
        help_text=_("例如：户口簿、出生证、法院判决书、机构证明"),
    )

    @classmethod
    def of(cls, application: Application) -> "GuardianAtWindow":
        """With what was written down before."""
        known: dict[str, Any] = application.declared.get("guardian") or {}
        number = known.get("id_number") or known.get("code") or ""
        return cls(initial=known | {"number": number})

"""The two forms of staff sign-in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PasswordForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """The six digits."""

    code = forms.RegexField(
        label=_("6位验证码"),
        regex=r"^\s*[0-9]{3}\s?[0-9]{3}\s*$",
        help_text=_("打开手机上的动态口令应用，输入当前显示的6位数字。"),
        error_messages={"invalid": _("验证码是6位数字。")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

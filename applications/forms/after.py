"""Forms of what follows a case: contact details, a rating, a call-back."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from applications import ratings
from applications.forms.apply import clean_number, needed
from applications.models import CallBack, Rating
from core.forms import IdNumber, Phone

_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "class": "yz-w10"}


class PhoneForm(forms.Form):
    """A new number."""

    phone = forms.CharField(
        label=_("新的手机号"),
        max_length=20,
        widget=Phone,
        error_messages=needed(_("请填写新的手机号。")),
        help_text=_("我们会发一条带6位数字的短信，确认是您的手机。"),
    )


class CodeForm(forms.Form):
    """The six digits that came."""

    code = forms.CharField(
        label=_("短信里的6位数字"),
        max_length=12,
        widget=forms.TextInput(attrs=_CODE),
        error_messages=needed(_("请填写短信里的6位数字。")),
    )


class ChoicesForm(forms.Form):
    """Address, language, size, SMS."""

    address = forms.CharField(
        label=_("收信地址"),
        required=False,
        max_length=200,
        help_text=_("决定书等文书需要寄送时，寄到这里。可以不填。"),
    )
    language = forms.ChoiceField(
        label=_("消息用哪种语言"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    text_size = forms.ChoiceField(
        label=_("页面字号"),
        required=False,
        choices=[("", _("标准")), ("large", _("大字")), ("xlarge", _("超大字"))],
        widget=forms.RadioSelect,
    )
    sms = forms.BooleanField(
        label=_("同意用短信通知我（早9点到晚8点）"),
        required=False,
        help_text=_("不同意也能办事，消息都在这里看得到。"),
    )


class ContactAtWindow(forms.Form):
    """Contact details that a clerk writes down, with the ID card in hand."""

    id_number = forms.CharField(
        label=_("身份证号"),
        widget=IdNumber(attrs={"autofocus": True}),
        help_text=_("刷卡或键盘输入"),
        error_messages=needed(_("请刷卡或输入身份证号。")),
    )
    name = forms.CharField(label=_("姓名"), max_length=60, error_messages=needed(_("请输入姓名。")))
    phone = forms.CharField(
        label=_("联系手机"), widget=Phone, required=False, help_text=_("没有手机的，留空。")
    )
    address = forms.CharField(label=_("收信地址"), required=False, max_length=200)
    sms = forms.BooleanField(label=_("本人同意用短信通知"), required=False, initial=True)
    electronic = forms.BooleanField(
        label=_("本人已在电子送达确认书上签字"),
        required=False,
        help_text=_("不勾选的，不改变现在的送达方式。"),
    )
    seen = forms.BooleanField(
        label=_("已核对身份证原件，本人当面要求更改"),
        error_messages=needed(_("请先核对身份证原件。")),
    )

    def clean_id_number(self) -> str:
        return clean_number(self.cleaned_data["id_number"])


class RateForm(forms.Form):
    """好差评: five levels, reasons, a few words."""

    level = forms.TypedChoiceField(
        label=_("您觉得怎么样"),
        coerce=int,
        choices=Rating.Level.choices,
        widget=forms.RadioSelect,
        error_messages=needed(_("请选择一个评价。")),
    )
    reasons = forms.MultipleChoiceField(
        label=_("因为什么"),
        required=False,
        choices=list(ratings.REASONS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("可以不选，也可以选几项。"),
    )
    text = forms.CharField(
        label=_("还想说什么"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("可以不填。请不要写证件号、电话和门牌号。"),
    )


class HeardForm(forms.Form):
    """A call-back: what the person said."""

    heard = forms.CharField(
        label=_("对方说了什么"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages=needed(_("请写下对方说了什么。")),
    )


class FoundForm(forms.Form):
    """A call-back: what was found, what was mended."""

    finding = forms.ChoiceField(
        label=_("核实结果"),
        choices=CallBack.Finding.choices,
        widget=forms.RadioSelect,
        error_messages=needed(_("请选择核实结果。")),
    )
    answer = forms.CharField(
        label=_("怎么整改，怎么答复"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages=needed(_("请写明怎么整改，或者为什么不用整改。")),
        help_text=_("这段话会发给评价人。"),
    )


def initial_of(contact: Any) -> dict[str, Any]:
    """What the form of choices begins with."""
    return {
        "address": contact.address,
        "language": contact.language or settings.LANGUAGE_CODE,
        "text_size": contact.text_size,
        "sms": contact.sms,
    }

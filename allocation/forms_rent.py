"""Forms of the rent. Saving is the verbs' work."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allocation import rent_rules
from allocation.models import AidReferral, RentContact
from core.forms import DateField, FileCapture, MonthField, PlainWords, Yuan


def _words(label: Any, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=400, required=required, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


def _yuan(label: Any, *, required: bool = True, minus: bool = False) -> forms.DecimalField:
    least = Decimal("-999999.99") if minus else Decimal(0)
    return forms.DecimalField(
        label=label, required=required, max_digits=9, decimal_places=2, min_value=least,
        widget=Yuan(attrs={"class": "yz-w10"}),
        error_messages={
            "invalid": _("请写成137.50这样。"), "min_value": _("金额不能是负数。"),
            "max_decimal_places": _("最多两位小数，例如137.50。"),
        },
    )  # fmt: skip


class AskForm(PlainWords, forms.Form):
    """申请减免: why, and for which months."""

    reason = _words(_("家里遇到了什么困难"), _("例如失业、住院。一两句话就够，不用附证明。"))
    from_month = MonthField(label=_("从哪个月起"))
    to_month = MonthField(label=_("到哪个月为止"))


class DecideForm(PlainWords, forms.Form):
    """决定减免: share or sum, the policy it stands on, words for the household."""

    share = forms.IntegerField(
        label=_("减免比例"), required=False, min_value=1, max_value=100, help_text=_("1到100。"),
        widget=Yuan(attrs={"class": "yz-w6"}, unit="%"),
        error_messages={
            "min_value": _("减免比例在1%到100%之间。"), "max_value": _("减免比例在1%到100%之间。"),
        },
    )  # fmt: skip
    amount = _yuan(_("或者每月减免多少"), required=False)
    from_month = MonthField(label=_("从哪个月起"))
    to_month = MonthField(label=_("到哪个月为止"))
    source = forms.CharField(
        label=_("政策依据"), max_length=200, required=False, help_text=_("文号和条款。批准时必填。")
    )
    words = _words(_("给住户的话"), _("不批准的，请写明原因。"), required=False)

    def share_of_rent(self) -> Decimal | None:
        """The share as 0–1."""
        share = self.cleaned_data["share"]
        return Decimal(share) / 100 if share else None


class CorrectionForm(PlainWords, forms.Form):
    """人工更正: a line for one month."""

    month = MonthField(label=_("哪个月"))
    amount = _yuan(_("更正金额"), minus=True)
    words = _words(_("更正原因"), _("住户看得到。少收写正数，多收写负数。"))


class TermForm(PlainWords, forms.Form):
    """调整月租金 from a month on."""

    from_month = MonthField(label=_("从哪个月起"))
    rent = _yuan(_("新的月租金"))
    reason = _words(_("调整原因"), _("住户看得到。"))


class SettleForm(PlainWords, forms.Form):
    """What a person found out about arrears."""

    words = _words(_("了解到的情况和怎么帮"), _("写进这一户的记录；不会因此终止租约。"))


class FileForm(PlainWords, forms.Form):
    """A file of the bank."""

    file = forms.FileField(
        label=_("银行流水文件"), help_text=_("xlsx或者csv，最大5MB。"),
        widget=FileCapture(attrs={"accept": ".xlsx,.csv"}),
    )  # fmt: skip


class TotalForm(PlainWords, forms.Form):
    """The sum that the bank states."""

    bank_total = _yuan(_("银行回单上的合计"))


class ReasonForm(PlainWords, forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=_("为什么撤销"), max_length=200)


class ReleaseForm(PlainWords, forms.Form):
    """Why a payment is taken from the household that it was put to."""

    reason = forms.CharField(
        label=_("为什么退回待认领"), max_length=200,
        help_text=_("例如附言写错了合同编号。写进这笔款的记录。"),
    )  # fmt: skip


class AidForm(PlainWords, forms.Form):
    """What came of a street's call on a household in arrears."""

    outcome = forms.ChoiceField(
        label=_("联系的结果"), choices=AidReferral.Outcome.choices, widget=forms.RadioSelect
    )
    words = _words(_("了解到的情况"), _("中心和街道看得到，运营公司看不到。"))


class EndForm(PlainWords, forms.Form):
    """Why an arrangement ends."""

    reason = forms.CharField(label=_("为什么结束分期"), max_length=200)


class MatchForm(PlainWords, forms.Form):
    """Whose payment it is."""

    number = forms.CharField(label=_("合同编号"), max_length=30, help_text=_("和合同上的一样。"))

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip().upper()


class ContactForm(PlainWords, forms.Form):
    """欠租联系: how, whether somebody was reached, what help was offered."""

    way = forms.ChoiceField(
        label=_("怎么联系的"), choices=RentContact.Way.choices, widget=forms.RadioSelect
    )
    reached = forms.ChoiceField(
        label=_("联系上了吗"), choices=[("yes", _("联系上了")), ("no", _("没有联系上"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    helps = forms.MultipleChoiceField(
        label=_("告诉了哪些帮助"), choices=RentContact.Help.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    words = _words(_("情况"), _("不写收入、病情和家里的私事。"), required=False)


class AgreedForm(PlainWords, forms.Form):
    """The household agreed in person, on paper."""

    signed = forms.BooleanField(label=_("住户看过分期，当面签了字，签字的一份已经留存"))


class InstalmentForm(PlainWords, forms.Form):
    """分期: how many parts, from which day."""

    parts = forms.IntegerField(
        label=_("分几期"), min_value=2, widget=forms.TextInput(attrs={"class": "yz-w6"}),
        help_text=_("每月一期，住户同意以后才算数。"),
    )  # fmt: skip
    first_due = DateField(label=_("第一期哪天前付"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parts"].max_value = rent_rules.of("instalments_most")  # type: ignore[attr-defined]

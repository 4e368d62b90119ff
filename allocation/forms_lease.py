"""Forms of leases: signing, asking, and what the office records. Saving is the verbs' work."""

from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import rent_sums, states
from allocation.models import DepositEntry, Home
from allocation.places import address
from applications import periods
from applications.eligibility.wording import names
from applications.models import Member
from core import clock
from core.forms import CodeField, DateField, FileCapture, PlainWords, Signature, Yuan


class SignForm(PlainWords, forms.Form):
    """签名: drawn with a finger, or the name typed."""

    name = forms.CharField(
        label=_("签名"),
        max_length=400_000,
        widget=Signature,
        help_text=_("用手指写，或者输入您的姓名，和身份证上的一样。"),
    )


class SignCodeForm(PlainWords, forms.Form):
    """The six digits that were sent to who signs."""

    code = CodeField(label=_("短信里的6位验证码"))


class WishForm(PlainWords, forms.Form):
    """A wish with what one would like to add."""

    reason = forms.CharField(
        label=_("想补充的话"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("可以不填。"),
    )


class SwapForm(WishForm):
    """两户互换: the other household is named by the number of its lease."""

    number = forms.CharField(
        label=_("对方的合同编号"), max_length=30, help_text=_("请对方看合同首页，把编号告诉您。")
    )
    field_order = ("number", "reason")


class PaperForm(PlainWords, forms.Form):
    """纸上签字: who signed, and the scan of the paper."""

    member = forms.ModelChoiceField(label=_("谁签的字"), queryset=Member.objects.none())
    scan = forms.FileField(
        label=_("签好的合同扫描件"), widget=FileCapture, help_text=_("拍照或者选扫描件。")
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = members  # type: ignore[attr-defined]


class MemberForm(PlainWords, forms.Form):
    """One adult of the household."""

    member = forms.ModelChoiceField(label=_("家人"), queryset=Member.objects.none())

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].queryset = members  # type: ignore[attr-defined]


class FilingForm(PlainWords, forms.Form):
    """备案号."""

    number = forms.CharField(
        label=_("备案号"), max_length=60, help_text=_("在主管部门办好备案以后得到的编号。")
    )


class DepositForm(PlainWords, forms.Form):
    """收到、退还、抵扣押金."""

    kind = forms.ChoiceField(label=_("哪一种"), choices=DepositEntry.Kind.choices)
    amount = forms.DecimalField(
        label=_("金额"), max_digits=8, decimal_places=2, min_value=0, widget=Yuan(unit=_("元"))
    )
    on = DateField(label=_("日期"))
    reason = forms.CharField(label=_("原因"), max_length=200, help_text=_("承租人会看到。"))
    receipt_no = forms.CharField(label=_("票据号"), max_length=40, required=False)


class RentForm(PlainWords, forms.Form):
    """租金调整: the tier and the month from which it holds."""

    tier = forms.ChoiceField(label=_("租金档次"))
    first = forms.DateField(
        label=_("从哪个月起"),
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.TextInput(attrs={"class": "yz-w10", "inputmode": "numeric"}),
        help_text=_("例如 2026-12，从这个月的1日起算。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = _tiers()  # type: ignore[attr-defined]


class RenewalForm(PlainWords, forms.Form):
    """同意续租: how long, by which tier."""

    months = forms.IntegerField(label=_("续租几个月"), min_value=1)
    tier = forms.ChoiceField(label=_("租金档次"))
    note = forms.CharField(label=_("说明"), max_length=400, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"].initial = periods.of("lease_term").value
        self.fields["tier"].choices = _tiers()  # type: ignore[attr-defined]


class DayForm(PlainWords, forms.Form):
    """同意换房: the day on which both leases end and begin."""

    on = DateField(label=_("哪一天换"))
    note = forms.CharField(label=_("说明"), max_length=400, required=False)


class OfferMoveForm(PlainWords, forms.Form):
    """调换住房: a free home, and why."""

    home = forms.ModelChoiceField(
        label=pgettext_lazy("one", "调换到哪套房"), queryset=Home.objects.none()
    )
    reason = forms.CharField(label=_("原因"), max_length=400, help_text=_("承租人会看到。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = Home.objects.filter(state=states.H_AVAILABLE, rounds=None).select_related("estate")
        field: Any = self.fields["home"]
        field.queryset = free.order_by("code")
        field.label_from_instance = lambda home: f"{address(home)} {home.area:.2f}㎡"


class ReasonForm(PlainWords, forms.Form):
    """A reason that the household reads."""

    reason = forms.CharField(
        label=_("理由"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("承租人会看到。"),
    )  # fmt: skip


class NoteForm(PlainWords, forms.Form):
    """交接单."""

    note = forms.CharField(
        label=_("交接单编号或交接情况"), max_length=400,
        help_text=_("当面交接，双方签好交接单以后再办。"),
    )  # fmt: skip


class AuthorityForm(PlainWords, forms.Form):
    """授权签约人."""

    staff = forms.ModelChoiceField(label=_("谁签字"), queryset=Staff.objects.none())
    document = forms.CharField(label=_("授权书文号"), max_length=80)
    starts_on = DateField(label=_("从哪天起"))
    until = DateField(label=_("到哪天止"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Staff.objects.filter(bureau__kind="centre").select_related("bureau")
        field: Any = self.fields["staff"]
        field.queryset = people.order_by("name")
        field.label_from_instance = lambda one: f"{one.name} · {one.bureau.name}"


def _tiers() -> list[tuple[str, str]]:
    english = (get_language() or "").startswith("en")
    return [(tier, names.TIERS[tier][english]) for tier in rent_sums.tiers(clock.today())]

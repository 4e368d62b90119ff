"""Forms of the window: few fields, keyboard first."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import card_reader, desk_sheets
from applications.forms.apply import clean_number, clean_phone, needed
from applications.models import Attestation, Transfer
from applications.models.application import Programme
from core.forms import Phone, PlainWords, Signature, Yuan
from core.refusals import Refusal


class CardInput(forms.TextInput):
    """The box into which the reader types: it may send more than a number (docs/runbooks)."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(
            {
                "autocomplete": "off",
                "spellcheck": "false",
                "maxlength": 400,
                "data-card": "",
                **(attrs or {}),
            }
        )


class PersonAtWindow(forms.Form):
    """Who stands at the window; the reader types into the same fields."""

    id_number = forms.CharField(
        label=_("身份证号"),
        widget=CardInput(attrs={"autofocus": True}),
        help_text=_("刷卡或键盘输入"),
        error_messages=needed(_("请刷卡或输入身份证号。")),
    )
    name = forms.CharField(label=_("姓名"), max_length=60, required=False)
    phone = forms.CharField(label=_("手机号"), widget=Phone, required=False)
    no_phone = forms.BooleanField(label=_("没有手机，用纸质通知"), required=False)
    queue_no = forms.CharField(
        label=_("排队号"),
        required=False,
        max_length=12,
        help_text=_("没有取号可以不填"),
        widget=forms.TextInput(attrs={"class": "yz-w10", "autocomplete": "off"}),
    )
    agreed = forms.BooleanField(label=_("申请人已当面同意查询，并在授权书上签字"), required=False)
    on_screen = forms.BooleanField(label=_("改在对客屏上签字"), required=False)
    reason = forms.ChoiceField(
        label=_("手工录入的原因"),
        required=False,
        choices=[("", _("证件正常"))],
    )
    papers = forms.CharField(
        label=_("核对了哪种证件"),
        required=False,
        max_length=100,
        help_text=_("例如：户口簿、临时身份证、社会保障卡"),
    )
    remark = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=200,
        help_text=_("曾用名写在这里；打不出的字先用〓代替，再写部件，例如“上土下口”"),
    )
    BY_HAND = ("reason", "papers", "remark")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("证件正常")), *Attestation.Reason.choices]
        self.fields["reason"].choices = choices  # type: ignore[attr-defined]

    def clean_id_number(self) -> str:
        raw = self.cleaned_data["id_number"]
        self.card = card_reader.read(raw)
        return clean_number(self.card.number or raw)

    def clean_name(self) -> str:
        card = getattr(self, "card", None)
        name = card_reader.clean_name(self.cleaned_data["name"]) or (card.name if card else "")
        if not name:
            raise forms.ValidationError(_("请输入姓名。"))
        if strange := card_reader.unknown_signs(name):
            raise forms.ValidationError(
                _(
                    "第%(n)d个字只有这台电脑认得，部门查不到。"
                    "请改用标准字；打不出来的，用〓代替，并选「姓名有生僻字」。"
                )
                % {"n": name.index(strange[0]) + 1}
            )
        return name

    def clean_phone(self) -> str:
        return clean_phone(
            self.cleaned_data["phone"], _("手机号码是11位，以1开头。没有手机，请选「没有手机」。")
        )

    def clean_queue_no(self) -> str:
        try:
            return desk_sheets.checked_queue_no(self.cleaned_data["queue_no"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("agreed") or cleaned.get("on_screen")):
            self.add_error("agreed", _("本人同意后才能查询。"))
        if card_reader.MISSING_SIGN in cleaned.get("name", "") and not cleaned.get("reason"):
            self.add_error("reason", _("姓名里有〓，请选「姓名有生僻字」并写明核对的证件。"))
        if cleaned.get("reason") and not cleaned.get("papers", "").strip():
            self.add_error("papers", _("请写明核对了哪种证件，例如户口簿、临时身份证。"))
        return cleaned

    @property
    def by_hand(self) -> bool:
        """Whether the part about a failing card stands open."""
        return any(self[name].value() or self[name].errors for name in self.BY_HAND)


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


class SignForm(forms.Form):
    """对客屏: the words signed, and the signature."""

    words = forms.CharField(widget=forms.HiddenInput)
    member = forms.IntegerField(widget=forms.HiddenInput)
    signature = forms.CharField(
        label=_("签名"),
        widget=Signature,
        help_text=_("用手指或笔写；也可以改用键盘输入姓名。"),
        error_messages=needed(_("请签名，或者输入姓名。")),
    )

    def __init__(self, *args: Any, guardian_of: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if guardian_of:
            label = _("监护人签名（为%(name)s）") % {"name": guardian_of}
            self.fields["signature"].label = label


class TransferForm(PlainWords, forms.Form):
    """转交: to whom and why."""

    reason = forms.ChoiceField(
        label=_("转交的原因"), choices=Transfer.Reason.choices, widget=forms.RadioSelect
    )
    street = forms.ModelChoiceField(
        label=_("由其他管委会管理的镇街"),
        queryset=Bureau.objects.none(),
        empty_label=_("请选择"),
        required=False,
    )
    office = forms.CharField(
        label=_("接收单位全名"),
        required=False,
        max_length=64,
        help_text=_("居住地不在鄞州区的填写，例如：海曙区住房和城乡建设局"),
    )
    note = forms.CharField(label=_("给接收单位的说明"), required=False, max_length=200)
    agreed = forms.BooleanField(
        label=_("申请人同意把已填的内容一并转过去"),
        error_messages=needed(_("本人同意后才能转交。不同意的，可以自己去接收单位办理。")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        flagged = Bureau.objects.streets().filter(flagged_jurisdiction=True)
        field: Any = self.fields["street"]
        field.queryset = flagged
        field.label_from_instance = lambda one: f"{one.name}（{one.jurisdiction}）"


class NoteForm(PlainWords, forms.Form):
    """交班: what the colleague should know."""

    text = forms.CharField(
        label=_("交接说明"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("不写身份证号和病情；要跟进的办件写编号。"),
    )  # fmt: skip

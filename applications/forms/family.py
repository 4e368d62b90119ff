"""Forms of the family: corrections, who cannot sign, mandates, and the window's notes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications import kin, signing_routes
from applications.forms.apply import StepForm, clean_number, needed
from applications.models import Mandate, Member
from core.forms import CodeField, DateField, IdNumber


class ClaimForm(StepForm):
    """更正一位家人: the right name or relation, and why."""

    name = forms.CharField(label=_("正确的姓名"), max_length=60, required=False)
    relation = forms.ChoiceField(
        label=_("是您的"), choices=kin.RELATIONS, widget=forms.RadioSelect, required=False
    )
    reason = forms.CharField(
        label=_("哪里不对，凭什么"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如：2023年已离婚，有离婚证。审核时先以您的材料为准。"),
        error_messages=needed(_("请写一句哪里不对、凭什么。")),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(kin.RELATIONS)
        if member.relation not in known:  # a code that the page does not offer stays as it is
            choices = [(member.relation, kin.relation_word(member.relation)), *kin.RELATIONS]
            self.fields["relation"].choices = choices  # type: ignore[attr-defined]


class StandInForm(forms.Form):
    """不能签字: which evidence there is, who signs, a word about it."""

    evidence = forms.ChoiceField(
        label=_("有哪一种证明"),
        widget=forms.RadioSelect,
        error_messages=needed(_("请选择一种证明。")),
    )
    signer = forms.CharField(label=_("由谁签字"), max_length=60, required=False)
    note = forms.CharField(
        label=_("补充说明"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("可以不填。只有办理这件事的工作人员能看到。"),
    )

    def __init__(self, *args: Any, route: signing_routes.Route, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.route = route
        self.fields["evidence"].choices = list(route.evidence.items())  # type: ignore[attr-defined]
        if not route.signs:
            del self.fields["signer"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.route.signs and not cleaned.get("signer", "").strip():
            self.add_error("signer", _("请写明由谁签字。"))
        return cleaned


class LeaveOutForm(forms.Form):
    """不一起申请."""

    reason = forms.CharField(
        label=_("为什么不一起申请"),
        max_length=200,
        error_messages=needed(_("请写一句原因。")),
    )


class CodeForm(forms.Form):
    """确认码."""

    code = CodeField(
        label=_("确认码"),
        help_text=_("请对方把页面上的6位数字告诉您，也会发到您的消息里。"),
        error_messages=needed(_("请填写6位确认码。")),
    )


class HelperForm(forms.Form):
    """请人代办: who helps, with what."""

    name = forms.CharField(
        label=_("对方姓名"), max_length=60, error_messages=needed(_("请填写对方姓名。"))
    )
    id_number = forms.CharField(
        label=_("对方身份证号"), widget=IdNumber, help_text=_("18位"),
        error_messages=needed(_("请填写对方身份证号。")),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("请他办什么"),
        choices=[one for one in Mandate.Scope.choices if one[0] != Mandate.Scope.CONSENT],
        widget=forms.CheckboxSelectMultiple,
        initial=[Mandate.Scope.APPLY, Mandate.Scope.FOLLOW],
        error_messages=needed(_("请选择委托对方办哪些事。")),
    )

    def clean_id_number(self) -> str:
        return clean_number(self.cleaned_data["id_number"])


class MandateAtWindow(forms.Form):
    """书面委托: two people, what the clerk saw, what it covers and until when."""

    principal_name = forms.CharField(label=_("委托人姓名"), max_length=60)
    principal_number = forms.CharField(label=_("委托人身份证号"), widget=IdNumber)
    helper_name = forms.CharField(label=_("代办人姓名"), max_length=60)
    helper_number = forms.CharField(label=_("代办人身份证号"), widget=IdNumber)
    evidence = forms.ChoiceField(
        label=_("查验了哪一种"),
        choices=[
            (one.value, one.label)
            for one in (
                Mandate.Evidence.PAPER,
                Mandate.Evidence.NOTARISED,
                Mandate.Evidence.GUARDIAN,
            )
        ],
        widget=forms.RadioSelect,
    )
    scopes = forms.MultipleChoiceField(
        label=_("委托哪些事"),
        choices=Mandate.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Mandate.Scope.APPLY, Mandate.Scope.FOLLOW],
        help_text=_("「代为同意查询」只有公证的委托书或监护证明才能选。"),
    )
    until = DateField(label=_("到哪一天"), required=False, help_text=_("不填为一年。"))
    note = forms.CharField(label=_("证明的编号或说明"), max_length=200, required=False)

    def clean_principal_number(self) -> str:
        return clean_number(self.cleaned_data["principal_number"])

    def clean_helper_number(self) -> str:
        return clean_number(self.cleaned_data["helper_number"])


class NoteForm(forms.Form):
    """联系的情况."""

    note = forms.CharField(
        label=_("联系的情况"), max_length=400, error_messages=needed(_("请写一句联系的情况。"))
    )


class PaperForm(forms.Form):
    """纸质申请表上的编码."""

    code = forms.CharField(
        label=_("申请表编码"),
        max_length=12,
        help_text=_("申请表右上角的8位编码，扫码枪或键盘输入都可以。"),
        error_messages=needed(_("请输入申请表编码。")),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "class": "yz-w10"}),
    )

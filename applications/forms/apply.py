"""Forms of applying on the phone: one question a page. Saving is the verbs' work."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import guardians, household_claims, kin, submission
from applications.material_items import LATER, PROMISE, UPLOAD
from applications.models import Member
from applications.models.application import Programme
from core import clock
from core.forms import CodeField, IdNumber, Phone, Signature, Yuan
from core.identity import numbers, phones
from core.identity.masking import mask_id


def needed(sentence: Any) -> dict[str, Any]:
    """What an empty field is told, instead of 必填项."""
    return {"required": sentence}


class StepForm(forms.Form):
    """A page of the draft: carries the version that its answers were typed into."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


def clean_number(value: str) -> str:
    """The checked ID number, or sentence 25 as the field's error."""
    try:
        return numbers.parse(value).text
    except numbers.IdNumberError as error:
        raise forms.ValidationError(submission.number_sentence(error)) from error


def clean_phone(value: str, sentence: Any) -> str:
    """The mobile number as it is kept, or nothing; the sentence as the field's error."""
    number = phones.narrow(value)
    if number and not phones.is_mobile(number):
        raise forms.ValidationError(sentence)
    return number


def _is_minor(id_number: str) -> bool:
    return not numbers.is_adult_on(numbers.parse(id_number).birth_date, clock.today())


class ForForm(forms.Form):
    """为谁办."""

    whom = forms.ChoiceField(
        label=_("您为谁申请"),
        choices=[
            ("self", _("我自己和家人")),
            ("relative", _("我的亲属")),
            ("ward", _("我监护的人")),
        ],
        widget=forms.RadioSelect,
        initial="self",
    )
    name = forms.CharField(label=_("对方姓名"), max_length=60, required=False)
    id_number = forms.CharField(
        label=_("对方身份证号"), widget=IdNumber, required=False, help_text=_("18位")
    )
    mandate = forms.BooleanField(label=_("对方同意我代办。"), required=False)

    def clean_id_number(self) -> str:
        value = self.cleaned_data["id_number"]
        return clean_number(value) if value else ""

    def clean_whom(self) -> str:
        whom: str = self.cleaned_data["whom"]
        if whom == "ward":
            raise forms.ValidationError(guardians.APPLICANT_AT_WINDOW)
        return whom

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("whom") == "relative":
            if (number := cleaned.get("id_number")) and _is_minor(number):
                self.add_error("id_number", guardians.APPLICANT_AT_WINDOW)
            for field, sentence in (
                ("name", _("请填写对方姓名。")),
                ("id_number", _("请填写对方身份证号。")),
                ("mandate", _("请确认您可以代对方办理。")),
            ):
                if not cleaned.get(field) and field not in self.errors:
                    self.add_error(field, sentence)
        return cleaned


class ConsentForm(StepForm):
    """授权."""

    agree = forms.BooleanField(
        label=_("我已看过，同意查询我的信息"),
        error_messages=needed(_("同意后才能继续。不方便在手机上同意，可以到窗口办理。")),
    )
    phone = forms.CharField(
        label=_("手机号"),
        widget=Phone,
        required=False,
        help_text=_("进度变化时给您发短信。没有手机可以不填。"),
    )

    def clean_phone(self) -> str:
        return clean_phone(
            self.cleaned_data["phone"], _("手机号码是11位，以1开头。没有手机，请不填。")
        )


class HouseholdForm(StepForm):
    """家庭: who applies together; built from the members that were drawn up."""

    def __init__(self, *args: Any, members: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        for member in members:
            self.fields[f"with_{member.pk}"] = forms.ChoiceField(
                label=_("%(name)s（%(relation)s）是否一起申请")
                % {"name": member.name, "relation": kin.relation_word(member.relation)},
                choices=[("yes", _("一起申请")), ("no", _("不一起申请"))],
                widget=forms.RadioSelect,
                initial="no" if member.excluded else "yes",
            )
            if household_claims.is_bound(member):
                self._ask_why(member)

    def _ask_why(self, member: Member) -> None:
        """A listed reason, and a word about it; kept as one text (see `kin.REASONS_OUT`)."""
        known = {str(word): code for code, word in kin.REASONS_OUT}
        listed, _colon, rest = member.excluded_reason.partition("：")
        code = known.get(listed, "other" if member.excluded_reason else "")
        self.fields[f"why_{member.pk}"] = forms.ChoiceField(
            label=_("%(name)s为什么不一起申请") % {"name": member.name},
            help_text=_("一起申请的不用填。配偶和未成年子女一般要一起申请。"),
            choices=kin.REASONS_OUT,
            widget=forms.RadioSelect,
            required=False,
            initial=code,
        )
        self.fields[f"reason_{member.pk}"] = forms.CharField(
            label=_("%(name)s不一起申请的原因") % {"name": member.name},
            help_text=_("例如：2023年离婚，有离婚证。"),
            max_length=160,
            required=False,
            initial=rest if listed in known else member.excluded_reason,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for member in self.members:
            reason = f"reason_{member.pk}"
            left_out = cleaned.get(f"with_{member.pk}") == "no"
            if left_out and reason in self.fields and not self.why(member):
                sentence = _("请写明%(name)s不一起申请的原因。") % {"name": member.name}
                self.add_error(reason, sentence)
        return cleaned

    def why(self, member: Member) -> str:
        """The listed reason with its word; 别的情况 alone says nothing yet."""
        code = self.cleaned_data.get(f"why_{member.pk}", "")
        text = self.cleaned_data.get(f"reason_{member.pk}", "").strip()
        listed = "" if code in ("", "other") else str(dict(kin.REASONS_OUT)[code])
        return "：".join(part for part in (listed, text) if part)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One entry a member, for the page."""
        return [
            {
                "masked": mask_id(one.id_number),
                "added": one.origin == "added",
                "member": one,
                "key": str(one.pk),
                "relation": kin.relation_word(one.relation),
                "claimed": [claim.get_kind_display() for claim in one.claims.all()],
                "with_field": self[f"with_{one.pk}"],
                "why_field": self[f"why_{one.pk}"] if f"why_{one.pk}" in self.fields else None,
                "reason_field": self[f"reason_{one.pk}"]
                if f"reason_{one.pk}" in self.fields
                else None,
            }
            for one in self.members
        ]

    def entries(self) -> list[submission.Entry]:
        """The household as confirmed."""
        return [
            submission.Entry(
                name=one.name,
                id_number=one.id_number,
                relation=one.relation,
                origin=one.origin,
                excluded=self.cleaned_data[f"with_{one.pk}"] == "no",
                excluded_reason=self.why(one)
                if self.cleaned_data[f"with_{one.pk}"] == "no"
                else "",
                phone=one.phone or "",
            )
            for one in self.members
        ]


class PersonForm(StepForm):
    """A family member whom the registers did not name."""

    name = forms.CharField(label=_("姓名"), max_length=60, error_messages=needed(_("请填写姓名。")))
    id_number = forms.CharField(
        label=_("身份证号"),
        widget=IdNumber,
        help_text=_("18位"),
        error_messages=needed(_("请填写身份证号。")),
    )
    relation = forms.ChoiceField(
        label=_("是您的"),
        choices=kin.RELATIONS,
        widget=forms.RadioSelect,
        error_messages=needed(_("请选择他是您的什么人。")),
    )
    phone = forms.CharField(
        label=_("手机号"),
        widget=Phone,
        required=False,
        help_text=_("成年家人需要自己授权，授权码发到这里。可以不填。"),
    )
    reason = forms.CharField(
        label=_("登记上为什么没有"),
        max_length=200,
        required=False,
        help_text=_("例如：在外省登记结婚。可以不填。"),
    )

    def clean_id_number(self) -> str:
        return clean_number(self.cleaned_data["id_number"])

    def entry(self) -> submission.Entry:
        """The person as an entry of the household."""
        data = self.cleaned_data
        return submission.Entry(
            data["name"], data["id_number"], data["relation"], "added", phone=data["phone"]
        )


class GuardianForm(StepForm):
    """家人授权: the applicant agrees for the minor children."""

    guardian = forms.BooleanField(label=_("我是孩子的监护人，同意查询他们的信息"), required=False)
    promise = forms.BooleanField(
        label=_("我承诺我是孩子的父母或者法定监护人，同意查询孩子的信息"), required=False
    )


class JoinForm(forms.Form):
    """家人授权码."""

    code = CodeField(
        label=_("授权码"),
        help_text=_("家人申请时页面上的6位数字，也会发到您的手机。"),
        error_messages=needed(_("请填写6位授权码。")),
    )


class LeftForm(StepForm):
    """还差什么: a paper now, a promise, or a paper later, as the table of items allows."""

    def __init__(self, *args: Any, items: list[Any], shown: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items, self.shown = items, shown
        for item in items:
            self.fields[f"item_{item.fact}"] = forms.ChoiceField(
                label=item.title,
                help_text=item.why,
                choices=[(way, _WAY_WORDS[way] % {"promise": item.promise}) for way in item.ways],
                widget=forms.RadioSelect,
                error_messages=needed(_("请选择一种办法。")),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for item in self.items:
            name = f"item_{item.fact}"
            if data.get(name) == UPLOAD and item.key not in self.shown:
                self.add_error(name, _("请先拍照或选择文件，再点上传。"))
        return data


_WAY_WORDS = {
    UPLOAD: _("现在交材料（在下面拍照上传）"),
    PROMISE: _("我承诺：%(promise)s"),
    LATER: _("以后交材料"),
}


class WishesForm(StepForm):
    """意愿."""

    programme = forms.ChoiceField(
        label=_("想要哪种保障"), choices=Programme.choices, widget=forms.RadioSelect
    )
    street = forms.ModelChoiceField(
        label=_("现在住在哪个镇街"),
        queryset=Bureau.objects.none(),
        empty_label=_("请选择"),
        error_messages=needed(_("请选择您现在住在哪个镇街。")),
        help_text=_("由这个镇街办理您的申请。"),
    )
    actual_rent = forms.DecimalField(
        label=_("现在每月房租"),
        required=False,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        widget=Yuan(unit=_("元/月")),
        help_text=_("申请租赁补贴的请填写；没有租房可以不填。"),
    )
    needs = forms.MultipleChoiceField(
        label=_("有没有特别的需要"),
        required=False,
        choices=[
            ("needs_accessible", _("需要无障碍住房")),
            ("low_floor", _("需要低楼层或电梯")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["street"].queryset = Bureau.objects.streets()  # type: ignore[attr-defined]


class SignForm(StepForm):
    """核对、签名."""

    truthful = forms.BooleanField(
        label=_("以上内容属实。如不属实，愿意承担责任；作出不利决定前，请先听我说明。"),
        error_messages=needed(_("请确认内容属实后再提交。")),
    )
    electronic = forms.BooleanField(
        label=_("我确认用电子方式接收决定书等文书：到达「我的」就算送达。"),
        required=False,
        help_text=_("可以不选，不选就邮寄或到窗口领取；以后随时可以改。"),
    )
    signature = forms.CharField(
        label=_("签名"), widget=Signature, error_messages=needed(_("请签名，或者输入姓名。"))
    )

    def __init__(self, *args: Any, own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not own:  # nobody chooses for somebody else how letters reach them
            del self.fields["electronic"]


class DisputeForm(forms.Form):
    """有异议."""

    reason = forms.CharField(
        label=_("哪里不对"),
        max_length=400,
        error_messages=needed(_("请写一句哪里不对。")),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("例如：这套房子去年已经卖掉。我们会请登记部门核实，核实期间以您的材料为准。"),
    )
    claim = forms.CharField(
        label=_("实际情况和您手上的证明"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("可以不填。例如：2025年3月卖出，有买卖合同和完税证明。"),
    )

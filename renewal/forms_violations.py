"""Forms of inspections, violations and fines."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from accounts.roles import BureauKind
from allocation import states as allocation_states
from allocation.forms_movein import Photos
from allocation.models import Lease
from applications.forms.visit import PhotosField, VisitForm
from core.forms import DateField, PlainWords, Signature, Yuan
from renewal.models import Inspection, InspectionVisit, Kind, Violation
from renewal.occupancy import planning
from renewal.occupancy.visiting import LOOKED_AT, Told
from renewal.violations import kinds


def _lines(label: Any, help_text: Any = "", *, required: bool = True) -> Any:
    return forms.CharField(
        label=label, max_length=2000, required=required, help_text=help_text,
        widget=forms.Textarea({"rows": 3}),
    )  # fmt: skip


class LeaseField(forms.CharField):
    """A lease in force by its number."""

    def clean(self, value: Any) -> Any:
        """The lease. ValidationError for a number that nobody has."""
        number = super().clean(value).strip()
        rows = Lease.objects.filter(state__in=allocation_states.L_IN_FORCE)
        found = rows.select_related("application__street", "home__estate").filter(number=number)
        if (lease := found.first()) is None:
            raise forms.ValidationError(_("没有这个编号的在租合同，请核对。"))
        return lease


class DrawForm(PlainWords, forms.Form):
    """随机抽查: how many, of which street."""

    size = forms.IntegerField(
        label=_("抽几户"), min_value=1, max_value=planning.MOST,
        widget=forms.TextInput({"inputmode": "numeric", "class": "yz-w6"}),
        help_text=_("系统按随机种子抽，种子和名单留下来，谁都可以重抽一遍核对。"),
    )  # fmt: skip
    street = forms.ModelChoiceField(
        label=_("哪个镇街"), required=False, empty_label=_("全区"),
        queryset=Bureau.objects.none(), help_text=_("不选就是全区。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        streets: Any = self.fields["street"]
        streets.queryset = Bureau.objects.of_kind(BureauKind.STREET).order_by("name")


class PlanForm(PlainWords, forms.Form):
    """One inspection for a reason."""

    lease = LeaseField(label=_("合同编号"), max_length=40)
    reason = forms.ChoiceField(
        label=_("为什么上门"), widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in Inspection.Reason
                 if one in (Inspection.Reason.LEAD, Inspection.Reason.COMPLAINT)],
    )  # fmt: skip
    words = _lines(_("要看什么"), _("上门的人会看到。写要看的事，不写猜测，不写谁反映的。"))


class AnnounceForm(PlainWords, forms.Form):
    """When two people come."""

    on = DateField(label=_("哪天上门"))
    part = forms.ChoiceField(
        label=_("什么时候"), choices=Inspection.Part.choices, widget=forms.RadioSelect
    )


class InspectionForm(PlainWords, forms.Form):
    """检查记录 at the door: it must do without a script and on a small screen."""

    met = forms.ChoiceField(
        label=_("见到了谁"), choices=InspectionVisit.Met.choices, widget=forms.RadioSelect,
        help_text=_("家中无人只记一次上门，下面的不用填。"),
    )  # fmt: skip
    companion = forms.CharField(
        label=_("同行人姓名"), max_length=60, help_text=_("入户检查要两个人。您自己不用写。")
    )
    met_name = forms.CharField(label=_("见到的人姓名"), required=False, max_length=60)
    living = _lines(
        _("住着哪些人"), _("几个人、和承租人是什么关系。不抄证件号码。"), required=False
    )
    facts = _lines(_("看到了什么"), _("写看到的，不写结论。都没有看到就空着。"), required=False)
    said = _lines(_("住户怎么说"), _("照住户的原话写。"), required=False)
    photos = PhotosField(
        label=_("照片"), required=False, widget=Photos,
        help_text=_("拍房屋，不拍人，不拍证件。住户不同意拍就不拍，写在上面。"),
    )  # fmt: skip
    signed = forms.ChoiceField(
        label=_("住户签名"), choices=InspectionVisit.Signed.choices, widget=forms.RadioSelect,
        required=False, help_text=_("签名表示看过记录。不愿签名没有关系，照实选。"),
    )  # fmt: skip
    signature = forms.CharField(label=_("签名"), required=False, widget=Signature)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4
        for kind in LOOKED_AT:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, choices=InspectionVisit.Look.choices, required=False,
                widget=forms.RadioSelect,
            )  # fmt: skip
        first = ["met", "companion", "met_name", "living", *(one.value for one in LOOKED_AT)]
        self.order_fields(first)

    clean_signature = VisitForm.clean_signature

    def told(self) -> Told:
        """As the verb takes it."""
        data = self.cleaned_data
        plain = ("companion", "met", "met_name", "living", "facts", "said", "signed", "signature")
        looks = {one.value: data[one.value] for one in LOOKED_AT}
        return Told(**{name: data[name] for name in plain}, looks=looks)

    def key_or_new(self) -> UUID:
        """The key of the form; one made here where a program sent none."""
        return self.cleaned_data["key"] or uuid4()


class FoundForm(PlainWords, forms.Form):
    """A lead that a person notes."""

    lease = LeaseField(label=_("合同编号"), max_length=40)
    kind = forms.ChoiceField(
        label=_("哪一类"), widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in Kind if one != Kind.ARREARS],
    )  # fmt: skip
    source = forms.ChoiceField(
        label=_("从哪里来的"), widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in Violation.Source
                 if one in (Violation.Source.PATROL, Violation.Source.COMPLAINT)],
    )  # fmt: skip
    facts = _lines(_("看到了什么、什么时候"), _("写事实，不写结论，不写谁反映的。"))


class ChecksForm(forms.Form):
    """核实正当情况: each explanation of a kind."""

    def __init__(self, *args: Any, row: Violation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, word in kinds.of(row.kind).checks:
            self.fields[key] = forms.ChoiceField(
                label=word, choices=kinds.ANSWERS, widget=forms.RadioSelect,
                initial=row.checks.get(key),
                error_messages={"required": _("请选择核实的结果，没有查清的选「没有查清」。")},
            )  # fmt: skip


class SpeakForm(PlainWords, forms.Form):
    """What the household said elsewhere than online."""

    channel = forms.ChoiceField(
        label=_("怎么说的"), choices=[("phone", _("电话说明")), ("window", _("窗口说明"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    text = _lines(_("住户怎么说"))


class FineSpeakForm(SpeakForm):
    """The same about a fine; a hearing may be asked for."""

    wants_hearing = forms.BooleanField(label=_("要求听证"), required=False)


class OwnSpeakForm(PlainWords, forms.Form):
    """The household's own words, online."""

    text = _lines(_("您要说明的情况"), _("写错了也没关系，可以再补充。"))


class OwnFineSpeakForm(OwnSpeakForm):
    """The same about a fine."""

    wants_hearing = forms.BooleanField(
        label=_("我要求听证"), required=False, help_text=_("不收钱。也可以只说明，不要求听证。")
    )


class ServedForm(PlainWords, forms.Form):
    """送达回证 of an order on paper."""

    how = forms.ChoiceField(
        label=_("怎么送达的"), widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in Violation.Service
                 if one != Violation.Service.ELECTRONIC],
    )  # fmt: skip
    on = DateField(label=_("哪天收到的"))


class FineForm(PlainWords, forms.Form):
    """建议罚款."""

    amount = forms.DecimalField(
        label=_("金额"), max_digits=8, decimal_places=2, widget=Yuan(unit=_("元"))
    )
    gain = forms.DecimalField(
        label=_("违法所得"), max_digits=9, decimal_places=2, initial=Decimal(0),
        min_value=0, widget=Yuan(unit=_("元")), help_text=_("没有就写0。"),
    )  # fmt: skip
    grounds = _lines(_("事实、理由和金额怎么定的"), _("会告知当事人。"))


class HearingForm(PlainWords, forms.Form):
    """听证笔录."""

    on = DateField(label=_("哪天听证"))
    minutes = _lines(_("听证笔录"))


class PaidForm(PlainWords, forms.Form):
    """缴纳登记."""

    on = DateField(label=_("哪天缴纳"))
    receipt = forms.CharField(label=_("缴款书编号"), max_length=60)

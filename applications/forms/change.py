"""报告家庭变化: what happened, then the few answers of its kind."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import authority
from applications.change_effects import Told
from applications.forms.apply import clean_number, clean_phone, needed
from applications.letters import PHONE
from applications.models import Change, Member
from core import clock, display
from core.forms import DateField, IdNumber, Phone, PlainWords, Yuan
from core.identity import kinship, masking, numbers

Kind = Change.Kind
NUMBER = _("18位。还没有号码的，请先办户口登记，拿到号码再来报告；轮候日期不变。")


class ChooseForm(PlainWords, forms.Form):
    """发生了什么."""

    what = forms.ChoiceField(
        label=_("发生了什么"),
        choices=[*Kind.choices, ("phone", _("换了手机号"))],
        widget=forms.RadioSelect,
        error_messages=needed(_("请选择发生了什么。")),
    )


class EventForm(PlainWords, forms.Form):
    """The day, the kind's own answers, and what paper the family holds."""

    kind = ""
    title: Any = ""
    hint: Any = ""

    happened_on = DateField(label=_("哪一天"))
    proof = forms.CharField(
        label=_("手上有什么证明"),
        required=False,
        max_length=200,
        help_text=_("写名称和编号。可以不填，部门能查到的不用您交。"),
    )

    def __init__(self, *args: Any, people: list[Member], reader: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people, self.reader = people, reader
        if "member" in self.fields:
            chosen = [(str(one.pk), one.name) for one in self.choosable()]
            self.fields["member"].choices = chosen  # type: ignore[attr-defined]
            if len(chosen) == 1:
                self.fields["member"].initial = chosen[0][0]
        last = ("happened_on", "proof")
        first = [name for name in self.fields if name not in last]
        self.order_fields([*first, *(name for name in last if name in self.fields)])

    def choosable(self) -> list[Member]:
        """Whom the event can be about."""
        return self.people

    def told(self) -> Told:
        """The event as the verbs take it."""
        data = self.cleaned_data
        member = next((one for one in self.people if str(one.pk) == data.get("member")), None)
        return Told(self.kind, data["happened_on"], member, self.details())

    def details(self) -> dict[str, Any]:
        """The kind's own answers as plain data."""
        return {}

    def answers(self) -> list[tuple[Any, str]]:
        """Label and answer, as the check page lists them."""
        found = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value not in (None, "", []):
                found.append((field.label, _said(field, value)))
        return found


class _ForOne(EventForm):
    member = forms.ChoiceField(
        label=_("是哪一位家人"),
        widget=forms.RadioSelect,
        error_messages=needed(_("请选择是哪一位家人。")),
    )


class _Joining(EventForm):
    name = forms.CharField(label=_("姓名"), max_length=60)
    id_number = forms.CharField(label=_("身份证号"), widget=IdNumber, help_text=NUMBER)

    def clean_id_number(self) -> str:
        return clean_number(self.cleaned_data["id_number"])

    def details(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in ("name", "id_number")}


class BirthForm(_Joining):
    """孩子出生或收养."""

    kind, title = Kind.BIRTH, _("家里添了孩子")
    hint = _("未成年的孩子一定算在家庭里，不用您另外申请。")
    guardian = forms.BooleanField(
        label=_("我是孩子的监护人，同意查询孩子的信息"),
        required=False,
        help_text=_("户口登记写明您是父母的，就在网上办好；没有写明的，再请您到窗口签字。"),
    )

    def details(self) -> dict[str, Any]:
        man = int(self.cleaned_data["id_number"][16]) % 2
        relation = "20" if man else "30"
        return {
            **super().details(),
            "relation": relation,
            "guardian": self.cleaned_data["guardian"],
        }


class MarriageForm(_Joining):
    """结婚."""

    kind, title = Kind.MARRIAGE, _("您结婚了")
    hint = _("配偶一定算在家庭里。配偶本人授权之前，我们不查询配偶的任何信息。")
    phone = forms.CharField(
        label=_("配偶的手机号"), widget=Phone, required=False, max_length=20,
        help_text=_("授权码发到这里。可以不填。"),
    )  # fmt: skip
    monthly_income = forms.DecimalField(
        label=_("配偶每月收入大约多少"), required=False, min_value=0, max_digits=10,
        decimal_places=2, widget=Yuan(unit=_("元/月")), help_text=_("只用来预估，可以不填。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["id_number"].help_text = _(
            "18位。配偶已有自己的申请或保障的，要先与那一边办清，请拨%(phone)s。"
        ) % {"phone": PHONE}

    def clean_phone(self) -> str:
        return clean_phone(
            self.cleaned_data["phone"], _("手机号码是11位，以1开头。没有手机，请不填。")
        )

    def details(self) -> dict[str, Any]:
        income = self.cleaned_data.get("monthly_income")
        return {
            **super().details(),
            "phone": self.cleaned_data["phone"],
            "monthly_income": None if income is None else str(income),
        }


class DeathForm(_ForOne):
    """家人离世: as few questions as can be."""

    kind, title = Kind.DEATH, _("告诉我们一位家人离世")
    hint = _("请节哀。只问两件事，其余由我们向部门核对。申请为您家保留，轮候日期不变。")

    def choosable(self) -> list[Member]:
        """Not who is telling us."""
        return [one for one in self.people if one.id_index != self.reader]


class DivorceForm(EventForm):
    """离婚."""

    kind, title = Kind.DIVORCE, _("您离婚了")
    hint = _("留在这份申请里的一方，轮候日期不变。孩子按抚养权跟随一方。")
    stays = forms.ChoiceField(
        label=_("谁留在这份申请里"),
        widget=forms.RadioSelect,
        error_messages=needed(_("请选择谁留在这份申请里。")),
    )
    children = forms.MultipleChoiceField(
        label=_("哪些孩子由另一方抚养"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("都跟留下的一方，就不用选。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today()
        self.couple = [
            one for one in self.people if one.is_applicant or one.relation in kinship.SPOUSES
        ]
        minors = [one for one in self.people if not authority.is_adult(one, today)]
        self.fields["stays"].choices = [(str(one.pk), one.name) for one in self.couple]  # type: ignore[attr-defined]
        self.fields["children"].choices = [(str(one.pk), one.name) for one in minors]  # type: ignore[attr-defined]
        if not minors:
            del self.fields["children"]

    def details(self) -> dict[str, Any]:
        stays, children = self.cleaned_data["stays"], self.cleaned_data.get("children", [])
        gone = [one for one in self.couple if str(one.pk) != stays]
        gone += [one for one in self.people if str(one.pk) in children]
        return {"leave": [one.id_number for one in gone], "names": [one.name for one in gone]}


class MajorityForm(_ForOne):
    """孩子满18岁: the day is told by the number."""

    kind, title = Kind.MAJORITY, _("孩子满18岁了")
    hint = _("满18岁以后，由本人授权。审核照常进行，办理时间照常计算。")
    happened_on = None  # type: ignore[assignment]
    proof = None  # type: ignore[assignment]

    def choosable(self) -> list[Member]:
        return [one for one in self.people if one.relation in kinship.CHILDREN or one.is_applicant]

    def clean_member(self) -> str:
        pk: str = self.cleaned_data["member"]
        member = next(one for one in self.people if str(one.pk) == pk)
        if not authority.is_adult(member, clock.today()):
            raise forms.ValidationError(
                _("%(name)s还没满18岁。到那一天我们会自动提醒，不用您报告。"),
                params={"name": member.name},
            )
        return pk

    def told(self) -> Told:
        pk = self.cleaned_data["member"]
        member = next(one for one in self.people if str(one.pk) == pk)
        born = numbers.parse(member.id_number).birth_date
        day = born.replace(year=born.year + numbers.ADULT, day=min(born.day, 28))
        return Told(self.kind, day, member)


class AidForm(EventForm):
    """救助有变化."""

    kind, title = Kind.AID, _("救助有变化")
    hint = _("我们会向民政部门重新核对，不用您交材料。")
    aid = forms.ChoiceField(
        label=_("现在是"),
        choices=[
            ("none", _("不再享受救助")),
            ("DB", _("低保")),
            ("DBBY", _("低保边缘")),
            ("TK", _("特困供养")),
        ],
        widget=forms.RadioSelect,
        error_messages=needed(_("请选择现在的救助。")),
    )

    def details(self) -> dict[str, Any]:
        aid = self.cleaned_data["aid"]
        return {"aid": "" if aid == "none" else aid}


class WorkForm(_ForOne):
    """工作或收入有变化."""

    kind, title = Kind.WORK, _("工作或收入有变化")
    hint = _("收入以部门核对为准，这里填的只用来预估。")
    monthly_income = forms.DecimalField(
        label=_("现在每月收入大约多少"), min_value=0, max_digits=10, decimal_places=2,
        widget=Yuan(unit=_("元/月")), help_text=_("没有收入填0。"),
    )  # fmt: skip

    def details(self) -> dict[str, Any]:
        return {"monthly_income": str(self.cleaned_data["monthly_income"])}


class HomeForm(_ForOne):
    """买房、卖房或合同取消."""

    kind, title = Kind.HOME, _("住房有变化")
    hint = _("房屋以登记为准，我们会向部门重新核对。")
    how = forms.ChoiceField(
        label=_("怎么变的"),
        choices=[
            ("bought", _("买了房，或者得了一套房")),
            ("sold", _("名下的房卖了或给了别人")),
            ("cancelled", _("购房合同取消了")),
        ],
        widget=forms.RadioSelect,
        error_messages=needed(_("请选择怎么变的。")),
    )
    area = forms.DecimalField(
        label=_("建筑面积"), required=False, min_value=1, max_digits=7, decimal_places=2,
        widget=Yuan(unit=_("平方米")), help_text=_("买了房的请填写。"),
    )  # fmt: skip

    def clean(self) -> Any:
        data = super().clean() or self.cleaned_data
        if data.get("how") == "bought" and data.get("area") is None and "area" not in self.errors:
            self.add_error("area", _("请填写「建筑面积」。"))
        return data

    def details(self) -> dict[str, Any]:
        area = self.cleaned_data.get("area")
        return {"what": self.cleaned_data["how"], "area": None if area is None else str(area)}


class MovedForm(EventForm):
    """搬到另一个镇街."""

    kind, title = Kind.MOVED, _("搬到了另一个镇街")
    hint = format_lazy(
        _("由新的镇街接着办，已经查到的不再重查，轮候日期不变。搬出鄞州区的，请拨{phone}。"),
        phone=PHONE,
    )
    street = forms.ModelChoiceField(
        label=_("现在住在哪个镇街"), queryset=Bureau.objects.none(), empty_label=_("请选择")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["street"].queryset = Bureau.objects.streets()  # type: ignore[attr-defined]

    def details(self) -> dict[str, Any]:
        return {"street": self.cleaned_data["street"].pk}


class ExplainForm(PlainWords, forms.Form):
    """说明."""

    text = forms.CharField(
        label=_("实际情况是"), max_length=2000, widget=forms.Textarea({"rows": 4})
    )


class SettleForm(PlainWords, forms.Form):
    """The desk's result (核对结果)."""

    verdict = forms.ChoiceField(
        label=_("核对结果"),
        choices=[
            ("updated", _("属实，更新办件")),
            ("no_effect", _("不影响办件")),
            ("explain", _("请家人说明")),
        ],
        widget=forms.RadioSelect,
    )
    successor = forms.ChoiceField(
        label=_("由哪一位接着办"), required=False, widget=forms.RadioSelect,
        help_text=_("办件编号、轮候日期和位置都不变。"),
    )  # fmt: skip
    note = forms.CharField(
        label=_("说明"), required=False, max_length=400, widget=forms.Textarea({"rows": 3}),
        help_text=_("不影响的写明理由；请家人说明的，写明要说明什么。家人会看到。"),
    )  # fmt: skip

    def __init__(self, *args: Any, successors: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].choices = [(str(one.pk), one.name) for one in successors]  # type: ignore[attr-defined]
        if not successors:
            del self.fields["successor"]


FORMS: dict[str, type[EventForm]] = {
    form.kind: form
    for form in (
        BirthForm, DeathForm, MarriageForm, DivorceForm, MajorityForm, AidForm, WorkForm, HomeForm,
        MovedForm,
    )
}  # fmt: skip


def _said(field: forms.Field, value: Any) -> str:
    if isinstance(field, DateField):
        return display.day_short(value)
    if isinstance(field, forms.BooleanField):
        return str(_("是")) if value else str(_("否"))
    if isinstance(field, forms.MultipleChoiceField):
        words = dict(field.choices)  # type: ignore[arg-type]
        return display.listed(words[one] for one in value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(field.widget, IdNumber):
        return masking.mask_id(value)
    unit = getattr(field.widget, "unit", "")
    return f"{value}{unit}"

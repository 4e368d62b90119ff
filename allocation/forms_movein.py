"""Forms of moving in: corrections, cards, sheets, repairs, patrols, answers."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allocation.dead_letters import Person
from allocation.models import AccessGrant, HandoverSheet, Home, Lease, PatrolVisit, Repair
from allocation.sheets import Told
from applications.forms.visit import PhotosField
from core import clock
from core.forms import DateField, FileCapture, Phone, PlainWords, Signature


def _lines(label: Any, help_text: Any = "", *, required: bool = True, rows: int = 3) -> Any:
    return forms.CharField(
        label=label, max_length=1000, required=required, help_text=help_text,
        widget=forms.Textarea({"rows": rows}),
    )  # fmt: skip


class Photos(FileCapture):
    """Several photos at once."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"accept": "image/jpeg,image/png,image/webp", "multiple": True})


class ReasonForm(PlainWords, forms.Form):
    """Why a person decides so; stays in the record."""

    reason = forms.CharField(
        label=_("原因"), max_length=300, widget=forms.Textarea({"rows": 3}),
        help_text=_("写事实，会留在记录里。"),
    )  # fmt: skip


class TextForm(PlainWords, forms.Form):
    """One box of plain words; the label says for what."""

    text = _lines(_("说明"))

    def __init__(self, *args: Any, label: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label is not None:
            self.fields["text"].label = label


class CorrectForm(PlainWords, forms.Form):
    """Address and people as the other system is to know them."""

    building = forms.CharField(label=_("幢"), max_length=10)
    unit = forms.CharField(label=_("单元"), max_length=10)
    room = forms.CharField(label=_("室"), max_length=10)

    def __init__(self, *args: Any, lease: Lease, **kwargs: Any) -> None:
        self.grants = list(lease.grants.select_related("member").order_by("member__position"))
        self.grants = [one for one in self.grants if one.state != AccessGrant.State.REVOKED]
        home = lease.home
        initial = {"building": home.building, "unit": home.unit, "room": home.room}
        for one in self.grants:
            initial |= {f"name_{one.pk}": one.name, f"mobile_{one.pk}": one.mobile}
        super().__init__(*args, initial=initial, **kwargs)
        for number, one in enumerate(self.grants, start=1):
            self.fields[f"name_{one.pk}"] = forms.CharField(
                label=_("第%(n)d位成员的姓名") % {"n": number}, max_length=60
            )
            self.fields[f"mobile_{one.pk}"] = forms.CharField(
                label=_("第%(n)d位成员的手机号") % {"n": number}, max_length=20, required=False,
                widget=Phone(), help_text=_("没有手机就空着，可以领卡。"),
            )  # fmt: skip

    def told(self) -> dict[str, Any]:
        """As the verb takes it."""
        data = self.cleaned_data
        people = [
            Person(one.pk, data[f"name_{one.pk}"], data[f"mobile_{one.pk}"]) for one in self.grants
        ]
        place = {name: data[name] for name in ("building", "unit", "room")}
        return {**place, "people": people}


class SpareForm(PlainWords, forms.Form):
    """A card, or a code that opens once."""

    what = forms.ChoiceField(
        label=_("发什么"),
        choices=[
            ("spare", _("备用卡（有期限）")),
            ("card", _("常用门禁卡（不用手机、不刷脸的家人，和租约一样长）")),
            ("code", _("一次性密码（当天进门用）")),
        ],
        widget=forms.RadioSelect,
    )
    number = forms.CharField(
        label=_("卡号"), max_length=40, required=False, help_text=_("卡面上印着。发密码不用写。")
    )
    reason = forms.CharField(
        label=_("为什么发"), max_length=200, help_text=_("例如：老人不用手机；门锁打不开。")
    )


class ReplaceForm(PlainWords, forms.Form):
    """A new card for a lost or broken one."""

    number = forms.CharField(label=_("新卡的卡号"), max_length=40)
    reason = forms.CharField(label=_("为什么补"), max_length=200)


class SheetForm(PlainWords, forms.Form):
    """交接单: readings, keys, defects, photos."""

    water = forms.DecimalField(
        label=_("水表读数（立方米）"), required=False, min_value=0, max_digits=9,
        decimal_places=2, widget=forms.TextInput({"inputmode": "decimal", "class": "yz-w10"}),
    )  # fmt: skip
    electricity = forms.DecimalField(
        label=_("电表读数（千瓦时）"), required=False, min_value=0, max_digits=9,
        decimal_places=2, widget=forms.TextInput({"inputmode": "decimal", "class": "yz-w10"}),
    )  # fmt: skip
    gas = forms.DecimalField(
        label=_("燃气表读数（立方米）"), required=False, min_value=0, max_digits=9,
        decimal_places=2, widget=forms.TextInput({"inputmode": "decimal", "class": "yz-w10"}),
    )  # fmt: skip
    no_gas = forms.BooleanField(label=_("这套房没有燃气"), required=False)
    keys = forms.IntegerField(
        label=_("钥匙几把"), required=False, min_value=0, max_value=99,
        widget=forms.TextInput({"inputmode": "numeric", "class": "yz-w6"}),
    )  # fmt: skip
    cards = forms.IntegerField(
        label=_("门禁卡几张"), required=False, min_value=0, max_value=99,
        widget=forms.TextInput({"inputmode": "numeric", "class": "yz-w6"}),
    )  # fmt: skip
    defects = _lines(
        _("已有的问题"), _("墙面、门窗、设备。没有就空着。住户以后不用为这些负责。"), required=False
    )
    photos = PhotosField(
        label=_("照片"),
        required=False,
        widget=Photos,
        help_text=_("表、墙面、设备。不拍人，不拍证件。"),
    )

    def __init__(self, *args: Any, sheet: HandoverSheet | None = None, **kwargs: Any) -> None:
        names = ("water", "electricity", "gas", "no_gas", "keys", "cards", "defects")
        initial = {name: getattr(sheet, name) for name in names} if sheet else {}
        super().__init__(*args, initial=initial, **kwargs)

    def told(self) -> Told:
        """As the verb takes it."""
        return Told(
            **{name: value for name, value in self.cleaned_data.items() if name != "photos"}
        )


class SheetSignForm(PlainWords, forms.Form):
    """The household's signature under a sheet."""

    signature = forms.CharField(
        label=_("签名"), widget=Signature(), help_text=_("手写，或者输入姓名。")
    )


class CodeForm(PlainWords, forms.Form):
    """The six digits that the household says."""

    code = forms.CharField(
        label=_("住户说的确认码"), max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "yz-w10"}),
    )  # fmt: skip


class RepairForm(PlainWords, forms.Form):
    """报修."""

    matter = forms.ChoiceField(
        label=_("哪里要修"), choices=Repair.Matter.choices, widget=forms.RadioSelect
    )
    text = _lines(_("怎么坏的"), _("写不清楚也没关系，师傅会打电话问。"), required=False)
    urgent = forms.BooleanField(label=_("很急：没法住、不安全，或者水电停了"), required=False)
    photos = PhotosField(
        label=_("照片"), required=False, widget=Photos, help_text=_("拍坏的地方。可以不拍。")
    )


class PromiseForm(PlainWords, forms.Form):
    """When somebody comes, and who."""

    on = DateField(label=_("哪天上门"))
    at = forms.TimeField(
        label=_("几点前"), input_formats=["%H:%M"], initial="18:00", help_text=_("例如 18:00"),
        widget=forms.TextInput({"class": "yz-w6", "inputmode": "numeric"}),
    )  # fmt: skip
    worker = forms.CharField(label=_("谁上门"), max_length=60)

    @property
    def moment(self) -> dt.datetime:
        """The promised moment in Ningbo."""
        data = self.cleaned_data
        return dt.datetime.combine(data["on"], data["at"], tzinfo=clock.LOCAL)


class PatrolForm(PlainWords, forms.Form):
    """巡查: a home, what was seen, photos."""

    home = forms.CharField(
        label=_("房源编号"), max_length=64, help_text=_("例如 EST-A/1-1-0101，贴在门边。")
    )
    seen = forms.ChoiceField(
        label=_("看到了什么"), choices=PatrolVisit.Seen.choices, widget=forms.RadioSelect
    )
    text = _lines(_("说明"), _("写看到的，不写结论，不写住户的私事。"), required=False)
    photos = PhotosField(
        label=_("照片"),
        required=False,
        widget=Photos,
        help_text=_("只拍公共部分和设备。不拍人，不拍证件。"),
    )

    def clean_home(self) -> Home:
        found = Home.objects.filter(code=self.cleaned_data["home"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("没有这个房源编号，请对照门边的牌子。"))
        return found

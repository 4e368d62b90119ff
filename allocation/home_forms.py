"""Forms about homes and estates. Saving is the verbs' work."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Bureau, Staff
from accounts.roles import Role
from allocation import home_file, inspections
from allocation.models import HomePicture
from core.forms import DateField, PlainWords, Yuan


def _sentence(label: Any, help_text: Any = "", *, rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=400,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


class InspectForm(PlainWords, forms.Form):
    """验收: what was looked at and found in order."""

    passed = forms.MultipleChoiceField(
        label=_("通过的项目"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("没有打勾的，就是没有通过。"),
    )  # fmt: skip
    remarks = forms.CharField(
        label=_("说明"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("有一项没有通过时必填：哪里不行，怎么改。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passed"].choices = list(inspections.ITEMS.items())  # type: ignore[attr-defined]


class HoldForm(PlainWords, forms.Form):
    """维修 or 保留: why, until when, who looks after it."""

    reason = _sentence(_("原因"))
    until = DateField(label=_("到哪一天"), help_text=_("这一天也算在内。"))
    owner = forms.ModelChoiceField(
        label=_("负责人"), queryset=Staff.objects.none(), required=False,
        help_text=_("到期前提醒这一位；不选就是您自己。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Staff.objects.filter(
            roles__overlap=[Role.ADMIN, Role.OPERATOR], user__is_active=True
        )
        field: Any = self.fields["owner"]
        field.queryset = people.select_related("bureau").order_by("bureau__code", "pk")
        field.label_from_instance = _name_and_bureau
        field.empty_label = _("我自己")


class ProlongForm(PlainWords, forms.Form):
    """A later end."""

    until = DateField(label=_("延长到哪一天"))
    reason = _sentence(_("为什么延长"))


class ReasonForm(PlainWords, forms.Form):
    """A reason, for what needs nothing else."""

    reason = _sentence(_("原因"))


class PictureForm(PlainWords, forms.Form):
    """A plan or a photo."""

    kind = forms.ChoiceField(label=_("是什么"), choices=HomePicture.Kind.choices)
    title = forms.CharField(
        label=_("名称"), required=False, max_length=60, help_text=_("例如 客厅、卫生间，可以不填。")
    )
    whole_type = forms.BooleanField(label=_("这个小区同户型的房源都用这一张"), required=False)
    illustrative = forms.BooleanField(label=_("这是示意图，和实际房屋可能有出入"), required=False)
    file = forms.FileField(
        label=_("图片文件"), help_text=_("JPEG、PNG、WebP或一页PDF"),
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
    )  # fmt: skip


class ImportForm(PlainWords, forms.Form):
    """房源清单."""

    file = forms.FileField(
        label=_("清单文件"),
        help_text=_("xlsx或csv格式，最多5000套、5MB"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > home_file.MOST_BYTES:
            raise forms.ValidationError(_("文件太大，最大5MB。请只留清单这一张表。"))
        return file


class EstateForm(PlainWords, forms.Form):
    """小区."""

    code = forms.CharField(
        label=_("小区编号"),
        max_length=30,
        help_text=_("字母、数字和 _ . -，例如 YIN-DONG；会公布。"),
    )
    name = forms.CharField(label=_("小区名称"), max_length=60)
    address = forms.CharField(label=_("地址"), max_length=200)
    street = forms.ModelChoiceField(
        label=_("镇街"), queryset=Bureau.objects.none(), empty_label=_("请选择")
    )
    phone = forms.CharField(label=_("看房电话"), max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["street"]
        field.queryset = Bureau.objects.streets()
        field.label_from_instance = lambda bureau: bureau.name


class WayForm(PlainWords, forms.Form):
    """怎么去."""

    metro = forms.CharField(
        label=_("最近的地铁"), max_length=100, required=False,
        help_text=_("例如 3号线某某站2号口，步行8分钟。"),
    )  # fmt: skip
    bus = forms.CharField(label=_("最近的公交"), max_length=200, required=False)
    way = forms.CharField(
        label=_("怎么走"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    latitude = forms.DecimalField(
        label=_("纬度"), max_digits=9, decimal_places=6, required=False,
        widget=forms.TextInput(attrs={"class": "yz-w10", "inputmode": "decimal"}),
        help_text=_("WGS84坐标，单位是度。地图软件里量出来的多半是GCJ-02，要先换算。"),
    )  # fmt: skip
    longitude = forms.DecimalField(
        label=_("经度"), max_digits=9, decimal_places=6, required=False,
        widget=forms.TextInput(attrs={"class": "yz-w10", "inputmode": "decimal"}),
    )  # fmt: skip


class StandardForm(PlainWords, forms.Form):
    """租金标准."""

    starts_on = DateField(label=_("从哪一天起"))
    per_square_metre = forms.DecimalField(
        label=_("每平方米每月"), max_digits=6, decimal_places=2,
        widget=Yuan(attrs={"class": "yz-w6"}),
    )  # fmt: skip
    source = forms.CharField(
        label=pgettext_lazy("of a rule", "依据"), max_length=200,
        help_text=_("公布这个标准的文件名和文号。"),
    )  # fmt: skip


def _name_and_bureau(staff: Staff) -> str:
    return f"{staff.name} · {staff.bureau.name}"

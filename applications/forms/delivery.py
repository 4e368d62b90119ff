"""Forms of serving letters and of the paper notices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.roles import Role
from core import clock
from core.forms import FileCapture

_DATE = {"type": "date"}


class SendForm(forms.Form):
    """交付送达: the way, the address, the number of the mail."""

    channel = forms.ChoiceField(
        label=_("送达方式"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一种送达方式。")},
    )
    address = forms.CharField(
        label=_("送到哪里"), required=False, max_length=200, help_text=_("邮寄和上门要填写。")
    )
    tracking_no = forms.CharField(
        label=_("邮件号码"), required=False, max_length=40, help_text=_("邮寄要填写，回执凭它查。")
    )

    def __init__(self, *args: Any, ways: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = ways  # type: ignore[attr-defined]


class ProofForm(forms.Form):
    """送达结果: how it ended, on which day, who signed; a photo where a letter was left."""

    proof = forms.ChoiceField(
        label=_("结果"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择这次送达的结果。")},
    )
    on = forms.DateField(
        label=_("发生在哪一天"),
        widget=forms.DateInput(_DATE, format="%Y-%m-%d"),
        help_text=_("期限从这一天的第二天算起。"),
        error_messages={"required": _("请填写日期。"), "invalid": _("没有这一天，请重新填写。")},
    )
    note = forms.CharField(
        label=_("谁签收的，或者为什么没送到"),
        max_length=400,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("请写明是谁签收的，或者为什么没送到。")},
    )
    second = forms.ModelChoiceField(
        label=_("在场见证的同事"), queryset=Staff.objects.none(), required=False,
        help_text=_("只有留置送达要填写。"),
    )  # fmt: skip
    photo = forms.FileField(
        label=_("现场照片"), required=False, widget=FileCapture, help_text=_("留置送达要有照片。")
    )

    def __init__(self, *args: Any, proofs: list[tuple[str, Any]], by: Staff, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"on": clock.today()})
        super().__init__(*args, **kwargs)
        self.fields["proof"].choices = proofs  # type: ignore[attr-defined]
        others = Staff.objects.filter(bureau=by.bureau_id, user__is_active=True).exclude(pk=by.pk)
        self.fields["second"].queryset = others.order_by("name")  # type: ignore[attr-defined]
        if Role.DISTRICT not in by.roles:
            del self.fields["second"], self.fields["photo"]


class NoteForm(forms.Form):
    """窗口领取: who came, and with which document."""

    note = forms.CharField(
        label=_("谁领取的、核对了什么证件"),
        max_length=400,
        error_messages={"required": _("请写明谁领取的、核对了什么证件。")},
    )


class PlaceForm(forms.Form):
    """公告送达: where it hangs."""

    place = forms.CharField(
        label=_("在哪里公告"),
        max_length=200,
        help_text=_("公告只写办件编号和“有文书待领取”，不写结果和原因。"),
        error_messages={"required": _("请写明在哪里公告。")},
    )


class PosterForm(forms.Form):
    """张贴或撤下: when, where, and a photo."""

    at = forms.DateTimeField(
        label=_("时间"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"required": _("请填写时间。"), "invalid": _("请填写日期和时间。")},
    )
    place = forms.CharField(
        label=_("张贴在哪里"),
        max_length=120,
        help_text=_("例如：某社区公告栏、某小区3号门。"),
        error_messages={"required": _("请写明张贴在哪里。")},
    )
    photo = forms.FileField(
        label=_("照片"),
        required=False,
        widget=FileCapture,
        help_text=_("拍下公告和周围，看得出在哪里。"),
    )

    def __init__(self, *args: Any, down: bool, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"at": clock.now().astimezone(clock.LOCAL)})
        super().__init__(*args, **kwargs)
        if down:
            del self.fields["place"]


class PhotoForm(forms.Form):
    """A photo that was missing."""

    photo = forms.FileField(
        label=_("照片"), widget=FileCapture, error_messages={"required": _("请选照片。")}
    )


class ServiceForm(forms.Form):
    """电子送达确认."""

    read = forms.BooleanField(
        label=_("我读过上面的内容，确认用电子方式接收住房保障的文书。"),
        error_messages={"required": _("请先确认读过上面的内容。")},
    )

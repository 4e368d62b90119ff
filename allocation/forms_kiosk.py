"""Forms around the self-service machines: the attendant's, the office's, the household's time."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allocation import attending, just_causes, slots
from allocation.models import Kiosk, OpeningHours
from core.forms import PlainWords

_TIME = {"class": "yz-w6", "inputmode": "numeric"}


class VouchForm(PlainWords, forms.Form):
    """What the attendant types at the machine after seeing the ID card."""

    code = forms.RegexField(
        r"\A[0-9]{6}\Z", label=_("值守码"), error_messages={"invalid": _("值守码是6位数字。")}
    )
    reason = forms.ChoiceField(label=_("原因"), choices=attending.REASONS, widget=forms.RadioSelect)


class CauseForm(PlainWords, forms.Form):
    """正当理由 at a machine: one of the table; words and papers may follow."""

    code = forms.ChoiceField(
        label=_("理由"), widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项理由。")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            (code, cause.word) for code, cause in just_causes.table().items()
        ]


class KioskForm(PlainWords, forms.Form):
    """A machine to be registered."""

    name = forms.CharField(label=_("编号"), max_length=40, help_text=_("例如 KIOSK-4"))
    place = forms.CharField(label=_("放在哪里"), max_length=100)
    kind = forms.ChoiceField(
        label=_("种类"), choices=Kiosk.Kind, widget=forms.RadioSelect, initial=Kiosk.Kind.MACHINE
    )


class HoursForm(PlainWords, forms.ModelForm):  # type: ignore[type-arg]
    """When the machines of a place serve."""

    place = forms.ChoiceField(label=_("地点"))

    class Meta:
        model = OpeningHours
        fields = ("place", "opens", "closes", "minutes", "capacity", "weekends")
        labels = {
            "opens": _("开门"),
            "closes": _("关门"),
            "minutes": _("每户几分钟"),
            "capacity": _("同一时间几户"),
            "weekends": _("周末和节假日也开"),
        }
        widgets = {
            "opens": forms.TimeInput(_TIME, "%H:%M"),
            "closes": forms.TimeInput(_TIME, "%H:%M"),
        }
        help_texts = {"opens": _("例如 09:00"), "closes": _("例如 16:50")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(one, one) for one in slots.places()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        opens, closes, minutes = (cleaned.get(one) for one in ("opens", "closes", "minutes"))
        if opens and closes and minutes and opens < closes:
            open_for = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
            if open_for < minutes:
                self.add_error("minutes", _("开放的时间里排不下一户，请减少分钟数或延长开放时间。"))
        return cleaned

    def clean_minutes(self) -> int:
        return self._positive("minutes")

    def clean_capacity(self) -> int:
        return self._positive("capacity")

    def _positive(self, name: str) -> int:
        value: int = self.cleaned_data[name]
        if value < 1:
            raise forms.ValidationError(_("至少是1。"))
        return value

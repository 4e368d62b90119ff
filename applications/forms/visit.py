"""Forms of a visit: what is written at the door, the errand, and the call afterwards."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Visit
from applications.visits import Told
from core.forms import Signature, Yuan

_LONGEST = 7 * 24 * 3600  # seconds that a phone may have been away; more is told as this much
_SIGNED = "data:image/png;base64,"
_MOST_SIGNED = 400_000  # characters of a signature drawn


class Photos(forms.ClearableFileInput):
    """Several photos, from the camera or the phone; the script keeps them until they are sent."""

    allow_multiple_selected = True
    template_name = "review/visit_photos.html"

    def __init__(self) -> None:
        super().__init__({"accept": "image/jpeg,image/png,image/webp", "multiple": True})


class PhotosField(forms.FileField):
    """Every photo chosen, each checked on its own."""

    widget = Photos

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files as a list; none where none was chosen."""
        sent = data if isinstance(data, list | tuple) else [data]
        return [one for each in sent if each and (one := super(PhotosField, self).clean(each))]


class VisitForm(forms.Form):
    """入户核实表. ``needs`` says to page and phone alike which box must be filled when."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("上门结果"),
        choices=Visit.Outcome.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("写看到的，不写结论。有不同的，由工作人员再核对。"),
        error_messages={"required": gettext_lazy("请选择上门的结果。")},
    )
    companion = forms.CharField(
        label=gettext_lazy("同行人姓名"),
        max_length=60,
        help_text=gettext_lazy("上门核实要两个人。您自己不用写。"),
        error_messages={"required": gettext_lazy("上门核实要两个人，请写明同行人。")},
    )
    met = forms.ChoiceField(
        label=gettext_lazy("见到了谁"),
        required=False,
        choices=Visit.Met.choices,
        widget=forms.RadioSelect,
    )
    met_name = forms.CharField(label=gettext_lazy("见到的人姓名"), required=False, max_length=60)
    lived_in = forms.ChoiceField(
        label=gettext_lazy("是不是住在这里"),
        required=False,
        choices=Visit.Lived.choices,
        widget=forms.RadioSelect,
    )
    persons = forms.IntegerField(
        label=gettext_lazy("住着几个人"),
        required=False,
        min_value=0,
        max_value=99,
        widget=forms.TextInput({"inputmode": "numeric", "class": "yz-w6"}),
    )
    area = forms.DecimalField(
        label=gettext_lazy("看到的面积"),
        required=False,
        min_value=0,
        max_value=99999,
        max_digits=7,
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "class": "yz-w6"}),
        help_text=gettext_lazy("平方米，估计的也可以。"),
    )
    rent = forms.DecimalField(
        label=gettext_lazy("问到的房租"),
        required=False,
        min_value=0,
        max_value=99999,
        max_digits=7,
        decimal_places=2,
        widget=Yuan(unit=gettext_lazy("元/月")),
    )
    condition = forms.ChoiceField(
        label=gettext_lazy("房屋状况"),
        required=False,
        choices=[("", gettext_lazy("请选择")), *Visit.Condition.choices],
    )
    differs = forms.CharField(
        label=gettext_lazy("哪里和申报不同"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )
    remarks = forms.CharField(
        label=gettext_lazy("备注"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )
    photos = PhotosField(
        label=gettext_lazy("照片"),
        required=False,
        help_text=gettext_lazy("可以拍几张。不拍人，不拍证件。"),
    )
    signature = forms.CharField(
        label=gettext_lazy("见到的人签名"),
        required=False,
        widget=Signature,
        help_text=gettext_lazy("可以不签。用手指写，或者改用键盘输入姓名。"),
    )
    again = forms.BooleanField(
        label=gettext_lazy("仍然记为另一次上门，和已有的记录放在一起"),
        required=False,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    ago = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, conflict: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4
        if not conflict:
            self.fields["again"].widget = forms.HiddenInput()

    @staticmethod
    def needs() -> list[dict[str, str]]:
        """Box, when it must be filled, and the sentence that says so."""
        return [
            {"name": "outcome", "when": "always", "said": _("请选择上门的结果。")},
            {"name": "companion", "when": "always", "said": _("上门核实要两个人，请写明同行人。")},
            {"name": "met", "when": "met", "said": _("请选择见到了谁。")},
            {"name": "lived_in", "when": "met", "said": _("请选择是不是住在这里。")},
            {
                "name": "differs",
                "when": "differs",
                "said": _("请写明哪里不同，以您看到的为准，不写结论。"),
            },
        ]

    def clean_signature(self) -> str:
        """A drawn signature or a name; nothing else."""
        value: str = self.cleaned_data["signature"]
        drawn = value.startswith(_SIGNED) and len(value) <= _MOST_SIGNED
        if value and not drawn and (value.startswith("data:") or len(value) > 60):
            raise forms.ValidationError(_("签名没有收到，请再写一次，或者改用键盘输入姓名。"))
        return value

    def clean(self) -> dict[str, Any]:
        """What must be filled depends on whom they met."""
        answers: dict[str, Any] = super().clean() or {}
        outcome = answers.get("outcome")
        for need in self.needs():
            name = need["name"]
            wanted = (need["when"] == "met" and outcome in ("as_declared", "differs")) or (
                need["when"] == "differs" and outcome == "differs"
            )
            if wanted and not answers.get(name) and name not in self.errors:
                self.add_error(name, need["said"])
        return answers

    def told(self) -> Told:
        """The content, as the verb takes it."""
        names = Told.__dataclass_fields__
        answers = {name: self.cleaned_data[name] for name in names}
        return Told(**answers)

    def key_or_new(self) -> UUID:
        """The key of the form; one made here where a program sent none."""
        return self.cleaned_data["key"] or uuid4()

    def filled_ago(self) -> timedelta:
        """How long ago the form was filled in."""
        return timedelta(seconds=min(self.cleaned_data["ago"] or 0, _LONGEST))


class OrderForm(forms.Form):
    """安排上门: why, in words for the people who go."""

    reason = forms.CharField(
        label=gettext_lazy("上门要看什么"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("上门的人会看到。写要看的事，不写猜测。"),
        error_messages={"required": gettext_lazy("请写明要上门看什么，上门的人会看到。")},
    )


class CallForm(forms.Form):
    """电话联系: reached or not, and what was agreed."""

    reached = forms.ChoiceField(
        label=gettext_lazy("打通了吗"),
        choices=[("yes", gettext_lazy("打通了")), ("no", gettext_lazy("没有打通"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择打通没有。")},
    )
    text = forms.CharField(
        label=gettext_lazy("约了什么时间，或者为什么没有打通"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": gettext_lazy("请写明约了什么时间，或者为什么没有打通。")},
    )

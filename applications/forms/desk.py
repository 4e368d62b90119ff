"""Forms of the desks that settle acceptance and promises: a choice and its reasons."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    """One act with its reasons, in the words that the family will read."""

    act = forms.ChoiceField(
        label=_("怎么处理"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择怎么处理。")},
    )
    reasons = forms.CharField(
        label=_("原因"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("申请人会看到这些话，写明缺什么、为什么不行、怎么办。"),
    )

    def __init__(self, *args: Any, acts: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["act"].choices = acts  # type: ignore[attr-defined]


class FindingForm(ReasonForm):
    """The answer to a promise that is to be checked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["act"].label = _("核实结果")
        self.fields["reasons"].label = _("怎么核实的，查到了什么")
        self.fields["reasons"].help_text = _("有疑问或者认定不实的，申请人会看到这些话。")


class ExplainForm(forms.Form):
    """The family's own words about a promise that is doubted."""

    text = forms.CharField(
        label=_("实际情况"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("请写一写实际情况，一两句话就可以。")},
    )

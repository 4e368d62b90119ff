"""The answer to an inquiry (核实单)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications import inquiry_answers
from applications.models import Inquiry


class InquiryForm(forms.Form):
    """核实结果: what is so, how it was found out, in a sentence; for whom of the household."""

    outcome = forms.ChoiceField(
        label=_("核实结果"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择核实结果。")},
    )
    reason_code = forms.ChoiceField(
        label=_("怎么核实的"),
        choices=[("", _("请选择")), *inquiry_answers.REASONS],
        required=False,
    )
    text = forms.CharField(
        label=_("核实经过"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, rows: list[Inquiry], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = inquiry_answers.choices_of(rows[0])  # type: ignore[attr-defined]
        if len(rows) > 1:
            people = [(str(one.pk), one.member.name) for one in rows if one.member]
            self.fields["also"] = forms.MultipleChoiceField(
                label=_("一并办理"),
                choices=people,
                initial=[pk for pk, _name in people],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": _("请选择至少一位。")},
            )
            self.order_fields(["also", "outcome", "reason_code", "text"])

    def answer(self) -> dict[str, Any]:
        """What ``inquiry_answers.answer`` takes."""
        told = {name: self.cleaned_data[name] for name in ("outcome", "reason_code", "text")}
        return {**told, "also": [int(pk) for pk in self.cleaned_data.get("also", [])]}

    def chosen(self, rows: list[Inquiry]) -> Inquiry:
        """The row that the answer begins with: one of those ticked."""
        ticked = set(self.cleaned_data.get("also", [])) or {str(rows[0].pk)}
        return next(one for one in rows if str(one.pk) in ticked)

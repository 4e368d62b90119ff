"""The form by which the centre moves one household on the waiting list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DateField, PlainWords

SUSPEND, RESUME, REORDER = "suspend", "resume", "reorder"


class MoveForm(PlainWords, forms.Form):
    """暂停、恢复或者调整位置, each with the reason that the family reads."""

    what = forms.ChoiceField(label=_("怎么办"), widget=forms.RadioSelect)
    draw_tier = forms.TypedChoiceField(
        label=_("改到第几档"), coerce=int, empty_value=None, required=False,
        help_text=_("只在调整位置时填；档次越小越先。不改就不选。"),
    )  # fmt: skip
    order_on = DateField(
        label=_("按哪一天排队"), required=False,
        help_text=_("只在调整位置时填；登记日期本身不变。不改就不填。"),
    )  # fmt: skip
    words = forms.CharField(
        label=_("原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("家庭会看到这段话，请写清楚依据，不写病情和别人的信息。"),
    )  # fmt: skip

    def __init__(self, *args: Any, suspended: bool, tiers: list[int], **more: Any) -> None:
        super().__init__(*args, **more)
        halt = (RESUME, _("恢复轮候")) if suspended else (SUSPEND, _("暂停轮候，位置保留"))
        self.fields["what"].choices = [halt, (REORDER, _("调整位置"))]  # type: ignore[attr-defined]
        self.fields["draw_tier"].choices = [("", _("不改")), *((n, n) for n in tiers)]  # type: ignore[attr-defined]

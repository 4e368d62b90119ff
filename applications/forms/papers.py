"""Boxes for what a family is asked to add (补正、补交): one for each paper."""

from collections.abc import Collection

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Supplement


class AnswersForm(forms.Form):
    """补正: one box for each thing asked, all of them at once; uploaded pages answer too."""

    every = True  # whether each box has to be filled
    hint: object = gettext_lazy("可以写文字，也可以在下面拍照上传，或者两样都给。")

    def __init__(
        self,
        *args: object,
        items: list[Supplement],
        shown: Collection[str] = (),
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for one in items:
            self.fields[f"item_{one.pk}"] = forms.CharField(
                label=one.text,
                required=self.every and one.item not in shown,
                max_length=2000,
                widget=forms.Textarea({"rows": 3}),
                help_text=self.hint,  # type: ignore[arg-type]
                error_messages={"required": _("请填写这一样，或者上传照片。")},
            )

    def answers(self) -> dict[int, str]:
        """Text by key of the supplement."""
        return {int(name.partition("_")[2]): text for name, text in self.cleaned_data.items()}


class BringForm(AnswersForm):
    """补交: each paper may come on its own."""

    every = False
    hint = gettext_lazy("拍照上传，或者写上证件、证明的编号、日期和主要内容。")

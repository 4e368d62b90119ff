"""Forms of the re-check and of exits."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainWords
from renewal.models import ExitCase


class PlanForm(PlainWords, forms.Form):
    """A year's campaign."""

    year = forms.IntegerField(label=_("年度"), min_value=2015, max_value=2100)


class WordsForm(PlainWords, forms.Form):
    """One text that a step needs."""

    words = forms.CharField(
        label=_("说明"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )

    def __init__(self, *args: object, label: object = None, hint: object = "", **kwargs: object):
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if label:
            self.fields["words"].label = label  # type: ignore[assignment]
        self.fields["words"].help_text = str(hint)


class ClueForm(PlainWords, forms.Form):
    """What a person makes of a clue; the ground counts where a case is opened on it."""

    words = forms.CharField(
        label=_("核实情况"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text=_("问了谁、看到什么、为什么这样办，一两句话就够。"),
    )
    ground = forms.ChoiceField(
        label=_("转退出核对的事由"), choices=ExitCase.Ground.choices, required=False
    )

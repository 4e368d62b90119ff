"""Forms of the re-check and of exits."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainWords


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

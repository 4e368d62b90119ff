"""The form of the what-if panel."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainWords


class MoveForm(PlainWords, forms.Form):
    """改成多少: the moved value as typed; what a pack may hold is checked where it is moved."""

    to = forms.CharField(
        label=_("改成"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "class": "yz-w10", "autocomplete": "off"}
        ),
    )

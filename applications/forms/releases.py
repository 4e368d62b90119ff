"""Forms of releasing a rule."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainWords


class DraftForm(PlainWords, forms.Form):
    """起草政策包: the whole pack as text, and why it changes."""

    reason = forms.CharField(label=_("为什么改"), max_length=400)
    text = forms.CharField(
        label=_("政策包内容"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "yz-source-text"}),
        help_text=_("改编号、生效日期和要改的数值。没有文件依据的数值标 unverified。"),
    )


class NoteForm(PlainWords, forms.Form):
    """退回或撤回: a sentence."""

    note = forms.CharField(label=_("为什么"), max_length=400)

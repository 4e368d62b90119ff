"""Forms about one household: its answers, the desk's words, calls, sums, renewals."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import periods
from core.forms import PlainWords
from renewal import question_rules, questions
from renewal.models import ContactTask, HouseholdQuestion

_Kind, _Choice = HouseholdQuestion.Kind, HouseholdQuestion.Choice
_WORDS = {
    _Choice.RIGHT: gettext_lazy("登记的对"),
    _Choice.WRONG: gettext_lazy("登记的不对，我来写明"),
    _Choice.PAPER: gettext_lazy("补一份证明，或者写明情况"),
}
_ASKS = {
    _Kind.CONFIRM: gettext_lazy("是这样吗"),
    _Kind.EXPLAIN: gettext_lazy("登记的对吗"),
    _Kind.PROOF: gettext_lazy("怎么办"),
}


class AnswerForm(PlainWords, forms.Form):
    """One question: what is so, and words where they are needed."""

    choice = forms.ChoiceField(widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("写明情况"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("登记不对的，写明应该是怎样；证件写编号和日期。也可以拍照上传。"),
    )

    def __init__(self, *args: Any, question: HouseholdQuestion, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", f"q{question.pk}")
        if question.choice:
            kwargs.setdefault("initial", {"choice": question.choice, "text": question.text})
        super().__init__(*args, **kwargs)
        promise = question_rules.promise_of(question.finding.get("reason", ""))
        words: list[tuple[str, Any]] = []
        for one in questions.choices(question):
            told = _WORDS.get(_Choice(one), "")
            words.append((one, _("按承诺办理：%(promise)s") % {"promise": promise})
                         if one == _Choice.PROMISE else (one, told))  # fmt: skip
        field: Any = self.fields["choice"]
        field.choices = words
        field.label = _ASKS[_Kind(question.kind)]
        field.error_messages["required"] = _("请选择一项。")
        if len(words) == 1:
            field.widget = forms.HiddenInput()
            field.initial = words[0][0]


class NoteForm(PlainWords, forms.Form):
    """A sentence of the desk's."""

    note = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 2}))

    def __init__(
        self, *args: Any, label: Any, hint: Any = "", required: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["note"]
        field.label, field.help_text, field.required = label, str(hint), required
        field.error_messages["required"] = _("请填写「%(label)s」。") % {"label": label}


class ContactForm(PlainWords, forms.Form):
    """What came of a call or a visit."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("联系的结果"),
        choices=[
            one for one in ContactTask.Outcome.choices if one[0] != ContactTask.Outcome.NOT_NEEDED
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("情况"), max_length=1000, widget=forms.Textarea({"rows": 3})
    )


class AgainForm(PlainWords, forms.Form):
    """The rent computed anew by another person."""

    tier = forms.ChoiceField(label=gettext_lazy("保障档次"))
    answer = forms.CharField(
        label=gettext_lazy("怎么算的"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("家庭会看到。租金按档次和租金标准自动算出。"),
    )

    def __init__(self, *args: Any, tiers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = tiers  # type: ignore[attr-defined]


class AgreeForm(PlainWords, forms.Form):
    """A new term."""

    months = forms.IntegerField(label=gettext_lazy("租期（月）"), min_value=1)
    note = forms.CharField(
        label=gettext_lazy("说明"), required=False, max_length=400,
        help_text=gettext_lazy("可以不填，家庭会看到。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"months": periods.of("lease_term").value})
        super().__init__(*args, **kwargs)


class CaseForm(PlainWords, forms.Form):
    """Whose household: at the window, by its case or its contract."""

    number = forms.CharField(
        label=gettext_lazy("办件编号或合同编号"), max_length=40,
    )  # fmt: skip

"""Forms of the reviewers, the signers and the public notice."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications import findings, opinion_draft, reason_codes
from applications.duties import name_of
from applications.evidence_screen import Screen, draft_sentence
from applications.findings import How
from applications.models import Opinion
from applications.models.review import Stage

_HOW = {
    findings.FAIL: (How.CONFIRMED_FAIL, How.OVERRIDDEN_PASS),
    findings.UNKNOWN: (How.VERIFIED_PASS, How.ON_COMMITMENT, How.CONFIRMED_FAIL),
}
_SHORT = {
    How.CONFIRMED_FAIL: _("不符"),
    How.OVERRIDDEN_PASS: _("符合"),
    How.VERIFIED_PASS: _("符合"),
    How.ON_COMMITMENT: _("承诺"),
}
_CLOSE = [("agree", _("同意，进入公示")), ("object", _("拟不符合条件的决定，交另一位同事签发"))]


class OpinionForm(forms.Form):
    """审核意见: each doubtful rule settled, a verdict, its reasons and a sentence.

    The sentence is drafted here from what was chosen, and follows it until somebody changes it.
    """

    verdict = forms.ChoiceField(
        label=_("意见"),
        choices=Opinion.Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择意见。")},
    )
    reason_codes = forms.MultipleChoiceField(
        label=_("核实方式"), required=False, widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("按上面的选择起草，可以改。"),
    )
    drafted = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, screen: Screen, waits: bool = False, chosen: Any = None, **kwargs: Any
    ) -> None:
        """``waits``: a question of this desk is open. ``chosen``: what was sent to be drafted."""
        self.screen, self.stage = screen, screen.task.stage
        self.rules = [] if screen.closing else list(screen.task.findings)
        self.opening = draft_sentence(screen)
        kwargs.setdefault("initial", {"text": self.opening, "drafted": self.opening})
        super().__init__(*args, **kwargs)
        for rule in self.rules:
            self._add_rule(rule, findings.worst_of(screen.assessment, rule))
        self._offer_desk()
        if waits:
            self._add_despite()
        first = [f for f in self.fields if "__" in f]
        self.order_fields([*first, "verdict", "reason_codes", "despite", "text"])
        if chosen is not None:
            self._draft_from(chosen)

    def _offer_desk(self) -> None:
        """The street's own reasons stand beside how it checked; the district names the rules'."""
        if self.stage == Stage.DISTRICT:
            self.fields["verdict"].choices = _CLOSE  # type: ignore[attr-defined]
            del self.fields["reason_codes"]
            return
        own = reason_codes.of_desk(self.stage)
        offered = [(one.code, one.words) for one in (*reason_codes.ways(), *own)]
        self.fields["reason_codes"].choices = offered  # type: ignore[attr-defined]
        if own:
            self.fields["reason_codes"].label = _("核实方式和理由")
            self.fields["reason_codes"].help_text = _("不同意的，至少选一项理由。")

    def _add_rule(self, rule: str, worst: str) -> None:
        hows = _HOW.get(worst, tuple(How))
        name = name_of(rule)
        self.fields[f"how__{rule}"] = forms.ChoiceField(
            label=_("%(rule)s核实结果") % {"rule": name},
            choices=[(how.value, how.label) for how in hows],
            widget=forms.RadioSelect,
            error_messages={"required": _("请选择%(rule)s的核实结果。") % {"rule": name}},
        )
        self.fields[f"codes__{rule}"] = forms.MultipleChoiceField(
            label=_("%(rule)s的理由") % {"rule": name},
            choices=_by_how(rule, hows),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("和核实结果一致；不符的至少选一项。"),
        )
        self.fields[f"reason__{rule}"] = forms.CharField(
            label=_("%(rule)s的核实经过") % {"rule": name},
            required=False,
            max_length=400,
            help_text=_("更正系统判断、人工核实符合的要写明，由另一位同事确认后算数。"),
        )
        if rule == "INCOME":
            self._add_amount(rule)

    def _add_amount(self, rule: str) -> None:
        self.fields[f"amount__{rule}"] = forms.DecimalField(
            label=_("核实的全家年收入（元）"),
            required=False,
            min_value=0,
            max_digits=12,
            decimal_places=2,
            help_text=_("写了按金额定档次；不写的，符合时按中等偏下收入计租。"),
            error_messages={"invalid": _("请填写金额，例如108000或者108000.50。")},
        )

    def _add_despite(self) -> None:
        self.fields["despite"] = forms.CharField(
            label=_("不等征询答复的理由"),
            required=False,
            max_length=400,
            help_text=_("还有征询没有答复。可以再等等；不等的，写明理由。"),
        )

    def _draft_from(self, chosen: Any) -> None:
        """An unbound form with what was chosen and the sentence that follows from it."""
        for name, field in self.fields.items():
            several = isinstance(field, forms.MultipleChoiceField)
            self.initial[name] = chosen.getlist(name) if several else chosen.get(name, "")
        settled = {
            rule: {"how": how, "reason": chosen.get(f"reason__{rule}", "")}
            for rule in self.rules
            if (how := chosen.get(f"how__{rule}", "")) in How.values
        }
        codes = [code for name in self._code_fields() for code in chosen.getlist(name)]
        text = self._sentence(chosen.get("verdict", ""), settled, codes)
        self.initial["text"] = self.initial["drafted"] = text

    def clean(self) -> dict[str, Any]:
        """The sentence follows the choices until somebody has changed it."""
        data = super().clean() or self.cleaned_data
        text = data.get("text", "").strip()
        if not self.errors and text in ("", data.get("drafted", "").strip()):
            settled = self.settled()
            data["text"] = self._sentence(data["verdict"], settled, self.codes())
        return data

    def _sentence(self, verdict: str, settled: Any, codes: list[str]) -> str:
        said = opinion_draft.sentence(
            stage=self.stage, verdict=verdict, settled=settled, codes=codes, opening=self.opening
        )
        return said or self.opening

    def _code_fields(self) -> list[str]:
        return [f"codes__{rule}" for rule in self.rules] + ["reason_codes"]

    def codes(self) -> list[str]:
        """Every reason that was ticked."""
        return [code for f in self._code_fields() for code in self.cleaned_data.get(f, [])]

    def settled(self) -> dict[str, dict[str, Any]]:
        """What ``review.opine`` takes."""
        return {
            rule: {
                "how": self.cleaned_data[f"how__{rule}"],
                "reason": self.cleaned_data[f"reason__{rule}"],
                "amount": self.cleaned_data.get(f"amount__{rule}"),
            }
            for rule in self.rules
        }


def _by_how(rule: str, hows: Any) -> list[tuple[str, str]]:
    """A rule's reasons, each with the result that it fits."""
    return [
        (one.code, gettext("%(how)s：%(reason)s") % {"how": _SHORT[How(how)], "reason": one.words})
        for how in hows
        for one in reason_codes.of_rule(rule, [how])
    ]


class ReturnForm(forms.Form):
    """退回拟稿, or 收回: why the letter goes back."""

    reason = forms.CharField(
        label=_("退回原因"), max_length=200, error_messages={"required": _("请写明退回原因。")}
    )


class AnswerForm(forms.Form):
    """书面答复: the outcome of a check and its reasons."""

    outcome = forms.ChoiceField(
        label=_("结论"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择结论。")},
    )
    text = forms.CharField(
        label=_("核查经过和理由"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("请写明核查经过和理由。")},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]


class RefusalForm(forms.Form):
    """查实后拟决定: the rule that the check found failed, and the fact."""

    rule = forms.ChoiceField(label=_("不符合的条件"))
    fact = forms.CharField(
        label=_("查实的情况"),
        max_length=400,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("请写明查实的情况。")},
        help_text=_("写一句话，会原样写进决定书，例如：在另一处有住房一套，89.50平方米。"),
    )

    def __init__(self, *args: Any, rules: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [(rule, name_of(rule)) for rule in rules]  # type: ignore[attr-defined]


class ObjectionForm(forms.Form):
    """公示异议: what one knows, and how one can be reached."""

    text = forms.CharField(
        label=_("您了解到的情况"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("写清时间、地点和事情，方便我们核查。"),
        error_messages={"required": _("请写明您了解到的情况。")},
    )
    contact = forms.CharField(
        label=_("您的姓名和联系方式"),
        max_length=60,
        required=False,
        help_text=_(
            "只给核查的人看，不会告诉被公示的家庭。留了，我们先核查再继续办理，并答复您；不留，作为线索去了解，公示照常进行。"
        ),
    )


class NumberForm(forms.Form):
    """查异议的结果: the number from the receipt."""

    number = forms.CharField(
        label=_("查询号"),
        max_length=20,
        help_text=_("提交以后给您的10位字母和数字。"),
        error_messages={"required": _("请填写查询号。")},
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )


class FactForm(forms.Form):
    """依职权立案: the fact that was found."""

    fact = forms.CharField(
        label=_("查实的情况"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("请写明查实的情况。")},
    )


class CheckCodeForm(forms.Form):
    """文书验真: the code printed on a letter."""

    code = forms.CharField(
        label=_("文书验证码"),
        max_length=60,
        help_text=_("文书右上角二维码下面的字母和数字。"),
        error_messages={"required": _("请填写验证码。")},
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )

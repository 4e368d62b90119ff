"""Forms of the reviewers, the signers and the public notice."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications import findings
from applications.duties import name_of
from applications.evidence_screen import Screen, draft_sentence
from applications.findings import How
from applications.models import Opinion
from applications.models.review import Stage

REASON_CODES = [
    ("registers_agree", _("登记信息一致")),
    ("paper_seen", _("已看原件")),
    ("visited", _("已入户核实")),
    ("asked_family", _("已向当事人核实")),
    ("other_office", _("已向其他单位核实")),
]
_HOW = {
    findings.FAIL: (How.CONFIRMED_FAIL, How.OVERRIDDEN_PASS),
    findings.UNKNOWN: (How.VERIFIED_PASS, How.ON_COMMITMENT, How.CONFIRMED_FAIL),
}
_CLOSE = [("agree", _("同意，进入公示")), ("object", _("拟不符合条件的决定，交另一位同事签发"))]


class OpinionForm(forms.Form):
    """审核意见: each doubtful rule settled, a verdict, its reasons and a sentence."""

    verdict = forms.ChoiceField(
        label=_("意见"),
        choices=Opinion.Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择意见。")},
    )
    reason_codes = forms.MultipleChoiceField(
        label=_("核实方式"),
        choices=REASON_CODES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    text = forms.CharField(
        label=_("说明"), required=False, max_length=2000, widget=forms.Textarea({"rows": 4})
    )

    def __init__(self, *args: Any, screen: Screen, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"text": draft_sentence(screen)})
        super().__init__(*args, **kwargs)
        self.rules = [] if screen.closing else list(screen.task.findings)
        for rule in self.rules:
            self._add_rule(rule, findings.worst_of(screen.assessment, rule))
        if screen.task.stage == Stage.DISTRICT:
            self.fields["verdict"].choices = _CLOSE  # type: ignore[attr-defined]
            del self.fields["reason_codes"]
        self.order_fields([*(f for f in self.fields if "__" in f), "verdict", "text"])

    def _add_rule(self, rule: str, worst: str) -> None:
        choices = [(how.value, how.label) for how in _HOW.get(worst, tuple(How))]
        self.fields[f"how__{rule}"] = forms.ChoiceField(
            label=_("%(rule)s核实结果") % {"rule": name_of(rule)},
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": _("请选择%(rule)s的核实结果。") % {"rule": name_of(rule)}},
        )
        self.fields[f"reason__{rule}"] = forms.CharField(
            label=_("%(rule)s的核实经过") % {"rule": name_of(rule)},
            required=False,
            max_length=400,
            help_text=_("更正系统的判断要写明。"),
        )

    def settled(self) -> dict[str, dict[str, str]]:
        """What ``review.opine`` takes."""
        return {
            rule: {
                "how": self.cleaned_data[f"how__{rule}"],
                "reason": self.cleaned_data[f"reason__{rule}"],
            }
            for rule in self.rules
        }


class ReturnForm(forms.Form):
    """退回拟稿: why the draft goes back."""

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
        label=_("您的联系方式"),
        max_length=60,
        help_text=_("只用来向您核实和答复，不会告诉被公示的家庭。"),
        error_messages={"required": _("请留下联系方式。")},
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

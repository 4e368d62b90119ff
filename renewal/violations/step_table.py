"""The steps of a violation's and a fine's page: what each asks and does, and when it is open."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from renewal import forms_violations as forms
from renewal import violation_states as states
from renewal.forms import WordsForm
from renewal.models import Fine, Violation
from renewal.occupancy import planning
from renewal.violations import fines, kinds, steps

Row = Violation | Fine


@dataclass(frozen=True)
class Step:
    """One step: heading, the form's maker (None: a button alone), the verb, and what it needs."""

    title: Any
    button: Any
    act: Callable[[Any, Staff, dict[str, Any]], Any]
    form: Callable[..., Any] | None = None
    why_not: Callable[[Any, Staff], Any] = lambda row, staff: ""
    hint: Any = ""


def _words(label: Any, hint: Any = "", initial: Callable[[Any], Any] | None = None) -> Any:
    def make(*args: Any, row: Any) -> WordsForm:
        form = WordsForm(*args, label=label, hint=hint)
        if initial is not None:
            form.fields["words"].initial = initial(row)
        return form

    return make


def _plain(form: Any) -> Any:
    return lambda *args, row: form(*args)


def _follow(row: Violation, staff: Staff, told: dict[str, Any]) -> Any:
    return planning.plan(
        row.lease, reason="follow_up", words=told["words"], by=staff, violation=row
    )


_SAID = {
    "speak": Step(_("记录住户的说明"), _("记录"),
                  lambda row, by, told: steps.speak(row, by=by.user, **told),
                  _plain(forms.SpeakForm)),
    "set_aside": Step(_("不成立，关闭"), _("记为不成立"),
                      lambda row, by, told: steps.set_aside(row, words=told["words"], by=by),
                      _words(_("核对的结果"), _("例如：住院、亲属照顾、门锁坏了。"))),
}  # fmt: skip
_CORRECTED = Step(
    _("已经改正"), _("记为已改正"),
    lambda row, by, told: steps.corrected(row, words=told["words"], by=by),
    _words(_("怎么改正的")),
)  # fmt: skip
_CHECK = Step(
    _("核实正当情况"), _("保存核实结果"),
    lambda row, by, told: steps.check(row, answers=told, by=by), forms.ChecksForm,
    hint=_("先问一问、看一看，再告知住户。有一项属实就记为不成立。"),
)  # fmt: skip
VIOLATION: dict[str, dict[str, Step]] = {
    states.V_FOUND: {
        "check": _CHECK,
        "tell": Step(_("告知住户"), _("告知住户"),
                     lambda row, by, told: steps.tell_household(row, by=by),
                     why_not=lambda row, staff: steps.why_not_tell(row),
                     hint=_("住户会看到是什么事，有时间说明。现在没有任何决定。")),
        "set_aside": _SAID["set_aside"],
    },
    states.V_TOLD: {
        **_SAID,
        "close": Step(_("到期没有说明"), _("记为没有说明"),
                      lambda row, by, told: steps.close_speaking(row, by=by)),
        "order": Step(_("责令限期改正"), _("签发通知书"),
                      lambda row, by, told: steps.order(row, text=told["words"], by=by),
                      _words(_("要改正什么"), initial=lambda row: kinds.of(row.kind).order),
                      hint=_("听取说明以后签发。改正的时间从送达起算。")),
    },
    states.V_CORRECTING: {
        "served": Step(_("登记送达"), _("登记送达"),
                       lambda row, by, told: steps.served(row, by=by, **told),
                       _plain(forms.ServedForm),
                       lambda row, staff: _("已经送达。") if row.served_on else ""),
        "follow": Step(_("安排复查"), _("安排复查"), _follow, _words(_("复查看什么"))),
        "extend": Step(_("延长改正的时间"), _("延长"),
                       lambda row, by, told: steps.extend(row, why=told["words"], by=by),
                       _words(_("为什么延长"))),
        "check": _CHECK,
        "speak": _SAID["speak"],
        "corrected": _CORRECTED,
        "confirm": Step(_("认定没有改正"), _("认定"),
                        lambda row, by, told: steps.confirm(row, words=told["words"], by=by),
                        _words(_("复查看到的情况")), steps.why_not_confirm,
                        _("由另一位同事认定。住户的居住不因此改变。")),
        "set_aside": _SAID["set_aside"],
    },
    states.V_CONFIRMED: {
        "case": Step(_("转退出核对"), _("转退出核对"),
                     lambda row, by, told: steps.to_case(row, by=by),
                     hint=_("退出核对另有告知、听取和两人签发，这一步不改变住户的居住。")),
        "corrected": _CORRECTED,
        "speak": _SAID["speak"],
        "set_aside": _SAID["set_aside"],
    },
}  # fmt: skip
FINE_PROPOSAL = Step(
    _("建议罚款"), _("提出建议"), lambda row, by, told: fines.propose(row, by=by, **told),
    _plain(forms.FineForm), fines.why_not_propose,
    _("先告知、听取，再由另一位同事决定。"),
)  # fmt: skip
_DROP = Step(_("不予处罚"), _("不予处罚"),
             lambda row, by, told: fines.drop(row, reason=told["words"], by=by),
             _words(_("为什么不予处罚")))  # fmt: skip
_FINE_SPEAK = Step(_("记录当事人的说明"), _("记录"),
                   lambda row, by, told: fines.speak(row, by=by.user, **told),
                   _plain(forms.FineSpeakForm))  # fmt: skip
FINE: dict[str, dict[str, Step]] = {
    states.P_PROPOSED: {
        "notice": Step(_("告知当事人"), _("告知当事人"),
                       lambda row, by, told: fines.notice(row, by=by)),
        "drop": _DROP,
    },
    states.P_NOTICED: {
        "speak": _FINE_SPEAK,
        "close": Step(_("到期没有说明"), _("记为没有说明"),
                      lambda row, by, told: fines.close_speaking(row, by=by)),
        "drop": _DROP,
    },
    states.P_HEARD: {
        "speak": _FINE_SPEAK,
        "hearing": Step(_("听证"), _("记录听证"),
                        lambda row, by, told: fines.hold_hearing(row, by=by, **told),
                        _plain(forms.HearingForm),
                        lambda row, staff: "" if row.hearing_asked_at else _("没有要求听证。")),
        "draft": Step(_("拟处罚决定"), _("拟处罚决定"),
                      lambda row, by, told: fines.draft(row, by=by, text=told["words"]),
                      _words(_("理由和依据"), _("写明怎么看待当事人的说明。")),
                      lambda row, staff: fines.why_not_draft(row)),
        "drop": _DROP,
    },
    states.P_DRAFTED: {
        "sign": Step(_("决定"), _("签发处罚决定"),
                     lambda row, by, told: fines.sign(row, by=by), why_not=fines.why_not_sign),
        "drop": _DROP,
    },
    states.P_DECIDED: {
        "paid": Step(_("登记缴纳"), _("登记缴纳"),
                     lambda row, by, told: fines.paid(row, by=by, **told),
                     _plain(forms.PaidForm)),
        "drop": _DROP,
    },
}  # fmt: skip


def open_for(row: Row) -> dict[str, Step]:
    """The steps of the present state, by their names."""
    table = FINE if isinstance(row, Fine) else VIOLATION
    found = dict(table.get(row.state, {}))
    if isinstance(row, Violation) and row.state in (states.V_CONFIRMED, states.V_CASE):
        found["fine"] = FINE_PROPOSAL
    return found


def form_of(step: Step, row: Row, *sent: Any) -> Any:
    """The form of a step; None for a button alone."""
    return step.form(*sent, row=row) if step.form else None


def offered(row: Row, staff: Staff, name: str = "", form: Any = None) -> list[dict[str, Any]]:
    """The steps as a page shows them, each with its form or the sentence why not yet."""
    return [
        {
            "name": key, "step": step, "why_not": step.why_not(row, staff), "open": key == name,
            "form": form if key == name and form is not None else form_of(step, row),
        }
        for key, step in open_for(row).items()
    ]  # fmt: skip

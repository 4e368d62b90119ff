"""What an opinion must hold before it is given (审核意见): doubts settled, reasons, nothing open.

Read-only: the verbs of ``applications.review`` ask here, and so does the page that offers them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from applications import (
    duties,
    findings,
    inquiries,
    open_changes,
    reason_codes,
    referrals,
    reports,
    settlements,
    visits,
)
from applications.findings import How
from applications.models import Application, Opinion, ReviewTask
from applications.models.review import Stage
from applications.settlements import OpinionRefused
from core import display

AGREE, OBJECT = Opinion.Verdict.AGREE, Opinion.Verdict.OBJECT


@dataclass(frozen=True)
class Draft:
    """An opinion that is about to be given."""

    verdict: str
    settled: dict[str, dict[str, Any]]
    reason_codes: list[str]
    text: str
    second: bool  # overrides the registers: counts once a second person has confirmed it

    @property
    def confirms_fail(self) -> bool:
        return any(one["how"] == How.CONFIRMED_FAIL for one in self.settled.values())


def why_not_yet(task: ReviewTask) -> str:
    """What must be settled before the desk can give its opinion; '' if nothing."""
    from applications import correction_lists  # its notice is sent by what this may have ended

    if why := correction_lists.why_not_close(task):
        return why
    if task.stage == Stage.STREET:
        return ""
    if task.stage == Stage.DISTRICT:
        if why := open_changes.why_not_decide(task.application):
            return why
        rows = list(inquiries.holding(task.application).select_related("bureau"))
        if not rows:
            return ""
        return _("还有%(n)d张核实单没有办完：%(desks)s。办完之前不能作决定。") % {
            "n": len(rows),
            "desks": display.listed(dict.fromkeys(one.bureau.name for one in rows)),
        }
    if n := inquiries.of_desk(task).count():
        return _("本部门还有%(n)d张核实单没有办完，先核实再提意见。") % {"n": n}
    return reports.why_not_yet(task.application, task.bureau.kind)


def refuse_bad(application: Application, task: ReviewTask, draft: Draft, despite: str) -> None:
    """Raises OpinionRefused with the sentence that says what is missing, and for which field."""
    if draft.verdict not in Opinion.Verdict.values:
        raise OpinionRefused(_("请选择同意或者不同意。"), "verdict")
    if why := why_not_yet(task):
        raise OpinionRefused(why, "verdict")
    if not despite.strip() and referrals.open_of_desk(task).exists():
        raise OpinionRefused(_("还有征询没有答复。可以再等等，或者写明为什么不等。"), "despite")
    if task.stage == Stage.DISTRICT:
        _refuse_bad_close(application, draft)
    else:
        _refuse_bad_settling(application, task, draft)
    settlements.checked_reasons(
        draft.reason_codes, stage=task.stage, verdict=draft.verdict, settled=draft.settled
    )


def _refuse_bad_settling(application: Application, task: ReviewTask, draft: Draft) -> None:
    if task.stage == Stage.STREET and (why := visits.why_not_unanswered(application, draft.text)):
        raise OpinionRefused(why, "text")
    _refuse_foreign_rules(task, draft)
    if missing := [rule for rule in task.findings if rule not in draft.settled]:
        raise OpinionRefused(
            _("还有%(n)d项没有核实：%(rules)s。请逐项选择核实结果。")
            % {"n": len(missing), "rules": _names(missing)},
            "settled",
        )
    if draft.confirms_fail and draft.verdict == AGREE:
        raise OpinionRefused(_("有一项核实为不符，意见不能是同意。"), "verdict")
    if draft.verdict == OBJECT and not draft.text:
        raise OpinionRefused(_("不同意要写明理由，申请人会看到依据。"), "text")
    if task.stage == Stage.JOINT and draft.verdict == OBJECT and not draft.confirms_fail:
        raise OpinionRefused(_("不同意要有至少一项核实不符的条件。"), "settled")


def _refuse_foreign_rules(task: ReviewTask, draft: Draft) -> None:
    foreign = [rule for rule in draft.settled if duties.department_of(rule) != task.bureau.kind]
    if foreign:
        raise OpinionRefused(_("%(rules)s不归本部门核实。") % {"rules": _names(foreign)}, "settled")


def _refuse_bad_close(application: Application, draft: Draft) -> None:
    assessment = findings.latest_assessment(application)
    if draft.settled:
        raise OpinionRefused(_("各项由主管部门核实，区里不改部门的核实结果。"), "settled")
    if open_rules := findings.unsettled(application, assessment):
        raise OpinionRefused(
            _("还有%(n)d项没有部门核实：%(rules)s。核实之前不能作决定。")
            % {"n": len(open_rules), "rules": _names(open_rules)},
            "verdict",
        )
    confirmed = findings.confirmed_fails(application, assessment)
    if draft.verdict == AGREE and confirmed:
        raise OpinionRefused(
            _("部门核实%(rules)s不符，不能同意；请拟不符合条件的决定。")
            % {"rules": _names(dict.fromkeys(one.rule for one in confirmed))},
            "verdict",
        )
    if draft.verdict == OBJECT and not confirmed:
        raise OpinionRefused(_("没有一项经人核实为不符，不能作不符合条件的决定。"), "verdict")


def drafted(
    application: Application,
    task: ReviewTask,
    verdict: str,
    settled: Mapping[str, Any] | None,
    codes: Iterable[str],
    text: str,
) -> Draft:
    """The opinion as it would be kept. Raises OpinionRefused for a settlement that does not fit."""
    assessment = findings.latest_assessment(application)
    checked = settlements.checked(settled, assessment)
    named = list(dict.fromkeys(codes))
    if task.stage == Stage.DISTRICT and verdict == OBJECT and not named:
        named = _named_by_departments(application)
    second = settlements.needs_second(checked, assessment)
    return Draft(verdict, checked, named, text.strip(), second)


def _named_by_departments(application: Application) -> list[str]:
    """The district objects on what the departments confirmed: their reasons are its own."""
    given = Opinion.objects.standing().filter(task__application=application, verdict=OBJECT)
    codes = [code for one in given.order_by("at", "pk") for code in one.reason_codes]
    failed = [one.code for one in reason_codes.named(codes) if one.how == How.CONFIRMED_FAIL]
    return [reason_codes.DISTRICT, *dict.fromkeys(failed)]


def _names(rules: Iterable[str]) -> str:
    """The short names of rules, as a sentence lists them."""
    return display.listed(map(duties.name_of, rules))

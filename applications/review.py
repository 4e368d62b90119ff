"""Joint review (联审): the street opens, five departments work in parallel, the district closes.

Every verb locks the application before a task, so that two of them never wait for each other, and
the last opinion of a stage moves the case on exactly once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Bureau, Staff
from accounts.roles import BureauKind
from applications import (
    decision,
    duties,
    findings,
    inquiries,
    periods,
    permissions,
    publicity,
    reports,
    states,
    verification,
    waiting,
)
from applications.findings import How
from applications.models import Application, Decision, Opinion, ReviewTask
from applications.models.review import Stage
from core import audit, clock, display, locks, workflow
from core.refusals import Refusal

AGREE, OBJECT = Opinion.Verdict.AGREE, Opinion.Verdict.OBJECT
STATE_OF_STAGE = {
    Stage.STREET: states.STREET_REVIEW,
    Stage.JOINT: states.JOINT_REVIEW,
    Stage.DISTRICT: states.DISTRICT_REVIEW,
}
_OPEN = (states.TASK_OPEN, states.TASK_CLAIMED)


class TaskRefused(Refusal):
    """This person may not work on this task now."""


class OpinionRefused(Refusal):
    """The opinion leaves something unsettled, or contradicts itself."""


@dataclass(frozen=True)
class _Draft:
    """An opinion that is about to be given."""

    verdict: str
    settled: dict[str, dict[str, Any]]
    reason_codes: list[str]
    text: str

    @property
    def confirms_fail(self) -> bool:
        return any(one["how"] == How.CONFIRMED_FAIL for one in self.settled.values())


def open_review(application: Application, *, by: Any) -> ReviewTask | None:
    """Opens the street's review of an accepted application; None if it is under way already."""
    with transaction.atomic():
        row = locks.fresh(application)
        if row.state != states.ACCEPTED:
            return None
        workflow.advance(row, states.STREET_REVIEW, by=by)
        application.state = row.state
        inquiries.refresh(row)
        return _open_task(row, Stage.STREET, row.street or _bureau(BureauKind.CENTRE), by=by)


def claim(task: ReviewTask, *, by: Staff) -> ReviewTask:
    """Reserves a task for some hours; claiming one's own again prolongs it. Raises TaskRefused."""
    with transaction.atomic():
        row = _workable(locks.fresh(task), by)
        now = clock.now()
        if row.state == states.TASK_CLAIMED and row.claimed_by_id != by.pk:
            workflow.advance(row, states.TASK_OPEN, by=audit.System("claim expired"))
        row.claimed_by, row.claim_expires_at = by, periods.of("claim").later(now)
        row.save(update_fields=["claimed_by", "claim_expires_at"])
        if row.state == states.TASK_OPEN:
            workflow.advance(row, states.TASK_CLAIMED, by=by.user)
        return row


def release(task: ReviewTask, *, by: Staff) -> ReviewTask:
    """Gives a claimed task back to the queue. Raises TaskRefused."""
    with transaction.atomic():
        row = locks.fresh(task)
        if row.state != states.TASK_CLAIMED or row.claimed_by_id != by.pk:
            raise TaskRefused(_("您没有认领这件任务，不用放回。"))
        workflow.advance(row, states.TASK_OPEN, by=by.user)
        row.claimed_by = row.claim_expires_at = None
        row.save(update_fields=["claimed_by", "claim_expires_at"])
        return row


def opine(
    task: ReviewTask,
    *,
    by: Staff,
    verdict: str,
    settled: Mapping[str, Any] | None = None,
    reason_codes: Iterable[str] = (),
    text: str = "",
) -> Opinion:
    """Gives a bureau's one opinion on a task; the last of a stage moves the case on.

    ``settled`` says of each doubtful rule of the task how the department settled it: a value of
    ``findings.How``, or ``{"how": …, "reason": …}``. Raises TaskRefused, OpinionRefused.
    """
    with transaction.atomic():
        application = locks.fresh(task.application)
        row = _workable(locks.fresh(task), by)
        _refuse_wrong_stage(application, row)
        assessment = findings.latest_assessment(application)
        draft = _Draft(verdict, _settlements(settled, assessment), list(reason_codes), text.strip())
        _refuse_bad_opinion(application, row, draft)
        opinion = _record(row, draft, by)
        _hand_on(application, row, draft, by)
        task.refresh_from_db()
        return opinion


def refresh_findings(application: Application) -> None:
    """Brings the tasks in line with the newest assessment, after a register answered late.

    What a department has settled on another value is asked again: its open task shows it, or a
    new one is opened, and a case already at the district goes back until it is settled.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        inquiries.refresh(row)
        if row.state not in STATE_OF_STAGE.values():
            return
        codes = findings.doubtful(findings.latest_assessment(row))
        for task in row.tasks.filter(state__in=_OPEN).select_related("bureau"):
            _write_findings(task, _findings_of(task.stage, task.bureau, codes))
        if row.state != states.STREET_REVIEW:
            _ask_again(row)
        go_on(row)
        application.refresh_from_db()


def go_on(application: Application) -> None:
    """Hands a case to the district once the departments have nothing left to answer."""
    with transaction.atomic():
        row = locks.fresh(application)
        if row.state == states.JOINT_REVIEW:
            _consolidate(row)


def leave(application: Application, *, by: Any, reason: str = "") -> int:
    """Clears what is open about a case that ended elsewhere, such as by the family's own wish.

    Open tasks leave the queue, drafts are put aside, the public notice comes down, the place on the
    waiting list ends. Returns how many tasks were cancelled.
    """
    with transaction.atomic():
        tasks = list(application.tasks.filter(state__in=_OPEN))
        for task in tasks:
            workflow.advance(task, states.TASK_CANCELLED, by=by, reason=reason)
        for draft in application.decisions.filter(signed_at=None, replaced=False):
            decision.withdraw_draft(draft, by=by, reason=reason)
        publicity.take_down(application)
        waiting.end_for(application)
        inquiries.leave(application, by=by, reason=reason)
        verification.stop(application)
        return len(tasks)


def return_draft(draft: Decision, *, by: Staff, reason: str) -> ReviewTask:
    """The signer sends a drafted refusal back; the district looks at the case once more."""
    with transaction.atomic():
        application = locks.fresh(draft.application)
        decision.withdraw_draft(draft, by=by, reason=reason)
        return _open_task(application, Stage.DISTRICT, _bureau(BureauKind.CENTRE), by=by.user)


def progress_of(application: Application) -> tuple[int, int]:
    """Departments that have answered, and departments asked, in the joint stage."""
    asked = {task.bureau_id: task for task in application.tasks.order_by("round") if
             task.stage == Stage.JOINT and task.state != states.TASK_CANCELLED}  # fmt: skip
    return sum(task.state == states.TASK_DONE for task in asked.values()), len(asked)


def why_not_yet(task: ReviewTask) -> str:
    """What must be settled before the desk can give its opinion; '' if nothing."""
    if task.stage == Stage.STREET:
        return ""
    if task.stage == Stage.DISTRICT:
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


# -- Refusing ------------------------------------------------------------------------------------


def _workable(task: ReviewTask, by: Staff) -> ReviewTask:
    if why := permissions.why_not_work_on(task, by, now=clock.now()):
        raise TaskRefused(why)
    return task


def _refuse_wrong_stage(application: Application, task: ReviewTask) -> None:
    if application.state != STATE_OF_STAGE[Stage(task.stage)]:
        raise TaskRefused(
            _("办件现在的状态是「%(state)s」，这一步暂时不能提交意见。")
            % {"state": application.STATES[application.state].tag}
        )


def _refuse_bad_opinion(application: Application, task: ReviewTask, draft: _Draft) -> None:
    if draft.verdict not in Opinion.Verdict.values:
        raise OpinionRefused(_("请选择同意或者不同意。"), "verdict")
    if why := why_not_yet(task):
        raise OpinionRefused(why, "verdict")
    if task.stage == Stage.DISTRICT:
        _refuse_bad_close(application, draft)
        return
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


def _refuse_foreign_rules(task: ReviewTask, draft: _Draft) -> None:
    foreign = [rule for rule in draft.settled if duties.department_of(rule) != task.bureau.kind]
    if foreign:
        raise OpinionRefused(_("%(rules)s不归本部门核实。") % {"rules": _names(foreign)}, "settled")


def _refuse_bad_close(application: Application, draft: _Draft) -> None:
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


# -- Acting --------------------------------------------------------------------------------------


def _settlements(given: Mapping[str, Any] | None, assessment: Any) -> dict[str, dict[str, Any]]:
    return {rule: _settlement(rule, how, assessment) for rule, how in (given or {}).items()}


def _settlement(rule: str, given: Any, assessment: Any) -> dict[str, Any]:
    """One settlement as it is stored; refuses what does not fit the finding."""
    how, reason = (given, "") if isinstance(given, str) else (given["how"], given.get("reason", ""))
    if how not in How.values:
        raise OpinionRefused(_("请为%(rule)s选择核实结果。") % {"rule": rule}, "settled")
    worst = findings.worst_of(assessment, rule)
    if how == How.OVERRIDDEN_PASS and not reason:
        raise OpinionRefused(
            _("更正系统对%(rule)s的判断，要写明理由。") % {"rule": rule}, "settled"
        )
    if how in (How.VERIFIED_PASS, How.ON_COMMITMENT) and worst == findings.FAIL:
        raise OpinionRefused(
            _("%(rule)s查到的是不符，只能核实不符，或写明理由更正。") % {"rule": rule}, "settled"
        )
    if how == How.CONFIRMED_FAIL and worst != findings.FAIL and not reason:
        raise OpinionRefused(
            _("系统没有判%(rule)s不符，核实不符要写明理由。") % {"rule": rule}, "settled"
        )
    return {
        "how": how,
        "reason": reason.strip(),
        "was": findings.value_of(assessment, rule),
        "persons": findings.covered_by(assessment, rule),
    }


def _record(task: ReviewTask, draft: _Draft, by: Staff) -> Opinion:
    opinion = Opinion.objects.create(
        task=task,
        verdict=draft.verdict,
        settled=draft.settled,
        reason_codes=draft.reason_codes,
        text=draft.text,
        by=by,
        at=clock.now(),
    )
    workflow.advance(task, states.TASK_DONE, by=by.user)
    audit.record(
        "review.opinion", by=by.user, thing=task, case_no=task.case_no,
        stage=task.stage, verdict=draft.verdict,
        settled={rule: one["how"] for rule, one in draft.settled.items()},
    )  # fmt: skip
    return opinion


def _hand_on(application: Application, task: ReviewTask, draft: _Draft, by: Staff) -> None:
    if task.stage == Stage.STREET:
        workflow.advance(application, states.JOINT_REVIEW, by=by.user)
        for kind in duties.DEPARTMENTS:
            _open_task(application, Stage.JOINT, _bureau(kind), by=by.user)
    elif task.stage == Stage.JOINT:
        _ask_again(application)
        _consolidate(application)
    elif draft.verdict == AGREE:
        decision.draft_approval(application, by=by)
        publicity.open_for(application, by=by.user)
    else:
        decision.draft_refusal(application, by=by)


def _consolidate(application: Application) -> None:
    """The last answer of the departments hands the case to the district."""
    if application.tasks.filter(stage=Stage.JOINT, state__in=_OPEN).exists():
        return
    if inquiries.holding_departments(application).exists():
        return
    by = audit.System("review")
    workflow.advance(application, states.DISTRICT_REVIEW, by=by)
    _open_task(application, Stage.DISTRICT, _bureau(BureauKind.CENTRE), by=by)


def _ask_again(application: Application) -> None:
    """Opens a new task for each department whose rule stands unsettled without one."""
    rules = findings.unsettled(application, findings.latest_assessment(application))
    asked = set(
        application.tasks.filter(stage=Stage.JOINT, state__in=_OPEN).values_list(
            "bureau__kind", flat=True
        )
    )
    kinds = {duties.department_of(rule) for rule in rules} - asked
    if not kinds:
        return
    by = audit.System("review")
    if application.state == states.DISTRICT_REVIEW:
        _call_back(application, by)
    for kind in sorted(kinds):
        _open_task(application, Stage.JOINT, _bureau(kind), by=by)


def _call_back(application: Application, by: Any) -> None:
    for draft in application.decisions.filter(signed_at=None, replaced=False):
        decision.withdraw_draft(draft, by=by, reason="new evidence")
    for task in application.tasks.filter(stage=Stage.DISTRICT, state__in=_OPEN):
        workflow.advance(task, states.TASK_CANCELLED, by=by, reason="new evidence")
    workflow.advance(application, states.JOINT_REVIEW, by=by, reason="new evidence")


def _open_task(application: Application, stage: str, bureau: Bureau, *, by: Any) -> ReviewTask:
    now, today = clock.now(), clock.today()
    earlier = application.tasks.filter(stage=stage, bureau=bureau).count()
    codes = findings.doubtful(findings.latest_assessment(application))
    task = ReviewTask.objects.create(
        application=application,
        stage=stage,
        bureau=bureau,
        round=earlier + 1,
        state_since=now,
        opened_at=now,
        due_on=max(periods.of(stage).after(today), _due_by_report(application, stage, bureau)),
        findings=_findings_of(stage, bureau, codes),
    )
    audit.record("review.opened", by=by, thing=task, stage=stage, bureau=bureau.code)
    return task


def _due_by_report(application: Application, stage: str, bureau: Bureau) -> date:
    """Who has to wait for an ordered report is not late before it has come and been read."""
    if stage != Stage.JOINT:
        return clock.today()
    return reports.desk_due(application, bureau.kind) or clock.today()


def _findings_of(stage: str, bureau: Bureau, codes: list[str]) -> list[str]:
    if stage == Stage.DISTRICT:
        return codes
    return duties.rules_of(bureau.kind, codes) if stage == Stage.JOINT else []


def _write_findings(task: ReviewTask, codes: list[str]) -> None:
    if task.findings != codes:
        task.findings = codes
        task.save(update_fields=["findings"])


def _bureau(kind: str) -> Bureau:
    return Bureau.objects.of_kind(kind)[0]


def _names(rules: Iterable[str]) -> str:
    """The short names of rules, as a sentence lists them."""
    return display.listed(map(duties.name_of, rules))

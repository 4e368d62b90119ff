"""Joint review (联审): the street opens, five departments work in parallel, the district closes.

Every verb locks the application before a task, so that two of them never wait for each other, and
the last opinion of a stage moves the case on exactly once.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Bureau, Staff
from accounts.roles import BureauKind
from applications import (
    claims,
    decision,
    deliveries,
    duties,
    findings,
    inquiries,
    open_changes,
    opinions,
    periods,
    permissions,
    publicity,
    referrals,
    reports,
    states,
    todos,
    verification,
    visits,
    waiting,
)
from applications.models import Application, Batch, Decision, Opinion, ReviewTask
from applications.models.review import Second, Stage
from applications.settlements import OpinionRefused as OpinionRefused
from core import audit, clock, locks, workflow
from core.refusals import Refusal

AGREE = Opinion.Verdict.AGREE
STATE_OF_STAGE = {
    Stage.STREET: states.STREET_REVIEW,
    Stage.JOINT: states.JOINT_REVIEW,
    Stage.DISTRICT: states.DISTRICT_REVIEW,
}
_OPEN = (states.TASK_OPEN, states.TASK_CLAIMED)
_GONE = (states.TASK_CANCELLED, states.TASK_RETURNED, states.TASK_UNDONE)
AT_WORK = (*_OPEN, states.TASK_SECOND)  # an opinion that waits for its second person counts not yet
BY_RULE = audit.System("review rule")


class TaskRefused(Refusal):
    """This person may not work on this task now."""


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
        if row.claimed_by_id != by.pk and claims.expire(row):
            row.refresh_from_db()  # 接手: only from a claim that has run out
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
    despite: str = "",
    batch: Batch | None = None,
) -> Opinion:
    """Gives a bureau's one opinion on a task; the last of a stage moves the case on.

    ``settled`` says of each doubtful rule of the task how the department settled it: a value of
    ``findings.How``, or ``{"how": …, "reason": …}``; an override waits for a second person.
    ``despite`` says why it goes on with a question of its own open; ``batch`` is what it was passed
    in together with others. Raises TaskRefused, OpinionRefused.
    """
    with transaction.atomic():
        application = locks.fresh(task.application)
        row = _workable(locks.fresh(task), by)
        _refuse_wrong_stage(application, row)
        draft = opinions.drafted(application, row, verdict, settled, reason_codes, text)
        opinions.refuse_bad(application, row, draft, despite)
        opinion = _record(row, draft, by, batch)
        referrals.go_on_without(row, opinion, reason=despite)
        if not draft.second:
            hand_on(application, row, opinion)
        _gather(application)
        task.refresh_from_db()
        return opinion


def reopen(application: Application, task: ReviewTask, *, by: Staff) -> ReviewTask:
    """A new round of a desk's task, held by the person who works on it again, if they still may."""
    made = _open_task(application, task.stage, task.bureau, by=by.user)
    gone = permissions.why_not_work_on(made, by, now=clock.now())
    return made if gone else claim(made, by=by)


def agree_by_rule(task: ReviewTask, *, text: str) -> Opinion:
    """A department's part passes by itself (自动通过); ``auto_pass`` says when. Raises TaskRefused.

    Never a street's opening or a district's closing.
    """
    with transaction.atomic():
        application = locks.fresh(task.application)
        row = locks.fresh(task)
        if row.stage != Stage.JOINT or row.state != states.TASK_OPEN:
            raise TaskRefused(_("这件任务要由人办理。"))
        _refuse_wrong_stage(application, row)
        draft = opinions.Draft(AGREE, {}, [], text.strip(), second=False)
        opinions.refuse_bad(application, row, draft, "")
        opinion = _record(row, draft, None)
        hand_on(application, row, opinion)
        _gather(application)
        task.refresh_from_db()
        return opinion


def look_again(task: ReviewTask, *, by: Staff, reason: str) -> ReviewTask | None:
    """A desk's part is asked anew while the case is under review; None where it no longer is."""
    with transaction.atomic():
        application = locks.fresh(task.application)
        if application.state not in (states.JOINT_REVIEW, states.DISTRICT_REVIEW):
            return None
        open_ = application.tasks.filter(stage=task.stage, bureau=task.bureau, state__in=AT_WORK)
        if (standing := open_.first()) is not None:
            return standing
        if application.state == states.DISTRICT_REVIEW:
            _call_back(application, by.user, reason)
        return _open_task(application, task.stage, task.bureau, by=by.user)


def refresh_findings(application: Application) -> None:
    """Brings the tasks in line with the newest assessment, after a register answered late.

    What a department has settled on another value is asked again: its open task shows it, or a
    new one is opened, and a case already at the district goes back until it is settled.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        inquiries.refresh(row)
        if row.state not in STATE_OF_STAGE.values() or deliveries.awaiting(row):
            return
        codes = findings.doubtful(findings.latest_assessment(row))
        for task in row.tasks.filter(state__in=_OPEN).select_related("bureau"):
            _write_findings(task, _findings_of(task.stage, task.bureau, codes))
        if row.state != states.STREET_REVIEW:
            _ask_again(row)
            _weigh_again(row)
        go_on(row)
        application.refresh_from_db()


def go_on(application: Application) -> None:
    """Hands a case to the district once the departments have nothing left to answer."""
    with transaction.atomic():
        row = locks.fresh(application)
        if row.state == states.JOINT_REVIEW:
            _consolidate(row)


def hand_on(application: Application, task: ReviewTask, opinion: Opinion) -> None:
    """What follows from an opinion that counts; inside the verb that gives or confirms it."""
    by = opinion.by
    if by is None or task.stage == Stage.JOINT:  # a department's part alone passes by rule
        _ask_again(application)
        _consolidate(application)
    elif task.stage == Stage.STREET:
        workflow.advance(application, states.JOINT_REVIEW, by=by.user)
        for kind in duties.DEPARTMENTS:
            _open_task(application, Stage.JOINT, _bureau(kind), by=by.user)
    elif opinion.verdict == AGREE:
        decision.draft_approval(application, by=by)
        publicity.open_for(application, by=by.user)
    else:
        decision.draft_refusal(application, by=by)


def hand_over(application: Application, *, by: Any) -> ReviewTask | None:
    """The street of the case has changed: its open task goes to the new street, with full time.

    None where no street is at work.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        tasks = list(row.tasks.filter(stage=Stage.STREET, state__in=_OPEN))
        for task in tasks:
            workflow.advance(task, states.TASK_CANCELLED, by=by, reason="moved")
        return _open_task(row, Stage.STREET, row.street, by=by) if tasks and row.street else None


def leave(application: Application, *, by: Any, reason: str = "") -> int:
    """Clears what is open about a case that ended elsewhere, such as by the family's own wish.

    Open tasks leave the queue, drafts are put aside, the public notice comes down, the place on the
    waiting list ends. Returns how many tasks were cancelled.
    """
    with transaction.atomic():
        tasks = list(application.tasks.filter(state__in=AT_WORK))
        for task in tasks:
            workflow.advance(task, states.TASK_CANCELLED, by=by, reason=reason)
            todos.end(task)
        for draft in application.decisions.filter(signed_at=None, replaced=False):
            decision.withdraw_draft(draft, by=by, reason=reason)
        deliveries.stop(application, by=by, reason=reason)
        publicity.take_down(application)
        waiting.end_for(application, by=by)
        inquiries.leave(application, by=by, reason=reason)
        referrals.leave(application, by=by, reason=reason)
        open_changes.leave(application, by=by, reason=reason)
        visits.leave(application)
        verification.stop(application)
        return len(tasks)


def return_draft(draft: Decision, *, by: Staff, reason: str) -> ReviewTask:
    """The signer sends a drafted refusal back; the district looks at the case once more."""
    with transaction.atomic():
        application = locks.fresh(draft.application)
        decision.withdraw_draft(draft, by=by, reason=reason)
        return _open_task(application, Stage.DISTRICT, _bureau(BureauKind.CENTRE), by=by.user)


def take_back(letter: Decision, *, by: Staff, reason: str) -> ReviewTask | None:
    """A signed refusal that was not served is taken back; the district looks once more.

    None where the case is past the review, such as on the waiting list: it stays as it is.
    """
    with transaction.atomic():
        application = locks.fresh(letter.application)
        decision.take_back(letter, by=by, reason=reason)
        if application.state != states.DISTRICT_REVIEW:
            return None
        return _open_task(application, Stage.DISTRICT, _bureau(BureauKind.CENTRE), by=by.user)


def progress_of(application: Application) -> tuple[int, int]:
    """Departments that have answered, and departments asked, in the joint stage."""
    asked = {task.bureau_id: task for task in application.tasks.order_by("round") if
             task.stage == Stage.JOINT and task.state not in _GONE}  # fmt: skip
    return sum(task.state == states.TASK_DONE for task in asked.values()), len(asked)


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


# -- Acting --------------------------------------------------------------------------------------


def _record(
    task: ReviewTask, draft: opinions.Draft, by: Staff | None, batch: Batch | None = None
) -> Opinion:
    opinion = Opinion.objects.create(
        task=task,
        verdict=draft.verdict,
        settled=draft.settled,
        reason_codes=draft.reason_codes,
        text=draft.text,
        by=by,
        automatic=by is None,
        batch=batch,
        at=clock.now(),
        second=Second.WAITING if draft.second else Second.NONE,
    )
    actor = by.user if by else BY_RULE
    workflow.advance(task, states.TASK_SECOND if draft.second else states.TASK_DONE, by=actor)
    if not draft.second:
        todos.end(task)
    audit.record(
        "review.opinion", by=actor, thing=task, case_no=task.case_no,
        stage=task.stage, verdict=draft.verdict, reasons=draft.reason_codes,
        batch=batch.pk if batch else None,
        settled={rule: one["how"] for rule, one in draft.settled.items()},
        waits_for_second=draft.second,
    )  # fmt: skip
    return opinion


def _gather(application: Application) -> None:
    from applications import correction_lists  # its notice is sent by what this may have ended

    correction_lists.gather(application)


def _consolidate(application: Application) -> None:
    """The last answer of the departments hands the case to the district."""
    if application.tasks.filter(stage=Stage.JOINT, state__in=AT_WORK).exists():
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
        application.tasks.filter(stage=Stage.JOINT, state__in=AT_WORK).values_list(
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


def _weigh_again(application: Application) -> None:
    """A refusal was drafted on what no longer fails: the draft goes, the district looks again."""
    drafts = application.decisions.filter(kind=Decision.Kind.REFUSE, signed_at=None, replaced=False)
    if application.state != states.DISTRICT_REVIEW or not drafts.exists():
        return
    if findings.confirmed_fails(application, findings.latest_assessment(application)):
        return
    by = audit.System("review")
    for draft in drafts:
        decision.withdraw_draft(draft, by=by, reason="new evidence")
    _open_task(application, Stage.DISTRICT, _bureau(BureauKind.CENTRE), by=by)


def _call_back(application: Application, by: Any, reason: str = "new evidence") -> None:
    for draft in application.decisions.filter(signed_at=None, replaced=False):
        decision.withdraw_draft(draft, by=by, reason=reason)
    for task in application.tasks.filter(stage=Stage.DISTRICT, state__in=_OPEN):
        workflow.advance(task, states.TASK_CANCELLED, by=by, reason=reason)
    workflow.advance(application, states.JOINT_REVIEW, by=by, reason=reason)


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
    todos.announce(task)
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

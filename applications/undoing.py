"""Taking an opinion back (撤回意见) within minutes, while nobody has acted on it.

The opinion stays in the file, marked, and is read by nothing. What followed from it is cancelled,
the case stands where it stood, and the same person has the desk's task again. A family that was
told of what followed is told that it was taken back.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from applications import (
    deadlines,
    decision,
    periods,
    publicity,
    referrals,
    review,
    states,
)
from applications.models import Application, Decision, Objection, Opinion, Pause, ReviewTask
from applications.models.review import Second, Stage
from core import audit, clock, display, locks, notices, workflow
from core.refusals import Refusal

TAKEN_BACK = notices.Template(
    "publicity.taken_back",
    gettext_lazy("公示先撤下，我们再核对一次"),
    gettext_lazy(
        "刚才告诉您的公示先撤下了，工作人员要再核对一次。您的申请照常办理，现在不用您办理；"
        "有结果会再告诉您。"
    ),
    sms=gettext_lazy(
        "刚才告知的公示先撤下了，我们再核对一次，现在不用您办理。我们不会在短信里要您转账或点链接"
    ),
)
_NEXT = {Stage.STREET: Stage.JOINT, Stage.JOINT: Stage.DISTRICT}
_AFTER = {
    Stage.STREET: (states.JOINT_REVIEW,),
    Stage.JOINT: (states.JOINT_REVIEW, states.DISTRICT_REVIEW),
    Stage.DISTRICT: (states.DISTRICT_REVIEW, states.PUBLICITY),
}
_GIVEN = (states.TASK_DONE, states.TASK_SECOND)
_LONGEST = 200  # characters of the reason


class UndoRefused(Refusal):
    """Too late, acted on already, or somebody else's opinion."""


def undo(task: ReviewTask, *, by: Staff, reason: str) -> ReviewTask:
    """Takes the task's opinion back; returns the desk's new task. Raises UndoRefused."""
    with transaction.atomic():
        application, row = locks.fresh(task.application), locks.fresh(task)
        following = [locks.fresh(one) for one in _following(row)]
        if why := why_not_undo(row, by):
            raise UndoRefused(why)
        if not reason.strip():
            raise UndoRefused(_("请写明为什么撤回，一句话就可以。"), "reason")
        opinion = _mark(row, by, reason)
        for one in following:
            _cancel(one, by, reason)
        _bring_back(application, row, opinion, by)
        referrals.wait_again(opinion)
        made = review.reopen(application, row, by=by)
        task.refresh_from_db()
        return made


def until(opinion: Opinion) -> datetime:
    """The last moment at which it can be taken back."""
    return periods.of("undo").later(opinion.at)


def latest_of(staff: Staff) -> Opinion | None:
    """The newest opinion that this person may still take back, for the page after it."""
    now = clock.now()
    since = now - (periods.of("undo").later(now) - now)
    given = Opinion.objects.filter(by=staff, undone_at=None, at__gte=since)
    found = given.select_related("task__application", "task__bureau").order_by("-at", "-pk").first()
    return found if found and not why_not_undo(found.task, staff) else None


def why_not_undo(task: ReviewTask, staff: Staff) -> str:
    """Why this person may not take the opinion of a task back now."""
    if task.state not in _GIVEN:
        return _("这件任务没有可以撤回的意见。")
    opinion = task.opinion
    if opinion.by_id != staff.pk:
        return _("意见只能由提出的人撤回。")
    if clock.now() > until(opinion):
        return _("提交以后%(n)d分钟内可以撤回，到%(time)s为止。") % {
            "n": periods.of("undo").value,
            "time": display.clock_time(until(opinion)),
        }
    if opinion.second == Second.CONFIRMED:
        return _("第二人已经确认，不能再撤回。")
    return _why_not_after(task)


def _why_not_after(task: ReviewTask) -> str:
    """Whether what followed was touched by anybody."""
    application = task.application
    stage = Stage(task.stage)
    if task.state == states.TASK_SECOND:
        allowed: tuple[str, ...] = (review.STATE_OF_STAGE[stage],)
    else:
        allowed = _AFTER[stage]
    if application.state not in allowed:
        return _("办件已经是「%(state)s」，不能再撤回。") % {
            "state": application.STATES[application.state].tag
        }
    if touched := next((one for one in _following(task) if _is_touched(one)), None):
        return _("%(bureau)s已经接着办理，不能再撤回。") % {"bureau": touched.bureau.name}
    if stage == Stage.DISTRICT and task.state == states.TASK_DONE:
        return _why_not_after_closing(task)
    return ""


def _why_not_after_closing(task: ReviewTask) -> str:
    drafts = _letters(task)
    if not drafts or any(one.signed_at is not None or one.replaced for one in drafts):
        return _("决定书已经签发或退回，不能再撤回。")
    if Objection.objects.filter(
        publicity__application=task.application_id, publicity__closed_at=None
    ).exists():
        return _("已经有人对公示提出异议，不能再撤回。")
    return ""


def _is_touched(task: ReviewTask) -> bool:
    given = Opinion.objects.filter(task=task).first()
    if given is not None:
        return not given.automatic  # what passed by rule was touched by nobody
    return task.state != states.TASK_OPEN or task.missing_lists.exists() or task.referrals.exists()


def _following(task: ReviewTask) -> list[ReviewTask]:
    """Tasks that this opinion may have opened: of the next stage, or of its own desk again."""
    if task.state != states.TASK_DONE:
        return []
    tasks = ReviewTask.objects.filter(application=task.application_id).exclude(
        state=states.TASK_CANCELLED
    )
    own = tasks.filter(stage=task.stage, bureau=task.bureau_id, round__gt=task.round)
    after = tasks.filter(stage=_NEXT.get(Stage(task.stage), ""), opened_at__gte=task.opinion.at)
    found: QuerySet[ReviewTask] = own | after
    return list(found.select_related("bureau").order_by("pk"))


def _letters(task: ReviewTask) -> list[Decision]:
    """The drafts that the district's opinion has made."""
    return list(
        Decision.objects.filter(
            application=task.application_id, drafted_at__gte=task.opinion.at
        ).exclude(kind__in=Decision.APART)
    )


def _mark(row: ReviewTask, by: Staff, reason: str) -> Opinion:
    opinion = locks.fresh(row.opinion)
    opinion.undone_at, opinion.undone_by = clock.now(), by
    opinion.undone_reason = reason.strip()[:_LONGEST]
    opinion.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    audit.record(
        "review.undone", by=by.user, thing=row, case_no=row.case_no, stage=row.stage,
        verdict=opinion.verdict,
    )  # fmt: skip
    return opinion


def _cancel(task: ReviewTask, by: Staff, reason: str) -> None:
    """Ends a task that followed; what passed by rule meanwhile is taken back with it."""
    if task.state == states.TASK_DONE:
        _mark(task, by, reason)
        workflow.advance(task, states.TASK_UNDONE, by=by.user, reason="undone")
    else:
        workflow.advance(task, states.TASK_CANCELLED, by=by.user, reason="undone")


def _bring_back(application: Application, row: ReviewTask, opinion: Opinion, by: Staff) -> None:
    """The case stands where it stood before the opinion, its clock with it."""
    if row.stage == Stage.DISTRICT and row.state == states.TASK_DONE:
        for draft in _letters(row):
            decision.withdraw_draft(draft, by=by, reason="undone")
        if application.state == states.PUBLICITY:
            _take_notice_down(application, by)
    workflow.advance(row, states.TASK_UNDONE, by=by.user, reason=opinion.undone_reason or "")
    wanted = review.STATE_OF_STAGE[Stage(row.stage)]
    if application.state != wanted:
        workflow.advance(application, wanted, by=by.user, reason="undone")


def _take_notice_down(application: Application, by: Staff) -> None:
    publicity.take_down(application)
    deadlines.resume(application, Pause.Reason.PUBLICITY, by=by.user)
    applicant = application.applicant
    notices.tell(
        applicant.id_index, TAKEN_BACK, by=by.user, case_no=application.case_no or "",
        phone=applicant.phone or "",
    )  # fmt: skip

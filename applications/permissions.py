"""Who may see and do what with an application (办件权限).

One predicate decides the button, the view and the verb: each ``why_not_…`` returns the sentence
that says why not, or an empty string. ``accounts.access`` decides who may knock; here is whether
this person may see this case.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import conflicts, states
from applications.models import (
    Application,
    Decision,
    Inquiry,
    Member,
    Opinion,
    Reconsideration,
    ReviewTask,
)
from applications.models.application import Channel
from applications.models.review import Stage
from core import clock, display

SEE_ALL = (Role.DISTRICT, Role.ADMIN, Role.LEADER, Role.AUDITOR)
SEE_STREET = (Role.STREET, Role.WINDOW)
_READ_WHOLE = (BureauKind.STREET, BureauKind.CENTRE, BureauKind.AUDIT)
ROLE_OF_STAGE = {
    Stage.STREET: Role.STREET,
    Stage.JOINT: Role.REVIEWER,
    Stage.DISTRICT: Role.DISTRICT,
}


MAY_DRAFT_RULES = (Role.ADMIN,)
MAY_RELEASE_RULES = (Role.ADMIN, Role.LEADER)


def why_not_draft_rules(staff: Staff | None) -> str:
    """Why this account may not write a policy pack: an administrator of the bureau does."""
    if staff is not None and _has(staff, *MAY_DRAFT_RULES):
        return ""
    return _("政策包由业务管理人员起草。")


def why_not_release_rules(staff: Staff | None) -> str:
    """Why this account may not hand on, approve or take back a policy pack."""
    if staff is not None and _has(staff, *MAY_RELEASE_RULES):
        return ""
    return _("政策包由业务管理人员或者领导办理。")


def tasks_visible_to(staff: Staff) -> QuerySet[ReviewTask]:
    """Tasks of the person's own bureau; all for the district, administrators and auditors."""
    if _has(staff, *SEE_ALL):
        return ReviewTask.objects.all()
    if _has(staff, Role.STREET, Role.REVIEWER):
        return ReviewTask.objects.filter(bureau_id=staff.bureau_id)
    return ReviewTask.objects.none()


def tasks_to_work(staff: Staff) -> QuerySet[ReviewTask]:
    """Tasks that the person may see and need not keep away from: queue, search, counts, API."""
    return conflicts.free_of(staff, tasks_visible_to(staff))


def applications_visible_to(staff: Staff) -> QuerySet[Application]:
    """A street sees its own territory, a department what it has a task in, the district all."""
    sent = Application.objects.sent()
    if _has(staff, *SEE_ALL):
        return sent
    mine = Q(pk__in=[])
    if _has(staff, *SEE_STREET):
        mine |= Q(street_id=staff.bureau_id)
    if _has(staff, Role.REVIEWER):
        mine |= Q(pk__in=ReviewTask.objects.filter(bureau_id=staff.bureau_id).values("application"))
    return sent.filter(mine)


def inquiries_visible_to(staff: Staff) -> QuerySet[Inquiry]:
    """Questions to the person's own bureau; all for those who weigh whole cases."""
    if _has(staff, *SEE_ALL):
        return Inquiry.objects.all()
    if _has(staff, Role.REVIEWER):
        return Inquiry.objects.filter(bureau_id=staff.bureau_id)
    return Inquiry.objects.none()


def why_not_inquire(inquiry: Inquiry, staff: Staff) -> str:
    """Why this person may not answer a question to a department."""
    if inquiry.bureau_id != staff.bureau_id:
        return _("这张核实单由%(bureau)s办理。") % {"bureau": inquiry.bureau.name}
    if not _has(staff, Role.REVIEWER, Role.DISTRICT):
        return _("您的岗位不办理这一步。需要的话，请联系本单位的系统管理员。")
    return why_not_free(staff, inquiry.application)


def confined_to(staff: Staff) -> str:
    """The department whose rules and registers alone this person reads in full (分权限查看).

    Empty for street, district and audit, who weigh the whole case.
    """
    if staff.bureau.kind in _READ_WHOLE or _has(staff, Role.DISTRICT):
        return ""
    return staff.bureau.kind


def has_conflict(staff: Staff, application: Application) -> bool:
    """Whether the case concerns the person or their kin, or they said so themselves (回避)."""
    return conflicts.has_conflict(staff, application)


def why_not_work_on(task: ReviewTask, staff: Staff, *, now: datetime) -> str:
    """Why this person may not claim the task or give the opinion on it."""
    return (
        _why_not_this_desk(task, staff)
        or _why_not_open(task)
        or _why_not_mine(task, staff, now)
        or why_not_free(staff, task.application)
    )


def why_not_free(staff: Staff, application: Application) -> str:
    """Why this person must keep away from the case."""
    if has_conflict(staff, application):
        return _own_household()
    return ""


def _own_household() -> str:
    return _("这个办件涉及您本人或家人，按回避规定请由同事办理。")


def window_cases_of(staff: Staff) -> QuerySet[Application]:
    """Cases of this person's window: what the office typed, and what was sent to its street."""
    typed = Q(channel=Channel.WINDOW, created_by__staff__bureau=staff.bureau_id)
    of_street = Q(street=staff.bureau_id) & ~Q(state=states.DRAFT)
    return Application.objects.filter(typed | of_street)


def why_not_serve(staff: Staff, id_index: str) -> str:
    """Why this person may not begin for somebody at the window, before anything is asked.

    Their own number, or somebody who stands in an application together with them.
    """
    if not staff.id_index:
        return ""
    together = Member.objects.filter(
        id_index=id_index, application__members__id_index=staff.id_index
    )
    if id_index == staff.id_index or together.exists():
        return _own_household()
    return ""


def why_not_draft(staff: Staff, application: Application) -> str:
    """Why this person may not draft a decision on the case."""
    if not _has(staff, Role.DISTRICT):
        return _("只有区住房保障管理中心的复审人员可以拟决定。")
    return why_not_free(staff, application)


def why_not_sign(decision: Decision, staff: Staff) -> str:
    """Why this person may not sign the decision."""
    if decision.signed_at is not None:
        return _("这份决定已经签发。")
    if decision.replaced:
        return _("这份决定稿已经退回或作废。")
    if decision.drafted_by_id == staff.pk:
        return _("拟稿人不能签发自己拟的决定，请由另一位同事签发。")
    return why_not_draft(staff, decision.application)


def why_not_answer(request: Reconsideration, staff: Staff) -> str:
    """Why this person may not answer a request for re-consideration."""
    if request.answered_at is not None:
        return _("这份复核申请已经答复。")
    if staff.pk in (request.decision.drafted_by_id, request.decision.signed_by_id):
        return _("复核由另一位工作人员办理，您办过原来的决定。")
    case = request.decision.application_id
    if Opinion.objects.filter(task__application=case, by=staff).exists():
        return _("复核由另一位工作人员办理，您审核过这个办件。")
    return why_not_draft(staff, request.decision.application)


def why_not_of_desk(task: ReviewTask, staff: Staff) -> str:
    """Why the task is not this person's to work on by desk and duty alone."""
    return _why_not_this_desk(task, staff)


def _why_not_this_desk(task: ReviewTask, staff: Staff) -> str:
    if task.bureau_id != staff.bureau_id:
        return _("这件任务由%(bureau)s办理。") % {"bureau": task.bureau.name}
    if not _has(staff, ROLE_OF_STAGE[Stage(task.stage)]):
        return _("您的岗位不办理这一步。需要的话，请联系本单位的系统管理员。")
    return ""


def _why_not_open(task: ReviewTask) -> str:
    if task.state == states.TASK_CANCELLED:
        return _("这件任务已不再需要办理。")
    if task.state == states.TASK_UNDONE:
        return _("这条意见已经撤回，任务重新办理。")
    if task.state == states.TASK_RETURNED:
        return _("第二人退回了这条意见，任务由提出的人重新办理。")
    if task.state == states.TASK_SECOND:
        return _("%(who)s已于%(time)s提交意见，等另一位同事确认。") % {
            "who": task.opinion.giver.name,
            "time": display.day_time(task.opinion.at),
        }
    if task.state != states.TASK_DONE:
        return ""
    return _("这件任务已由%(who)s于%(time)s提交意见。") % {
        "who": task.opinion.by.name if task.opinion.by else _("系统"),
        "time": display.day_time(task.opinion.at),
    }


def _why_not_mine(task: ReviewTask, staff: Staff, now: datetime) -> str:
    if not held_by_another(task, staff, now):
        return ""
    return _("%(who)s正在办理这件任务，保留到%(time)s。") % {
        "who": task.claimed_by.name,  # type: ignore[union-attr]
        "time": kept_until(task.claim_expires_at),
    }


def kept_until(moment: datetime | None) -> str:
    """The hour of a claim, with its day where it is not today (转办)."""
    if moment is not None and moment.astimezone(clock.LOCAL).date() > clock.today():
        return display.day_time(moment)
    return display.clock_time(moment)


def held_by_another(task: ReviewTask, staff: Staff, now: datetime) -> bool:
    """Whether a colleague holds the task and the claim has not run out."""
    return (
        task.state == states.TASK_CLAIMED
        and task.claimed_by_id != staff.pk
        and task.claim_expires_at is not None
        and task.claim_expires_at > now
    )


def _has(staff: Any, *roles: Role) -> bool:
    return bool(set(roles) & set(staff.roles)) and staff.user.is_active

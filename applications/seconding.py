"""The second person of an override (第二人确认).

To find met what the registers say is not, or what they could not tell, takes two persons of the
same desk: one gives the opinion, the other confirms it or sends it back with a reason. Until then
it counts nowhere, and the clock runs. Where the desk has nobody else, the district centre stands
in.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import correction_lists, permissions, review, states
from applications.models import Application, Member, Opinion, ReviewTask
from applications.models.review import Second, Stage
from core import audit, clock, locks, workflow
from core.refusals import Refusal

_LONGEST = 400  # characters of the second person's words


class SecondRefused(Refusal):
    """Nothing waits for a second person here, or not for this one."""


def confirm(task: ReviewTask, *, by: Staff, text: str = "") -> Opinion:
    """The second person finds the same: the opinion counts from now on. Raises SecondRefused."""
    with transaction.atomic():
        application, row, opinion = _locked(task, by)
        _settle(opinion, Second.CONFIRMED, by, text)
        workflow.advance(row, states.TASK_DONE, by=by.user, reason="confirmed")
        _note(row, opinion, "review.seconded")
        review.hand_on(application, row, opinion)
        correction_lists.gather(application)
        task.refresh_from_db()
        return opinion


def send_back(task: ReviewTask, *, by: Staff, reason: str) -> ReviewTask:
    """Sends an override back; the first person has the task again. Raises SecondRefused."""
    with transaction.atomic():
        application, row, opinion = _locked(task, by)
        if not reason.strip():
            raise SecondRefused(_("请写明为什么退回，提出的人会看到。"), "text")
        _settle(opinion, Second.RETURNED, by, reason)
        workflow.advance(row, states.TASK_RETURNED, by=by.user, reason=reason)
        _note(row, opinion, "review.sent_back")
        made = review.reopen(application, row, by=opinion.giver)
        task.refresh_from_db()
        return made


def to_second(staff: Staff) -> QuerySet[ReviewTask]:
    """Overrides that this person may be the second of, the most urgent first."""
    waiting = ReviewTask.objects.filter(
        state=states.TASK_SECOND, application__state__in=review.STATE_OF_STAGE.values()
    ).exclude(opinion__by=staff)
    if not _is_reviewer(staff):
        return waiting.none()
    here = Q(bureau=staff.bureau_id)
    mine = waiting.filter(here | ~Exists(_others())) if _stands_in(staff) else waiting.filter(here)
    if staff.id_index:
        mine = mine.exclude(application__members__id_index=staff.id_index)
    return mine.select_related("application", "bureau", "opinion__by").order_by("due_on", "pk")


def colleagues(task: ReviewTask) -> QuerySet[Staff]:
    """Who of the same desk could be the second person: active, same role, no kin of the case."""
    kin = task.application.members.values("id_index")
    role = permissions.ROLE_OF_STAGE[Stage(task.stage)]
    desk = Staff.objects.filter(bureau=task.bureau_id, user__is_active=True, roles__contains=[role])
    return desk.exclude(pk=task.opinion.giver.pk).exclude(id_index__in=kin)


def _others() -> QuerySet[Staff]:
    """The same as ``colleagues``, for a list of tasks: all that wait are the departments'."""
    kin = Member.objects.filter(application=OuterRef(OuterRef("application"))).values("id_index")
    role = permissions.ROLE_OF_STAGE[Stage.JOINT]
    desk = Staff.objects.filter(
        bureau=OuterRef("bureau"), user__is_active=True, roles__contains=[role]
    )
    return desk.exclude(pk=OuterRef("opinion__by")).exclude(id_index__in=kin)


def why_not_second(task: ReviewTask, staff: Staff) -> str:
    """Why this person may not confirm the override of a task or send it back."""
    if task.state != states.TASK_SECOND:
        return _("这件任务现在不用第二人确认。")
    if task.opinion.by_id == staff.pk:
        return _("您提的意见由另一位同事确认。")
    if why := _why_not_this_desk(task, staff):
        return why
    if why := permissions.why_not_free(staff, task.application):
        return why
    if task.application.state != review.STATE_OF_STAGE[Stage(task.stage)]:
        return _("办件现在的状态是「%(state)s」，这一步暂时不能确认。") % {
            "state": task.application.STATES[task.application.state].tag
        }
    return ""


def _why_not_this_desk(task: ReviewTask, staff: Staff) -> str:
    role = permissions.ROLE_OF_STAGE[Stage(task.stage)]
    if task.bureau_id == staff.bureau_id and role in staff.roles and staff.user.is_active:
        return ""
    if _stands_in(staff):
        if not colleagues(task).exists():
            return ""
        return _("%(bureau)s有同事可以确认，区中心不代替。") % {"bureau": task.bureau.name}
    return _("这条意见由%(bureau)s的另一位同事确认。") % {"bureau": task.bureau.name}


def _stands_in(staff: Staff) -> bool:
    centre = staff.bureau.kind == BureauKind.CENTRE
    return centre and Role.DISTRICT in staff.roles and staff.user.is_active


def _is_reviewer(staff: Staff) -> bool:
    return bool(set(permissions.ROLE_OF_STAGE.values()) & set(staff.roles))


def _locked(task: ReviewTask, by: Staff) -> tuple[Application, ReviewTask, Opinion]:
    application, row = locks.fresh(task.application), locks.fresh(task)
    if why := why_not_second(row, by):
        raise SecondRefused(why)
    return application, row, locks.fresh(row.opinion)


def _settle(opinion: Opinion, outcome: str, by: Staff, text: str) -> None:
    opinion.second, opinion.second_by, opinion.second_at = outcome, by, clock.now()
    opinion.second_text = text.strip()[:_LONGEST]
    opinion.save(update_fields=["second", "second_by", "second_at", "second_text"])


def _note(row: ReviewTask, opinion: Opinion, verb: str) -> None:
    assert opinion.second_by is not None
    audit.record(
        verb, by=opinion.second_by.user, thing=row, case_no=row.case_no,
        first=audit.label(opinion.giver.user), second=audit.label(opinion.second_by.user),
        settled={rule: one["how"] for rule, one in opinion.settled.items()},
    )  # fmt: skip

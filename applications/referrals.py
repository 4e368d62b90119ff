"""One desk asks another (征询): a question with its reason and its day, answered in words.

It blocks nobody for ever: the desk that asked may wait, or go on with a reason that stays in the
file. An answer that comes later is kept with the question.
"""

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Bureau, Staff
from accounts.roles import Role
from applications import duties, periods, permissions, states
from applications.models import Application, Opinion, Referral, ReviewTask
from applications.models.review import Stage
from core import audit, clock, display, locks, workflow
from core.refusals import Refusal

DESKS = (Role.STREET, Role.REVIEWER, Role.DISTRICT)
OPEN, LEFT = states.REFERRAL_OPEN, states.REFERRAL_LEFT
TO_ANSWER = (OPEN, LEFT)
JOINED = ("application__street", "bureau", "asked_by__bureau", "answered_by", "task__bureau")
_LONGEST = 1000  # characters of a question, a reason or an answer


class ReferralRefused(Refusal):
    """Not a question that this person may ask or answer now."""


def ask(task: ReviewTask, *, by: Staff, bureau: Bureau, question: str, reason: str) -> Referral:
    """Asks a named other desk one question about the case. Raises ReferralRefused."""
    with transaction.atomic():
        application = locks.fresh(task.application)
        row = locks.fresh(task)
        if why := why_not_ask(row, by):
            raise ReferralRefused(why)
        _refuse_bad_question(row, application, bureau, question, reason)
        now = clock.now()
        made = Referral.objects.create(
            application=application, task=row, bureau=bureau, state=OPEN, state_since=now,
            question=question.strip()[:_LONGEST], reason=reason.strip()[:_LONGEST], asked_by=by,
            asked_at=now, due_on=periods.of("referral").after(clock.today()),
        )  # fmt: skip
        audit.record(
            "referral.asked", by=by.user, thing=made, case_no=made.case_no, bureau=bureau.code,
            due=made.due_on,
        )  # fmt: skip
        return made


def answer(referral: Referral, *, by: Staff, text: str, verdict: str = "") -> Referral:
    """Answers in words, with a verdict where there is one. Raises ReferralRefused."""
    with transaction.atomic():
        locks.fresh(referral.application)
        row = locks.fresh(referral)
        if why := why_not_answer(row, by):
            raise ReferralRefused(why)
        if not text.strip():
            raise ReferralRefused(_("请写明查到了什么，一两句话就可以。"), "text")
        if verdict and verdict not in Referral.Verdict.values:
            raise ReferralRefused(_("请选择确认、不符或者无法核实，也可以不选。"), "verdict")
        row.answer, row.verdict = text.strip()[:_LONGEST], verdict
        row.answered_by, row.answered_at = by, clock.now()
        row.save(update_fields=["answer", "verdict", "answered_by", "answered_at"])
        workflow.advance(row, states.REFERRAL_ANSWERED, by=by.user)
        referral.refresh_from_db()
        return row


def go_on_without(task: ReviewTask, opinion: Opinion, *, reason: str) -> int:
    """The asking desk gives its opinion with questions open; inside the verb that gives it."""
    rows = list(open_of_desk(task))
    for row in rows:
        row.left_with, row.left_reason = opinion, reason.strip()[:_LONGEST]
        row.save(update_fields=["left_with", "left_reason"])
        workflow.advance(row, LEFT, by=opinion.giver.user, reason="went on")
    return len(rows)


def wait_again(opinion: Opinion) -> None:
    """The opinion that went on was taken back: its questions are open as before."""
    for row in opinion.left_open.filter(state=LEFT):
        row.left_with = row.left_reason = None
        row.save(update_fields=["left_with", "left_reason"])
        workflow.advance(row, OPEN, by=audit.System("undo"))


def leave(application: Application, *, by: object, reason: str = "") -> None:
    """Closes what is open about a case that ended elsewhere."""
    for row in application.referrals.filter(state__in=TO_ANSWER):
        workflow.advance(row, states.REFERRAL_LAPSED, by=by, reason=reason)


def remind_due(today: date) -> int:
    """Marks the questions whose day has passed, once a day; both desks see it. Returns how many."""
    late = Referral.objects.filter(state=OPEN, due_on__lt=today).exclude(reminded_on=today)
    return sum(_remind(pk, today) for pk in list(late.values_list("pk", flat=True)))


def to_answer(staff: Staff) -> QuerySet[Referral]:
    """Questions at this person's desk, the earliest day first."""
    rows = Referral.objects.filter(bureau=staff.bureau_id, state__in=TO_ANSWER)
    return rows.select_related(*JOINED).order_by("due_on", "pk")


def asked_by_desk(staff: Staff) -> QuerySet[Referral]:
    """Questions that this person's desk has asked, the newest first."""
    rows = Referral.objects.filter(task__bureau=staff.bureau_id).exclude(
        state=states.REFERRAL_LAPSED
    )
    return rows.select_related(*JOINED).order_by("-asked_at", "-pk")


def open_of_desk(task: ReviewTask) -> QuerySet[Referral]:
    """Questions of the task's desk about its case that nobody has answered yet."""
    return Referral.objects.filter(
        application=task.application_id, task__bureau=task.bureau_id, state=OPEN
    ).order_by("due_on", "pk")


def visible_to(staff: Staff) -> QuerySet[Referral]:
    """Both sides of a question, and those who weigh whole cases."""
    if set(permissions.SEE_ALL) & set(staff.roles):
        return Referral.objects.all()
    if not set(DESKS) & set(staff.roles):
        return Referral.objects.none()
    return Referral.objects.filter(Q(bureau=staff.bureau_id) | Q(task__bureau=staff.bureau_id))


def about(task: ReviewTask, staff: Staff) -> list[Referral]:
    """What a task's page shows: the questions about its case that this reader may see."""
    rows = visible_to(staff).filter(application=task.application_id)
    return list(rows.select_related(*JOINED).order_by("asked_at", "pk"))


def may_be_asked(task: ReviewTask) -> list[Bureau]:
    """The departments and the street of the case, but for the desk that asks."""
    found = [Bureau.objects.of_kind(kind)[0] for kind in duties.DEPARTMENTS]
    if (street := task.application.street) is not None:
        found.append(street)
    return [one for one in found if one.pk != task.bureau_id]


def why_not_ask(task: ReviewTask, staff: Staff) -> str:
    """Why this person may not ask another desk from this task now."""
    if task.application.state not in _STATE_OF_STAGE[Stage(task.stage)]:
        return _("办件现在的状态是「%(state)s」，不能征询。") % {
            "state": task.application.STATES[task.application.state].tag
        }
    return permissions.why_not_work_on(task, staff, now=clock.now())


def why_not_answer(referral: Referral, staff: Staff) -> str:
    """Why this person may not answer this question now."""
    if referral.bureau_id != staff.bureau_id:
        return _("这个问题由%(bureau)s答复。") % {"bureau": referral.bureau.name}
    if not set(DESKS) & set(staff.roles) or not staff.user.is_active:
        return _("您的岗位不办理这一步。需要的话，请联系本单位的系统管理员。")
    if referral.state == states.REFERRAL_ANSWERED and referral.answered_by:
        return _("%(who)s已于%(time)s答复。") % {
            "who": referral.answered_by.name,
            "time": display.day_time(referral.answered_at),
        }
    if referral.state not in TO_ANSWER:
        return _("办件已在别处结束，不用再答复。")
    return permissions.why_not_free(staff, referral.application)


# a case that waits for the family may be asked about meanwhile
_STATE_OF_STAGE = {
    Stage.STREET: (states.STREET_REVIEW, states.CORRECTION),
    Stage.JOINT: (states.JOINT_REVIEW, states.CORRECTION),
    Stage.DISTRICT: (states.DISTRICT_REVIEW, states.CORRECTION),
}


def _refuse_bad_question(
    task: ReviewTask, application: Application, bureau: Bureau, question: str, reason: str
) -> None:
    if bureau.pk not in {one.pk for one in may_be_asked(task)}:
        raise ReferralRefused(_("请选择另一个部门或者办件所在的镇街。"), "bureau")
    if not question.strip():
        raise ReferralRefused(_("请写明要问什么，一次一个问题。"), "question")
    if not reason.strip():
        raise ReferralRefused(_("请写明为什么要问，对方和以后看档案的人都会看到。"), "reason")
    if application.referrals.filter(task=task, bureau=bureau, state=OPEN).exists():
        raise ReferralRefused(
            _("已经征询过%(bureau)s，还没有答复。") % {"bureau": bureau.name}, "bureau"
        )


def _remind(pk: int, today: date) -> bool:
    with transaction.atomic():
        found = Referral.objects.select_related("application").get(pk=pk)
        locks.fresh(found.application)
        row = locks.fresh(found)
        if row.state != OPEN or row.due_on >= today or row.reminded_on == today:
            return False
        row.reminded_on = today
        row.save(update_fields=["reminded_on"])
        audit.record(
            "referral.reminded", by=audit.System("review"), thing=row, case_no=row.case_no,
            bureau=row.bureau.code,
        )  # fmt: skip
        return True

"""回访整改: what the centre does about a bad rating, and in how many working days.

Not by anybody who worked on the case: who was rated neither reads nor answers.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.roles import Role
from applications import permissions, states
from applications.models import CallBack
from core import audit, clock, locks, notices, workflow
from core.models import Transition
from core.refusals import Refusal

DESKS = (Role.ADMIN, Role.DISTRICT)
ANSWERED = notices.Template(
    "rating.answered",
    gettext_lazy("您的评价有了反馈"),
    gettext_lazy("您对{step}的评价，我们已经核实：{finding}。{answer}"),
)


class CallBackRefused(Refusal):
    """Not for this person, answered already, or without words."""


def reach(row: CallBack, *, by: Staff, heard: str) -> CallBack:
    """Notes that the person was reached and what they said. Raises CallBackRefused."""
    with transaction.atomic():
        row = locks.fresh(row)
        _refuse(row, by)
        if row.state != states.CALL_BACK_OPEN:
            raise CallBackRefused(_("已经记过回访。"))
        if not heard.strip():
            raise CallBackRefused(_("请写下对方说了什么。"), "heard")
        row.heard, row.reached_by, row.reached_at = heard.strip()[:2000], by, clock.now()
        row.save(update_fields=["heard", "reached_by", "reached_at"])
        workflow.advance(row, states.CALL_BACK_REACHED, by=by.user)
        return row


def close(row: CallBack, *, by: Staff, finding: str, answer: str) -> CallBack:
    """Says what was found and mended; the person is told. Raises CallBackRefused."""
    with transaction.atomic():
        row = locks.fresh(row)
        _refuse(row, by)
        if finding not in CallBack.Finding.values:
            raise CallBackRefused(_("请选择核实结果。"), "finding")
        if row.state == states.CALL_BACK_OPEN and finding != CallBack.Finding.UNREACHED:
            raise CallBackRefused(_("请先回访，再写核实结果。联系不上的，选择“三次联系不上”。"))
        if not answer.strip():
            raise CallBackRefused(_("请写明怎么整改，或者为什么不用整改。"), "answer")
        row.finding, row.answer = finding, answer.strip()[:2000]
        row.closed_by, row.closed_at = by, clock.now()
        row.save(update_fields=["finding", "answer", "closed_by", "closed_at"])
        workflow.advance(row, states.CALL_BACK_CLOSED, by=by.user)
        _tell(row, by)
        return row


def why_not(row: CallBack, staff: Staff) -> str:
    """Why this person may not work on the call-back."""
    if row.state == states.CALL_BACK_CLOSED:
        return _("这条差评已经反馈。")
    return why_not_read(row, staff)


def why_not_read(row: CallBack, staff: Staff) -> str:
    """Why this person may not even read it, answered or not: the one who was rated never does."""
    if not set(DESKS) & set(staff.roles):
        return _("您的岗位不办理这一步。需要的话，请联系本单位的系统管理员。")
    application = row.rating.application
    worked = Transition.objects.filter(case_no=application.case_no, by=staff.audit_label)
    if worked.exclude(thing_type=CallBack._meta.label_lower).exists():
        return _("您办理过这个办件，按规定由其他同事回访。")
    return permissions.why_not_free(staff, application)


def _refuse(row: CallBack, by: Staff) -> None:
    if why := why_not(row, by):
        raise CallBackRefused(why)


def _tell(row: CallBack, by: Staff) -> None:
    rating = row.rating
    person = rating.by.as_citizen
    index = person.id_index if person else rating.application.applicant.id_index
    answer: Any = row.answer
    notices.tell(
        index, ANSWERED, by=by.user, case_no=row.case_no, step=rating.get_step_display,
        finding=row.get_finding_display, answer=answer,
    )  # fmt: skip
    audit.record("call_back.closed", by=by.user, thing=row, case_no=row.case_no)

"""Leaving somebody out after all (不一起申请): after sending, for an adult who has not agreed.

The family itself may leave out whom the rules do not bind to the household. A spouse or a minor
child only a clerk may, who has heard the family and writes the reason down.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import authority, consent, kin, states
from applications.models import Application, Member
from core import audit, locks
from core.refusals import Refusal


class LeaveOutRefused(Refusal):
    """This member has to stay in, or it is too late here."""


def leave_out(member: Member, reason: str, *, by: Any) -> Member:
    """Takes the member out, with the reason; nobody is asked about them. Raises LeaveOutRefused."""
    with transaction.atomic():
        application = locks.fresh(member.application)
        row = locks.fresh(member)
        if why := why_not(row, application, by):
            raise LeaveOutRefused(why)
        if not reason.strip():
            raise LeaveOutRefused(
                _("请写明%(name)s不一起申请的原因。") % {"name": row.name}, "reason"
            )
        row.excluded, row.excluded_reason, row.holding = True, reason.strip()[:200], False
        row.save(update_fields=["excluded", "excluded_reason", "holding"])
        audit.record(
            "member.left_out", by=by, thing=row, case_no=application.case_no or "",
            subjects=[row.id_index], reason=row.excluded_reason,
        )  # fmt: skip
        consent.settle(application, by=by)
        return row


def why_not(member: Member, application: Application, by: Any) -> Any:
    """Why this person may not leave the member out now; '' if they may. Button and verb ask."""
    if member.is_applicant or member.excluded:
        return _("申请人要在申请里。")
    if application.state not in (states.ACCEPTED, states.STREET_REVIEW):
        return _("这一步不能从这里改。请打电话给镇街，由工作人员处理。")
    if authority.word_of(member) == "given":
        return _("这位家人已经同意，不能从这里去掉。")
    if kin.belongs(member.relation, member.id_number) and getattr(by, "as_staff", None) is None:
        return _("配偶和未成年子女一般要一起申请。确有原因的，请到窗口或打电话，由工作人员核对。")
    return ""

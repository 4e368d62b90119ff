"""Deferral (暂缓展示): what an authority's investigation looks at appears on the page later.

Asked for by one person on a document, approved by another; at most as long as the table of periods
says. It covers what the named people do in the one case from a day on, and what is asked under the
document's own number: never the ordinary looks of a case, which are other people's or a machine's.
Who audits sees every look at once, with the deferral beside it (个人信息保护法 §18, §35).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.models import Staff
from accounts.roles import Role
from applications import periods
from applications.models import Application, LookDeferral, Member
from applications.models.look import LookDeferralQuerySet
from core import audit, clock, locks
from core.identity.masking import mask_name
from core.refusals import Refusal

# who may ask, and who may say yes; never the same person
REQUESTERS = (Role.DISTRICT, Role.SECURITY)
APPROVERS = (Role.SECURITY,)
REQUESTED, IN_FORCE, OVER, REFUSED, LIFTED = "requested", "in_force", "over", "refused", "lifted"


class DeferralRefused(Refusal):
    """The deferral cannot be made, approved or lifted like this."""


@dataclass(frozen=True)
class Asked:
    """What is asked for: whose page, which case, whose looks, from and until when, and why."""

    member: Member
    staff: tuple[Staff, ...]
    looks_from: date
    ends_on: date
    office: str
    legal_basis: str
    document_no: str
    reason: str
    quiet: bool = False


# -- Verbs -----------------------------------------------------------------------------------------


def request(asked: Asked, *, by: Any) -> LookDeferral:
    """Asks for a deferral; nothing is hidden yet. Raises DeferralRefused."""
    with transaction.atomic():
        _refuse_role(by, REQUESTERS)
        _refuse_incomplete(asked, clock.today())
        made = LookDeferral.objects.create(
            subject_index=asked.member.id_index,
            case_no=asked.member.application.case_no or "",
            actors=sorted({audit.label(one.user) for one in asked.staff}),
            looks_from=asked.looks_from,
            ends_on=asked.ends_on,
            office=asked.office.strip(),
            legal_basis=asked.legal_basis.strip(),
            document_no=asked.document_no.strip(),
            reason=asked.reason.strip(),
            quiet=asked.quiet,
            requested_by=by,
            requested_at=clock.now(),
        )
        _record("look_deferral.requested", made, by)
        return made


def approve(deferral: LookDeferral, *, by: Any) -> LookDeferral:
    """Puts it in force; never by who asked for it. Raises DeferralRefused."""
    return _decide(deferral, by, approved=True, why="")


def refuse(deferral: LookDeferral, *, by: Any, why: str) -> LookDeferral:
    """Says no, with a reason. Raises DeferralRefused."""
    if not why.strip():
        raise DeferralRefused(_("请写明为什么不批准。"), "why")
    return _decide(deferral, by, approved=False, why=why.strip()[:200])


def lift(deferral: LookDeferral, *, by: Any) -> LookDeferral:
    """Ends it before its last day: the looks appear at once. Raises DeferralRefused."""
    with transaction.atomic():
        row = locks.fresh(deferral)
        if why := why_not_lift(row, by):
            raise DeferralRefused(why)
        row.lifted_by, row.lifted_at = by, clock.now()
        row.save(update_fields=["lifted_by", "lifted_at"])
        _record("look_deferral.lifted", row, by)
        return row


def why_not_decide(deferral: LookDeferral, by: Any) -> Any:
    """Why this person may not approve or refuse now; '' if they may. Button, view and verb ask."""
    if deferral.approved is not None:
        return _("这份申请已经有人处理过了。")
    if not access.has_role(by, *APPROVERS):
        return _("由安全管理员批准。")
    if deferral.requested_by_id == by.pk:
        return _("不能批准自己提出的申请，请另一位安全管理员处理。")
    return ""


def why_not_lift(deferral: LookDeferral, by: Any) -> Any:
    """Why it cannot be ended by this person now; '' if it can."""
    if not is_in_force(deferral, clock.today()):
        return _("现在没有在暂缓展示。")
    return "" if access.has_role(by, *REQUESTERS) else _("由区级复审人员或安全管理员解除。")


# -- What it hides ---------------------------------------------------------------------------------


def of_person(person_index: str) -> list[LookDeferral]:
    """Every deferral that hides, or once hid, something from this person."""
    return list(LookDeferral.objects.approved_ones().filter(subject_index=person_index))


def hiding(deferrals: Iterable[LookDeferral], today: date) -> list[LookDeferral]:
    """Those of them that hide something today."""
    return [one for one in deferrals if is_in_force(one, today)]


def is_in_force(deferral: LookDeferral, today: date) -> bool:
    """Approved, not lifted, and its last day has not passed."""
    lifted = deferral.lifted_at is not None
    return bool(deferral.approved) and not lifted and today <= deferral.ends_on


def state_of(deferral: LookDeferral, today: date) -> str:
    """Requested, in force, over, refused or lifted."""
    if deferral.approved is None:
        return REQUESTED
    if not deferral.approved:
        return REFUSED
    if deferral.lifted_at is not None:
        return LIFTED
    return IN_FORCE if today <= deferral.ends_on else OVER


def covers(deferral: LookDeferral, *, at: str, by: str) -> Q:
    """The rows of a log that it is about; ``at`` and ``by`` are that log's names of the columns."""
    named = Q(
        **{
            "case_no": deferral.case_no,
            f"{by}__in": deferral.actors,
            f"{at}__gte": clock.local_midnight(deferral.looks_from),
        }
    )
    return named | Q(case_no=deferral.document_no)


def covering(
    deferrals: Iterable[LookDeferral], case_no: str, by: str, at: Any
) -> LookDeferral | None:
    """The deferral that such a look falls under, if any: the mark beside the line."""
    for one in deferrals:
        if case_no == one.document_no:
            return one
        since = clock.local_midnight(one.looks_from)
        if case_no == one.case_no and by in one.actors and at >= since:
            return one
    return None


def name_of(deferral: LookDeferral) -> str:
    """The masked name of whose page it is about."""
    people = Member.objects.filter(id_index=deferral.subject_index)
    member = people.filter(application__case_no=deferral.case_no).first()
    return mask_name(member.name) if member else ""


def listed() -> LookDeferralQuerySet:
    """Every deferral ever asked for, newest first."""
    return LookDeferral.objects.select_related("requested_by", "decided_by", "lifted_by")


# -- Parts -----------------------------------------------------------------------------------------


def _decide(deferral: LookDeferral, by: Any, *, approved: bool, why: str) -> LookDeferral:
    with transaction.atomic():
        row = locks.fresh(deferral)
        if refused := why_not_decide(row, by):
            raise DeferralRefused(refused)
        if approved and row.ends_on < clock.today():
            raise DeferralRefused(_("期限已经过了，不用再批准。"))
        row.approved, row.decided_by, row.decided_at = approved, by, clock.now()
        row.decided_why = why
        row.save(update_fields=["approved", "decided_by", "decided_at", "decided_why"])
        _record("look_deferral.approved" if approved else "look_deferral.refused", row, by)
        return row


def _refuse_role(by: Any, roles: tuple[Role, ...]) -> None:
    if not access.has_role(by, *roles):
        raise DeferralRefused(_("您的岗位不能申请暂缓展示。"))


def _refuse_incomplete(asked: Asked, today: date) -> None:
    needed = (
        ("office", asked.office, _("请写明办案机关。")),
        ("legal_basis", asked.legal_basis, _("请写明法律依据和条款。")),
        ("document_no", asked.document_no, _("请写明文书编号。")),
        ("reason", asked.reason, _("请写明理由。")),
        ("staff", asked.staff, _("请选择由谁查阅。")),
    )
    for name, value, sentence in needed:
        if not (value.strip() if isinstance(value, str) else value):
            raise DeferralRefused(sentence, name)
    longest = periods.of("look_deferral").after(today)
    if not today <= asked.ends_on <= longest:
        raise DeferralRefused(
            _("截止日期最早是今天，最晚%(longest)s天以内。")
            % {"longest": periods.of("look_deferral").value},
            "ends_on",
        )
    # whatever is asked under that number is hidden, whoever looks
    if Application.objects.filter(case_no=asked.document_no.strip()).exists():
        raise DeferralRefused(_("文书编号不能是办件编号。"), "document_no")


def _record(verb: str, row: LookDeferral, by: Any) -> None:
    """In the audit log only; not a look, so it does not stand on the person's page."""
    audit.record(
        verb, by=by, thing=row, case_no=row.case_no, subjects=[row.subject_index],
        document=row.document_no, until=row.ends_on.isoformat(), quiet=row.quiet,
    )  # fmt: skip

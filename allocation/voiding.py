"""本轮作废: only by two persons, with a public reason; what was published stays (protocol 6)."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, User
from allocation import choice_days, intentions, keeping_out, ledgers, roster_objections, states
from allocation.keeping_out import RoundRefused
from allocation.models import Offer, Round
from applications import states as application_states
from applications.models import Application
from core import audit, locks
from core.notices import Template, tell
from core.workflow import advance

VOIDED = Template(
    "round_void",
    _("本轮作废"),
    _("{title}已作废，原因见公示页。您家的轮候资格不变，可以登记下一轮。"),
)


def propose_void(round_: Round, *, by: Staff, reason: str) -> Round:
    """The first of two persons asks to void the round, with the reason to be published."""
    with transaction.atomic():
        row = locks.fresh(round_)
        keeping_out.refuse_unless_may(row, by.user)
        if not reason.strip():
            raise RoundRefused(_("请写明作废原因，原因会公布。"), field="reason")
        _refuse_unless_voidable(row)
        if row.void_proposed_by_id not in (None, by.pk):
            raise RoundRefused(_("已有同事提出作废。同意就请确认，不同意就选「不同意作废」。"))
        row.void_proposed_by, row.void_reason = by, reason.strip()
        row.save(update_fields=["void_proposed_by", "void_reason"])
        audit.record("round.void_proposed", by=by.user, thing=row, reason=reason)
        return row


def drop_void(round_: Round, *, by: Staff) -> Round:
    """Takes a proposal back, or turns a colleague's down: the round goes on as it was."""
    with transaction.atomic():
        row = locks.fresh(round_)
        keeping_out.refuse_unless_may(row, by.user)
        if row.void_proposed_by_id is None or row.state == states.R_VOID:
            raise RoundRefused(_("没有待确认的作废。"))
        audit.record("round.void_dropped", by=by.user, thing=row, reason=row.void_reason)
        row.void_proposed_by, row.void_reason = None, ""
        row.save(update_fields=["void_proposed_by", "void_reason"])
        return row


def void(round_: Round, *, by: Staff) -> Round:
    """The second person voids it; what was published stays published, places are kept."""
    with transaction.atomic():
        row = locks.fresh(round_)
        keeping_out.refuse_unless_may(row, by.user)
        if row.void_proposed_by_id is None:
            raise RoundRefused(_("作废要先由一人提出，再由另一人确认。"))
        if row.void_proposed_by_id == by.pk:
            raise RoundRefused(_("提出作废的人不能自己确认，请换一位同事。"))
        _refuse_unless_voidable(row)
        row.voided_by = by
        row.save(update_fields=["voided_by"])
        row = advance(row, states.R_VOID, by=by.user, reason=row.void_reason)
        _release(row, by.user)
        roster_objections.lapse(row, by=by)
        ledgers.append(row, "void", reason=row.void_reason)
        return row


def _refuse_unless_voidable(row: Round) -> None:
    if not row.STATES.allows(row.state, states.R_VOID):
        raise RoundRefused(_("这一轮已经结束，不能作废。"))
    # locked, so that nobody accepts between this look and the release
    held = Offer.objects.filter(entrant__round=row).select_for_update(no_key=True, of=("self",))
    answered = (states.O_ACCEPTED, states.O_DECLINED)
    if any(offer.state in answered for offer in held.order_by("pk")):
        raise RoundRefused(_("已有家庭选了房，这一轮不能作废。"))


def _release(row: Round, by: User) -> None:
    """Takes back what this round holds; a household or home in another round stays there."""
    held = Offer.objects.filter(entrant__round=row, state__in=states.OFFER.open_ids)
    offered = list(held.select_related("home", "entrant__application"))
    for offer in offered:
        advance(offer, states.O_LAPSED, by=by, reason=row.void_reason)
        _back_to_waiting(offer.entrant.application, row, by)
        advance(offer.home, states.H_AVAILABLE, by=by, reason=row.void_reason)
    if row.revealed_at is not None and (row.mode == Round.Mode.HOME or choice_days.is_over(row)):
        return
    choice_days.release(row, by=by)
    joined = Application.objects.filter(entries__round=row, state=application_states.IN_ROUND)
    for application in [*joined, *intentions.joined(row)]:
        _back_to_waiting(application, row, by)
    for home in row.homes.filter(state=states.H_IN_ROUND):
        advance(home, states.H_AVAILABLE, by=by, reason=row.void_reason)


def _back_to_waiting(application: Application, row: Round, by: Any) -> None:
    advance(application, application_states.WAITLISTED, by=by, reason=row.void_reason)
    index, number = application.applicant.id_index, application.case_no or ""
    tell(index, VOIDED, by=by, case_no=number, title=row.title)

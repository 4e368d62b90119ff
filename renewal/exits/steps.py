"""The orderly way out (应退即退), each step by a person.

clue → confirmed by a second route → written notice → hearing → decision drafted by one and signed
by another → the letter served → move-out period at the contract's rent → signed hand-back → access
ends, home back. Between signature and service nothing has changed for the household.
No step is taken by a machine, and the database refuses an end that skipped one (ExitCase's
constraint). Clearing is possible at every step until the hand-back.
"""

import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import access_ends, leases
from allocation import states as allocation_states
from applications import decision as letters
from applications import deliveries, periods, permissions
from applications.models import Decision
from core import audit, clock, locks
from core.notices import Template, tell
from core.workflow import advance
from renewal import states
from renewal.exits.opening import ExitRefused
from renewal.models import ExitCase, Hearing

NOTICE = Template(
    "exit_notice",
    _("请您说明情况"),
    _(
        "我们拟终止您家的保障，现在还没有决定。您可以在{due}前在线、到窗口或打电话说明，也可以请人代您说明。"
    ),
    _("有一项住房保障信息需要您在{due}前说明，现在还没有决定。我们不会在短信里要您转账或点链接。"),
)
CLEARED = Template(
    "exit_cleared",
    _("核对已完成"),
    _("之前需要核对的信息已经核对清楚，不影响您家的保障，不用您办理。"),
)
ENDED = Template(
    "exit_decided",
    _("终止决定"),
    _(
        "您家的保障资格从{date}起终止。搬迁期到{until}，期间租金不变。不同意或需要帮助，见决定书上的办法。"
    ),
    _("您家的住房保障有一份决定，请查看决定书。我们不会在短信里要您转账或点链接。"),
)


def confirm(case: ExitCase, *, by: Staff, second_route: str) -> ExitCase:
    """A person confirms a clue and says what the second route shows (两路印证)."""
    with transaction.atomic():
        row = locks.fresh(case)
        _refuse_kin(row, by)
        if not second_route.strip():
            raise ExitRefused(_("请写明第二个部门的核实结果。"), field="second_route")
        row.confirmed_by, row.second_route = by, second_route
        row.save(update_fields=["confirmed_by", "second_route"])
        return advance(row, states.X_VERIFYING, by=by.user)


def clear(case: ExitCase, *, by: Staff, reason: str) -> ExitCase:
    """The clue did not hold, or the hearing explained it: nothing changes for the household."""
    with transaction.atomic():
        row = locks.fresh(case)
        _refuse_kin(row, by)
        if not reason.strip():
            raise ExitRefused(_("请写明核对结果。"), field="reason")
        told = row.noticed_at is not None
        row.closed_reason = reason
        row.save(update_fields=["closed_reason"])
        row = advance(row, states.X_CLEARED, by=by.user, reason=reason)
        _take_back(row, by)
        if told:
            _tell(row, CLEARED, by)
        _settle_recheck(row, by, reason)
        return row


def serve_notice(case: ExitCase, *, by: Staff) -> ExitCase:
    """The written notice with the evidence; the time to speak runs from here."""
    with transaction.atomic():
        row = locks.fresh(case)
        _refuse_kin(row, by)
        row.noticed_by = by
        row.hearing_due = periods.of("hearing").after(clock.today())
        row.save(update_fields=["noticed_by", "hearing_due"])
        row = advance(row, states.X_NOTICE, by=by.user)
        _tell(row, NOTICE, by, due=row.hearing_due)
        return row


def hear(case: ExitCase, *, by: Any, channel: str, text: str) -> ExitCase:
    """Takes down what the household says; it may speak for as long as nothing is decided."""
    with transaction.atomic():
        row = locks.fresh(case)
        if row.state not in (states.X_NOTICE, states.X_HEARD):
            raise ExitRefused(_("现在不在听取说明的阶段，请刷新页面看最新进度。"))
        if not text.strip():
            raise ExitRefused(_("请写下您要说明的情况。"), field="text")
        Hearing.objects.create(
            exit_case=row,
            channel=channel,
            text=text,
            recorded_at=clock.now(),
            recorded_by=audit.label(by),
        )
        audit.record("exit.heard", by=by, thing=row, channel=channel)
        return advance(row, states.X_HEARD, by=by) if row.state == states.X_NOTICE else row


def close_hearing(case: ExitCase, *, by: Staff) -> ExitCase:
    """A person notes that the day passed without a statement; silence proves nothing by itself."""
    with transaction.atomic():
        row = locks.fresh(case)
        _refuse_kin(row, by)
        if row.hearing_due is None or clock.today() <= row.hearing_due:
            raise ExitRefused(_("听取说明的期限还没有到，不能提前结束。"))
        return hear(row, by=by.user, channel="none", text=str(_("到期没有收到说明。")))


def draft_end(case: ExitCase, *, by: Staff, text: str) -> Decision:
    """Drafts the decision to end; another person must sign it."""
    with transaction.atomic():
        row = locks.fresh(case)
        _refuse_kin(row, by)
        if row.state != states.X_HEARD:
            raise ExitRefused(_("听取说明之后才能拟终止决定。"))
        if row.decision is not None:
            raise ExitRefused(_("这一户已经有一份拟好的决定，请去签发。"))
        if not text.strip():
            raise ExitRefused(_("请写明终止的理由和依据。"), field="text")
        now = clock.now()
        names = {one.id_number: one.name for one in row.lease.application.members.all()}
        row.decision = Decision.objects.create(
            application=row.lease.application,
            assessment=row.recheck.assessment if row.recheck else None,
            kind=Decision.Kind.END,
            letter_no=f"YZ-ZZ-{now:%Y}-{row.pk:06d}",
            check_code=secrets.token_hex(6).upper(),
            reasons=[letters.reason_of(one, names) for one in row.flags],
            text=text,
            drafted_by=by,
            drafted_at=now,
        )
        row.save(update_fields=["decision"])
        audit.record("exit.drafted", by=by.user, thing=row, letter=row.decision.letter_no)
    return row.decision


def sign_end(case: ExitCase, *, by: Staff) -> ExitCase:
    """The second person signs; what follows waits for the service of the letter.

    Who agreed to electronic service is served at once; for everybody else the letter goes on paper.
    """
    with transaction.atomic():
        row = locks.fresh(case)
        locks.fresh(row.lease.application)  # as every verb that serves a letter does
        _refuse_kin(row, by)
        if row.decision is None:
            raise ExitRefused(_("还没有拟好的决定。"))
        decision = locks.fresh(row.decision)
        if why := why_not_sign(row, decision, by):
            raise ExitRefused(why)
        decision.signed_by, decision.signed_at = by, clock.now()
        decision.save(update_fields=["signed_by", "signed_at"])
        audit.record("decision.signed", by=by.user, thing=decision, letter_no=decision.letter_no)
        if deliveries.by_consent(decision, by=by):
            letters.take_effect(decision, row.lease.application, by=by, at=decision.signed_at)
        row.decision = decision
        return _take_effect(row) if decision.served_at else row


def why_not_sign(case: ExitCase, decision: Decision, staff: Staff) -> str:
    """Why this person may not sign the letter that ends the support."""
    if case.state != states.X_HEARD:
        return str(_("听取说明之后才能签发终止决定。"))
    if decision.drafted_by_id == staff.pk:
        return str(_("拟稿人不能签发自己拟的决定，请换一位同事签发。"))
    if decision.signed_at is not None or decision.replaced:
        return str(_("这份决定已经签发，正在送达。"))
    return ""


def take_effect_due() -> int:
    """Begins the move-out of every household whose letter was served; returns how many."""
    served = ExitCase.objects.filter(
        state=states.X_HEARD, decision__served_at__isnull=False, decision__replaced=False
    )
    return sum(take_effect(pk) for pk in served.values_list("pk", flat=True))


def take_effect(case_id: int) -> bool:
    """The letter has been served: the move-out period begins at the contract's rent (令11号 §31).

    It runs from the day of service. False if it has begun already, or the letter was taken back.
    """
    with transaction.atomic():
        row = ExitCase.objects.select_for_update(no_key=True, of=("self",)).get(pk=case_id)
        if row.state != states.X_HEARD or row.decision is None:
            return False
        decision = locks.fresh(row.decision)
        if decision.served_at is None or decision.replaced:
            return False
        row.decision = decision
        _take_effect(row)
        return True


def _take_effect(row: ExitCase) -> ExitCase:
    """By the person who signed: the machine that notices the proof only carries it on."""
    decision = row.decision
    assert decision and decision.served_at and decision.signed_by  # the callers have seen them
    by = decision.signed_by
    served_on = decision.served_at.astimezone(clock.LOCAL).date()
    until = periods.of("move_out").after(served_on)
    row.decided_at, row.move_out_until = decision.served_at, until
    row.save(update_fields=["decided_at", "move_out_until"])
    row = advance(row, states.X_DECIDED, by=by.user)
    leases.start_move_out(row.lease, until=until, by=by.user)
    row = advance(row, states.X_MOVING, by=by.user)
    _tell(row, ENDED, by, date=served_on, until=until)
    _settle_recheck(row, by, decision.letter_no)
    return row


def hand_back(case: ExitCase, *, by: Any, note: str) -> ExitCase:
    """The signed hand-back: lease, benefit and access end on this day, never before."""
    with transaction.atomic():
        row = locks.fresh(case)
        enforced = row.state == states.X_COURT
        row = advance(row, states.X_HANDED_BACK, by=by, reason=note)
        if enforced:
            access_ends.enforced(row.lease, by=by, document=note)
        else:
            access_ends.signed(row.lease, by=by, note=note)
        leases.end(row.lease, on=clock.today(), by=by)
        return row


def _take_back(row: ExitCase, by: Staff) -> None:
    """A cleared household keeps its lease, and no letter to end it stands any more."""
    if row.decision is not None:
        row.decision.replaced = True
        row.decision.save(update_fields=["replaced"])
        deliveries.stop_letter(row.decision, by=by.user, reason="cleared")
    if row.lease.state == allocation_states.L_ENDING:
        before = allocation_states.L_FILED if row.lease.filed_at else allocation_states.L_SIGNED
        advance(row.lease, before, by=by.user)


def _refuse_kin(row: ExitCase, by: Staff) -> None:
    """回避: nobody decides about their own household."""
    if why := permissions.why_not_free(by, row.lease.application):
        raise ExitRefused(why)


def _tell(row: ExitCase, template: Template, by: Staff, **values: Any) -> None:
    applicant = row.lease.application.applicant
    tell(
        applicant.id_index,
        template,
        by=by.user,
        case_no=row.case_no,
        phone=applicant.phone or "",
        **values,
    )


def _settle_recheck(row: ExitCase, by: Staff, reason: str) -> None:
    if row.recheck is not None and row.recheck.state == states.K_SUSPECT:
        row.recheck.settled_by = by.user.audit_label
        row.recheck.save(update_fields=["settled_by"])
        advance(row.recheck, states.K_SETTLED, by=by.user, reason=reason)

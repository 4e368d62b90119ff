"""The decision to end a support: drafted by one person, signed by another, in force once served.

Between signature and service nothing has changed for the household. What the rent is after the
move-out period (令11号 §31) is written in before the signature. A re-consideration (复核) holds
everything adverse where it stands; one that overturns gives all of it back.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import leases, rents
from applications import decision as letters
from applications import deliveries, periods, reconsiderations
from applications.models import Decision
from core import audit, clock, display, locks
from core.workflow import advance
from renewal import states
from renewal.exits import checking, extending, hearing, telling
from renewal.exits.opening import ExitRefused, Ground
from renewal.flags import reasons_of
from renewal.models import ExitCase

RentAfter = ExitCase.RentAfter
_RECONSIDERED = "reconsidered"
_OTHER_HOME = ("HOUSING_AREA", "HOUSING_OFFPLAN", "MOVED_ON", "HOME", "CONTRACT")


def rent_after_of(case: ExitCase) -> str:
    """What the ground speaks for: a suit where another home is known, else the market's rent."""
    has_home = case.ground == Ground.MOVED_ON or any(
        one.get("rule") in _OTHER_HOME for one in case.flags
    )
    return RentAfter.COURT if has_home else RentAfter.MARKET


def why_not_draft(case: ExitCase, today: date) -> str:
    """Why no decision can be drafted yet: nobody was heard, or the time to speak still runs."""
    if case.ground == Ground.DECEASED:
        return str(_("承租人离世的，不作终止决定。"))
    if case.state != states.X_HEARD:
        return str(_("听取说明之后才能拟终止决定。"))
    if case.decision is not None:
        return str(_("这一户已经有一份拟好的决定，请去签发。"))
    return hearing.why_not_over(case, today)


def draft_end(case: ExitCase, *, by: Staff, text: str, rent_after: str = "") -> Decision:
    """Drafts the decision to end; another person must sign it.

    ``rent_after``: what follows the move-out period, market rent or a suit; else by the ground.
    """
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if why := why_not_draft(row, clock.today()):
            raise ExitRefused(why)
        text = telling.refuse_blank(text, _("请写明终止的理由和依据。"), "text")
        now = clock.now()
        names = {one.id_number: one.name for one in row.lease.application.members.all()}
        row.rent_after = RentAfter(rent_after or rent_after_of(row))
        row.rent_after_monthly = market_monthly(row) if row.rent_after == "market" else None
        row.decision = Decision.objects.create(
            application=row.lease.application,
            assessment=row.recheck.assessment if row.recheck else None,
            kind=Decision.Kind.END,
            letter_no=f"YZ-ZZ-{now:%Y}-{row.pk:06d}",
            check_code=letters.new_check_code(),
            reasons=reasons_of(row.flags, names),
            text="\n".join([text, *_terms(row)]),
            drafted_by=by,
            drafted_at=now,
        )
        row.save(update_fields=["decision", "rent_after", "rent_after_monthly"])
        audit.record("exit.drafted", by=by.user, thing=row, letter=row.decision.letter_no,
                     rent_after=row.rent_after)  # fmt: skip
    return row.decision


def market_monthly(case: ExitCase) -> Decimal:
    """Yuan a month at the estate's market rent (令11号 §31). Raises NoRentStandard."""
    home = case.lease.home
    return rents.rounded(home.area * rents.market_rent(home, clock.today()))


def _terms(case: ExitCase) -> list[str]:
    """How long there is to move, and what the rent is then: said before anybody signs."""
    with translation.override("zh-hans"):
        moving = gettext(
            "搬迁期：从收到决定书的第二天起%(n)d个月，租金不变，门禁照常使用。生病、上学、新房没有交付等来不及的，可以申请延长。"
        ) % {"n": periods.of("move_out").value}
        if case.rent_after == RentAfter.MARKET:
            after = gettext(
                "搬迁期满后：没有其他住房、还住在这里的，按市场租金每月%(rent)s交纳。"
            ) % {"rent": display.money(case.rent_after_monthly)}
        else:
            after = gettext("搬迁期满后：有其他住房、还没有交还的，依法向人民法院提起诉讼。")
        return [moving, after]


def sign_end(case: ExitCase, *, by: Staff) -> ExitCase:
    """The second person signs; what follows waits for the service of the letter.

    Who agreed to electronic service is served at once; for everybody else the letter goes on paper.
    """
    with transaction.atomic():
        row = locks.fresh(case)
        locks.fresh(row.lease.application)  # as every verb that serves a letter does
        telling.refuse_kin(row, by)
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
    if not case.rent_after:
        return str(_("还没有写明搬迁期满后的租金，请退回重拟。"))
    return hearing.why_not_over(case, clock.today())


def return_draft(case: ExitCase, *, by: Staff, reason: str) -> ExitCase:
    """An unsigned draft goes back: what was said since is weighed in another. ExitRefused."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if row.decision is None or row.decision.signed_at is not None:
            raise ExitRefused(_("没有等待签发的决定稿。"))
        reason = telling.refuse_blank(reason, _("请写明为什么退回。"), "reason")
        draft = locks.fresh(row.decision)
        draft.replaced = True
        # its number goes to the draft that follows it
        draft.letter_no = f"{draft.letter_no}-T{draft.pk}"[:30]
        draft.save(update_fields=["replaced", "letter_no"])
        row.decision = None
        row.save(update_fields=["decision"])
        audit.record("exit.draft_returned", by=by.user, thing=row, reason=reason)
        return row


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
    telling.say(row, telling.ENDED, by=by.user, date=served_on, until=until)
    checking.settle_recheck(row, by.user, decision.letter_no)
    return row


# -- 复核 ------------------------------------------------------------------------------------------


def is_looked_at_again(case: ExitCase) -> bool:
    """Whether a re-consideration is open: nothing adverse goes on until its answer has arrived."""
    return case.decision is not None and reconsiderations.open_of(case.decision) is not None


def settle_answers() -> int:
    """Carries on what the answers to re-considerations say; returns how many cases it touched.

    Overturned: everything is given back. Upheld: its days are added to the move-out.
    """
    asked = ExitCase.objects.filter(
        state__in=(states.X_DECIDED, states.X_MOVING, states.X_COURT),
        decision__reconsideration__answered_at__isnull=False,
    ).exclude(reminded__contains=[_RECONSIDERED])
    return sum(_settle_answer(pk) for pk in asked.values_list("pk", flat=True))


def _settle_answer(pk: int) -> bool:
    with transaction.atomic():
        row = ExitCase.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
        asked: Any = row.decision.reconsideration if row.decision else None
        if asked is None or asked.answered_by is None or _RECONSIDERED in row.reminded:
            return False
        by = asked.answered_by
        if asked.overturned:
            checking.cleared(row, by=by, reason=gettext("复核后撤销了终止保障的决定。"))
            return True
        if asked.served_at is None:
            return False
        days = (_day(asked.served_at) - _day(asked.asked_at)).days
        row.reminded = [*row.reminded, _RECONSIDERED]
        row.save(update_fields=["reminded"])
        if days > 0 and row.state == states.X_MOVING:
            reason = gettext("复核的%(n)d天不算在搬迁期里。") % {"n": days}
            extending.lengthened(row, days, by=by, reason=reason)
        return True


def _day(moment: Any) -> date:
    day: date = moment.astimezone(clock.LOCAL).date()
    return day

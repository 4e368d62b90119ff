"""罚款 (令11号 §36) as records: proposed by one, told, heard, decided by another, never by itself.

行政处罚法 §44–45: facts, grounds, basis and the right to speak are told before; §63–64: a hearing
is held where one is asked for, by somebody who did not work on it; §60: 90 days from filing, shown;
§67: paid within 15 days of service. Whether it was paid is noted; nothing follows here by itself.
"""

import secrets
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from applications import decision as letters
from applications import deliveries, periods, permissions
from applications.models import Decision
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.refusals import Refusal
from core.workflow import advance
from renewal import violation_rules
from renewal import violation_states as states
from renewal.models import Fine, FineStatement, Kind, Violation
from renewal.violations import kinds

MOST_WORDS = 2000
_SPEAKS = (states.P_NOTICED, states.P_HEARD)

NOTICED = Template(
    "fine_notice",
    gettext_lazy("拟处罚的告知"),
    gettext_lazy(
        "拟对您作出罚款，现在还没有决定。事实、理由和依据在「入户检查」里。"
        "您可以在{due}前陈述申辩，也可以要求听证；您说明不会使处罚加重。"
    ),
    gettext_lazy("有一项拟处罚的告知，请在{day}前查看和说明。我们不会在短信里要您转账或点链接。"),
)
DECIDED = Template(
    "fine_decided",
    gettext_lazy("行政处罚决定书"),
    gettext_lazy("有一份行政处罚决定书（{number}）。不同意或者有困难，见决定书上的办法。"),
    gettext_lazy("您家有一份决定书，请查看。我们不会在短信里要您转账或点链接。"),
)
DROPPED = Template(
    "fine_dropped",
    gettext_lazy("不予处罚"),
    gettext_lazy("之前告知的罚款不再进行，不用您办理。"),
)


class FineRefused(Refusal):
    """This step towards a fine cannot be taken now."""


def most(gain: Decimal) -> Decimal:
    """The highest sum that §36 allows, in yuan, for an illegal gain of so much (0: none)."""
    if gain <= 0:
        return violation_rules.of("fine_most")
    times = gain * violation_rules.of("fine_gain_times")
    return min(times, violation_rules.of("fine_most_with_gain"))


def why_not_propose(violation: Violation, staff: Staff) -> str:
    """Why this person may not propose a fine: only for what §27 names and was established."""
    if why := permissions.why_not_draft(staff, violation.lease.application):
        return why
    if violation.kind == Kind.ARREARS:
        return _("欠租不罚款。")
    if violation.state not in (states.V_CONFIRMED, states.V_CASE):
        return _("认定以后才能建议罚款。及时改正的，不罚款。")
    if violation.fines.exclude(state=states.P_DROPPED).exists():
        return _("同一件事只罚一次。")
    return ""


def propose(
    violation: Violation, *, amount: Decimal, gain: Decimal, grounds: str, by: Staff
) -> Fine:
    """Files a proposal with sum and grounds; the household is told next. Raises FineRefused."""
    with transaction.atomic():
        row = locks.fresh(violation)
        if why := why_not_propose(row, by):
            raise FineRefused(why)
        if gain < 0 or not 0 < amount <= most(gain):
            raise FineRefused(
                _("金额大于0元，最多%(most)s。") % {"most": display.money(most(gain))}, "amount"
            )
        if not grounds.strip():
            raise FineRefused(_("请写明事实、理由和金额怎么定的。"), "grounds")
        today = clock.today()
        made = Fine.objects.create(
            violation=row, amount=amount, gain=gain, grounds=grounds.strip()[:MOST_WORDS],
            proposed_on=today, decide_by=periods.of("fine_decide").after(today), proposed_by=by,
            state_since=clock.now(),
        )  # fmt: skip
        audit.record("fine.proposed", by=by.user, thing=made, amount=f"{amount:.2f}")
        return made


def notice(fine: Fine, *, by: Staff) -> Fine:
    """Tells facts, grounds, basis, and the right to speak and to ask for a hearing."""
    with transaction.atomic():
        row = _for(fine, by)
        row.noticed_by, row.speak_until = by, periods.of("fine_speak").after(clock.today())
        row.save(update_fields=["noticed_by", "speak_until"])
        row = advance(row, states.P_NOTICED, by=by.user)
        _tell(
            row, NOTICED, by, due=row.speak_until, day=partial(display.day_short, row.speak_until)
        )
        return row


def why_not_speak(fine: Fine) -> str:
    """Why nothing can be said to it now."""
    return "" if fine.state in _SPEAKS else _("现在不在听取说明的阶段。")


def speak(
    fine: Fine, *, by: Any, channel: str, text: str, wants_hearing: bool = False
) -> FineStatement:
    """Takes down what the household says; a hearing asked for in time has to be held."""
    with transaction.atomic():
        row = locks.fresh(fine)
        if why := why_not_speak(row):
            raise FineRefused(why)
        if not text.strip():
            raise FineRefused(_("请写下您要说明的情况。"), "text")
        now = clock.now()
        in_time = row.speak_until is not None and clock.today() <= row.speak_until
        if wants_hearing and not in_time:
            raise FineRefused(_("要求听证的时间已经过了，仍然可以说明。"), "wants_hearing")
        made = FineStatement.objects.create(
            fine=row, channel=channel, text=text.strip()[:MOST_WORDS], recorded_at=now,
            recorded_by=audit.label(by)[:80],
        )  # fmt: skip
        if wants_hearing and row.hearing_asked_at is None:
            row.hearing_asked_at = now
            row.save(update_fields=["hearing_asked_at"])
        audit.record("fine.heard", by=by, thing=row, channel=channel, hearing=wants_hearing)
        if row.state == states.P_NOTICED:
            advance(row, states.P_HEARD, by=by)
        return made


def close_speaking(fine: Fine, *, by: Staff) -> FineStatement:
    """A person notes that the day passed without a word."""
    with transaction.atomic():
        row = _for(fine, by)
        if row.speak_until is None or clock.today() <= row.speak_until:
            raise FineRefused(_("说明的期限还没有到，不能提前结束。"))
        return speak(row, by=by.user, channel="none", text=_("到期没有收到说明。"))


def hold_hearing(fine: Fine, *, on: date, minutes: str, by: Staff) -> Fine:
    """听证: held by somebody who did not propose it; its minutes stand with what was said."""
    with transaction.atomic():
        row = _for(fine, by)
        if row.hearing_asked_at is None or row.state != states.P_HEARD:
            raise FineRefused(_("没有要举行的听证。"))
        if row.proposed_by_id == by.pk:
            raise FineRefused(_("听证由没有办过这件事的同事主持。"))
        if not minutes.strip():
            raise FineRefused(_("请写听证笔录。"), "minutes")
        if on > clock.today():
            raise FineRefused(_("听证的日期不晚于今天。"), "on")
        row.hearing_held_on, row.hearing_by = on, by
        row.save(update_fields=["hearing_held_on", "hearing_by"])
        FineStatement.objects.create(
            fine=row, channel="window", text=minutes.strip()[:MOST_WORDS],
            recorded_at=clock.now(), recorded_by=by.audit_label[:80],
        )  # fmt: skip
        audit.record("fine.hearing", by=by.user, thing=row, on=on.isoformat())
        return row


def why_not_draft(fine: Fine) -> str:
    """What is missing before the letter: heard, its days over, a hearing held if asked for."""
    if fine.state != states.P_HEARD:
        return _("听取说明之后才能拟处罚决定。")
    if fine.hearing_asked_at is not None and fine.hearing_held_on is None:
        return _("当事人要求了听证，听证以后才能决定。")
    if fine.speak_until is not None and clock.today() <= fine.speak_until:
        return _("说明和要求听证的时间还没有过。")
    return ""


def draft(fine: Fine, *, by: Staff, text: str) -> Decision:
    """Drafts the letter (行政处罚决定书); another person decides by signing it."""
    with transaction.atomic():
        row = _for(fine, by)
        if why := why_not_draft(row):
            raise FineRefused(why)
        if not text.strip():
            raise FineRefused(_("请写明处罚的理由和依据，以及怎么看待当事人的说明。"), "words")
        now, violation = clock.now(), row.violation
        clause = kinds.of(violation.kind).clause
        row.decision = Decision.objects.create(
            application=violation.lease.application, kind=Decision.Kind.FINE, text=text.strip(),
            letter_no=f"YZ-CF-{now:%Y}-{row.pk:06d}", check_code=secrets.token_hex(6).upper(),
            reasons=[{"rule": violation.kind, "sentence": row.grounds, "clause": clause}],
            drafted_by=by, drafted_at=now,
        )  # fmt: skip
        row.save(update_fields=["decision"])
        advance(row, states.P_DRAFTED, by=by.user)
        audit.record("fine.drafted", by=by.user, thing=row, letter=row.decision.letter_no)
        return row.decision


def why_not_sign(fine: Fine, staff: Staff) -> str:
    """Why this person may not decide: not who proposed or drafted it."""
    if fine.state != states.P_DRAFTED or fine.decision is None:
        return _("还没有拟好的决定。")
    if fine.proposed_by_id == staff.pk:
        return _("建议罚款的人不能自己决定，请换一位同事。")
    return permissions.why_not_sign(fine.decision, staff)


def sign(fine: Fine, *, by: Staff) -> Fine:
    """Another person decides; the letter is served as every letter, and days run from then."""
    with transaction.atomic():
        locks.fresh(fine.violation.lease.application)  # as every verb that serves a letter does
        row = _for(fine, by)
        if why := why_not_sign(row, by):
            raise FineRefused(why)
        assert row.decision is not None
        letter = locks.fresh(row.decision)
        letter.signed_by, letter.signed_at = by, clock.now()
        letter.save(update_fields=["signed_by", "signed_at"])
        audit.record("decision.signed", by=by.user, thing=letter, letter_no=letter.letter_no)
        row.decided_by = by
        row.save(update_fields=["decided_by"])
        row = advance(row, states.P_DECIDED, by=by.user)
        if deliveries.by_consent(letter, by=by):
            letters.take_effect(letter, letter.application, by=by, at=letter.signed_at)
        _tell(row, DECIDED, by, number=letter.letter_no)
        return row


def pay_by(fine: Fine) -> date | None:
    """The last day to pay: from service. None while the letter is on its way."""
    if fine.decision is None or fine.decision.served_at is None:
        return None
    served_on: date = fine.decision.served_at.astimezone(clock.LOCAL).date()
    return periods.of("fine_pay").after(served_on)


def is_late(fine: Fine, today: date) -> bool:
    """Whether the 90 days to decide are over; shown to whoever decides."""
    return fine.decided_at is None and today > fine.decide_by


def paid(fine: Fine, *, on: date, receipt: str, by: Staff) -> Fine:
    """Notes that it was paid into the treasury's account, by the number of the receipt (缴款书)."""
    with transaction.atomic():
        row = _for(fine, by)
        if row.state != states.P_DECIDED:
            raise FineRefused(_("决定以后才能登记缴纳。"))
        earliest = row.decided_at.astimezone(clock.LOCAL).date() if row.decided_at else on
        if not earliest <= on <= clock.today():
            raise FineRefused(_("缴纳的日期在决定以后，不晚于今天。"), "on")
        if not receipt.strip():
            raise FineRefused(_("请写缴款书的编号。"), "receipt")
        row.paid_on, row.receipt = on, receipt.strip()[:60]
        row.save(update_fields=["paid_on", "receipt"])
        return advance(row, states.P_PAID, by=by.user)


def drop(fine: Fine, *, reason: str, by: Staff) -> Fine:
    """不予处罚: at every step until it is paid; a letter on its way stands no more."""
    with transaction.atomic():
        row = _for(fine, by)
        if not reason.strip():
            raise FineRefused(_("请写明为什么不予处罚。"), "words")
        told = row.noticed_at is not None
        if row.decision is not None:
            letter = locks.fresh(row.decision)
            letter.replaced = True
            letter.save(update_fields=["replaced"])
            deliveries.stop_letter(letter, by=by.user, reason="dropped")
        row.closed_reason = reason.strip()[:MOST_WORDS]
        row.save(update_fields=["closed_reason"])
        row = advance(row, states.P_DROPPED, by=by.user)
        if told:
            _tell(row, DROPPED, by)
        return row


def _for(fine: Fine, by: Staff) -> Fine:
    row = locks.fresh(fine)
    if why := permissions.why_not_draft(by, row.violation.lease.application):
        raise FineRefused(why)
    return row


def _tell(row: Fine, template: Template, by: Staff, **values: Any) -> None:
    applicant = row.violation.lease.application.applicant
    tell(
        applicant.id_index, template, by=by.user, case_no=row.case_no,
        phone=applicant.phone or "", **values,
    )  # fmt: skip

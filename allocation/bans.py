"""限制申请 after declines, or after an exit for a breach: proposed, heard, decided by two.

counted → proposed → notice → hearing → drafted by one, signed by another → the letter served →
only then the ban. Dropped at every step where it no longer holds.
"""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import offering, rents, states
from allocation.models import BanProposal, BanStatement, Offer
from applications import decision as letters
from applications import deliveries, periods, permissions
from applications.models import Application, Ban, Decision
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.workflow import Refusal, advance

REASON = "decline_twice"
SUBLET, DECEIT = "sublet", "deceit"  # 令11号 §36 (acts of §27), §35 (false papers)
AFTER_EXIT = {
    SUBLET: "《公共租赁住房管理办法》（住建部令第11号）第三十六条",
    DECEIT: "《公共租赁住房管理办法》（住建部令第11号）第三十五条",
}
NOTICE = Template(
    "ban_notice",
    gettext_lazy("请您说明放弃的情况"),
    gettext_lazy(
        "您家放弃选房已有{k}次。按现行规定可能{y}年内不能再申请，现在还没有决定。"
        "您可以在{due}前在线、到窗口或打电话说明。"
    ),
    gettext_lazy(
        "有一项住房保障信息需要您在{day}前说明，现在还没有决定。我们不会在短信里要您转账或点链接。"
    ),
)
AFTER_EXIT_NOTICE = Template(
    "ban_notice",
    gettext_lazy("请您说明情况"),
    gettext_lazy(
        "因为{grounds}，按{clause}可能{y}年内不能再申请，现在还没有决定。"
        "您可以在{due}前在线、到窗口或打电话说明。"
    ),
    NOTICE.sms,
)
DROPPED = Template(
    "ban_dropped",
    gettext_lazy("放弃的情况已核对"),
    gettext_lazy("放弃选房的情况已经核对清楚，不限制您家申请，不用您办理。"),
)
DECIDED = Template(
    "ban_decided",
    gettext_lazy("限制申请决定"),
    gettext_lazy("您家从{date}起到{until}不能提出新的申请。不同意或需要帮助，见决定书上的办法。"),
    gettext_lazy("您家的住房保障有一份决定，请查看决定书。我们不会在短信里要您转账或点链接。"),
)


class BanRefused(Refusal):
    """This step towards a ban cannot be taken now."""


@dataclass(frozen=True)
class Limits:
    """What the policy pack of a day says: declines before a ban is proposed, its years, silence."""

    declines: int
    years: int
    silence_counts: bool


def limits() -> Limits:
    """The policy in force today."""
    today = clock.today()
    policy = rents.policy_on(today)
    return Limits(
        int(policy.value("ban.declines", today)),
        int(policy.value("ban.decline_twice_years", today)),
        bool(policy.value("ban.silence_counts", today)),
    )


def counted(application: Application) -> QuerySet[Offer]:
    """The declined homes that count; a claimed cause counts only once it is finally refused."""
    said = Q(state=states.O_DECLINED) | Q(state=states.O_LAPSED, silence_counted=True)
    no_cause = Q(cause=None) | Q(cause__state=states.J_UPHELD)
    return Offer.objects.filter(said, no_cause, entrant__application=application)


def propose_if_due(application: Application) -> BanProposal | None:
    """Puts the household on a person's desk once its declines reach the policy's number.

    Changes nothing for the household. What a person has dropped comes back only with a further
    decline.
    """
    locks.fresh(application)
    now = limits()
    declines = list(counted(application))
    if len(declines) < now.declines or _weighed(application, declines):
        return None
    row = BanProposal.objects.create(
        application=application, years=now.years, opened_at=clock.now(), state_since=clock.now()
    )
    row.declines.set(declines)
    audit.record(
        "ban.proposed", by=offering.SYSTEM, thing=row, case_no=row.case_no, declines=len(declines)
    )
    return row


def propose_after_exit(
    application: Application, *, reason: str, grounds: str, returned_on: date, by: Staff
) -> BanProposal:
    """A person proposes a ban after an exit whose breach was established (令11号 §35–36).

    It has a notice, a hearing and two signatures of its own. The years run from the return of the
    home. Raises BanRefused.
    """
    with transaction.atomic():
        locks.fresh(application)
        if why := permissions.why_not_draft(by, application):
            raise BanRefused(why)
        if reason not in AFTER_EXIT:
            raise BanRefused(_("只有违反使用规定或者材料不实，才可能限制申请。"))
        if not grounds.strip():
            raise BanRefused(_("请写明限制申请的理由和依据。"), field="words")
        known = application.ban_proposals.filter(reason=reason, counts_from=returned_on).first()
        if known is not None:
            return known
        if application.ban_proposals.filter(state__in=states.BAN.open_ids).exists():
            raise BanRefused(_("这一户已有一件限制申请在核对，先办完那一件。"))
        today = clock.today()
        row = BanProposal.objects.create(
            application=application, reason=reason, grounds=grounds.strip()[:400],
            counts_from=returned_on, opened_at=clock.now(), state_since=clock.now(),
            years=int(rents.policy_on(today).value(f"ban.{reason}_years", today)),
        )  # fmt: skip
        audit.record("ban.proposed", by=by.user, thing=row, case_no=row.case_no, reason=reason)
        return row


def serve_notice(proposal: BanProposal, *, by: Staff) -> BanProposal:
    """Tells the household what is proposed and why; the time to speak runs from here."""
    with transaction.atomic():
        row = _for(proposal, by)
        _refuse_if_no_longer_due(row)
        row.noticed_by, row.hearing_due = by, periods.of("hearing").after(clock.today())
        row.save(update_fields=["noticed_by", "hearing_due"])
        row = advance(row, states.B_NOTICE, by=by.user)
        due = row.hearing_due
        if row.reason != REASON:
            _tell(row, AFTER_EXIT_NOTICE, by, due=due, day=lambda: display.day_short(due),
                  y=row.years, grounds=row.grounds, clause=AFTER_EXIT[row.reason])  # fmt: skip
            return row
        _tell(row, NOTICE, by, due=due, day=lambda: display.day_short(due), y=row.years,
              k=row.declines.count())  # fmt: skip
        return row


def hear(proposal: BanProposal, *, by: Any, channel: str, text: str) -> BanProposal:
    """Takes down what the household says, for as long as nothing is decided."""
    with transaction.atomic():
        row = locks.fresh(proposal)
        if row.state not in (states.B_NOTICE, states.B_HEARD):
            raise BanRefused(_("现在不在听取说明的阶段，请刷新页面看最新进度。"))
        if row.decision is not None and row.decision.signed_at is not None:
            raise BanRefused(_("决定已经签发，不同意的办法见决定书。"))
        if not text.strip():
            raise BanRefused(_("请写下您要说明的情况。"), field="text")
        BanStatement.objects.create(
            proposal=row, channel=channel, text=text.strip(), recorded_at=clock.now(),
            recorded_by=audit.label(by)[:80],
        )  # fmt: skip
        audit.record("ban.heard", by=by, thing=row, case_no=row.case_no, channel=channel)
        return advance(row, states.B_HEARD, by=by) if row.state == states.B_NOTICE else row


def close_hearing(proposal: BanProposal, *, by: Staff) -> BanProposal:
    """A person notes that the day passed without a statement; silence proves nothing by itself."""
    with transaction.atomic():
        row = _for(proposal, by)
        if row.hearing_due is None or clock.today() <= row.hearing_due:
            raise BanRefused(_("听取说明的期限还没有到，不能提前结束。"))
        return hear(row, by=by.user, channel="none", text=_("到期没有收到说明。"))


def drop(proposal: BanProposal, *, by: Staff, reason: str) -> BanProposal:
    """The explanation holds, or the count no longer does: nothing changes for the household."""
    with transaction.atomic():
        row = _for(proposal, by)
        if not reason.strip():
            raise BanRefused(_("请写明核对结果。"), field="words")
        told = row.noticed_at is not None
        if row.decision is not None:
            row.decision.replaced = True
            row.decision.save(update_fields=["replaced"])
            deliveries.stop_letter(row.decision, by=by.user, reason="dropped")
        row.closed_reason = reason.strip()
        row.save(update_fields=["closed_reason"])
        row = advance(row, states.B_DROPPED, by=by.user)
        if told:
            _tell(row, DROPPED, by)
        return row


def draft(proposal: BanProposal, *, by: Staff, text: str) -> Decision:
    """Drafts the letter; another person must sign it."""
    with transaction.atomic():
        row = _for(proposal, by)
        _refuse_if_no_longer_due(row)
        if row.state != states.B_HEARD:
            raise BanRefused(_("听取说明之后才能拟限制申请决定。"))
        if row.decision is not None:
            raise BanRefused(_("这一户已经有一份拟好的决定，请去签发。"))
        if not text.strip():
            raise BanRefused(_("请写明限制申请的理由和依据。"), field="words")
        now = clock.now()
        row.decision = Decision.objects.create(
            application=row.application, kind=Decision.Kind.BAN, text=text.strip(),
            letter_no=f"YZ-XZ-{now:%Y}-{row.pk:06d}", check_code=secrets.token_hex(6).upper(),
            drafted_by=by, drafted_at=now,
        )  # fmt: skip
        row.save(update_fields=["decision"])
        audit.record("ban.drafted", by=by.user, thing=row, letter=row.decision.letter_no)
        return row.decision


def sign(proposal: BanProposal, *, by: Staff) -> BanProposal:
    """The second person signs; the ban waits for the service of the letter."""
    with transaction.atomic():
        locks.fresh(proposal.application)  # as every verb that serves a letter does
        row = _for(proposal, by)
        _refuse_if_no_longer_due(row)
        if row.decision is None:
            raise BanRefused(_("还没有拟好的决定。"))
        letter = locks.fresh(row.decision)
        if why := permissions.why_not_sign(letter, by):
            raise BanRefused(why)
        letter.signed_by, letter.signed_at = by, clock.now()
        letter.save(update_fields=["signed_by", "signed_at"])
        audit.record("decision.signed", by=by.user, thing=letter, letter_no=letter.letter_no)
        if deliveries.by_consent(letter, by=by):
            letters.take_effect(letter, row.application, by=by, at=letter.signed_at)
        return _take_effect(row, letter) if letter.served_at else row


def take_effect_due() -> int:
    """Begins every ban whose letter was served; returns how many."""
    served = BanProposal.objects.filter(
        state=states.B_HEARD, decision__served_at__isnull=False, decision__replaced=False
    )
    return sum(_served(pk) for pk in served.values_list("pk", flat=True))


def _served(pk: int) -> bool:
    with transaction.atomic():
        row = BanProposal.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
        if row.state != states.B_HEARD or row.decision is None:
            return False
        letter = locks.fresh(row.decision)
        if letter.served_at is None or letter.replaced:
            return False
        _take_effect(row, letter)
        return True


def _take_effect(row: BanProposal, letter: Decision) -> BanProposal:
    """By the person who signed: the machine that notices the proof only carries it on."""
    by = letter.signed_by
    assert by is not None and letter.served_at is not None  # the callers have seen them
    start = letter.served_at.astimezone(clock.LOCAL).date()
    row.until = until = periods.months_later(row.counts_from or start, 12 * row.years)
    row.save(update_fields=["until"])
    row = advance(row, states.B_DECIDED, by=by.user)
    Ban.objects.bulk_create(
        Ban(
            person_index=member.id_index, reason=row.reason, case_no=row.case_no, starts_on=start,
            until=until, decided_by=by.audit_label[:80],
        )
        for member in row.application.members.filter(excluded=False)
    )  # fmt: skip
    _tell(row, DECIDED, by, date=start, until=row.until)
    return row


def _weighed(application: Application, declines: list[Offer]) -> bool:
    """Whether a proposal is open, or every one of these declines was in one before."""
    earlier = BanProposal.objects.filter(application=application)
    if earlier.filter(state__in=states.BAN.open_ids).exists():
        return True
    seen = set(earlier.values_list("declines", flat=True))
    return all(offer.pk in seen for offer in declines)


def _for(proposal: BanProposal, by: Staff) -> BanProposal:
    """The locked row, for a person of the district who may work on the case."""
    row = locks.fresh(proposal)
    if why := permissions.why_not_draft(by, row.application):
        raise BanRefused(why)
    return row


def _refuse_if_no_longer_due(row: BanProposal) -> None:
    """A cause claimed or accepted meanwhile takes its decline out of the count."""
    if row.reason == REASON and counted(row.application).count() < limits().declines:
        raise BanRefused(_("有一次放弃的正当理由还在核实或已经成立，次数不够，请关闭或等核实完。"))


def _tell(row: BanProposal, template: Template, by: Staff, **values: Any) -> None:
    applicant = row.application.applicant
    tell(
        applicant.id_index, template, by=by.user, case_no=row.case_no,
        phone=applicant.phone or "", **values,
    )  # fmt: skip

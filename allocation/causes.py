"""正当理由: a household says why it declined; one person may accept, two must refuse.

claimed → accepted, or proposed for refusal → refused by another → the household may object →
a third person decides. Until that is over the decline does not count. The papers and the words
may tell of an illness: the district's people alone read them, each look recorded.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import bans, just_causes, offering, states
from allocation.models import JustCause, Offer
from applications import periods, permissions
from applications.letters import PHONE
from core import audit, clock, display, locks
from core.notices import Template
from core.workflow import Refusal, advance

_LONGEST = 2000
ACCEPTED = Template(
    "cause_accepted",
    gettext_lazy("放弃的理由成立"),
    gettext_lazy("您家放弃{home}的理由成立，这次不计入放弃次数。不用您办理。"),
)
REFUSED = Template(
    "cause_refused",
    gettext_lazy("放弃的理由没有认定"),
    gettext_lazy(
        "您家放弃{home}的理由没有认定，因为：{reason}。不同意的，可以在{until}前提出异议；"
        "异议核实完以前，这次不计入放弃次数。"
    ),
    gettext_lazy("您说明的放弃理由有了答复，请在{day}前查看。我们不会在短信里要您转账或点链接。"),
)
UPHELD = Template(
    "cause_upheld",
    gettext_lazy("异议已答复"),
    gettext_lazy("您家放弃{home}的理由仍没有认定，这次计入放弃次数，因为：{reason}。"),
)


class CauseRefused(Refusal):
    """The cause cannot be claimed or decided like this now."""


@dataclass(frozen=True)
class Claim:
    """What a household says: a cause of the table and a sentence.

    ``brief``: said at a machine, which has no keys for words; the cause stands alone, and the
    sentence may follow.
    """

    code: str
    text: str = ""
    brief: bool = False


def claim(offer: Offer, said: Claim, *, by: Any) -> JustCause:
    """Says afterwards why a home was declined, or not answered. Raises CauseRefused."""
    with transaction.atomic():
        row = locks.fresh(offer)
        if why := why_not_claim(row):
            raise CauseRefused(why)
        return note(row, said, by=by)


def note(row: Offer, said: Claim, *, by: Any) -> JustCause:
    """Writes the claim on a locked offer, inside the caller's transaction."""
    if said.code not in just_causes.table():
        raise CauseRefused(_("请选择一项理由。"), "code")
    if not said.text.strip() and not said.brief:
        raise CauseRefused(_("请写一句说明，让核实的人看得懂。"), "text")
    cause = JustCause.objects.create(
        offer=row, code=said.code, text=said.text.strip()[:_LONGEST], claimed_at=clock.now(),
        state_since=clock.now(),
    )  # fmt: skip
    audit.record("cause.claimed", by=by, thing=cause, case_no=row.case_no)
    return cause


def add_words(cause: JustCause, text: str, *, by: Any) -> JustCause:
    """Adds the sentence to a cause that was named at a machine, once. Raises CauseRefused."""
    with transaction.atomic():
        row = locks.fresh(cause)
        if why := why_not_words(row):
            raise CauseRefused(why)
        if not text.strip():
            raise CauseRefused(_("请写一句说明，让核实的人看得懂。"), "text")
        row.text = text.strip()[:_LONGEST]
        row.save(update_fields=["text"])
        audit.record("cause.words_added", by=by, thing=row, case_no=row.case_no)
        return row


def why_not_words(cause: JustCause) -> str:
    """Why no sentence can be added to the cause now."""
    if cause.text:
        return _("这次放弃已经写过说明。")
    if cause.state not in (states.J_CLAIMED, states.J_PROPOSED):
        return _("理由已经有了认定，请看最新进度。")
    return ""


def why_not_claim(offer: Offer) -> str:
    """Why no cause can be claimed for this offer now."""
    if offer.state not in (states.O_DECLINED, states.O_LAPSED):
        return _("放弃以后才能说明理由。")
    if hasattr(offer, "cause"):
        return _("这次放弃已经说明过理由。")
    assert offer.answered_at is not None
    last = periods.of("cause_claim").after(offer.answered_at.astimezone(clock.LOCAL).date())
    if clock.today() > last:
        return _("说明理由的时间到%(day)s为止，需要帮助请拨%(phone)s。") % {
            "phone": PHONE,
            "day": display.day(last),
        }
    return ""


def accept(cause: JustCause, *, by: Staff) -> JustCause:
    """The cause holds: the decline does not count. One person is enough for what helps."""
    with transaction.atomic():
        row = _for(cause, by)
        if row.state == states.J_OBJECTED:
            row.answered_by = by
        elif row.state == states.J_CLAIMED:
            row.decided_by = by
        row.save(update_fields=["answered_by", "decided_by"])
        row = advance(row, states.J_ACCEPTED, by=by.user)
        _tell(row, ACCEPTED)
        return row


def propose_refusal(cause: JustCause, *, by: Staff, reason: str) -> JustCause:
    """The first person finds that it does not hold, with the reason the household will read."""
    with transaction.atomic():
        row = _for(cause, by)
        if not reason.strip():
            raise CauseRefused(_("请写明为什么没有认定，家庭会看到。"), "words")
        row.proposed_by, row.reason = by, reason.strip()[:_LONGEST]
        row.save(update_fields=["proposed_by", "reason"])
        return advance(row, states.J_PROPOSED, by=by.user)


def refuse(cause: JustCause, *, by: Staff) -> JustCause:
    """The second person agrees; the household may object until a day."""
    with transaction.atomic():
        row = _for(cause, by)
        if row.proposed_by_id == by.pk:
            raise CauseRefused(_("提出的人不能自己确认，请换一位同事。"))
        row.decided_by = by
        row.objection_due = periods.of("cause_objection").after(clock.today())
        row.save(update_fields=["decided_by", "objection_due"])
        row = advance(row, states.J_REFUSED, by=by.user)
        due = row.objection_due
        _tell(row, REFUSED, reason=row.reason, until=due, day=lambda: display.day_short(due))
        return row


def send_back(cause: JustCause, *, by: Staff) -> JustCause:
    """The second person does not agree: the cause is open again, for anybody of the desk."""
    with transaction.atomic():
        row = _for(cause, by)
        if row.proposed_by_id == by.pk:
            raise CauseRefused(_("提出的人不能自己确认，请换一位同事。"))
        row = advance(row, states.J_CLAIMED, by=by.user)
        row.proposed_by, row.reason = None, ""
        row.save(update_fields=["proposed_by", "reason"])
        return row


def object_to(cause: JustCause, *, by: Any, text: str) -> JustCause:
    """The household does not agree with the refusal; it goes to a third person."""
    with transaction.atomic():
        row = locks.fresh(cause)
        if row.state != states.J_REFUSED or row.objection_due is None:
            raise CauseRefused(_("现在不能提出异议，请看最新进度。"))
        if clock.today() > row.objection_due:
            raise CauseRefused(_("提出异议的时间已过，需要帮助请拨%(phone)s。") % {"phone": PHONE})
        if not text.strip():
            raise CauseRefused(_("请写一写哪里不对，一两句话就可以。"), "text")
        row.objection = text.strip()[:_LONGEST]
        row.save(update_fields=["objection"])
        return advance(row, states.J_OBJECTED, by=by)


def uphold(cause: JustCause, *, by: Staff, reason: str) -> JustCause:
    """A third person has weighed the objection and stays with the refusal: the decline counts."""
    with transaction.atomic():
        row = _for(cause, by)
        if row.state != states.J_OBJECTED:
            raise CauseRefused(_("这一项没有待答复的异议。"))
        if not reason.strip():
            raise CauseRefused(_("请写明为什么没有认定，家庭会看到。"), "words")
        row.answered_by, row.answer = by, reason.strip()[:_LONGEST]
        row.save(update_fields=["answered_by", "answer"])
        return _final(row, by.user, row.answer)


def close_due() -> int:
    """Refusals that nobody objected to in time are final; returns how many.

    Two persons have decided them: the machine only notes that the day has passed.
    """
    rows = JustCause.objects.filter(state=states.J_REFUSED, objection_due__lt=clock.today())
    return sum(_close(row) for row in rows)


def due_on(cause: JustCause) -> date:
    """The last day on which the desk should have decided."""
    return periods.of("cause_decide").after(cause.state_since.astimezone(clock.LOCAL).date())


def why_not(cause: JustCause, staff: Staff) -> str:
    """Why this person may not decide on the cause."""
    if why := permissions.why_not_draft(staff, cause.offer.entrant.application):
        return why
    if cause.state == states.J_OBJECTED and staff.pk in (cause.proposed_by_id, cause.decided_by_id):
        return _("异议由另一位同事答复，您办过原来的认定。")
    return ""


def words(cause: JustCause) -> str:
    """What the household wrote; who named the cause at a machine has written nothing yet."""
    return cause.text or _("在一体机上选的理由，没有另写说明。")


def word(cause: JustCause) -> str:
    """The cause in words; a line that has left the table keeps its code."""
    found = just_causes.table().get(cause.code)
    return found.word if found else cause.code


def _close(cause: JustCause) -> bool:
    with transaction.atomic():
        row = locks.fresh(cause)
        if row.state != states.J_REFUSED or (row.objection_due or clock.today()) >= clock.today():
            return False
        _final(row, offering.SYSTEM, row.reason)
        return True


def _final(row: JustCause, by: Any, reason: str) -> JustCause:
    row = advance(row, states.J_UPHELD, by=by)
    _tell(row, UPHELD, reason=reason)
    bans.propose_if_due(row.offer.entrant.application)
    return row


def _for(cause: JustCause, by: Staff) -> JustCause:
    row = locks.fresh(cause)
    if why := why_not(row, by):
        raise CauseRefused(why)
    return row


def _tell(row: JustCause, template: Template, **values: Any) -> None:
    offering.to_household(row.offer.entrant, template, home=row.offer.home.code, **values)

"""到期: a reminder, then a call, and only then does silence pass the home on.

Walking away is never a decline. Silence counts only where the policy says so, and only after a
person has reached the household on the telephone.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.roles import Role
from allocation import bans, offering, reserve, states, viewings
from allocation.models import Offer, OfferCall
from applications import periods, permissions
from core import audit, clock, locks
from core.notices import Template
from core.workflow import Refusal, advance

log = logging.getLogger(__name__)
_BATCH = 200

LAPSED = Template(
    "offer_lapsed",
    gettext_lazy("选房期限已过"),
    gettext_lazy("到{due}没有收到您的选择，这套房给了下一户。您家的轮候资格不变。"),
)
LAPSED_COUNTED = Template(
    "offer_lapsed_counted",
    gettext_lazy("选房期限已过"),
    gettext_lazy(
        "到{due}没有收到您的选择，这套房给了下一户，按现行规定计入放弃次数。"
        "有正当理由的，可以在网上说明，或拨{line}。"
    ),
)
REMINDER = Template(
    "offer_reminder",
    gettext_lazy("选房期限快到了"),
    gettext_lazy("您家的房源保留到{due}。请在那之前接受或放弃；没有答复的，这套房会给下一户。"),
    gettext_lazy("您家的房源保留到{day}，请在手机或一体机上选择。我们不会在短信里要您转账或点链接"),
)


class CallRefused(Refusal):
    """No call is to be noted here."""


def remind_due() -> int:
    """Reminds households whose last day is near, once; returns how many."""
    rows = _ending("offer_remind").filter(reminded_at=None).order_by("due_at")
    return sum(_remind(row) for row in rows[:_BATCH])


def to_call() -> list[Offer]:
    """Households that have not answered, whose last day is near and whom nobody has reached."""
    rows = _ending("offer_call").exclude(calls__reached=True).prefetch_related("calls")
    found = rows.select_related("home__estate", "entrant__application", "entrant__round")
    return list(found.order_by("due_at")[:_BATCH])


def log_call(offer: Offer, *, by: Staff, reached: bool, note: str) -> OfferCall:
    """Notes a call to a household that has not answered. Raises CallRefused."""
    with transaction.atomic():
        row = locks.fresh(offer)
        if why := why_not_call(row, by):
            raise CallRefused(why)
        if not note.strip():
            raise CallRefused(_("请写下对方说了什么，或者怎么没有联系上。"), "note")
        made = OfferCall.objects.create(
            offer=row, reached=reached, note=note.strip(), at=clock.now(), by=by
        )
        audit.record("offer.called", by=by.user, thing=row, case_no=row.case_no, reached=reached)
        return made


def why_not_call(offer: Offer, staff: Staff) -> str:
    """Why this person may not call, or nobody need."""
    if offer.state not in states.OFFER.open_ids:
        return _("这一户已经有了选择结果，不用再联系。")
    if not {Role.ADMIN, Role.DISTRICT} & set(staff.roles):
        return _("您的岗位不办理这一步。需要的话，请联系本单位的系统管理员。")
    return permissions.why_not_free(staff, offer.entrant.application)


def lapse_due() -> int:
    """Ends offers whose time is over; returns how many. Walking away was never a decline."""
    due = _unanswered().filter(due_at__lte=clock.now())
    return sum(_lapsed(offer) for offer in due.order_by("due_at")[:_BATCH])


def _unanswered() -> QuerySet[Offer]:
    return Offer.objects.filter(state__in=states.OFFER.open_ids)


def _ending(period: str) -> QuerySet[Offer]:
    """Unanswered offers whose last day lies within a period from today."""
    last = periods.of(period).after(clock.today())
    return _unanswered().filter(due_at__lte=clock.local_midnight(last + timedelta(days=1)))


def _remind(offer: Offer) -> bool:
    with transaction.atomic():
        row = locks.fresh(offer)
        if row.state not in states.OFFER.open_ids or row.reminded_at is not None:
            return False
        row.reminded_at = clock.now()
        row.save(update_fields=["reminded_at"])
        offering.about(row, REMINDER)
        return True


def _lapsed(offer: Offer) -> bool:
    """One offer's lapse; one that is refused must not hold up the others' homes."""
    try:
        return _lapse(offer)
    except Refusal as refusal:
        log.error("offer %s does not lapse: %s", offer.pk, refusal)
        return False


def _lapse(offer: Offer) -> bool:
    with transaction.atomic():
        row = locks.fresh(offer)
        if row.state not in states.OFFER.open_ids or row.due_at > clock.now():
            return False
        if viewings.extend_if_owed(row):
            return False
        row = advance(row, states.O_LAPSED, by=offering.SYSTEM)
        counts = bans.limits().silence_counts and row.calls.filter(reached=True).exists()
        row.silence_counted = counts
        row.save(update_fields=["silence_counted"])
        offering.about(row, LAPSED_COUNTED if counts else LAPSED)
        reserve.pass_on(row, "lapsed", offering.SYSTEM)
        if counts:
            bans.propose_if_due(row.entrant.application)
    return True

"""A home is held for a household: offered, its result opened, thought over, accepted.

The draw has decided; a kiosk or a phone only shows it. Every verb can be tapped twice with the
same result.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from allocation import leases, ledgers, rents, states
from allocation.models import Entrant, Home, Offer, Round
from applications import periods
from applications import states as application_states
from core import audit, clock, display, locks, workdays
from core.notices import Template, tell
from core.workflow import Refusal, advance, advance_held

SYSTEM = audit.System("配租")
_CASE = ("entrant__application",)  # read along with an offer: the log names the case

DRAWN = Template(
    "offer_made",
    _("您家摇到了房源"),
    _("您家摇到{home}，{area}平方米，月租{rent}元。请在{due}前选择；可以先看房。"),
    _("您家的摇号结果已出，请在{day}前到一体机或手机上选择。我们不会在短信里要您转账或点链接"),
)
RESERVE = Template(
    "round_reserve",
    _("这次没有摇到房源"),
    _("这次没有摇到房源，您家是候补第{n}位。轮候资格不变，有房源空出会按顺序通知您。"),
    _("您家的摇号结果已出，可在一体机或手机上查看。我们不会在短信里要您转账或点链接"),
)
EXTENDED = Template(
    "offer_extended",
    _("选房期限延长了"),
    _("没能在期限内给您家安排看房，选房期限延长到{due}。不用您办理。"),
    _("您家的选房期限延长到{day}。我们不会在短信里要您转账或点链接"),
)


class OfferRefused(Refusal):
    """The offer cannot be answered like this now."""


def make(entrant: Entrant, home: Home, *, origin: str, by: Any) -> Offer:
    """Holds a home for a household and tells it; the home is moved to 待选择."""
    due = deadline(entrant.round, clock.now())
    offer = hold(entrant, home, origin=origin, due_at=due, by=by)
    about(offer, DRAWN, home=home.code, area=f"{home.area:.2f}", rent=f"{offer.rent_monthly:.2f}")
    return offer


def hold(entrant: Entrant, home: Home, *, origin: str, due_at: datetime, by: Any) -> Offer:
    """Holds a home for a household until a moment, at the rent of today."""
    advance(home, states.H_OFFERED, by=by)
    offer = Offer.objects.create(
        entrant=entrant,
        home=home,
        origin=origin,
        state_since=clock.now(),
        rent_monthly=rents.rent_for(home, _tier(entrant), clock.today()),
        due_at=due_at,
    )
    if entrant.application.state != application_states.ALLOTTED:
        advance(entrant.application, application_states.ALLOTTED, by=by)
    return offer


def deadline(round_: Round, start: datetime) -> datetime:
    """The end of the last working day on which the household may answer."""
    last = workdays.add_workdays(start.astimezone(clock.LOCAL).date(), round_.choose_days)
    return clock.local_midnight(last + timedelta(days=1))


def last_day(offer: Offer) -> date:
    """The last day on which the household may answer."""
    return (offer.due_at.astimezone(clock.LOCAL) - timedelta(microseconds=1)).date()


def extend(row: Offer, *, start: date, by: Any) -> bool:
    """Gives a locked offer the policy's further days after ``start``, once; False if it had them.

    Only because no viewing was to be had in time: a public line says until when.
    """
    if row.extended_at is not None or row.state not in states.OFFER.open_ids:
        return False
    last = max(periods.of("viewing_extension").after(start), last_day(row))
    row.due_at, row.extended_at = clock.local_midnight(last + timedelta(days=1)), clock.now()
    row.reminded_at = None
    row.save(update_fields=["due_at", "extended_at", "reminded_at"])
    audit.record("offer.extended", by=by, thing=row, case_no=row.case_no, until=last)
    ledgers.append(
        row.entrant.round, "extended", ticket=row.entrant.ticket, home=row.home.code,
        until=last.isoformat(),
    )  # fmt: skip
    about(row, EXTENDED)
    return True


def open_result(offer: Offer, *, by: Any, via: str) -> Offer:
    """Shows the result to its household for the first time; later calls change nothing."""
    with transaction.atomic():
        row = locks.fresh(offer, *_CASE)
        if row.state != states.O_UNOPENED:
            return row
        row.opened_via = via[:40]
        return advance_held(row, states.O_OPEN, by=by, also=["opened_via"])


def think(offer: Offer, *, by: Any) -> Offer:
    """考虑一下: the home stays held until the day it was held for anyway."""
    with transaction.atomic():
        row = locks.fresh(offer, *_CASE)
        if row.state == states.O_THINKING:
            return row
        refuse_unless_answerable(row)
        return advance_held(row, states.O_THINKING, by=by)


def accept(offer: Offer, *, by: Any, via: str) -> Offer:
    """Takes the home and prepares the lease; a second tap finds it done."""
    with transaction.atomic():
        row = locks.fresh(offer, *_CASE)
        if row.state == states.O_ACCEPTED:
            return row
        refuse_unless_answerable(row)
        row = take(row, by=by, via=via)
        ledgers.append(row.entrant.round, "accepted", ticket=row.entrant.ticket, home=row.home.code)
        return row


def take(row: Offer, *, by: Any, via: str) -> Offer:
    """What accepting does to a locked, opened offer: the home is its own, the lease prepared."""
    row = answer(row, states.O_ACCEPTED, by, via)
    leases.prepare(row, by=by)
    return row


def answer(row: Offer, to: str, by: Any, via: str) -> Offer:
    """Moves a locked offer to its answer and notes the way it came."""
    row.answered_via = via[:40]
    return advance_held(row, to, by=by, also=["answered_via"])


def refuse_unless_answerable(row: Offer) -> None:
    """OfferRefused unless the household has seen the home and its time is running."""
    if row.state == states.O_UNOPENED:
        raise OfferRefused(_("请先查看结果，再作选择。"))
    if row.state not in states.OFFER.open_ids:
        raise OfferRefused(_("这套房已经有了选择结果，请看最新进度。"))
    if clock.now() >= row.due_at:
        raise OfferRefused(_("选房期限已过，请联系窗口了解其他办法。"))


def tell_reserve(entrant: Entrant, place: int) -> None:
    """Tells a household without a home its place on the reserve list."""
    to_household(entrant, RESERVE, n=place)


def about(offer: Offer, template: Template, **values: Any) -> None:
    """Tells the household something about its offer; {due} and {day} are its last day."""
    last = last_day(offer)
    to_household(offer.entrant, template, due=last, day=lambda: display.day_short(last), **values)


def to_household(entrant: Entrant, template: Template, **values: Any) -> None:
    """Tells the applicant of a household in a round."""
    applicant = entrant.application.applicant
    tell(
        applicant.id_index, template, by=SYSTEM, case_no=entrant.case_no,
        phone=applicant.phone or "", **values,
    )  # fmt: skip


def _tier(entrant: Entrant) -> str:
    return entrant.application.wait_entry.tier

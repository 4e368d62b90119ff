"""A drawn home in the household's hands: opened, thought over, accepted, declined.

The draw has decided; a kiosk or a phone only shows it. Every verb can be tapped twice with the
same result. A declined or lapsed home goes down the reserve list in order, as a public line.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from allocation import leases, ledgers, rents, states
from allocation.models import Assignment, Entrant, Home, Offer, Round
from applications import periods
from applications import states as application_states
from applications.models import Ban
from core import audit, clock, display, locks, workdays
from core.notices import Template, tell
from core.workflow import Refusal, advance

log = logging.getLogger(__name__)
SYSTEM = audit.System("配租")
DECLINES_ALLOWED = 2  # the one that bars: policy ban.decline_twice_years

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
LAPSED = Template(
    "offer_lapsed",
    _("选房期限已过"),
    _("到{due}没有收到您的选择，这套房给了下一户。您家的轮候资格不变。"),
)


class OfferRefused(Refusal):
    """The offer cannot be answered like this now."""


def make(entrant: Entrant, home: Home, *, origin: str, by: Any) -> Offer:
    """Holds a home for a household and tells it; the home is moved to 待选择."""
    round_ = entrant.round
    advance(home, states.H_OFFERED, by=by)
    now = clock.now()
    offer = Offer.objects.create(
        entrant=entrant,
        home=home,
        origin=origin,
        state_since=now,
        rent_monthly=rents.rent_for(home, _tier(entrant), clock.today()),
        due_at=deadline(round_, now),
    )
    if entrant.application.state != application_states.ALLOTTED:
        advance(entrant.application, application_states.ALLOTTED, by=by)
    _tell(offer, DRAWN, home=home.code, area=f"{home.area:.2f}", rent=f"{offer.rent_monthly:.2f}")
    return offer


def deadline(round_: Round, start: datetime) -> datetime:
    """The end of the last working day on which the household may answer."""
    last = workdays.add_workdays(start.astimezone(clock.LOCAL).date(), round_.choose_days)
    return clock.local_midnight(last + timedelta(days=1))


def open_result(offer: Offer, *, by: Any, via: str) -> Offer:
    """Shows the result to its household for the first time; later calls change nothing."""
    with transaction.atomic():
        row = locks.fresh(offer)
        if row.state != states.O_UNOPENED:
            return row
        row.opened_via = via[:40]
        row.save(update_fields=["opened_via"])
        return advance(row, states.O_OPEN, by=by)


def think(offer: Offer, *, by: Any) -> Offer:
    """考虑一下: the home stays held until the day it was held for anyway."""
    with transaction.atomic():
        row = locks.fresh(offer)
        if row.state == states.O_THINKING:
            return row
        _refuse_unless_answerable(row)
        return advance(row, states.O_THINKING, by=by)


def accept(offer: Offer, *, by: Any, via: str) -> Offer:
    """Takes the home and prepares the lease; a second tap finds it done."""
    with transaction.atomic():
        row = locks.fresh(offer)
        if row.state == states.O_ACCEPTED:
            return row
        _refuse_unless_answerable(row)
        row = _answer(row, states.O_ACCEPTED, by, via)
        leases.prepare(row, by=by)
        ledgers.append(row.entrant.round, "accepted", ticket=row.entrant.ticket, home=row.home.code)
        return row


def decline(offer: Offer, *, by: Any, via: str) -> Offer:
    """Gives the home to the next household for good."""
    with transaction.atomic():
        row = locks.fresh(offer)
        if row.state == states.O_DECLINED:
            return row
        _refuse_unless_answerable(row)
        row = _answer(row, states.O_DECLINED, by, via)
        _back_to_waiting(row, by)
        _ban_after_second(row, by)
        _pass_on(row, "declined", by)
        return row


def lapse_due() -> int:
    """Ends offers whose time is over; returns how many. Walking away was never a decline."""
    due = Offer.objects.filter(state__in=states.OFFER.open_ids, due_at__lte=clock.now())
    return sum(_lapsed(offer) for offer in due.order_by("due_at")[:200])


def _lapsed(offer: Offer) -> bool:
    """One offer's lapse; one that is refused must not hold up the others' homes."""
    try:
        return _lapse(offer)
    except Refusal as refusal:
        log.error("offer %s does not lapse: %s", offer.pk, refusal)
        return False


def tell_reserve(entrant: Entrant, place: int) -> None:
    """Tells a household without a home its place on the reserve list."""
    applicant = entrant.application.applicant
    tell(
        applicant.id_index, RESERVE, by=SYSTEM, case_no=entrant.case_no,
        phone=applicant.phone or "", n=place,
    )  # fmt: skip


def last_day(offer: Offer) -> date:
    """The last day on which the household may answer."""
    return (offer.due_at.astimezone(clock.LOCAL) - timedelta(microseconds=1)).date()


def times_declined(offer: Offer) -> int:
    """How often the household has declined a home so far."""
    return Offer.objects.filter(
        entrant__application=offer.entrant.application, state=states.O_DECLINED
    ).count()


def _lapse(offer: Offer) -> bool:
    with transaction.atomic():
        row = locks.fresh(offer)
        if row.state not in states.OFFER.open_ids or row.due_at > clock.now():
            return False
        row = advance(row, states.O_LAPSED, by=SYSTEM)
        _back_to_waiting(row, SYSTEM)
        _tell(row, LAPSED)
        _pass_on(row, "lapsed", SYSTEM)
    return True


def _refuse_unless_answerable(row: Offer) -> None:
    if row.state == states.O_UNOPENED:
        raise OfferRefused(_("请先查看结果，再作选择。"))
    if row.state not in states.OFFER.open_ids:
        raise OfferRefused(_("这套房已经有了选择结果，请看最新进度。"))
    if clock.now() >= row.due_at:
        raise OfferRefused(_("选房期限已过，请联系窗口了解其他办法。"))


def _answer(row: Offer, to: str, by: Any, via: str) -> Offer:
    row.answered_via = via[:40]
    row.save(update_fields=["answered_via"])
    return advance(row, to, by=by)


def _back_to_waiting(row: Offer, by: Any) -> None:
    advance(row.entrant.application, application_states.WAITLISTED, by=by)


def _ban_after_second(row: Offer, by: Any) -> None:
    """A second decline bars a new application for some years (policy: decline_twice)."""
    if times_declined(row) < DECLINES_ALLOWED:
        return
    today = clock.today()
    years = int(rents.policy_on(today).value("ban.decline_twice_years", today))
    for member in row.entrant.application.members.filter(excluded=False):
        Ban.objects.create(
            person_index=member.id_index,
            reason="decline_twice",
            case_no=row.case_no,
            starts_on=today,
            until=periods.months_later(today, 12 * years),
            decided_by=audit.label(by),
        )


def _pass_on(row: Offer, event: str, by: Any) -> None:
    """The home goes to the first on the reserve list whom it fits, or back to stock."""
    round_ = row.entrant.round
    # the line's lock also lets one household after another choose its heir
    ledgers.append(round_, event, ticket=row.entrant.ticket, home=row.home.code)
    heir = next_in_reserve(round_, row.home)
    if heir is None:
        advance(row.home, states.H_AVAILABLE, by=by)
        return
    make(heir.entrant, row.home, origin="reserve", by=by)
    ledgers.append(
        round_, "reserve_offer", ticket=heir.entrant.ticket, home=row.home.code,
        position=heir.position,
    )  # fmt: skip


def next_in_reserve(round_: Round, home: Home) -> Assignment | None:
    """The first reserve, in drawn order, still waiting, never offered one here, whom it fits."""
    reserve = (
        round_.assignments.filter(
            home=None,
            entrant__offers=None,
            entrant__application__state=application_states.WAITLISTED,
        )
        .select_related("entrant__application", "entrant__round")
        .order_by("position")
    )
    return next((row for row in reserve if _fits(row.entrant, home)), None)


def _fits(entrant: Entrant, home: Home) -> bool:
    wanted = home.estate.code in entrant.preferences or entrant.any_estate
    return home.unit_type in entrant.unit_types and wanted


def _tier(entrant: Entrant) -> str:
    return entrant.application.wait_entry.tier


def _tell(offer: Offer, template: Template, **values: str) -> None:
    applicant = offer.entrant.application.applicant
    tell(
        applicant.id_index,
        template,
        by=SYSTEM,
        case_no=offer.case_no,
        phone=applicant.phone or "",
        due=display.day(last_day(offer)),
        day=display.day_short(last_day(offer)),
        **values,
    )

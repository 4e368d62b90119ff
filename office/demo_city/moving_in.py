"""Households that move in (入住): leases signed, messages, sheets and cards, by the real verbs.

Most messages are left to the outbox, which delivers them once the programs run. One was refused by
the access system: a door that does not open and a dead letter, to be corrected or sent again.
"""

from datetime import timedelta
from decimal import Decimal

from accounts.models import Staff
from allocation import handover, leases, offers, sheets, spare_keys, viewings
from allocation.models import HandoverSheet, Lease, Offer, Push, Viewing
from core import audit, clock, outbox, workdays
from core.models import OutboxMessage
from datashare.mock_gateway.city import City
from office.demo_city import rounds

SIGNED = 5  # leases of the newest draw
KNOWN_BEFORE = 6  # earlier tenants whose lease the other systems have confirmed
UNKNOWN_ROOM = "ROOM_UNKNOWN"  # what the access system says of an address it does not have
THERE = audit.System("演示")
_DOOR = 3  # the lease whose door does not open, in the order of signing


def build(city: City, drawn: list[Offer]) -> list[Lease]:
    """Arrivals of the drawn homes; earlier tenants as the other systems know them already."""
    company = Staff.objects.get(user__username="operator")
    with clock.held_at(rounds.noon(rounds.last_workday(city.on)) + timedelta(hours=1)):
        arrived = [_signed(offer) for offer in drawn[:SIGNED]]
        for offer in drawn[SIGNED : SIGNED + 1]:
            _viewing(offer, city)
        _refused(arrived[_DOOR:])
        known = known_before()
        handover.note_receipts()
        _sheets(arrived, company)
        _cards(arrived[:1], company)
    return known


def known_before() -> list[Lease]:
    """The newest earlier tenants, told to both systems and confirmed by them."""
    rows = Lease.objects.filter(offer=None).order_by("-term", "number")
    known = list(rows.select_related("home__estate", "application")[:KNOWN_BEFORE])
    for lease in known:
        handover.push(lease)
    for push in Push.objects.filter(lease__in=known).select_related("message").order_by("pk"):
        told = {"key": push.message.key, "accepted": True}
        outbox.receipt_came(push.message.destination, told)
    return known


def _signed(offer: Offer) -> Lease:
    offers.open_result(offer, by=offers.SYSTEM, via="phone")
    offers.accept(offer, by=offers.SYSTEM, via="phone")
    lease = leases.explain(Lease.objects.get(offer=offer), by=offers.SYSTEM)
    return leases.sign(lease, by=offers.SYSTEM)


def _viewing(offer: Offer, city: City) -> None:
    """A household that wants to see its home before it chooses."""
    offers.open_result(offer, by=offers.SYSTEM, via="phone")
    wanted = workdays.add_workdays(clock.today(), 2)
    viewings.ask(offer, by=offers.SYSTEM, wanted_on=wanted, part=Viewing.Part.MORNING)


def _refused(waiting: list[Lease]) -> None:
    for lease in waiting[:1]:
        message = handover.messages(lease)["grant"]
        OutboxMessage.objects.filter(pk=message.pk).update(attempts=1)  # it was sent, and called
        told = {"key": message.key, "success": False, "errorCode": UNKNOWN_ROOM}
        outbox.receipt_came(message.destination, told)


def _sheets(arrived: list[Lease], by: Staff) -> None:
    """One sheet is signed, one waits for the household, one is objected to."""
    told = sheets.Told(
        water=Decimal("1.20"), electricity=Decimal("35.60"), gas=Decimal("0.40"), keys=3, cards=2
    )
    for index, lease in enumerate(arrived[:3]):
        row = sheets.draw_up(lease, HandoverSheet.Kind.IN, by=by, told=told)
        row = sheets.show(row, by=by)
        tenant = lease.application.applicant
        if index == 0:
            sheets.sign(row, by=THERE, signature=tenant.name)
        elif index == 2:
            sheets.dispute(row, by=THERE, text="电表读数和表上的不一样，表上是35.2。")


def _cards(arrived: list[Lease], by: Staff) -> None:
    """Who uses no smartphone has a card, who moves today a code that opens once."""
    for lease in arrived:
        grant = lease.grants.order_by("pk")[0]
        spare_keys.issue_card(grant, by=by, number="BK-0001", reason="不用手机", spare=False)
        spare_keys.issue_code(grant, by=by, reason="搬家的人先到，帮忙开一次门")

"""Two workers on one household, two desks with one card, two ends of one lease."""

import asyncio

import pytest

from accounts.roles import Role
from allocation import access_ends, handover, offers, reconciliation, sheets, spare_keys
from allocation.models import AccessEnd, HandoverSheet, Reconciliation, SpareKey
from core import clock, outbox
from core.models import OutboxMessage
from tests.allocation.receivers import receivers
from tests.concurrency.test_changes import at_once
from tests.factories import accounts, tenancies

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mocks(settings):
    with receivers(settings.OUTBOX_SECRET) as (url, state):
        settings.OUTBOX_DESTINATIONS = {
            name: f"{url}/{name}/" for name in settings.OUTBOX_DESTINATIONS
        }
        yield state


def test_two_workers_keep_the_order_of_a_household(mocks):
    lease = tenancies.lease()
    for _n in range(4):
        handover.tell_again(lease, "access")
    for _n in range(8):
        at_once(*[outbox.deliver_due] * 3)
        if not OutboxMessage.objects.filter(state="pending").exists():
            break
    seqs = [mocks.messages["access"][key]["seq"] for key in mocks.applied["access"]]
    assert seqs == [1, 2, 3, 4] and mocks.posts["access"] == 4


def test_one_card_given_to_two_at_once_is_in_one_hand():
    grants = [tenancies.lease().grants.get() for _n in range(2)]
    staff = accounts.staff(Role.OPERATOR)
    results = at_once(
        *((lambda g=g: spare_keys.issue_card(g, by=staff, number="C1", reason="x")) for g in grants)
    )
    assert SpareKey.objects.count() == 1
    assert sum(isinstance(one, spare_keys.SpareRefused) for one in results) == 1


def test_a_hand_back_recorded_twice_is_one_ground():
    lease = tenancies.lease()

    def record():
        return access_ends.handed_back(lease, by=offers.SYSTEM, signed_by="x", document="x")

    at_once(record, record)
    assert AccessEnd.objects.count() == 1


def test_a_sheet_drawn_up_by_two_is_one():
    lease, staff = tenancies.lease(), accounts.staff(Role.OPERATOR)
    at_once(*[lambda: sheets.draw_up(lease, "in", by=staff, told=sheets.Told(water=1))] * 2)
    assert HandoverSheet.objects.count() == 1


def test_two_workers_compare_a_list_once(mocks):
    results = at_once(*[lambda: reconciliation.run("access", clock.today())] * 2)
    assert sum(one is None for one in results) == 1
    assert Reconciliation.objects.get().state == "done"


def test_a_receipt_called_in_twice_at_once_counts_once(mocks):
    lease = tenancies.lease()
    message = handover.tell_again(lease, "access")
    told = {"kind": "receipt", "key": message.key}
    results = at_once(*[lambda: handover.receipt_called("access", "r-1", told)] * 2)
    assert sum(isinstance(one, handover.Replayed) for one in results) == 1


def test_a_receiver_that_takes_its_time_calls_the_receipt_in(mocks, live_server):
    mocks.modes["access"], mocks.callback = "later", f"{live_server.url}/callbacks/receipts/"
    message = handover.tell_again(tenancies.lease(), "access")
    assert outbox.deliver_due() == 0
    (call,) = mocks.calls
    asyncio.run_coroutine_threadsafe(asyncio.wait([call]), call.get_loop()).result(20)
    assert call.result() == 200
    message.refresh_from_db()
    assert (message.state, message.receipt["devices"]) == ("confirmed", ["gate", "door"])

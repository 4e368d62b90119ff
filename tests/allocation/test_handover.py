"""What operator and access system are told, over HTTP."""

from datetime import timedelta

import pytest

from allocation import handover, leases, offers, states
from allocation.models import AccessGrant
from core import clock, outbox
from core.models import OutboxMessage
from tests.allocation.receivers import receivers
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


@pytest.fixture
def mocks(settings):
    with receivers(settings.OUTBOX_SECRET) as (url, state):
        settings.OUTBOX_DESTINATIONS = {
            name: f"{url}/{name}/" for name in settings.OUTBOX_DESTINATIONS
        }
        yield state


def grants(lease):
    return set(lease.grants.values_list("state", flat=True))


def test_a_signed_lease_arrives_once_with_its_people_and_opens_the_doors(mocks):
    lease = make.signed()
    outbox.deliver_due()
    handover.note_receipts()
    message = mocks.messages["operator"][f"lease-{lease.number}"]
    assert (message["contractNo"], message["rent"]) == (lease.number, "966.00")
    assert len(message["persons"]) == lease.application.members.count()
    assert f"grant-{lease.number}" in mocks.messages["access"]
    lease.refresh_from_db()
    assert lease.state == states.L_FILED
    assert grants(lease) == {AccessGrant.State.CONFIRMED}
    outbox.deliver_due()
    assert mocks.posts["operator"] == mocks.posts["access"] == 1


@pytest.mark.parametrize("mode", ["down", "http_500", "garbage"])
def test_a_receiver_that_is_down_delays_and_loses_nothing(mocks, mode):
    mocks.modes["access"] = mode
    lease = make.signed()
    outbox.deliver_due()
    handover.note_receipts()
    lease.refresh_from_db()
    assert lease.state == states.L_FILED
    assert grants(lease) == {AccessGrant.State.QUEUED}
    mocks.modes["access"] = "ok"
    clock.advance(timedelta(hours=2))
    outbox.deliver_due()
    handover.note_receipts()
    assert grants(lease) == {AccessGrant.State.CONFIRMED}
    assert len(mocks.messages["access"]) == 1
    assert OutboxMessage.objects.get(kind="grant").attempts == 2


def test_the_lease_is_filed_by_its_own_receipt_even_when_the_doors_came_first(mocks):
    mocks.modes["operator"] = "down"
    lease = make.signed()
    outbox.deliver_due()
    handover.note_receipts()
    lease.refresh_from_db()
    assert (lease.state, grants(lease)) == (states.L_SIGNED, {AccessGrant.State.CONFIRMED})
    mocks.modes["operator"] = "ok"
    clock.advance(timedelta(hours=2))
    outbox.deliver_due()
    handover.note_receipts()
    lease.refresh_from_db()
    assert lease.state == states.L_FILED


def test_a_receipt_that_was_lost_on_the_way_back_is_not_applied_twice(mocks):
    lease = make.signed()
    outbox.deliver_due()
    OutboxMessage.objects.filter(kind="grant").update(
        state="pending", next_attempt_at=clock.now(), confirmed_at=None
    )
    outbox.deliver_due()
    assert mocks.posts["access"] == 2
    assert list(mocks.messages["access"]) == [f"grant-{lease.number}"]


def test_a_dead_message_shows_as_being_fixed_and_comes_back_by_hand(mocks):
    mocks.modes["access"] = "down"
    lease = make.signed()
    OutboxMessage.objects.filter(kind="grant").update(attempts=40)
    outbox.deliver_due()
    handover.note_receipts()
    assert grants(lease) == {AccessGrant.State.FAILED}
    mocks.modes["access"] = "ok"
    outbox.retry(OutboxMessage.objects.get(kind="grant"), by=handover.SYSTEM)
    outbox.deliver_due()
    handover.note_receipts()
    assert grants(lease) == {AccessGrant.State.CONFIRMED}


def test_the_end_is_told_to_both_and_the_doors_close(mocks):
    lease = make.signed()
    outbox.deliver_due()
    handover.note_receipts()
    leases.end(lease, on=clock.today(), by=offers.SYSTEM)
    outbox.deliver_due()
    assert f"revoke-{lease.number}" in mocks.messages["access"]
    assert f"lease_ended-{lease.number}" in mocks.messages["operator"]
    assert grants(lease) == {AccessGrant.State.REVOKED}


def test_a_forged_message_is_refused(mocks, settings):
    make.signed()
    settings.OUTBOX_SECRET = "another"
    outbox.deliver_due()
    assert not mocks.messages["operator"]

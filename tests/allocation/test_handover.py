"""What operator and access system are told, over HTTP."""

import json
import time
from collections import defaultdict
from datetime import timedelta

import pytest

from accounts.roles import Role
from allocation import handover, leases, offers, spare_keys, states
from allocation.models import AccessGrant
from core import clock, outbox, webhooks
from core.models import OutboxMessage
from tests.factories import accounts, tenancies
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


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
    make.handed_back(lease)
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


def test_two_hundred_failed_households_block_no_later_receipt(mocks):
    stuck = [tenancies.lease() for _n in range(3)]
    for one in stuck:
        one.grants.update(state=AccessGrant.State.FAILED)
        message = handover.post("access", "grant", one, {})
        OutboxMessage.objects.filter(pk=message.pk).update(state="dead")
    handover.note_receipts()
    lease = make.signed()
    outbox.deliver_due()
    assert handover.note_receipts(limit=2) == 2  # the lease and its doors, not the old failures
    assert grants(lease) == {AccessGrant.State.CONFIRMED}


def test_reading_receipts_asks_the_database_a_fixed_number_of_times(
    mocks, django_assert_max_num_queries
):
    make.signed()
    with django_assert_max_num_queries(1):
        assert handover.note_receipts() == 0


@pytest.mark.parametrize("mode", ["lost_answer", "duplicate", "out_of_order", "slow"])
def test_whatever_the_network_does_a_message_is_applied_once(mocks, monkeypatch, mode):
    monkeypatch.setattr(outbox, "_TIMEOUT", 0.2)
    mocks.seconds = 0.4
    mocks.modes["access"] = mode
    lease = make.signed()
    outbox.deliver_due()
    mocks.modes["access"] = "ok"
    clock.advance(timedelta(hours=1))
    outbox.deliver_due()
    handover.note_receipts()
    assert mocks.applied["access"] == [f"grant-{lease.number}"]
    assert grants(lease) == {AccessGrant.State.CONFIRMED}


def test_a_household_is_told_in_order_also_when_the_first_message_is_stuck(mocks):
    lease = make.signed()
    mocks.modes["access"] = "down"
    outbox.deliver_due()
    make.handed_back(lease)
    leases.end(lease, on=clock.today(), by=offers.SYSTEM)
    mocks.modes["access"] = "ok"
    assert outbox.deliver_due() == 1  # the operator hears of the end; the doors wait their turn
    assert mocks.applied["access"] == []
    clock.advance(timedelta(hours=2))
    outbox.deliver_due()
    assert mocks.applied["access"] == [f"grant-{lease.number}", f"revoke-{lease.number}"]


def test_a_code_opens_the_door_while_the_list_of_who_may_enter_is_stuck(mocks):
    lease = make.signed()
    grant = OutboxMessage.objects.filter(kind="grant")
    grant.update(state="dead")
    by = accounts.staff(Role.OPERATOR)
    spare_keys.issue_code(lease.grants.first(), by=by, reason="门锁没有登记上")
    told = OutboxMessage.objects.get(kind="spare")
    assert outbox.ahead_of(told) is None
    outbox.deliver_due()
    assert mocks.applied["access"] == [told.key]
    make.handed_back(lease)
    leases.end(lease, on=clock.today(), by=offers.SYSTEM)
    outbox.deliver_due()
    assert mocks.applied["access"] == [told.key]  # the end waits for its turn all the same
    assert outbox.ahead_of(OutboxMessage.objects.get(kind="revoke")) == grant.get()


def test_what_gate_and_lock_know_is_moved_on_for_as_long_as_the_home_is_not_handed_back(mocks):
    lease = make.signed()
    outbox.deliver_due()
    handover.note_receipts()
    assert handover.keep_open() == 0
    clock.advance(timedelta(days=(lease.term.upper - clock.today()).days - 5))
    assert handover.keep_open() == 1
    assert handover.keep_open() == 0
    outbox.deliver_due()
    told = mocks.holdings["access"].listed()
    assert {one["validTo"] for one in told} == {str(clock.today() + timedelta(days=90))}
    clock.advance(timedelta(days=400))  # far behind the term, nothing handed back
    assert handover.keep_open() == 1
    make.handed_back(lease)
    clock.advance(timedelta(days=400))
    assert handover.keep_open() == 0


def test_a_receipt_may_be_called_in_and_counts_once(mocks, client, settings):
    mocks.modes["access"] = "later"
    lease = make.signed()
    outbox.deliver_due()
    row = OutboxMessage.objects.get(kind="grant")
    assert (row.state, row.error) == ("pending", "TakenForLater")
    body = json.dumps({"kind": "receipt", "key": row.key}).encode()
    signed = webhooks.headers("r-1", body, settings.OUTBOX_SECRET)

    def call(content=body, headers=signed, to="access"):
        address = f"/callbacks/receipts/{to}/"
        return client.post(
            address, content, content_type="application/json", headers=headers
        ).status_code

    assert call(b"{}") == 403
    assert call(headers={**signed, "webhook-timestamp": "1"}) == 403
    assert call(to="sms") == 404
    assert call() == 200
    assert call() == 409
    own = json.dumps({"kind": "grant", "key": row.key}).encode()  # our own message, sent back
    assert call(own, webhooks.headers("r-2", own, settings.OUTBOX_SECRET)) == 400
    odd = json.dumps({"kind": "receipt", "key": "?"}).encode()
    assert call(odd, webhooks.headers("r-3", odd, settings.OUTBOX_SECRET)) == 404
    handover.note_receipts()
    assert grants(lease) == {AccessGrant.State.CONFIRMED}


def test_a_refusal_called_in_stands_before_a_person(mocks, client, settings):
    mocks.modes["access"] = "later"
    make.signed()
    outbox.deliver_due()
    row = OutboxMessage.objects.get(kind="grant")
    body = json.dumps(
        {"kind": "receipt", "key": row.key, "success": False, "errorCode": "NO-SUCH-DOOR"}
    ).encode()
    client.post(
        "/callbacks/receipts/access/", body, content_type="application/json",
        headers=webhooks.headers("r-1", body, settings.OUTBOX_SECRET),
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.state, row.error) == ("dead", "NotTaken NO-SUCH-DOOR")


def test_an_old_message_sent_again_by_a_listener_is_refused(mocks, monkeypatch):
    monkeypatch.setattr(clock, "real_seconds", lambda: int(time.time()) - webhooks.TOLERANCE - 5)
    headers = webhooks.headers("k", b"{}", "s")
    monkeypatch.undo()
    with pytest.raises(webhooks.NotSigned):
        webhooks.check(headers, b"{}", "s")


def test_with_a_third_of_all_answers_failing_everything_is_applied_once_and_in_order(
    mocks, monkeypatch
):
    monkeypatch.setattr(outbox, "_TIMEOUT", 0.1)
    mocks.share, mocks.seed, mocks.seconds = 0.3, "chaos", 0.2
    mocks.modes.update(operator="mixed", access="mixed")
    households = [tenancies.lease(2) for _n in range(6)]
    for lease in households:
        for _n in range(3):
            handover.tell_again(lease, "operator")
            handover.tell_again(lease, "access")
    ended = households[::2]
    for lease in ended:
        make.handed_back(lease)
        leases.end(lease, on=clock.today(), by=offers.SYSTEM)
    for _n in range(40):
        outbox.deliver_due()
        clock.advance(timedelta(hours=1))
        if not OutboxMessage.objects.exclude(state="confirmed").exists():
            break
    assert not OutboxMessage.objects.exclude(state="confirmed").exists()
    assert mocks.posts["access"] > OutboxMessage.objects.filter(destination="access").count()
    for name in handover.PUSHES:
        keys = mocks.applied[name]
        sent = OutboxMessage.objects.filter(destination=name)
        assert sorted(keys) == sorted(sent.values_list("key", flat=True))  # each, and once
        turns = defaultdict(list)
        for key in keys:
            message = mocks.messages[name][key]
            turns[message["contractNo"]].append(message["seq"])
        assert all(seqs == sorted(seqs) for seqs in turns.values())
        here = {one["contractNo"] for one in mocks.holdings[name].listed()}
        assert here == {one.number for one in households if one not in ended}

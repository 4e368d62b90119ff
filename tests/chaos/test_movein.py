"""Both receivers fail in every way at once, workers race: each message is applied once, in turn."""

import json
from collections import defaultdict
from datetime import timedelta

import pytest

from allocation import handover, leases, offers, reconciliation
from allocation.models import Difference
from core import clock, outbox
from core.models import OutboxMessage
from tests.allocation.receivers import receivers
from tests.concurrency.test_changes import at_once
from tests.factories import allocation as make
from tests.factories import tenancies

pytestmark = pytest.mark.django_db(transaction=True)
HOUSEHOLDS, WORKERS, ROUNDS = 24, 3, 60


@pytest.mark.parametrize("seed", ["a", "b"])
def test_with_a_third_of_all_answers_failing_and_workers_racing(settings, monkeypatch, seed):
    monkeypatch.setattr(outbox, "_TIMEOUT", 0.1)
    with receivers(settings.OUTBOX_SECRET) as (url, mocks):
        settings.OUTBOX_DESTINATIONS = {
            name: f"{url}/{name}/" for name in settings.OUTBOX_DESTINATIONS
        }
        mocks.share, mocks.seed, mocks.seconds = 0.3, seed, 0.2
        mocks.modes.update(operator="mixed", access="mixed")
        households = [tenancies.lease(2) for _n in range(HOUSEHOLDS)]
        for lease in households:
            for _n in range(2):
                for destination in handover.PUSHES:
                    handover.tell_again(lease, destination)
        gone = households[::3]
        for lease in gone:
            make.handed_back(lease)
            leases.end(lease, on=clock.today(), by=offers.SYSTEM)
        for _n in range(ROUNDS):
            at_once(*[outbox.deliver_due] * WORKERS)
            at_once(*[handover.note_receipts] * WORKERS)
            if not OutboxMessage.objects.exclude(state="confirmed").exists():
                break
            clock.advance(timedelta(hours=1))
        assert not OutboxMessage.objects.exclude(state="confirmed").exists()
        for name in handover.PUSHES:
            sent = OutboxMessage.objects.filter(destination=name).values_list("key", flat=True)
            assert sorted(mocks.applied[name]) == sorted(sent)
            turns = defaultdict(list)
            for key in mocks.applied[name]:
                message = mocks.messages[name][key]
                turns[message["contractNo"]].append(message["seq"])
            assert all(seqs == sorted(seqs) for seqs in turns.values()), json.dumps(turns)
        mocks.modes.update(operator="ok", access="ok")
        reconciliation.run_due()
        assert not Difference.objects.exists()

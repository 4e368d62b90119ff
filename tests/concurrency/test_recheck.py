"""Several strides of one campaign at the same moment: each household is settled once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from applications.models import Assessment, Evidence
from core.models import Transition
from renewal import campaigns, states
from tests.applications.registers import registers
from tests.factories import accounts, tenancies

__all__ = ["registers"]
pytestmark = pytest.mark.django_db(transaction=True)
STRIDES = 4


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Strides are run by hand here."""
    from renewal import tasks

    monkeypatch.setattr(tasks.run_campaign, "delay_on_commit", lambda *_a: None)


def test_strides_at_the_same_moment_settle_nobody_twice_nor_before_the_answers(registers):
    admin = accounts.staff("admin").user
    leases = [tenancies.lease(2) for _n in range(6)]
    campaign = campaigns.start(campaigns.plan(2026, by=admin), by=admin)
    ready = Barrier(STRIDES)

    def run(_worker):
        try:
            ready.wait(10)
            while campaigns.step(campaign.pk):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(STRIDES) as pool:
        list(pool.map(run, range(STRIDES)))
    campaigns.step(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.state == states.C_DONE
    assert set(registers.times_asked().values()) == {1}
    assert not Evidence.objects.filter(status="pending").exists()
    assert Assessment.objects.count() == len(leases)
    for row in campaign.rechecks.all():
        moves = Transition.objects.filter(thing_type="renewal.recheck", thing_id=row.pk)
        assert moves.count() == 1

"""A message is delivered until its receiver confirms, whatever the receiver answers."""

from http.client import BadStatusLine, IncompleteRead

import pytest

from core import outbox
from core.models import OutboxMessage
from tests.accounts.conftest import portal
from tests.allocation.receivers import receivers

__all__ = ["portal"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "fault", [BadStatusLine("rubbish"), IncompleteRead(b""), OSError(), ValueError()]
)
def test_a_receiver_that_answers_rubbish_only_delays(monkeypatch, fault):
    def fail(*_args, **_kwargs):
        raise fault

    monkeypatch.setattr("urllib.request.urlopen", fail)
    outbox.post("operator", "lease", key="k", payload={})
    assert outbox.deliver_due() == 0
    row = OutboxMessage.objects.get()
    assert (row.state, row.error) == (OutboxMessage.State.PENDING, type(fault).__name__)


def test_a_receiver_that_is_away_holds_up_no_other(settings):
    with receivers(settings.OUTBOX_SECRET) as (url, state):
        away = {"province": "http://127.0.0.1:9/", "operator": f"{url}/operator/"}
        settings.OUTBOX_DESTINATIONS = {**settings.OUTBOX_DESTINATIONS, **away}
        for n in range(5):
            outbox.post("province", "case.status", key=f"p{n}", payload={})
        outbox.post("operator", "lease", key="o", payload={})
        assert outbox.deliver_due() == 1
        assert list(state.messages["operator"]) == ["o"]
    tried = OutboxMessage.objects.filter(destination="province", attempts__gt=0)
    assert tried.count() == 2  # the rest waits without a time-out of its own


def test_a_receipt_that_says_no_is_no_receipt(settings, portal):
    outbox.post("province", "case.nonsense", key="k", payload={"caseNo": "YZ2026-000001"})
    assert outbox.deliver_due() == 0
    row = OutboxMessage.objects.get()
    assert (row.state, row.error) == ("pending", "NotTaken C-PROJ-BAD-FORMAT")

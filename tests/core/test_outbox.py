"""A message is delivered until its receiver confirms, whatever the receiver answers."""

from http.client import BadStatusLine, IncompleteRead

import pytest

from core import outbox
from core.models import OutboxMessage

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

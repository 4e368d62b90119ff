"""The receiver in docs/handover.md, run as it stands there."""

import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from core import clock, outbox
from core.models import OutboxMessage
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
DOC = Path(__file__).parents[2] / "docs" / "handover.md"


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def shown(settings):
    code = DOC.read_text().split("```python\n")[1].split("```")[0]
    assert len([line for line in code.splitlines() if line.startswith("    ")]) <= 10
    opened = []
    names = {"SECRET": settings.OUTBOX_SECRET.encode(), "done": {}, "open_doors": opened.append}
    exec(code, names)
    with make_server("127.0.0.1", 0, names["app"], handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/"
        settings.OUTBOX_DESTINATIONS = {**settings.OUTBOX_DESTINATIONS, "access": address}
        yield opened
        server.shutdown()
        thread.join()


def test_it_opens_the_doors_once_and_only_for_us(shown, settings):
    lease = make.signed()
    outbox.deliver_due()
    row = OutboxMessage.objects.get(kind="grant")
    assert (row.state, len(shown)) == ("confirmed", 1)
    assert shown[0]["contractNo"] == lease.number
    row.state, row.confirmed_at, row.next_attempt_at = "pending", None, clock.now()
    row.save()
    outbox.deliver_due()
    row.refresh_from_db()
    assert (row.state, len(shown)) == ("confirmed", 1)
    settings.OUTBOX_SECRET = "another"
    make.signed()
    outbox.deliver_due()
    assert len(shown) == 1

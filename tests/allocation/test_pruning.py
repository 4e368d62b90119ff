"""往来记录: what delivered messages said is forgotten by policy; what still counts stays."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from allocation import handover, pruning, tasks
from allocation.models import Push, ReceivedReceipt
from applications import periods
from core import clock, outbox
from core.models import AuditEntry, Notice, OutboxMessage
from tests.factories import tenancies

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def text_to(number="13900000000", key="code-1"):
    return outbox.post("sms", "code", key=key, payload={"phone": number, "text": "验证码"})


def arrived(message):
    return outbox.receipt_came(message.destination, {"key": message.key, "status": "delivered"})


def test_ids_of_receipts_go_after_their_days_and_not_before():
    for back in (0, 1):
        ReceivedReceipt.objects.create(
            destination="access", message_id=f"m{back}", at=clock.now() - back * DAY
        )
    kept = periods.of("receipt_kept").value
    assert pruning.sweep(clock.today() + kept * DAY).receipts == 1
    assert ReceivedReceipt.objects.get().message_id == "m0"


def test_what_a_delivered_message_said_is_emptied_once_and_its_key_stays():
    done, waiting = arrived(text_to()), text_to(key="code-2")
    later = clock.today() + (periods.of("message_text_kept").value + 1) * DAY
    assert pruning.due(later) == pruning.Pruned(0, 1, 0)
    assert pruning.sweep(later).emptied == 1
    assert pruning.sweep(later).total == 0
    done.refresh_from_db()
    waiting.refresh_from_db()
    assert done.payload == {} and done.receipt == {} and done.state == "confirmed"
    assert waiting.payload["phone"] == "13900000000"
    assert text_to().pk == done.pk  # a repeated verb still finds it sent
    assert AuditEntry.objects.get(verb="messages.pruned").detail["emptied"] == 1


def test_rows_go_much_later_but_never_those_that_failed_or_belong_to_a_lease():
    arrived(text_to())
    dead = text_to(key="code-2")
    OutboxMessage.objects.filter(pk=dead.pk).update(state=OutboxMessage.State.DEAD)
    handover.push(tenancies.lease())
    for push in Push.objects.select_related("message"):
        arrived(push.message)
    handover.note_receipts()
    later = periods.months_later(clock.today(), periods.of("message_kept").value + 1)
    found = pruning.sweep(later)
    assert found.messages == 1 and found.emptied == 3
    assert set(OutboxMessage.objects.values_list("destination", "state")) == {
        ("sms", "dead"), ("operator", "confirmed"), ("access", "confirmed"),
    }  # fmt: skip


def test_a_message_whose_receipt_nobody_has_read_is_left_alone():
    message = outbox.post("sms", "n", key="notice-1", payload={"text": "一"}, case_no="YZ-1")
    arrived(message)
    notice = Notice.objects.create(
        person_index="x", code="n", title="一", text="一", case_no="YZ-1",
        created_at=clock.now(), sms_state=Notice.Sms.QUEUED,
    )  # fmt: skip
    later = clock.today() + 100 * DAY
    assert pruning.sweep(later).total == 0
    Notice.objects.filter(pk=notice.pk).update(sms_state=Notice.Sms.DELIVERED)
    assert pruning.sweep(later).emptied == 1


def test_the_command_counts_without_taking_and_the_schedule_runs_it(settings):
    ReceivedReceipt.objects.create(destination="access", message_id="m", at=clock.now() - 400 * DAY)
    out = StringIO()
    call_command("prune_messages", "--dry-run", stdout=out)
    assert "1 ids of receipts" in out.getvalue() and ReceivedReceipt.objects.exists()
    names = [one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()]
    assert tasks.prune_messages.name in names
    tasks.prune_messages()
    assert not ReceivedReceipt.objects.exists()

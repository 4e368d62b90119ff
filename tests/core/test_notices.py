"""Notices: the person's language, quiet hours to the second, what became of an SMS."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from core import audit, clock, notices, outbox, quiet
from core.models import Contact, Notice, OutboxMessage
from tests.allocation.receivers import receivers

BY = audit.System("test")
DUE = date(2026, 12, 3)
TOLD = notices.Template("test.told", "标题", "请在{due}前来。", "请在{due}前来")
AT_ONCE = notices.Template("test.code", "标题", "{code}", "{code}", at_once=True)
PHONE = "13800002345"


def at(hour, minute=0, second=0, micro=0):
    return datetime(2026, 7, 1, hour, minute, second, micro, tzinfo=clock.LOCAL)


def freeze(monkeypatch, moment):
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.mark.parametrize(
    ("moment", "rings"),
    [
        (at(8, 59, 59, 999999), at(9)),
        (at(9), at(9)),
        (at(9, 0, 0, 1), at(9, 0, 0, 1)),
        (at(19, 59, 59, 999999), at(19, 59, 59, 999999)),
        (at(20), at(9) + timedelta(days=1)),
        (at(23, 59), at(9) + timedelta(days=1)),
        (at(0), at(9)),
    ],
)
def test_a_phone_rings_from_nine_up_to_twenty(moment, rings):
    assert quiet.next_daytime(moment) == rings
    assert quiet.is_daytime(moment) == (moment == rings)


@pytest.mark.django_db
def test_a_message_is_in_the_persons_language_whoever_caused_it():
    Contact.objects.create(person_index="en", language="en", changed_at=clock.now())
    with translation.override("en"):
        chinese = notices.tell("zh", TOLD, by=BY, phone=PHONE, due=DUE)
    with translation.override("zh-hans"):
        english = notices.tell("en", TOLD, by=BY, phone=PHONE, due=DUE)
    assert "2026年12月3日" in chinese.text and "2026" in english.text
    assert "年" not in english.text
    texts = [one.payload["text"] for one in OutboxMessage.objects.order_by("pk")]
    assert "年" in texts[0] and "年" not in texts[1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("chosen", "rung"),
    [
        ({}, [PHONE]),
        ({"phone": "13900009999"}, ["13900009999"]),
        ({"phone": ""}, []),
        ({"sms": False}, []),
    ],
)
def test_the_persons_own_choice_goes_before_the_number_of_the_case(chosen, rung):
    Contact.objects.create(person_index="p", changed_at=clock.now(), **chosen)
    notice = notices.tell("p", TOLD, by=BY, phone=PHONE, due=DUE)
    assert [one.payload["phone"] for one in OutboxMessage.objects.all()] == rung
    assert notice.sms_state == ("queued" if rung else "")
    assert notice.text  # the app tells in any case


@pytest.mark.django_db
def test_what_was_put_off_until_night_waits_for_the_morning(monkeypatch, settings):
    settings.OUTBOX_DESTINATIONS = {**settings.OUTBOX_DESTINATIONS, "sms": "http://127.0.0.1:9/"}
    freeze(monkeypatch, at(19, 59, 59))
    notices.tell("p", TOLD, by=BY, phone=PHONE, due=DUE)
    assert outbox.deliver_due() == 0  # the gateway is away
    with receivers(settings.OUTBOX_SECRET) as (url, _state):
        settings.OUTBOX_DESTINATIONS = {**settings.OUTBOX_DESTINATIONS, "sms": f"{url}/sms/"}
        freeze(monkeypatch, at(20, 5))
        assert outbox.deliver_due() == 0
        freeze(monkeypatch, at(8, 59, 59) + timedelta(days=1))
        assert outbox.deliver_due() == 0
        freeze(monkeypatch, at(9) + timedelta(days=1))
        assert outbox.deliver_due() == 1


@pytest.mark.django_db
def test_a_code_is_sent_at_any_hour(monkeypatch, settings):
    with receivers(settings.OUTBOX_SECRET) as (url, state):
        settings.OUTBOX_DESTINATIONS = {**settings.OUTBOX_DESTINATIONS, "sms": f"{url}/sms/"}
        freeze(monkeypatch, at(23, 30))
        notices.text_only(PHONE, AT_ONCE, key="k", code="123456")
        assert outbox.deliver_due() == 1
        assert state.messages["sms"]["k"]["text"] == "【鄞州住建】123456"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phone", "state", "posts"),
    [
        ("13800002345", "delivered", 1),
        ("13800009990", "unknown", 1),
        ("13800009991", "failed", notices.TRIES),
    ],
)
def test_the_receipt_comes_back_to_the_message(monkeypatch, settings, phone, state, posts):
    with receivers(settings.OUTBOX_SECRET) as (url, gateway):
        settings.OUTBOX_DESTINATIONS = {**settings.OUTBOX_DESTINATIONS, "sms": f"{url}/sms/"}
        freeze(monkeypatch, at(10))
        notice = notices.tell("p", TOLD, by=BY, phone=phone, due=DUE)
        for n in range(5):
            freeze(monkeypatch, at(10) + timedelta(minutes=11 * n))
            outbox.deliver_due()
            notices.note_receipts()
        notice.refresh_from_db()
        assert notice.sms_state == state
        assert gateway.posts["sms"] == posts
    assert notices.note_receipts() == 0  # a told end is not told again


@pytest.mark.django_db
def test_a_message_that_nobody_took_ends_as_not_delivered():
    notice = notices.tell("p", TOLD, by=BY, phone=PHONE, due=DUE)
    OutboxMessage.objects.update(state="dead")
    assert notices.note_receipts() == 1
    notice.refresh_from_db()
    assert notice.sms_state == Notice.Sms.FAILED


@pytest.mark.django_db
def test_receipts_come_back_past_any_number_of_messages_still_on_their_way():
    waiting = [notices.tell(f"p{n}", TOLD, by=BY, phone=PHONE, due=DUE) for n in range(3)]
    told = notices.tell("q", TOLD, by=BY, phone=PHONE, due=DUE)
    again = notices.tell("r", TOLD, by=BY, phone=PHONE, due=DUE)
    Notice.objects.filter(pk=again.pk).update(sms_tries=2)  # its second try has the end
    OutboxMessage.objects.filter(key=f"notice-{again.pk}").update(key=f"notice-{again.pk}-2")
    ends = (f"notice-{told.pk}", f"notice-{again.pk}-2")
    OutboxMessage.objects.filter(key__in=ends).update(state="confirmed", confirmed_at=clock.now())
    assert [notices.note_receipts(limit=1) for _round in range(3)] == [1, 1, 0]
    states = Notice.objects.filter(pk__in=(told.pk, again.pk)).values_list("sms_state", flat=True)
    assert set(states) == {Notice.Sms.DELIVERED}
    left = Notice.objects.filter(pk__in=[one.pk for one in waiting], sms_state=Notice.Sms.QUEUED)
    assert left.count() == len(waiting)


@pytest.mark.parametrize(("length", "parts"), [(0, 0), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_an_sms_is_counted_in_segments(length, parts):
    assert notices.segments("字" * length) == parts

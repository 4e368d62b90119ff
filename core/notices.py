"""Messages to people: in the app always, by SMS where a phone is known and the person agrees.

Written in the language that the person chose, Chinese by default, whoever's act it tells of. SMS
texts hold no link, no full name, no ID number and no room number, and go out between 9 and 20
o'clock; what is told at night waits for the morning. The gateway's receipt comes back to the
message: delivered, not delivered (tried again), or an unknown number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import translation

from core import audit, clock, display, outbox
from core.models import Contact, Notice, OutboxMessage

SIGNATURE = "【鄞州住建】"
TRIES = 3
_AGAIN_AFTER = timedelta(minutes=10)
_FIRST_SEGMENT, _SEGMENT = 70, 67  # characters of one SMS, and of a part of a longer one
_RECEIPTS = {
    "delivered": Notice.Sms.DELIVERED,
    "failed": Notice.Sms.FAILED,
    "unknown_number": Notice.Sms.UNKNOWN,
}


@dataclass(frozen=True)
class Template:
    """A message's words (通知模板): ``text`` shown in the app, ``sms`` sent; both with {places}.

    ``{line}`` is the number to call. ``at_once``: the person waits for it this minute (a code), or
    must hear of it at any hour.
    """

    code: str
    title: Any
    text: Any
    sms: Any = ""
    at_once: bool = False

    def said(self, values: Mapping[str, Any]) -> tuple[str, str, str]:
        """Title, text and SMS in the language of the moment."""
        told = {"line": settings.OFFICE_PHONE, **values}
        words = {name: spoken(value) for name, value in told.items()}
        sms = str(self.sms).format(**words)
        title, text = str(self.title), str(self.text).format(**words)
        return title, text, SIGNATURE + sms if sms else ""


def tell(
    person_index: str,
    template: Template,
    *,
    by: Any,
    case_no: str = "",
    phone: str = "",
    **values: Any,
) -> Notice:
    """Leaves a message for a person, inside the caller's transaction.

    ``phone`` is the number known from the case; the person's own choice goes before it. Of the
    values, dates and what can be called are put into words in the person's language.
    """
    contact = Contact.objects.filter(person_index=person_index).first()
    with speaking(contact):
        title, text, sms = template.said(values)
    number = number_of(contact, phone, urgent=template.at_once) if sms else ""
    notice = Notice.objects.create(
        person_index=person_index,
        code=template.code,
        title=title,
        text=text,
        phone=(number or phone) or None,
        case_no=case_no,
        created_at=clock.now(),
        sms_state=Notice.Sms.QUEUED if number else Notice.Sms.NONE,
        sms_tries=int(bool(number)),
    )
    if number:
        _send(notice, {"phone": number, "text": sms}, daytime=not template.at_once)
    audit.record(
        "notice.sent", by=by, thing=notice, case_no=case_no, subjects=[person_index],
        template=template.code,
    )  # fmt: skip
    return notice


def text_only(
    phone: str, template: Template, *, key: str, contact: Contact | None = None, **values: Any
) -> OutboxMessage:
    """Sends an SMS that leaves no message in the app, such as a code to a number under test."""
    with speaking(contact):
        _title, _text, sms = template.said(values)
    return outbox.post(
        "sms", template.code, key=key, payload={"phone": phone, "text": sms},
        daytime=not template.at_once,
    )  # fmt: skip


def number_of(contact: Contact | None, phone: str, *, urgent: bool = False) -> str:
    """The number to ring; empty where there is none, or the person wants no SMS."""
    if contact is None:
        return phone
    if not contact.sms and not urgent:
        return ""
    return phone if contact.phone is None else contact.phone


def speaking(contact: Contact | None) -> translation.override:
    """The language in which a person is told."""
    chosen = contact.language if contact else ""
    return translation.override(chosen or settings.LANGUAGE_CODE)


def spoken(value: Any) -> Any:
    """A value in words: 2026年12月3日（星期四） for a date, the answer of what can be called."""
    if isinstance(value, datetime):
        return display.day_time(value)
    if isinstance(value, date):
        return display.day(value)
    return value() if callable(value) else value


def segments(text: str) -> int:
    """How many SMS a text takes: one up to 70 characters, then parts of 67."""
    if len(text) <= _FIRST_SEGMENT:
        return 1 if text else 0
    return -(-len(text) // _SEGMENT)


# -- Receipts ------------------------------------------------------------------------------------


def note_receipts(limit: int = 200) -> int:
    """Brings the gateway's receipts to their messages, ``limit`` of them at a time; returns how
    many were told their end."""
    waiting = Notice.objects.filter(sms_state=Notice.Sms.QUEUED).annotate(key=_KEY)
    sent = OutboxMessage.objects.filter(destination="sms", key=OuterRef("key"))
    # the limit is on ended ones: those that a gateway out of order holds up must not fill it
    ended = waiting.filter(Exists(sent.exclude(state=OutboxMessage.State.PENDING)))
    keys = {one.key: one.pk for one in ended.order_by("id")[:limit]}
    answered = OutboxMessage.objects.filter(destination="sms", key__in=keys).defer("payload")
    return sum(_note(keys[message.key], message) for message in answered)


def _note(notice_id: int, message: OutboxMessage) -> bool:
    with transaction.atomic():
        notice = Notice.objects.select_for_update().get(pk=notice_id)
        if notice.sms_state != Notice.Sms.QUEUED or _key(notice) != message.key:
            return False
        dead = message.state == OutboxMessage.State.DEAD
        # a gateway that tells no more than that it took the message has delivered it
        state = _RECEIPTS.get(str(message.receipt.get("status", "delivered")), Notice.Sms.FAILED)
        if state == Notice.Sms.FAILED and not dead and notice.sms_tries < TRIES:
            notice.sms_tries += 1
            payload = OutboxMessage.objects.get(pk=message.pk).payload
            _send(notice, payload, not_before=clock.now() + _AGAIN_AFTER, daytime=message.daytime)
        else:
            notice.sms_state = Notice.Sms.FAILED if dead else state
        notice.save(update_fields=["sms_state", "sms_tries"])
        return notice.sms_state != Notice.Sms.QUEUED


def _send(notice: Notice, payload: dict[str, str], **when: Any) -> None:
    key, case_no = _key(notice), notice.case_no
    outbox.post("sms", notice.code, key=key, payload=payload, case_no=case_no, **when)


def _key(notice: Notice) -> str:
    """The key of the newest try; ``_KEY`` gives the same in the database."""
    again = f"-{notice.sms_tries}" if notice.sms_tries > 1 else ""
    return f"notice-{notice.pk}{again}"


_WORD = TextField()
_KEY = Concat(
    Value("notice-", _WORD),
    Cast("pk", _WORD),
    Case(
        When(sms_tries__gt=1, then=Concat(Value("-", _WORD), Cast("sms_tries", _WORD))),
        default=Value("", _WORD),
    ),
)

"""Messages to people: in the app always, by SMS where a phone is known.

SMS texts hold no link, no full name, no ID number and no room number, and go out between 9 and 20
o'clock; what is told at night waits for the morning.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import audit, clock, outbox
from core.models import Notice

SIGNATURE = "【鄞州住建】"
_FIRST_HOUR, _LAST_HOUR = 9, 20


@dataclass(frozen=True)
class Template:
    """A message's words (通知模板): ``text`` shown in the app, ``sms`` sent; both with {places}."""

    code: str
    title: Any
    text: Any
    sms: Any = ""


def tell(
    person_index: str,
    template: Template,
    *,
    by: Any,
    case_no: str = "",
    phone: str = "",
    **values: Any,
) -> Notice:
    """Leaves a message for a person, inside the caller's transaction."""
    notice = Notice.objects.create(
        person_index=person_index,
        code=template.code,
        title=str(template.title),
        text=str(template.text).format(**values),
        phone=phone or None,
        case_no=case_no,
        created_at=clock.now(),
    )
    if phone and template.sms:
        _send_sms(notice, phone, str(template.sms).format(**values))
    audit.record(
        "notice.sent", by=by, thing=notice, case_no=case_no, subjects=[person_index],
        template=template.code,
    )  # fmt: skip
    return notice


def _send_sms(notice: Notice, phone: str, text: str) -> None:
    outbox.post(
        "sms",
        notice.code,
        key=f"notice-{notice.pk}",
        payload={"phone": phone, "text": SIGNATURE + text},
        case_no=notice.case_no,
        not_before=_next_daytime(clock.now()),
    )


def _next_daytime(at: datetime) -> datetime:
    local = at.astimezone(clock.LOCAL)
    if local.hour < _FIRST_HOUR:
        return local.replace(hour=_FIRST_HOUR, minute=0, second=0)
    if local.hour >= _LAST_HOUR:
        return local.replace(hour=_FIRST_HOUR, minute=0, second=0) + timedelta(days=1)
    return at

"""Contact details (联系方式): phone, address for letters, language, size, whether by SMS.

A number is in force once the six digits sent to it came back; the number before is told. What is
changed here serves every case of the person from now on, and the page of each case shows it. Who
has no phone says so, and is told by letter and in the app; at the window a clerk writes it down
with the ID card in hand.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Citizen
from applications.models import Application, LikenessKey, Member, PhoneChange
from core import audit, clock, locks, notices
from core.identity import phones
from core.identity.ciphers import keyed_digest
from core.identity.masking import mask_phone
from core.models import Contact
from core.preferences import SIZES
from core.refusals import Refusal

LIFE = timedelta(minutes=10)
AGAIN_AFTER = timedelta(seconds=60)
TRIES = 5
A_DAY = 5  # codes for one person within 24 hours
CODE = notices.Template(
    "contact.code",
    gettext_lazy("验证码"),
    gettext_lazy("验证码{code}，用于更换联系手机，10分钟内有效。"),
    sms=gettext_lazy(
        "验证码{code}，用于更换联系手机，10分钟内有效，请不要告诉别人。"
        "我们不会在短信里要您转账或点链接"
    ),
    at_once=True,
)
PHONE_CHANGED = notices.Template(
    "contact.phone_changed",
    gettext_lazy("联系手机已更换"),
    gettext_lazy("您的联系手机从{old}换成了{new}。不是您本人更换的，请马上打电话{line}。"),
)
OLD_NUMBER = notices.Template(
    "contact.old_number",
    gettext_lazy("联系手机已更换"),
    gettext_lazy("这个号码不再接收住房保障的通知。不是您本人更换的，请马上打电话{line}。"),
    sms=gettext_lazy(
        "这个号码不再接收住房保障的通知。不是您本人更换的，请打{line}。"
        "我们不会在短信里要您转账或点链接"
    ),
    at_once=True,
)


class ContactRefused(Refusal):
    """The number, the code or the choice does not do."""


def of(person_index: str) -> Contact:
    """How the person is reached now; an unsaved row where nothing was ever chosen."""
    known = Contact.objects.filter(person_index=person_index).first()
    return known or Contact(person_index=person_index, changed_at=clock.now())


def phone_of(person_index: str) -> str:
    """The number in force: the chosen one, else that of the newest case, else of the sign-in."""
    contact = of(person_index)
    if contact.phone is not None:
        return contact.phone
    rows = Member.objects.filter(id_index=person_index, excluded=False).order_by("-application")
    if phone := next((one.phone for one in rows if one.phone), ""):
        return phone
    citizen = Citizen.objects.filter(id_index=person_index).first()
    return citizen.phone if citizen else ""


def cases_of(person_index: str) -> Any:
    """Cases under way that are told by what is chosen here."""
    rows = Application.objects.sent().filter(members__id_index=person_index)
    return [one for one in rows.distinct().order_by("-pk") if one.is_open]


# -- Phone ---------------------------------------------------------------------------------------


def send_code(person_index: str, phone: str, *, by: Any) -> PhoneChange:
    """Sends six digits to a number under test; an earlier code is void. Raises ContactRefused."""
    number = _number(phone)
    with transaction.atomic():
        locks.advisory("contact", person_index)
        now = clock.now()
        _refuse_too_often(person_index, number)
        PhoneChange.objects.filter(person_index=person_index, ended_at=None).update(ended_at=now)
        code = f"{secrets.randbelow(10**6):06d}"
        made = PhoneChange.objects.create(
            person_index=person_index, phone=number, code_digest="", sent_at=now,
            expires_at=now + LIFE,
        )  # fmt: skip
        made.code_digest = _digest(made, code)
        made.save(update_fields=["code_digest"])
        notices.text_only(
            number, CODE, key=f"contact-{made.pk}", contact=of(person_index), code=code
        )
        audit.record(
            "contact.code_sent", by=by, thing=made, subjects=[person_index],
            phone=mask_phone(number),
        )  # fmt: skip
        return made


def open_change(person_index: str) -> PhoneChange | None:
    """The number under test, if its code can still be typed."""
    rows = PhoneChange.objects.filter(person_index=person_index, ended_at=None)
    return rows.filter(expires_at__gt=clock.now(), wrong__lt=TRIES).first()


def confirm(person_index: str, code: str, *, by: Any) -> Contact:
    """Puts the number in force whose code came back; the old one is told. Raises ContactRefused.

    A wrong code is counted even though it is refused: the count is written before the refusal.
    """
    with transaction.atomic():
        locks.advisory("contact", person_index)
        row = PhoneChange.objects.filter(person_index=person_index, ended_at=None).first()
        if row is None:
            raise ContactRefused(_("没有等待确认的手机号，请重新填写号码。"), "code")
        why = _wrong(row, "".join(code.split()))
        if not why:
            row.ended_at, row.confirmed = clock.now(), True
            row.save(update_fields=["ended_at", "confirmed"])
            return _put(person_index, row.phone, by=by, how="code")
    raise ContactRefused(why, "code")


def attest(person_index: str, *, by: Any, phone: str, address: str, sms: bool) -> Contact:
    """A clerk writes it down, with the ID card in hand; no phone: the person has none.

    An empty address leaves the known one. Raises ContactRefused.
    """
    number = _number(phone) if phone.strip() else ""
    with transaction.atomic():
        locks.advisory("contact", person_index)
        if number != phone_of(person_index) or of(person_index).phone is None:
            _put(person_index, number, by=by, how="window")
        known = of(person_index)
        language = known.language or settings.LANGUAGE_CODE
        return choose(
            person_index, by=by, address=address or known.address, language=language,
            text_size=known.text_size, sms=sms,
        )  # fmt: skip


def have_none(person_index: str, *, by: Any) -> Contact:
    """没有手机: told by letter and in the app from now on."""
    with transaction.atomic():
        locks.advisory("contact", person_index)
        return _put(person_index, "", by=by, how="none")


# -- Everything else -----------------------------------------------------------------------------


def choose(
    person_index: str, *, by: Any, address: str, language: str, text_size: str, sms: bool
) -> Contact:
    """Keeps address, language, size and whether SMS may be sent. Raises ContactRefused."""
    if language not in dict(settings.LANGUAGES):
        raise ContactRefused(_("请选择一种语言。"), "language")
    if text_size not in ("", *SIZES):
        raise ContactRefused(_("请选择字号。"), "text_size")
    with transaction.atomic():
        locks.advisory("contact", person_index)
        row = of(person_index)
        wanted = {"address": address.strip()[:200], "language": language,
                  "text_size": text_size, "sms": sms}  # fmt: skip
        changed = sorted(name for name, value in wanted.items() if getattr(row, name) != value)
        for name, value in wanted.items():
            setattr(row, name, value)
        row.changed_at = clock.now()
        row.save()
        _record("contact.changed", row, by=by, changed=changed)
        return row


# -- Parts ---------------------------------------------------------------------------------------


def _number(phone: str) -> str:
    number = phones.narrow(phone)
    if not phones.is_mobile(number):
        raise ContactRefused(_("手机号是11位数字，请再核对一次。"), "phone")
    return number


def _refuse_too_often(person_index: str, number: str) -> None:
    now = clock.now()
    sent = PhoneChange.objects.filter(
        person_index=person_index, sent_at__gt=now - timedelta(days=1)
    )
    if sent.count() >= A_DAY:
        raise ContactRefused(
            _("今天的验证码已经发了%(n)d次，请明天再试，或带身份证到窗口更换。") % {"n": A_DAY}
        )
    if sent.filter(sent_at__gt=now - AGAIN_AFTER).exists():
        raise ContactRefused(_("验证码刚刚发过，请过1分钟再发。"), "phone")
    if number == phone_of(person_index):
        raise ContactRefused(_("这就是现在的联系手机，不用更换。"), "phone")


def _wrong(row: PhoneChange, code: str) -> str:
    """Why the code does not do; a wrong one is counted."""
    if clock.now() >= row.expires_at:
        return _("验证码已经过期，请重新发送。")
    if row.wrong >= TRIES:
        return _("验证码错了%(n)d次，请重新发送。") % {"n": TRIES}
    if hmac.compare_digest(row.code_digest, _digest(row, code)):
        return ""
    row.wrong += 1
    row.save(update_fields=["wrong"])
    left = TRIES - row.wrong
    if not left:
        return _("验证码错了%(n)d次，请重新发送。") % {"n": TRIES}
    return _("验证码不对，还可以试%(n)d次。") % {"n": left}


def _digest(row: PhoneChange, code: str) -> str:
    return keyed_digest(f"{row.pk}\0{code}", kind="contact code")


def _put(person_index: str, number: str, *, by: Any, how: str) -> Contact:
    old, row = phone_of(person_index), of(person_index)
    row.phone, row.changed_at = number, clock.now()
    row.save()
    for case in cases_of(person_index):
        rows = case.members.filter(id_index=person_index)
        rows.update(phone=number or None)
        LikenessKey.objects.filter(member__in=rows).delete()  # made again with the new one
    _record("contact.phone_changed", row, by=by, how=how, old=mask_phone(old) if old else "")
    if old and old != number:
        key = f"contact-old-{row.pk}-{row.changed_at.timestamp():.6f}"
        notices.text_only(old, OLD_NUMBER, key=key, contact=row)
    nobody = gettext_lazy("没有手机")
    notices.tell(
        person_index, PHONE_CHANGED, by=by, old=mask_phone(old) if old else nobody,
        new=mask_phone(number) if number else nobody,
    )  # fmt: skip
    return row


def _record(verb: str, row: Contact, *, by: Any, **detail: Any) -> None:
    """Once for the person, and in the file of each case under way."""
    index = row.person_index
    audit.record(verb, by=by, thing=row, subjects=[index], **detail)
    for case in cases_of(index):
        audit.record(verb, by=by, thing=case, subjects=[index], **detail)

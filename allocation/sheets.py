"""Handover sheets (入住交接、搬离验房): written down at the home, confirmed by the household.

Meters, keys, defects and photos are drawn up by the operating company and shown to the household,
which signs, says the code it was sent, or says what it does not agree with. An objection is kept
with its answer; it takes no key from anybody. What was confirmed never changes.
"""

import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models import HandoverSheet, Lease, SheetDispute
from applications import contact, periods, signatures
from core import audit, clock, display, locks, notices
from core.identity.ciphers import keyed_digest
from core.refusals import Refusal
from core.workflow import advance

Kind, Method = HandoverSheet.Kind, HandoverSheet.Method
TRIES = 5
READY = notices.Template(
    "handover.ready",
    _("请核对交接单"),
    _("交接单已登记：水、电、燃气读数，钥匙和照片。请核对后签名确认；和实际不一样的，写下来就行。"),
    sms=_(
        "交接单已登记，请在「我的」里核对后确认，也可以当面签字。我们不会在短信里要您转账或点链接"
    ),
)
CODE = notices.Template(
    "handover.code",
    _("交接确认码"),
    _("交接确认码{code}，10分钟内有效。"),
    sms=_("交接确认码{code}，看过交接单、没有意见再告诉工作人员，10分钟内有效。"
          "我们不会在短信里要您转账或点链接"),
    at_once=True,
)  # fmt: skip
ANSWERED = notices.Template(
    "handover.answered",
    _("交接异议已答复"),
    _("您对交接单的异议已有答复，请再核对一次。"),
)


class SheetRefused(Refusal):
    """The sheet is not complete, not the caller's, or cannot be changed like this now."""


@dataclass(frozen=True)
class Told:
    """What is written down: water and gas in m³, electricity in kWh, keys and cards counted."""

    water: Decimal | None = None
    electricity: Decimal | None = None
    gas: Decimal | None = None
    no_gas: bool = False
    keys: int | None = None
    cards: int | None = None
    defects: str = ""


def draw_up(lease: Lease, kind: str, *, by: Staff, told: Told) -> HandoverSheet:
    """Writes the sheet, or writes it anew as long as nobody has confirmed it. SheetRefused."""
    with transaction.atomic():
        row = locks.fresh(lease)
        _refuse_lease(row, kind)
        sheet = HandoverSheet.objects.filter(lease=row, kind=kind).first()
        now = clock.now()
        if sheet is None:
            sheet = HandoverSheet(lease=row, kind=kind, state_since=now)
        elif sheet.state == states.S_CONFIRMED:
            raise SheetRefused(_("这张交接单已经确认，不能再改。"))
        elif sheet.state != states.S_DRAFT:
            sheet = advance(sheet, states.S_DRAFT, by=by.user)
        for name, value in asdict(told).items():
            setattr(sheet, name, value)
        sheet.prepared_by, sheet.prepared_at = by, now
        sheet.code_index, sheet.code_until = "", None
        sheet.save()
        audit.record("sheet.drawn_up", by=by.user, thing=sheet, kind=kind)
        return sheet


def show(sheet: HandoverSheet, *, by: Staff) -> HandoverSheet:
    """Gives the sheet to the household to be confirmed. Raises SheetRefused if it is incomplete."""
    with transaction.atomic():
        row = locks.fresh(sheet)
        if why := why_incomplete(row):
            raise SheetRefused(why)
        row = advance(row, states.S_TO_CONFIRM, by=by.user)
        tenant = row.lease.application.applicant
        notices.tell(
            tenant.id_index, READY, by=by.user, case_no=row.case_no, phone=tenant.phone or ""
        )
        return row


def why_incomplete(sheet: HandoverSheet) -> str:
    """What is still to be written down; empty for a complete sheet."""
    missing = [
        str(word)
        for word, value in (
            (_("水表"), sheet.water), (_("电表"), sheet.electricity),
            (_("燃气表"), True if sheet.no_gas else sheet.gas), (_("钥匙数"), sheet.keys),
        )
        if value is None
    ]  # fmt: skip
    if not missing:
        return ""
    return str(_("还没有写：%(what)s。") % {"what": display.listed(missing)})


def sign(sheet: HandoverSheet, *, by: Any, signature: str) -> HandoverSheet:
    """The household signs: drawn (PNG data URL) or by typing a member's name. SheetRefused."""
    value = signature.strip()
    if value.startswith("data:"):
        method, value = Method.SIGNED, signatures.checked_drawing(value)
    else:
        method = Method.TYPED
        names = sheet.lease.application.members.filter(excluded=False)
        if value not in names.values_list("name", flat=True):
            raise SheetRefused(_("请手写签名，或者输入家里一位成员的姓名。"), "signature")
    return _confirm(sheet, by, method, value)


def send_code(sheet: HandoverSheet, *, by: Staff) -> HandoverSheet:
    """Six digits to the tenant's phone, to be said at the door instead of signing. SheetRefused."""
    with transaction.atomic():
        row = locks.fresh(sheet)
        if row.state != states.S_TO_CONFIRM:
            raise SheetRefused(_("现在不能发确认码，请先登记完整、交给住户核对。"))
        tenant = row.lease.application.applicant
        phone = contact.phone_of(tenant.id_index) or tenant.phone or ""
        if not phone:
            raise SheetRefused(_("没有登记手机号，请当面签字。"))
        digits, now = f"{secrets.randbelow(10**6):06d}", clock.now()
        row.code_index, row.code_tries = _index(row, digits), 0
        row.code_until = periods.of("handover_code").later(now)
        row.save(update_fields=["code_index", "code_tries", "code_until"])
        notices.text_only(
            phone, CODE, key=f"handover-{row.pk}-{now.timestamp():.0f}",
            contact=contact.of(tenant.id_index), code=digits,
        )  # fmt: skip
        audit.record("sheet.code_sent", by=by.user, thing=row)
        return row


def confirm_by_code(sheet: HandoverSheet, *, by: Any, code: str) -> HandoverSheet:
    """The household said the code. Raises SheetRefused; a wrong one is counted all the same."""
    with transaction.atomic():
        row = locks.fresh(sheet)
        why = _wrong_code(row, "".join(code.split()))
        if not why:
            return _confirm(row, by, Method.CODE, "")
    raise SheetRefused(why, "code")


def dispute(sheet: HandoverSheet, *, by: Any, text: str) -> SheetDispute:
    """The household does not agree and says with what. Raises SheetRefused."""
    if not text.strip():
        raise SheetRefused(_("请写明哪里和实际不一样。"), "text")
    with transaction.atomic():
        row = locks.fresh(sheet)
        if row.state == states.S_CONFIRMED:
            raise SheetRefused(_("这张交接单已经确认。还有问题请报修，或者打运营公司的电话。"))
        row = advance(row, states.S_DISPUTED, by=by)
        made = SheetDispute.objects.create(
            sheet=row, text=text.strip()[:1000], by=audit.label(by)[:80], at=clock.now()
        )
        audit.record("sheet.disputed", by=by, thing=row)
        return made


def answer(found: SheetDispute, *, by: Staff, text: str) -> SheetDispute:
    """Answers an objection; the sheet goes back to the household. Raises SheetRefused."""
    if not text.strip():
        raise SheetRefused(_("请写明怎么核对的、结果是什么。"), "text")
    with transaction.atomic():
        sheet = locks.fresh(found.sheet)
        row = locks.fresh(found)
        if row.answered_at is not None:
            raise SheetRefused(_("这条异议已经答复过。"))
        row.answer, row.answered_by, row.answered_at = text.strip()[:1000], by, clock.now()
        row.save(update_fields=["answer", "answered_by", "answered_at"])
        if sheet.state == states.S_DISPUTED:
            advance(sheet, states.S_TO_CONFIRM, by=by.user)
        tenant = sheet.lease.application.applicant
        notices.tell(tenant.id_index, ANSWERED, by=by.user, case_no=sheet.case_no)
        return row


def digest(sheet: HandoverSheet) -> str:
    """SHA-256 of what is confirmed: readings, keys, defects, photos and the objections."""
    content = {
        "lease": sheet.lease.number, "kind": sheet.kind, "water": sheet.water,
        "electricity": sheet.electricity, "gas": sheet.gas, "no_gas": sheet.no_gas,
        "keys": sheet.keys, "cards": sheet.cards, "defects": sheet.defects,
        "photos": list(sheet.photos.values_list("digest", flat=True)),
        "disputes": list(sheet.disputes.values_list("text", "answer")),
    }  # fmt: skip
    text = json.dumps(content, default=str, ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()


# -- Parts ---------------------------------------------------------------------------------------


def _refuse_lease(lease: Lease, kind: str) -> None:
    if kind == Kind.IN and lease.state not in states.L_IN_FORCE:
        raise SheetRefused(_("合同签了才能交接。"))
    if kind == Kind.OUT and lease.state not in states.L_IN_FORCE:
        raise SheetRefused(_("合同已经结束，不用再验房。"))


def _confirm(sheet: HandoverSheet, by: Any, method: str, value: str) -> HandoverSheet:
    with transaction.atomic():
        row = locks.fresh(sheet)
        if row.state == states.S_CONFIRMED:
            return row
        if row.state != states.S_TO_CONFIRM:
            raise SheetRefused(_("这张交接单现在不能确认：%(state)s。")
                               % {"state": states.SHEET[row.state].tag})  # fmt: skip
        row.method, row.signature, row.content_digest = method, value, digest(row)
        row.confirmed_by = _signer(row, method, value)
        row.confirmed_at, row.code_index = clock.now(), ""
        row.save(
            update_fields=[
                "method", "signature", "content_digest", "confirmed_by", "confirmed_at",
                "code_index",
            ]
        )  # fmt: skip
        row = advance(row, states.S_CONFIRMED, by=by)
        audit.record("sheet.confirmed", by=by, thing=row, method=method, digest=row.content_digest)
        return row


def _signer(sheet: HandoverSheet, method: str, value: str) -> str:
    return value if method == Method.TYPED else sheet.lease.application.applicant.name


def _wrong_code(row: HandoverSheet, code: str) -> str:
    if not row.code_index or row.code_until is None or row.code_until <= clock.now():
        return str(_("确认码已经过期，请再发一次，或者当面签字。"))
    if row.code_tries >= TRIES:
        return str(_("输错次数太多，请再发一次，或者当面签字。"))
    if not hmac.compare_digest(row.code_index, _index(row, code)):
        row.code_tries += 1
        row.save(update_fields=["code_tries"])
        return str(_("确认码不对，请再核对一次。"))
    return ""


def _index(sheet: HandoverSheet, code: str) -> str:
    return keyed_digest(f"{sheet.pk}:{code}", kind="handover-code")

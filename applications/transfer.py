"""Transfer (转交) of a case that another administration handles, with a receipt.

Four streets of the district are run by somebody else, and people come from outside it. What the
family filled in goes along; what the registers answered does not, for they answered this office.
Electronically only to offices that are configured (TRANSFER_PARTNERS); to all others the family
takes a printed sheet, as standard sentence 10 says. 行政许可法 §32 asks to name the right office.
"""

import json
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Bureau, Staff
from applications import (
    endings,
    kin,
    letters,
    notice_texts,
    permissions,
    states,
)
from applications.models import Application, Transfer
from core import audit, clock, display, locks, notices, outbox
from core.identity import masking
from core.refusals import Refusal
from core.workflow import advance


class NotTransferred(Refusal):
    """The case cannot be handed over like this."""


def why_not(application: Application, staff: Staff) -> str:
    """Why this clerk may not hand the case over. Button, page and verb ask this."""
    if why := permissions.why_not_free(staff, application):
        return why
    if application.state not in (states.DRAFT, states.ACCEPTED):
        return _("办件已经进入下一步，不能在窗口转交。请联系区住房保障管理中心。")
    return ""


def hand_over(
    application: Application,
    *,
    reason: str,
    by: Staff,
    street: Bureau | None = None,
    office: str = "",
    note: str = "",
) -> Transfer:
    """Hands the case to the right office; handed over before, the transfer is returned as it is.

    Its people are free to apply there, their consents end, nothing more is asked about them, open
    tasks leave the queues. Raises NotTransferred.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        if row.state == states.TRANSFERRED:
            return row.transfer  # type: ignore[no-any-return]
        if why := why_not(row, by):
            raise NotTransferred(why)
        receiver = _receiver(reason, street, office)
        bundle = _bundle(row)
        made = Transfer.objects.create(
            application=row, reason=reason, note=note.strip()[:200], street=street,
            office=receiver, phone=letters.PHONE, bundle=bundle, digest=digest_of(bundle),
            partner=_partner(receiver), at=clock.now(), by=by,
        )  # fmt: skip
        _end_here(row, made, by)
        _send(made)
        return made


def digest_of(bundle: dict[str, Any]) -> str:
    """SHA-256 of the bundle as canonical JSON: receipt and message carry the same."""
    text = json.dumps(bundle, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def receipt_pdf(transfer: Transfer) -> bytes:
    """转交回执 as PDF, in Chinese; to an office without a connection it carries the data, too."""
    with translation.override("zh-hans"):
        check = letters.check_code(transfer.application.case_no or "")
        return letters.pdf("transfer", receipt_of(transfer), check=check)


def receipt_of(transfer: Transfer) -> dict[str, Any]:
    """What the receipt says: to whom, why, how, and what the family itself carries there."""
    application = transfer.application
    people = [_person(one) for one in transfer.bundle["people"]]
    return {
        "number": application.case_no,
        "sentence": _("您的情况由%(office)s办理，电话%(phone)s。")
        % {"office": transfer.office, "phone": transfer.phone},
        "facts": [
            [_("申请人"), masking.mask_name(application.applicant.name)],
            [_("原因"), transfer.get_reason_display()],
            [_("说明"), transfer.note or display.NOTHING],
            [_("收到申请"), display.day_time(application.submitted_at)],
            [_("转交时间"), display.day_time(transfer.at)],
            [_("转交方式"), how_it_goes(transfer)],
            [_("材料摘要"), f"{transfer.digest[:32]} {transfer.digest[32:]}"],
        ],
        "electronic": bool(transfer.partner),
        "people": [[masking.mask_name(one["name"]), one["relation"]] for one in people],
        # only on paper that goes from hand to hand
        "carried": [] if transfer.partner else _carried(application, people, transfer.bundle),
    }


def how_it_goes(transfer: Transfer) -> str:
    """Whether the data travel by themselves or with the family."""
    return _("已通过系统送达") if transfer.partner else _("请凭转交单到该单位办理")


def _person(one: dict[str, str]) -> dict[str, str]:
    return {**one, "relation": str(kin.relation_word(one["relation"]))}


def _carried(
    application: Application, people: list[dict[str, str]], bundle: dict[str, Any]
) -> list[list[str]]:
    """What was filled in, in full: it is the family's own and goes from hand to hand."""
    lines = [
        [one["relation"], f"{one['name']} {one['id_number']} {one['phone']}".strip()]
        for one in people
    ]
    lines.append([_("申请事项"), application.get_programme_display()])
    if rent := bundle["declared"].get("actual_rent"):
        lines.append([_("每月房租"), display.rent(rent)])
    return lines + [[_("承诺"), text] for text in bundle["commitments"]]


def _receiver(reason: str, street: Bureau | None, office: str) -> str:
    if reason not in Transfer.Reason.values:
        raise NotTransferred(gettext_lazy("请选择转交的原因。"), "reason")
    if reason == Transfer.Reason.RESIDENCE:
        if street is None or not street.flagged_jurisdiction:
            raise NotTransferred(gettext_lazy("请选择由其他管委会管理的镇街。"), "street")
        return street.jurisdiction
    if not office.strip():
        raise NotTransferred(gettext_lazy("请写明接收单位的全名。"), "office")
    return office.strip()[:64]


def _bundle(row: Application) -> dict[str, Any]:
    """What the family filled in; no register's answer."""
    people = row.members.filter(excluded=False).order_by("position")
    return {
        "case_no": row.case_no,
        "programme": row.programme,
        "received_at": (row.submitted_at or clock.now()).isoformat(),
        "people": [
            {
                "name": one.name,
                "id_number": one.id_number,
                "relation": one.relation,
                "phone": one.phone or "",
            }
            for one in people
        ],
        "declared": {key: value for key, value in row.declared.items() if key != "signature"},
        "wishes": row.wishes,
        "commitments": [one.text for one in row.commitments.order_by("pk")],
    }


def _partner(receiver: str) -> str:
    for number, name in enumerate(settings.TRANSFER_PARTNERS, start=1):
        if name == receiver:
            return f"transfer-{number}"
    return ""


def _end_here(row: Application, made: Transfer, by: Staff) -> None:
    if row.state == states.DRAFT:  # received here; the right office accepts it
        row = advance(row, states.SUBMITTED, by=by.user)
    advance(row, states.TRANSFERRED, by=by.user, reason=made.get_reason_display())
    endings.end(row, by=by.user, reason="transferred")
    applicant = row.applicant
    audit.record(
        "application.transferred", by=by.user, thing=made, case_no=row.case_no or "",
        subjects=row.members.values_list("id_index", flat=True), office=made.office,
        digest=made.digest, electronic=bool(made.partner),
    )  # fmt: skip
    notices.tell(
        applicant.id_index, notice_texts.TRANSFERRED, by=by.user, case_no=row.case_no or "",
        phone=applicant.phone or "", office=made.office, office_phone=made.phone,
        how=how_it_goes(made),
    )  # fmt: skip


def _send(made: Transfer) -> None:
    if made.partner:
        outbox.post(
            made.partner, "application.transferred", key=f"transfer-{made.pk}",
            payload={"digest": made.digest, "bundle": made.bundle},
            case_no=made.application.case_no or "",
        )  # fmt: skip

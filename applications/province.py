"""What the province's portal is told of a case (办件汇聚): number first, then status and ratings.

The portal keeps one number for a case wherever it is handled (统一办件编码). Ours stays what people
are given within the second; the portal's is asked for by the outbox and noted beside it when the
answer comes. Status goes out with every change of state (core.workflow). A portal that is down
delays all of it and holds up nobody.
"""

from typing import Any

from django.conf import settings
from django.db import transaction

from applications import letters
from applications.models import Application
from applications.models.application import Channel
from core import audit, outbox
from core.models import OutboxMessage

SYSTEM = audit.System("province")
SERVICE_CODE = "公共服务-00610-000-002"  # the matter in the province's list of 权力事项
DISTRICT = "330212"
_NUMBER = "case.number"
_ID_CARD = "1"


def ask_number(application: Application) -> OutboxMessage:
    """Asks for the unified number of a case, in the transaction that accepted it."""
    applicant = application.applicant
    return outbox.post(
        "province",
        _NUMBER,
        key=f"{application.case_no}-number",
        payload={
            "caseNo": application.case_no,
            "applyCardType": _ID_CARD,
            "applyCardNumber": applicant.id_number,
            "applyName": applicant.name,
            "belongSystem": settings.PORTAL_SERVICE_CODE,
            "busType": application.programme,
            "deptId": application.street.code if application.street else letters.OFFICE,
            "applyFrom": "window" if application.channel == Channel.WINDOW else "online",
            "areaCode": DISTRICT,
            "serviceCodeId": SERVICE_CODE,
        },
        case_no=application.case_no or "",
    )


def note_numbers(limit: int = 200) -> int:
    """Writes the numbers that have come beside their cases; returns how many."""
    told = OutboxMessage.objects.filter(destination="province", kind=_NUMBER, state="confirmed")
    waiting = Application.objects.filter(unified_no="", case_no__in=told.values("case_no"))
    return sum(_note(pk) for pk in waiting.order_by("pk").values_list("pk", flat=True)[:limit])


def tell_rating(application: Application, key: str, payload: dict[str, Any]) -> OutboxMessage:
    """Hands a rating on (好差评汇聚); ``payload`` names nobody."""
    return outbox.post(
        "province",
        "case.rating",
        key=f"{application.case_no}-{key}",
        payload={"caseNo": application.case_no, **payload},
        case_no=application.case_no or "",
    )


def _note(application_id: int) -> bool:
    with transaction.atomic():
        row = Application.objects.select_for_update(no_key=True).get(pk=application_id)
        message = OutboxMessage.objects.get(destination="province", key=f"{row.case_no}-number")
        number = str((message.receipt.get("data") or {}).get("projId", ""))[:40]
        if row.unified_no or not number:
            return False
        row.unified_no = number
        row.save(update_fields=["unified_no"])
        audit.record("case.unified_number", by=SYSTEM, thing=row, number=number)
        return True

"""The sheet on the desk (工作单、寄存): what is typed, the queue number, parked and taken up again.

What a clerk types is kept as it is typed, so that neither a lost session nor a change of desks
loses a field. A sheet belongs to the office; the clerk's own household is refused like any case.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import states
from applications.models import Application, DeskSheet
from core import audit, clock, locks
from core.refusals import Refusal

FORMS = ("person", "accept", "household", "add")  # whose fields are kept
_SECRET = ("csrfmiddlewaretoken", "sheet")
_LONGEST = 400  # characters of one field
_QUEUE_NO = re.compile(r"[A-Z]{0,3}[0-9]{1,6}")


class NotOnTheSheet(Refusal):
    """The sheet cannot be kept or taken up like this."""


def sheet_of(application: Application, staff: Staff) -> DeskSheet:
    """The sheet of a case on this desk, made if there is none."""
    with transaction.atomic():
        made, _new = DeskSheet.objects.get_or_create(
            application=application,
            defaults={"bureau": staff.bureau, "changed_at": clock.now()},
        )
        return made


def keep(sheet: DeskSheet, form: str, data: Mapping[str, Any]) -> DeskSheet:
    """Keeps what stands in the boxes of one form; nothing is checked. Raises NotOnTheSheet."""
    if form not in FORMS:
        raise NotOnTheSheet(_("没有这张表，请刷新页面再试。"))
    with transaction.atomic():
        row = locks.fresh(sheet)
        row.typed = {**row.typed, form: _fields(data)}
        row.changed_at = clock.now()
        row.save(update_fields=["typed", "changed_at"])
        return row


def forget(sheet: DeskSheet, form: str) -> None:
    """What was kept of a form has been saved where it belongs."""
    with transaction.atomic():
        row = locks.fresh(sheet)
        if form in row.typed:
            row.typed = {name: kept for name, kept in row.typed.items() if name != form}
            row.save(update_fields=["typed"])


def call(sheet: DeskSheet, queue_no: str, *, no_phone: bool = False) -> DeskSheet:
    """Notes the queue number and that the family has no phone. Raises NotOnTheSheet."""
    with transaction.atomic():
        row = locks.fresh(sheet)
        row.queue_no = checked_queue_no(queue_no) or row.queue_no
        row.no_phone = row.no_phone or no_phone
        row.save(update_fields=["queue_no", "no_phone"])
        return row


def checked_queue_no(text: str) -> str:
    """The number as the machine prints it: up to three letters and digits, or empty."""
    number = "".join(str(text).upper().split())
    if number and not _QUEUE_NO.fullmatch(number):
        raise NotOnTheSheet(_("排队号由字母和数字组成，例如A012；没有取号可以不填。"), "queue_no")
    return number


def park(sheet: DeskSheet, *, by: Staff) -> DeskSheet:
    """Puts the sheet aside (寄存); parked again it stays as it is."""
    with transaction.atomic():
        row = locks.fresh(sheet)
        if row.parked_at is None:
            row.parked_at, row.parked_by = clock.now(), by
            row.save(update_fields=["parked_at", "parked_by"])
            audit.record("window.parked", by=by.user, thing=row, case_no=_number(row))
        return row


def park_person(data: Mapping[str, Any], *, by: Staff) -> DeskSheet:
    """Puts a person aside before anything was asked. Raises NotOnTheSheet for empty boxes."""
    fields = _fields(data)
    if not (fields.get("name") or fields.get("id_number")):
        raise NotOnTheSheet(_("还没有填写，不用寄存。"))
    with transaction.atomic():
        row = DeskSheet.objects.create(
            bureau=by.bureau, typed={"person": fields}, changed_at=clock.now(),
            queue_no=checked_queue_no(fields.get("queue_no", "")),
            parked_at=clock.now(), parked_by=by,
        )  # fmt: skip
        audit.record("window.parked", by=by.user, thing=row)
        return row


def take_up(sheet: DeskSheet, *, by: Staff) -> DeskSheet:
    """Takes a parked sheet up again (取回), at any desk of the office. Raises NotOnTheSheet."""
    with transaction.atomic():
        row = locks.fresh(sheet)
        if row.bureau_id != by.bureau_id:
            raise NotOnTheSheet(_("这一件寄存在别的窗口单位。"))
        if row.parked_at is None:
            raise NotOnTheSheet(_("这一件已经由同事取回。"))
        row.parked_at = row.parked_by = None
        row.save(update_fields=["parked_at", "parked_by"])
        audit.record("window.taken_up", by=by.user, thing=row, case_no=_number(row))
        return row


def done_with(application: Application) -> None:
    """The case is sent: nothing typed is left over, and it is not parked any more."""
    DeskSheet.objects.filter(application=application).update(
        typed={}, parked_at=None, parked_by=None
    )


def clear(sheet: DeskSheet) -> None:
    """Removes a person's sheet that became a case or was not needed."""
    DeskSheet.objects.filter(pk=sheet.pk, application=None).delete()


def parked(staff: Staff) -> QuerySet[DeskSheet]:
    """What waits in this office, oldest first."""
    rows = DeskSheet.objects.filter(bureau=staff.bureau, parked_at__isnull=False)
    rows = rows.exclude(application__state__in=[states.WITHDRAWN, states.TRANSFERRED])
    return rows.select_related("application", "parked_by").order_by("parked_at")


def _number(sheet: DeskSheet) -> str:
    return (sheet.application.case_no or "") if sheet.application else ""


def _fields(data: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(name)[:60]: str(value)[:_LONGEST]
        for name, value in data.items()
        if name not in _SECRET and isinstance(value, str) and value
    }

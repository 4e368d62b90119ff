"""交还: signed by the household or its relatives; then deposit, inspection, archive.

Lease, benefit and access end on that day and never before. The confirmed sheet of the move-out
inspection is the best proof of it, else the paper that is named.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import access_ends, leases
from allocation import states as allocation_states
from allocation.leases import deposits
from allocation.models import HandoverSheet
from core import audit, clock, locks
from core.workflow import advance
from renewal import states
from renewal.exits import letters, telling
from renewal.exits.opening import ExitRefused, Ground
from renewal.models import ExitCase


def hand_back(case: ExitCase, *, by: Any, note: str, signed_by: str = "") -> ExitCase:
    """The signed hand-back: lease, benefit and access end on this day, never before.

    ``signed_by``: who signed, where it is not the tenant. A confirmed sheet of the move-out
    inspection goes before what is written here. Raises AccessKept.
    """
    with transaction.atomic():
        row = locks.fresh(case)
        staff = getattr(by, "as_staff", None)
        if staff is not None:
            telling.refuse_kin(row, staff)
        if row.ground == Ground.DECEASED and not signed_by.strip() and sheet_of(row) is None:
            raise ExitRefused(_("请写明哪一位亲属签的字。"), field="signed_by")
        row = advance(row, states.X_HANDED_BACK, by=by, reason=note)
        _signed(row, by, note, signed_by)
        leases.end(row.lease, on=clock.today(), by=by)
        _tell(row, staff, by)
        return row


def sheet_of(case: ExitCase) -> HandoverSheet | None:
    """The sheet of the move-out inspection that the household has confirmed."""
    confirmed = case.lease.sheets.filter(kind=HandoverSheet.Kind.OUT, confirmed_at__isnull=False)
    return confirmed.first()


def _signed(row: ExitCase, by: Any, note: str, signed_by: str) -> None:
    if sheet_of(row) is None and signed_by.strip():
        access_ends.handed_back(row.lease, by=by, signed_by=signed_by, document=note)
    else:
        access_ends.signed(row.lease, by=by, note=note)


def _tell(row: ExitCase, staff: Staff | None, by: Any) -> None:
    lease = row.lease
    lease.refresh_from_db()
    due, on = deposits.due_back(lease), clock.today()
    if row.ground == Ground.DECEASED or staff is None:
        return  # the relatives were there; nothing is sent to the dead
    letters.issue(row, letters.BACK, letters.back_lines(on, due), by=staff)
    telling.say(row, telling.BACK, by=by, on=on, due=due)


def why_not_archive(case: ExitCase) -> str:
    """Why the file cannot be closed: a deposit still held, a home not looked at yet."""
    if case.archived_at is not None:
        return str(_("已经归档。"))
    if case.state == states.X_CLEARED:
        return ""
    if case.state != states.X_HANDED_BACK:
        return str(_("住房交还以后才能归档。"))
    if deposits.standing(case.lease).held > 0:
        return str(_("押金还没有退清，先逐项退还或抵扣。"))
    if case.lease.home.state == allocation_states.H_VACATING:
        return str(_("住房还没有检查、转入维修或待配租。"))
    return ""


def archive(case: ExitCase, *, by: Staff) -> ExitCase:
    """The file is complete and closed (归档). Raises ExitRefused."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if why := why_not_archive(row):
            raise ExitRefused(why)
        row.archived_by, row.archived_at = by, clock.now()
        row.save(update_fields=["archived_by", "archived_at"])
        audit.record("exit.archived", by=by.user, thing=row)
        return row

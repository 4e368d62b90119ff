"""The two grounds on which access ends (门禁停用): a signed hand-back, a recorded enforcement.

Nothing else ends it: no missed rent, no finding, no death of the tenant; who survives keeps
theirs. The verb that revokes asks here, and a trigger of the table of grants asks again.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from allocation.models import AccessEnd, HandoverSheet, Lease
from core import audit, clock, locks
from core.refusals import Refusal

Ground = AccessEnd.Ground


class AccessKept(Refusal):
    """Access stays: no ground to end it is recorded, or the record is not complete."""


def handed_back(
    lease: Lease, *, by: Any, signed_by: str, document: str, on: date | None = None
) -> AccessEnd:
    """Records the hand-back that somebody of the household signed (令11号 §29–31); the lease is
    ended by its own verb afterwards. Raises AccessKept."""
    if not signed_by.strip():
        raise AccessKept(_("交房单没有签名，门禁照常使用。请写明是谁签的。"), "signed_by")
    return _record(lease, Ground.HANDED_BACK, by, signed_by, document, on)


def enforced(lease: Lease, *, by: Any, document: str, on: date | None = None) -> AccessEnd:
    """Records a court's enforcement by the number of its document. Raises AccessKept."""
    return _record(lease, Ground.ENFORCED, by, "", document, on)


def of_sheet(sheet: HandoverSheet, *, by: Any) -> AccessEnd:
    """The hand-back proved by a confirmed sheet of the move-out inspection. Raises AccessKept."""
    if sheet.kind != HandoverSheet.Kind.OUT or sheet.confirmed_at is None:
        raise AccessKept(_("验房单还没有签字，门禁照常使用。"))
    document = _("搬离验房单 %(digest)s") % {"digest": sheet.content_digest[:16]}
    return handed_back(sheet.lease, by=by, signed_by=sheet.confirmed_by, document=document)


def signed(lease: Lease, *, by: Any, note: str) -> AccessEnd:
    """The hand-back by the confirmed inspection where there is one, else by the paper that
    ``note`` names. Raises AccessKept."""
    sheet = lease.sheets.filter(kind=HandoverSheet.Kind.OUT, confirmed_at__isnull=False).first()
    if sheet is not None:
        return of_sheet(sheet, by=by)
    return handed_back(lease, by=by, signed_by=lease.application.applicant.name, document=note)


def refuse_groundless(lease: Lease) -> None:
    """Raises AccessKept unless a ground is recorded for the lease."""
    ground_of(lease)


def ground_of(lease: Lease) -> str:
    """The recorded ground. Raises AccessKept where there is none."""
    known = AccessEnd.objects.filter(lease=lease).first()
    if known is None:
        raise AccessKept(_("门禁只在签字交房、或者法院强制执行以后停用。请先记录其中一项。"))
    return known.ground


def _record(
    lease: Lease, ground: str, by: Any, signed_by: str, document: str, on: date | None
) -> AccessEnd:
    if not document.strip():
        raise AccessKept(_("请写明依据：交房单，或者法院文书的文号。"), "document")
    day = on or clock.today()
    if day > clock.today():
        raise AccessKept(_("还没有到这一天，不能先记录。"), "on")
    with transaction.atomic():
        row = locks.fresh(lease)
        known = AccessEnd.objects.filter(lease=row).first()
        if known is not None:
            return known
        made = AccessEnd.objects.create(
            lease=row, ground=ground, on=day, signed_by=signed_by.strip()[:80],
            document=document.strip()[:200], recorded_by=audit.label(by)[:80],
            recorded_at=clock.now(),
        )  # fmt: skip
        audit.record("access.ground", by=by, thing=made, ground=ground, document=made.document)
        return made

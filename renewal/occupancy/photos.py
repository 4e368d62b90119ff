"""Photos of an inspection (检查照片): the pipeline of papers; read by who may read the record."""

from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from allocation import home_photos
from applications.papers import darkroom, one_picture
from applications.papers.darkroom import PaperRefused
from core import audit, clock, locks
from core.refusals import Refusal
from renewal.models import InspectionPhoto, InspectionVisit

MOST = home_photos.MOST


def add(visit: InspectionVisit, content: bytes, *, by: Any) -> InspectionPhoto:
    """Takes one photo in; the same file again is the one that stands there. PaperRefused."""

    def infected() -> PaperRefused:
        audit.record("photo.infected", by=by, thing=visit, size=len(content))
        return PaperRefused(_("这个文件带病毒，没有收下，也没有保存。请重新拍照。"), "photos")

    with one_picture.taken_in(content, infected=infected) as kept, transaction.atomic():
        row, digest = locks.fresh(visit), sha256(content).hexdigest()
        standing: InspectionPhoto | None = row.photos.filter(digest=digest).first()
        if standing is not None:
            kept.discard()
            return standing
        if row.photos.count() >= MOST:
            raise PaperRefused(_("最多%(n)d张照片。") % {"n": MOST}, "photos")
        made = InspectionPhoto.objects.create(
            visit=row, digest=digest, file=kept.file, raw=kept.raw, by=audit.label(by)[:80],
            at=clock.now(),
        )  # fmt: skip
        audit.record("photo.added", by=by, thing=row, waits=bool(kept.raw), digest=digest[:16])
        return made


def add_each(visit: InspectionVisit, sent: list[Any], *, by: Any) -> list[str]:
    """Each photo on its own: the good ones stay where one is refused; the sentences of those."""
    refused = []
    for one in sent or []:
        try:
            darkroom.refuse_size(one.size)
            add(visit, one.read(), by=by)
        except Refusal as refusal:
            refused.append(str(refusal))
    return refused


def scan_waiting(limit: int = 50) -> int:
    """Scans what waits for a scanner; returns how many got their answer."""
    rows = InspectionPhoto.objects.exclude(raw="").order_by("pk")[:limit]
    return sum(home_photos.scan(one) for one in rows)

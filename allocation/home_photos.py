"""Photos of homes (房屋照片): of a handover, a repair, a patrol; the pipeline is that of papers.

Scanned, drawn anew without the phone's data, sealed outside the web root, read with a watermark.
A scanner that is away delays: the photo waits and is shown to nobody until it has answered.
"""

from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from allocation.models import HandoverSheet, HomePhoto, PatrolVisit, Repair
from applications.papers import darkroom, one_picture, scanning, store, watermark
from applications.papers.darkroom import PaperRefused
from applications.papers.scanning import Verdict
from core import audit, clock, display, locks
from core.refusals import Refusal

Subject = HandoverSheet | Repair | PatrolVisit
MOST = 12  # photos of one thing
_FIELD = {HandoverSheet: "sheet", Repair: "repair", PatrolVisit: "patrol"}


def add(subject: Subject, content: bytes, *, by: Any) -> HomePhoto:
    """Takes one photo in; the same file again is the one that stands there. PaperRefused."""

    def infected() -> PaperRefused:
        audit.record("photo.infected", by=by, thing=subject, size=len(content))
        return PaperRefused(_("这个文件带病毒，没有收下，也没有保存。请重新拍照。"), "photos")

    with (
        one_picture.taken_in(content, infected=infected, shows=darkroom.PLACE) as kept,
        transaction.atomic(),
    ):
        return _keep(subject, content, kept, by)


def picture(photo: Any, *, by: Any) -> bytes:
    """The photo as JPEG with the viewer's watermark. Raises store.PaperGone."""
    line = f"{audit.label(by)}  {display.day_time(clock.now())}"
    return watermark.marked(store.read(photo.file), line, turn=0, small=False)


def scan_waiting(limit: int = 50) -> int:
    """Scans what waits for a scanner; returns how many got their answer."""
    rows = HomePhoto.objects.exclude(raw="").order_by("pk")[:limit]
    return sum(scan(one) for one in rows)


def _keep(subject: Subject, content: bytes, kept: one_picture.Kept, by: Any) -> HomePhoto:
    row: Any = locks.fresh(subject)
    digest = sha256(content).hexdigest()
    standing: HomePhoto | None = row.photos.filter(digest=digest).first()
    if standing is not None:
        kept.discard()
        return standing
    if getattr(row, "confirmed_at", None) is not None:
        raise PaperRefused(_("已经确认，不能再加照片。"), "photos")
    if row.photos.count() >= MOST:
        raise PaperRefused(_("最多%(n)d张照片。") % {"n": MOST}, "photos")
    made = HomePhoto.objects.create(
        **{_FIELD[type(row)]: row}, digest=digest, file=kept.file, raw=kept.raw,
        by=audit.label(by)[:80], at=clock.now(),
    )  # fmt: skip
    audit.record("photo.added", by=by, thing=row, waits=bool(kept.raw), digest=digest[:16])
    return made


def scan(photo: Any) -> bool:
    """Asks the scanner about one photo that waits, of a home or of an inspection."""
    try:
        verdict = scanning.scan(store.read(photo.raw))
    except store.PaperGone:
        verdict = Verdict.CLEAN  # the redrawn picture alone is left, and it holds pixels only
    if verdict == Verdict.UNAVAILABLE:
        return False
    with transaction.atomic():
        row = type(photo).objects.select_for_update().filter(pk=photo.pk).exclude(raw="").first()
        if row is None:
            return False
        store.drop(row.raw)
        if verdict == Verdict.INFECTED:
            store.drop(row.file)
            audit.record("photo.infected", by=audit.System("scanner"), thing=row)
            row.delete()
            return True
        row.raw = ""
        row.save(update_fields=["raw"])
        return True


def add_each(subject: Subject, sent: list[Any], *, by: Any) -> list[str]:
    """Each photo on its own: the good ones stay where one is refused; the sentences of those."""
    refused = []
    for one in sent or []:
        try:
            darkroom.refuse_size(one.size)
            add(subject, one.read(), by=by)
        except Refusal as refusal:
            refused.append(str(refusal))
    return refused

"""Papers (材料): taken in, turned, ordered, removed, looked at.

A file is scanned and drawn anew outside any transaction and kept in one. A scanner that is away
delays nothing: the file waits in quarantine and only the family itself sees its pages until the
scanner has answered. An infected file is never kept. See docs/adr/0015-papers.md.
"""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from applications import looks, material_list, material_permissions, visit_photos
from applications.material_permissions import OFFICE as OFFICE
from applications.material_permissions import may_still_change
from applications.models import Application, Material, MaterialPage
from applications.papers import darkroom, scanning, store, watermark
from applications.papers.darkroom import Developed, PaperRefused
from applications.papers.scanning import Verdict
from core import audit, clock, display, locks

State = Material.State
KEPT = (State.CLEAN, State.UNSCANNED, State.QUARANTINED)
_STATE_OF = {
    Verdict.CLEAN: State.CLEAN,
    Verdict.UNSCANNED: State.UNSCANNED,
    Verdict.UNAVAILABLE: State.QUARANTINED,
}


def add(
    application: Application,
    item: str,
    content: bytes,
    *,
    by: Any,
    instead_of: MaterialPage | None = None,
) -> Material:
    """Takes one file in for an item; the same file again is the one that stands there.

    ``instead_of`` is a page whose paper it replaces. Raises PaperRefused with the way out.
    """
    darkroom.refuse_size(len(content))
    refuse_change(application, item, by)
    digest = sha256(content).hexdigest()
    standing = application.materials.filter(kind=item, digest=digest, state__in=KEPT).first()
    if standing is not None:
        return standing
    verdict, developed = examine(application, item, content, by=by)
    return keep(application, item, content, verdict, developed, by=by, instead_of=instead_of)


def examine(
    application: Application, item: str, content: bytes, *, by: Any
) -> tuple[Verdict, Developed]:
    """Scans and develops one file, outside any transaction. Raises PaperRefused."""
    verdict = scanning.scan(content)
    if verdict == Verdict.INFECTED:
        audit.record("paper.infected", by=by, thing=application, item=item, size=len(content))
        raise PaperRefused(
            _("这个文件带病毒，没有收下，也没有保存。请直接拍照，或换一台设备再传。"), "files"
        )
    shows = darkroom.PLACE if visit_photos.is_photos(item) else darkroom.PAPER
    return verdict, darkroom.develop(content, most=settings.PAPER_MOST_PAGES, shows=shows)


def keep(
    application: Application,
    item: str,
    content: bytes,
    verdict: Verdict,
    developed: Developed,
    *,
    by: Any,
    instead_of: MaterialPage | None = None,
) -> Material:
    """Keeps an examined file with its pages. Raises PaperRefused."""
    waits = verdict == Verdict.UNAVAILABLE
    written = [store.keep(page.content) for page in developed.pages]
    raw = store.keep(content) if waits else ""
    try:
        with transaction.atomic():
            row = locks.fresh(application)
            refuse_change(row, item, by)
            material, made = _row(row, item, content, developed.kind, by)
            if not made:
                store.discard(*written, raw)
                return material
            old = _still_there(instead_of, row, item)  # replaced in another tab, the new one joins
            if old is not None:
                _take_out(old)
            material.state, material.file, material.received = _STATE_OF[verdict], raw, len(content)
            material.save()
            _lay_pages(row, material, developed, written)
            audit.record(
                "paper.added", by=by, thing=material, item=item, pages=len(written),
                scan=verdict.value, digest=material.digest[:16],
            )  # fmt: skip
            return material
    except BaseException:
        store.discard(*written, raw)
        raise


def remove(page: MaterialPage, *, by: Any) -> None:
    """Takes a page out and destroys its file. Raises PaperRefused once the item is handed in."""
    with transaction.atomic():
        row = locks.fresh(page.application)
        refuse_change(row, page.item, by)
        here = MaterialPage.objects.filter(pk=page.pk).first()
        if here is None:
            return  # taken out in another tab
        _take_out(here)
        audit.record("paper.removed", by=by, thing=row, item=page.item)


def turn(page: MaterialPage, *, by: Any) -> MaterialPage:
    """Turns a page a quarter clockwise. Raises PaperRefused."""
    with transaction.atomic():
        row = locks.fresh(page.application)
        refuse_change(row, page.item, by)
        here = _there(page)
        here.turn = (here.turn + 90) % 360
        here.save(update_fields=["turn"])
        return here


def move(page: MaterialPage, *, by: Any, forward: bool) -> MaterialPage:
    """Moves a page one place; at the end it stays where it is. Raises PaperRefused."""
    with transaction.atomic():
        row = locks.fresh(page.application)
        refuse_change(row, page.item, by)
        here = _there(page)
        same = row.pages.filter(item=here.item)
        after = same.filter(position__gt=here.position).order_by("position")
        before = same.filter(position__lt=here.position).order_by("-position")
        other = (after if forward else before).first()
        if other is not None:
            here.position, other.position = other.position, here.position
            here.save(update_fields=["position"])
            other.save(update_fields=["position"])
        return here


def pages_of(application: Application, item: str) -> QuerySet[MaterialPage]:
    """The pages of an item in their order."""
    return application.pages.filter(item=item).select_related("material").order_by("position")


def picture(page: MaterialPage, *, by: Any, small: bool = False, purpose: str = "") -> bytes:
    """The page as JPEG with the viewer's watermark; a member of staff's look is recorded.

    Raises store.PaperGone.
    """
    case = page.application
    label = audit.label(by)
    line = f"{label}  {case.case_no or ''}  {display.day_time(clock.now())}"
    content = watermark.marked(store.read(page.file), line, turn=page.turn, small=small)
    if purpose:
        looks.note(case, by=by, purpose=purpose)
    return content


def refuse_change(application: Application, item: str, by: Any) -> None:
    """Raises PaperRefused where this item takes no papers from this person now."""
    if why := may_still_change(application, item, by):
        raise PaperRefused(why)


# -- Parts -------------------------------------------------------------------------------------


def _row(row: Application, item: str, content: bytes, kind: str, by: Any) -> tuple[Material, bool]:
    """The paper's row, and whether it is still to be filled."""
    now = clock.now()
    material, made = Material.objects.get_or_create(
        application=row,
        kind=item,
        digest=sha256(content).hexdigest(),
        defaults={
            "size": len(content), "content_type": kind, "state": State.HALF, "added_at": now,
            "added_by": audit.label(by)[:80],
        },
    )  # fmt: skip
    if not made and material.state in KEPT:
        return material, False
    store.drop(*material.parts)
    material.parts, material.content_type, material.touched_at = [], kind, now
    return material, True


def _lay_pages(
    row: Application, material: Material, developed: Developed, written: list[str]
) -> None:
    last = row.pages.filter(item=material.kind).aggregate(last=Max("position"))["last"] or 0
    if row.pages.filter(item=material.kind).count() + len(written) > settings.PAPER_MOST_PAGES:
        raise PaperRefused(
            _("一样材料最多%(n)d页，请删掉不需要的页，或分成几份。")
            % {"n": settings.PAPER_MOST_PAGES},
            "files",
        )
    MaterialPage.objects.bulk_create(
        MaterialPage(
            application=row, material=material, item=material.kind, position=last + number,
            page_no=number, file=name, width=page.width, height=page.height,
            size=len(page.content),
        )
        for number, (page, name) in enumerate(zip(developed.pages, written, strict=True), start=1)
    )  # fmt: skip


def _take_out(page: MaterialPage) -> None:
    store.drop(page.file)
    material = page.material
    page.delete()
    if not material.pages.exists():
        store.drop(material.file, *material.parts)
        try:
            material.delete()
        except models.ProtectedError as error:
            raise PaperRefused(_("这份材料附在您的异议里，不能删除。")) from error


def _still_there(
    page: MaterialPage | None, application: Application, item: str
) -> MaterialPage | None:
    rows = application.pages.filter(item=item).select_related("material")
    return rows.filter(pk=page.pk).first() if page is not None else None


def _there(page: MaterialPage) -> MaterialPage:
    here = MaterialPage.objects.filter(pk=page.pk).first()
    if here is None:
        raise PaperRefused(_("这一页刚才在另一个页面删掉了。"))
    return here


def titles(application: Application) -> dict[str, str]:
    """What each item of the family with pages is called; the office's own photos are elsewhere."""
    rows = application.pages.exclude(item__startswith=OFFICE)
    keys = rows.order_by("item").values_list("item", flat=True).distinct()
    return {key: material_list.title_of(application, key) for key in keys}


__all__ = [
    "KEPT", "OFFICE", "PaperRefused", "add", "examine", "keep", "material_permissions", "move",
    "pages_of", "picture", "refuse_change", "remove", "titles", "turn",
]  # fmt: skip

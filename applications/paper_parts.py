"""A file in parts (分段上传): on a bad line it goes on where it was cut.

A half file is sealed part by part, kept some hours, and swept. The parts of two tabs that send the
same file end in the same row: whoever is behind is told where the other is.
"""

from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applications import materials
from applications.models import Application, Material
from applications.papers import darkroom, store
from applications.papers.darkroom import PaperRefused
from core import audit, clock, locks

PART = 256 * 1024  # bytes: a few seconds on a bad line
_MOST_HALF = 30  # half files of one case at a time
State = Material.State


class WrongOffset(PaperRefused):
    """The part does not begin where the file ends; ``at`` is where it does."""

    def __init__(self, at: int) -> None:
        super().__init__(_("请接着上次断开的地方传。"))
        self.at = at


def begin(application: Application, item: str, *, by: Any, size: int, digest: str) -> Material:
    """Announces a file by its size and SHA-256; begun before, it is the same row.

    Raises PaperRefused.
    """
    darkroom.refuse_size(size)
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise PaperRefused(_("这个文件没有传完整，请再传一次。"))
    with transaction.atomic():
        row = locks.fresh(application)
        materials.refuse_change(row, item, by)
        standing = row.materials.filter(kind=item, digest=digest).first()
        if standing is not None and standing.state != State.INFECTED:
            return standing
        if row.materials.filter(state=State.HALF).count() >= _MOST_HALF:
            raise PaperRefused(_("没有传完的文件太多了，请先把它们传完，或明天再试。"))
        now = clock.now()
        if standing is not None:
            standing.delete()
        return Material.objects.create(
            application=row, kind=item, state=State.HALF, digest=digest, size=size,
            content_type="", added_at=now, touched_at=now, added_by=audit.label(by)[:80],
        )  # fmt: skip


def take(material: Material, *, by: Any, offset: int, content: bytes) -> Material:
    """Keeps the next part. Raises WrongOffset, PaperRefused."""
    name = store.keep(content)
    try:
        with transaction.atomic():
            materials.refuse_change(material.application, material.kind, by)
            row = locks.fresh(material)
            if row.state != State.HALF:
                store.discard(name)
                return row
            if offset != row.received:
                raise WrongOffset(row.received)
            if not content or row.received + len(content) > row.size or len(content) > PART:
                raise PaperRefused(_("这个文件没有传完整，请再传一次。"))
            row.parts, row.received = [*row.parts, name], row.received + len(content)
            row.touched_at = clock.now()
            row.save(update_fields=["parts", "received", "touched_at"])
            return row
    except BaseException:
        store.discard(name)
        raise


def finish(material: Material, *, by: Any) -> Material:
    """Puts the parts together and takes the file in; done before, it is returned as it is.

    Raises PaperRefused; what cannot be taken is forgotten with all its parts.
    """
    row = Material.objects.select_related("application").get(pk=material.pk)
    if row.state != State.HALF:
        return row
    if row.received < row.size:
        raise WrongOffset(row.received)
    content = b"".join(store.read(name) for name in row.parts)
    try:
        if sha256(content).hexdigest() != row.digest:
            raise PaperRefused(_("这个文件没有传完整，请再传一次。"))
        verdict, developed = materials.examine(row.application, row.kind, content, by=by)
        return materials.keep(row.application, row.kind, content, verdict, developed, by=by)
    except PaperRefused:
        forget(row)
        raise


def forget(material: Material) -> bool:
    """Destroys a file that did not come whole; False if it was taken in meanwhile."""
    with transaction.atomic():
        row = Material.objects.select_for_update().filter(pk=material.pk).first()
        if row is None or row.state != State.HALF:
            return False
        store.drop(*row.parts)
        row.delete()
        return True

"""户型图和照片: taken in like papers, drawn anew, sealed; shown to who chooses the home.

A file is scanned and developed outside any transaction and kept in one. Where the scanner is away
the picture waits: it is shown to nobody until the scanner has answered.
"""

from hashlib import sha256

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import has_role
from accounts.models import Staff
from accounts.roles import Role
from allocation.models import Home, HomePicture
from applications.papers import darkroom, one_picture, scanning, store
from applications.papers.scanning import Verdict
from core import audit, clock, locks
from core.refusals import Refusal

SYSTEM = audit.System("房源图片")
Kind = HomePicture.Kind
MOST = 12  # of one home, or of one type
_AT_ONCE = 100


class PictureRefused(Refusal):
    """The picture cannot be taken in or removed."""


def why_not(staff: Staff) -> str:
    """Why this person may not hang or take down pictures."""
    if has_role(staff.user, Role.ADMIN):
        return ""
    return _("图片由住房保障管理中心的业务管理岗位上传。")


def pictures_of(home: Home) -> list[HomePicture]:
    """What is shown of a home: plans first, the home's own before those of its type."""
    rows = HomePicture.objects.filter(_about(home), raw="").order_by("pk")
    return sorted(rows, key=lambda one: (one.kind != Kind.PLAN, one.home_id is None, one.pk))


def hanging(home: Home) -> QuerySet[HomePicture]:
    """Every picture of a home and its type, those that wait for the scanner as well."""
    return HomePicture.objects.filter(_about(home)).select_related("added_by").order_by("pk")


def add(
    home: Home,
    content: bytes,
    *,
    by: Staff,
    kind: str,
    title: str = "",
    whole_type: bool = False,
    illustrative: bool = False,
) -> HomePicture:
    """Takes one picture in, of this home or of all homes of its type; the same again is returned.

    Raises PictureRefused and PaperRefused with the way out.
    """
    if why := why_not(by):
        raise PictureRefused(why)

    def infected() -> PictureRefused:
        audit.record("home.picture_infected", by=by.user, thing=home, size=len(content))
        return PictureRefused(_("这个文件带病毒，没有收下，也没有保存。请换一个文件。"), "files")

    shows = darkroom.PLACE if kind == Kind.PHOTO else darkroom.PAPER
    with (
        one_picture.taken_in(content, infected=infected, shows=shows) as kept,
        transaction.atomic(),
    ):
        locks.fresh(home.estate)
        return _keep(
            home, by, content, kept,
            kind=kind, title=title, whole_type=whole_type, illustrative=illustrative,
        )  # fmt: skip


def remove(picture: HomePicture, *, by: Staff) -> None:
    """Takes a picture down and destroys its file; taken down before, nothing happens."""
    if why := why_not(by):
        raise PictureRefused(why)
    with transaction.atomic():
        row = HomePicture.objects.select_for_update(of=("self",)).filter(pk=picture.pk).first()
        if row is None:
            return
        store.drop(row.file, row.raw)
        audit.record(
            "home.picture_removed", by=by.user, thing=row.home or row.estate, kind=row.kind,
            digest=row.digest[:16],
        )  # fmt: skip
        row.delete()


def content_of(picture: HomePicture) -> bytes:
    """The picture as JPEG. Raises store.PaperGone."""
    return store.read(picture.file)


def scan_waiting() -> int:
    """Scans what waited until the scanner is away again; returns how many it settled."""
    settled = 0
    for row in HomePicture.objects.exclude(raw="").order_by("pk")[:_AT_ONCE]:
        try:
            verdict = scanning.scan(store.read(row.raw))
        except store.PaperGone:
            continue
        if verdict == Verdict.UNAVAILABLE:
            break
        settled += _settle(row.pk, verdict)
    return settled


# -- Parts -----------------------------------------------------------------------------------


def _about(home: Home) -> Q:
    of_type = Q(home__isnull=True, estate_id=home.estate_id, unit_type=home.unit_type)
    return Q(home_id=home.pk) | of_type


def _keep(
    home: Home,
    by: Staff,
    content: bytes,
    kept: one_picture.Kept,
    *,
    kind: str,
    title: str,
    whole_type: bool,
    illustrative: bool,
) -> HomePicture:
    """The row; of the same file the one that hangs there."""
    of = {"home": None, "unit_type": home.unit_type} if whole_type else {"home": home}
    digest = sha256(content).hexdigest()
    same = HomePicture.objects.filter(estate=home.estate, **of)
    if (standing := same.filter(kind=kind, digest=digest).first()) is not None:
        kept.discard()
        return standing
    if same.count() >= MOST:
        raise PictureRefused(_("最多%(n)d张，请先删去不需要的。") % {"n": MOST}, "files")
    made = HomePicture.objects.create(
        estate=home.estate, kind=kind, title=title.strip()[:60], illustrative=illustrative,
        digest=digest, file=kept.file, raw=kept.raw, width=kept.picture.width,
        height=kept.picture.height, added_by=by, added_at=clock.now(), **of,
    )  # fmt: skip
    audit.record(
        "home.picture_added", by=by.user, thing=home, kind=kind, whole_type=whole_type,
        digest=digest[:16],
    )  # fmt: skip
    return made


def _settle(pk: int, verdict: Verdict) -> bool:
    with transaction.atomic():
        row = HomePicture.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if row is None or not row.raw:
            return False
        store.drop(row.raw)
        if verdict == Verdict.INFECTED:
            store.drop(row.file)
            row.delete()
        else:
            row.raw = ""
            row.save(update_fields=["raw"])
        audit.record(
            "home.picture_scanned", by=SYSTEM, thing=row.estate, scan=verdict.value,
            digest=row.digest[:16],
        )  # fmt: skip
        return True


__all__ = [
    "PictureRefused", "add", "content_of", "hanging", "pictures_of",
    "remove", "scan_waiting", "why_not",
]  # fmt: skip

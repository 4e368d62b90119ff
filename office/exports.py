"""Lists taken out as files (导出): asked for with a purpose, made in the background, downloaded by
who asked, gone after some days.

Every step is in the audit log, and everybody whose row is in a file finds the export among the
looks at their data, with its purpose. A worker that is lost is noticed by its silence; the file is
then begun anew under the next attempt, and an older worker stops at the first sign of it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import periods
from core import audit, clock, display, locks, workflow
from core.refusals import Refusal
from office import export_rows, sealed_file, states
from office.export_files import KINDS, CsvFile, XlsxFile
from office.export_rows import Listing, NoSuchList
from office.models import Export

WORKER = audit.System("exports")
LEAST_PURPOSE = 6  # characters
UNDER_WAY = (states.EXPORT_WAITING, states.EXPORT_RUNNING)
_MOST_ATTEMPTS = 3
Book = CsvFile | XlsxFile


class ExportRefused(Refusal):
    """The list cannot be exported, or the file not downloaded, now."""


class _Stopped(Exception):
    """Cancelled, or taken up by another worker."""


# -- Who may ---------------------------------------------------------------------------------------


def why_not_export(staff: Staff | None, kind: str) -> str:
    """Why this person may not take out a list of this kind; empty if they may."""
    listing = export_rows.LISTINGS.get(kind)
    if staff is None or listing is None or not set(listing.roles) & set(staff.roles):
        return str(_("您的岗位看不到这份清单，不能导出。"))
    return ""


def why_not_download(staff: Staff | None, row: Export) -> str:
    """Why this person may not download this file; empty if they may."""
    if staff is None or row.asked_by_id != staff.pk:
        return str(_("只有导出的人自己可以下载。"))
    if why := why_not_export(staff, row.kind):
        return why
    if row.state != states.EXPORT_READY or row.expires_at is None:
        return str(_("文件还没有生成，或者已经不在了。"))
    if row.expires_at <= clock.now():
        return str(_("文件已到期，请重新导出。"))
    return ""


def of(staff: Staff) -> Any:
    """The person's own exports, the newest first."""
    return Export.objects.filter(asked_by=staff)


# -- Verbs -----------------------------------------------------------------------------------------


def ask(kind: str, format: str, query: QueryDict, *, purpose: str, by: Staff) -> Export:
    """Orders a file of a list as ``by`` sees it. Raises ExportRefused."""
    purpose = purpose.strip()
    if why := why_not_export(by, kind):
        raise ExportRefused(why)
    if len(purpose) < LEAST_PURPOSE:
        raise ExportRefused(_("请写明用途，至少%(n)s个字。") % {"n": LEAST_PURPOSE})
    try:
        listing = export_rows.listing(kind, by, query)
        total = listing.count()
    except NoSuchList:
        raise ExportRefused(_("没有这份清单，请回到列表再选。")) from None
    if not total:
        raise ExportRefused(_("这份清单现在是空的，没有可以导出的。"))
    now = clock.now()
    try:
        with transaction.atomic():
            row = Export.objects.create(
                kind=kind, format=format, query=_plain(query), title=listing.title[:200],
                purpose=purpose[:200], asked_by=by, asked_at=now, state_since=now, moved_at=now,
                total=total, attempt=1,
            )  # fmt: skip
            audit.record(
                "export.asked", by=by.user, thing=row, purpose=purpose, kind=kind, format=format,
                query=row.query, rows=total,
            )  # fmt: skip
            _hand_out(row)
            return row
    except IntegrityError:  # one at a time
        raise ExportRefused(_("您有一份导出正在生成，请等它完成或者先取消。")) from None


def cancel(row: Export, *, by: Staff) -> Export:
    """Stops one that is being made, or throws a finished file away. Raises ExportRefused."""
    with transaction.atomic():
        row = locks.fresh(row)
        if row.asked_by_id != by.pk:
            raise ExportRefused(_("只有导出的人自己可以取消。"))
        if row.state not in (*UNDER_WAY, states.EXPORT_READY):
            raise ExportRefused(_("这份导出已经结束，不用取消。"))
        workflow.advance(row, states.EXPORT_CANCELLED, by=by.user)
        audit.record("export.cancelled", by=by.user, thing=row, rows=row.done)
        _forget_file(row)
        return row


def download(row: Export, *, by: Staff) -> Iterator[bytes]:
    """The file, piece by piece; every download is recorded. Raises ExportRefused."""
    with transaction.atomic():
        row = locks.fresh(row)
        if why := why_not_download(by, row):
            raise ExportRefused(why)
        if not sealed_file.is_there(row.file):
            raise ExportRefused(_("我们这边出了问题，文件找不到了，请重新导出。"))
        row.downloads += 1
        row.save(update_fields=["downloads"])
        audit.record(
            "export.downloaded", by=by.user, thing=row, purpose=row.purpose, digest=row.digest,
            rows=row.done,
        )  # fmt: skip
    return sealed_file.read(row.file)


def sweep() -> int:
    """Takes up what a lost worker left; removes files whose time is over. How many of both."""
    now = clock.now()
    silent = now - timedelta(minutes=periods.of("export_stalled").value)
    lost = Export.objects.filter(state__in=UNDER_WAY, moved_at__lt=silent)
    over = Export.objects.filter(state=states.EXPORT_READY, expires_at__lte=now)
    return sum(map(_again, list(lost))) + sum(map(_expire, list(over)))


def _again(row: Export) -> bool:
    with transaction.atomic():
        row = locks.fresh(row)
        if row.state not in UNDER_WAY:
            return False
        if row.attempt >= _MOST_ATTEMPTS:
            workflow.advance(row, states.EXPORT_FAILED, by=WORKER)
            audit.record("export.failed", by=WORKER, thing=row, attempts=row.attempt)
            return True
        row.attempt += 1
        row.done, row.moved_at = 0, clock.now()
        row.save(update_fields=["attempt", "done", "moved_at"])
        _hand_out(row)
        return True


def _expire(row: Export) -> bool:
    with transaction.atomic():
        row = locks.fresh(row)
        if row.state != states.EXPORT_READY:
            return False
        workflow.advance(row, states.EXPORT_EXPIRED, by=WORKER)
        audit.record("export.expired", by=WORKER, thing=row)
        _forget_file(row)
        return True


def _hand_out(row: Export) -> None:
    from office import tasks  # tasks import the verbs

    tasks.make_export.delay_on_commit(row.pk, row.attempt)


def _forget_file(row: Export) -> None:
    name = row.file
    if name:
        transaction.on_commit(lambda: sealed_file.discard(name))


def _plain(query: QueryDict) -> dict[str, list[str]]:
    return {name: values for name, values in query.lists() if name not in ("page", "after")}


# -- A worker's part -------------------------------------------------------------------------------


def make(export_id: int, attempt: int) -> bool:
    """Writes the file; False where it was cancelled, is made, or another worker is at it."""
    row = _begun(export_id, attempt)
    if row is None:
        return False
    with translation.override("zh-hans"):
        book = None
        try:
            listing = export_rows.listing(row.kind, row.asked_by, asked(row))
            book = KINDS[row.format](watermark(row), listing.heads)
            _fill(book, listing, row)
            sealed, digest = book.close()
        except _Stopped:
            book.drop()  # type: ignore[union-attr]
            return False
        except BaseException:
            if book is not None:
                book.drop()
            raise
    return _finished(row, sealed.name, sealed.size, digest)


def asked(row: Export) -> QueryDict:
    """The filters as they stood in the address."""
    query = QueryDict(mutable=True)
    for name, values in row.query.items():
        query.setlist(name, values)
    return query


def watermark(row: Export) -> str:
    """The line that says who took the list out, when, why, and until when it may be kept."""
    until = row.asked_at + timedelta(days=periods.of("export_kept").value)
    staff = row.asked_by
    words = _(
        "导出%(number)s：%(who)s（%(where)s）于%(when)s导出，用途：%(why)s。%(until)s后请删除。"
    )
    return words % {
        "number": row.pk, "who": staff.name, "where": staff.bureau.name if staff.bureau else "",
        "when": display.day_time(row.asked_at), "why": row.purpose, "until": display.day(until),
    }  # fmt: skip


def _begun(export_id: int, attempt: int) -> Export | None:
    with transaction.atomic():
        row = Export.objects.select_for_update().filter(pk=export_id).first()
        if row is None or row.attempt != attempt or row.state not in UNDER_WAY:
            return None
        silent = clock.now() - timedelta(minutes=periods.of("export_stalled").value)
        if row.state == states.EXPORT_RUNNING and row.done and row.moved_at > silent:
            return None  # the message was given out twice
        if row.state == states.EXPORT_WAITING:
            workflow.advance(row, states.EXPORT_RUNNING, by=WORKER)
        Export.objects.filter(pk=row.pk).update(moved_at=clock.now())
    return Export.objects.select_related("asked_by__bureau", "asked_by__user").get(pk=row.pk)


def _fill(book: Book, listing: Listing, row: Export) -> None:
    """The rows; with each few the people in them get their line and the progress is written."""
    done = 0
    for cells, subjects, number in listing.chunks():
        for one in cells:
            book.add(one)
        done += number
        _noted(row, done, subjects)


def _noted(row: Export, done: int, subjects: list[str]) -> None:
    own = Export.objects.filter(pk=row.pk, attempt=row.attempt, state=states.EXPORT_RUNNING)
    with transaction.atomic():
        if not own.update(done=done, moved_at=clock.now()):
            raise _Stopped
        audit.record(
            "looked", by=row.asked_by.user, thing=row, subjects=subjects,
            purpose=_("导出：%(why)s") % {"why": row.purpose},
        )  # fmt: skip


def _finished(row: Export, name: str, size: int, digest: str) -> bool:
    with transaction.atomic():
        row = locks.fresh(row)
        if row.state != states.EXPORT_RUNNING:
            sealed_file.discard(name)
            return False
        row.file, row.size, row.digest = name, size, digest
        row.total = row.done
        row.expires_at = clock.now() + timedelta(days=periods.of("export_kept").value)
        row.save(update_fields=["file", "size", "digest", "total", "expires_at"])
        workflow.advance(row, states.EXPORT_READY, by=WORKER)
        audit.record(
            "export.made", by=WORKER, thing=row, rows=row.done, size=size, digest=digest
        )  # fmt: skip
        return True

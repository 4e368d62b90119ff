"""An import from upload to take-in: which column is which, the check, the dry run, the start.

Nothing of it writes a household; that is ``take_in``. Nobody is told anything by an import.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import has_role
from accounts.models import Staff
from accounts.roles import Role
from core import audit, clock, locks
from core.refusals import Refusal
from core.workflow import advance
from renewal import states
from renewal.models import StockEntry, StockImport
from renewal.stock import check, file
from renewal.stock.file import Fault, House

CHUNK = 200
_GOOD_FOR = timedelta(hours=24)
_ONCE = "stock_file_once"
Kind, State = StockEntry.Kind, StockEntry.State


class NotImported(Refusal):
    """The file cannot be read, checked or taken in now."""


def upload(content: bytes, *, file_name: str, by: Staff) -> StockImport:
    """Keeps a workbook and proposes which title is which column. Raises UnreadableFile,
    NotImported for a file that was taken in already."""
    refuse(why_not(by))
    digest = sha256(content).hexdigest()
    _refuse_again(digest)
    found = file.titles(content)
    earlier = StockImport.objects.exclude(mapping={}).defer("content", "faults").first()
    now = clock.now()
    with transaction.atomic():
        row = StockImport.objects.create(
            file_name=file_name[-120:], file_digest=digest, content=content, titles=found,
            mapping=file.proposed(found, earlier.mapping if earlier else {}), state_since=now,
            uploaded_by=by, uploaded_at=now,
        )  # fmt: skip
        audit.record("stock.uploaded", by=by.user, thing=row, digest=digest)
        return row


def judge(
    row: StockImport,
    mapping: Mapping[str, Mapping[str, str]],
    *,
    by: Staff,
    make_homes: bool = False,
) -> StockImport:
    """Checks every line by this mapping; households with a fault stay out of the take-in.

    Repeated with another mapping, the check is made anew. Raises NotImported, UnreadableFile.
    """
    with transaction.atomic():
        here = locks.fresh(row)
        refuse(why_not_judge(here, by))
        given = {sheet: dict(mapping.get(sheet, {})) for sheet in file.COLUMNS}
        if missing := file.unmapped(given):
            words = "、".join(f"{sheet}·{column}" for sheet, column in missing)
            raise NotImported(_("这些列还没有对应：%(columns)s。") % {"columns": words})
        said, strays = file.read(here.content or b"", given)
        houses = [file.house(one, clock.today()) for one in said]
        _refuse_own(houses, by)
        faults = _faults(houses, strays, make_homes)
        here.mapping, here.make_homes, here.checked_at = given, make_homes, clock.now()
        here.faults, here.fault_count = [asdict(one) for one in faults], len(faults)
        here.rehearsal, here.rehearsed_at = {}, None
        here.save()
        _write_entries(here, list(zip(said, houses, strict=True)), faults)
        here = advance(here, states.S_CHECKED, by=by.user)
        audit.record(
            "stock.checked", by=by.user, thing=here, households=len(houses), faults=len(faults),
            make_homes=make_homes,
        )  # fmt: skip
        return here


def start(row: StockImport, *, by: Staff) -> StockImport:
    """Begins to take in, in the background, or goes on where it stopped. Raises NotImported."""
    try:
        with transaction.atomic():
            here = locks.fresh(row)
            if here.state == states.S_RUNNING:
                return here
            refuse(why_not_start(here, by))
            _refuse_again(here.file_digest, but=here.pk)
            here.started_by, here.content = by, None
            here.save(update_fields=["started_by", "content"])
            here = advance(here, states.S_RUNNING, by=by.user)
            audit.record("stock.started", by=by.user, thing=here)
            _set_going(here.pk)
            return here
    except IntegrityError as error:
        if _ONCE in str(error):
            raise NotImported(_again()) from error
        raise


def stop(row: StockImport, *, by: Staff) -> StockImport:
    """Stops after the chunk under way; what was taken in stays. Stopped before, it is returned."""
    with transaction.atomic():
        here = locks.fresh(row)
        refuse(why_not(by))
        if here.state in (states.S_STOPPED, states.S_DONE):
            return here
        return advance(here, states.S_STOPPED, by=by.user)


def discard(row: StockImport, *, by: Staff) -> StockImport:
    """Puts an upload aside with everything that was read from it."""
    with transaction.atomic():
        here = locks.fresh(row)
        refuse(why_not(by))
        if here.state == states.S_DISCARDED:
            return here
        here = advance(here, states.S_DISCARDED, by=by.user)
        here.entries.all().delete()
        here.content, here.faults = None, []
        here.save(update_fields=["content", "faults"])
        return here


def why_not(staff: Staff) -> str:
    """Why this person may not import the stock at all."""
    if has_role(staff.user, Role.ADMIN):
        return ""
    return _("存量家庭由住房保障管理中心的业务管理岗位导入。")


def why_not_judge(row: StockImport, staff: Staff) -> str:
    """Why this file cannot be checked (again)."""
    if why := why_not(staff):
        return why
    if row.state not in (states.S_UPLOADED, states.S_CHECKED) or row.content is None:
        return str(row.STATES[row.state].line)
    return ""


def why_not_start(row: StockImport, staff: Staff) -> str:
    """Why this file cannot be taken in now by this person. Button and verb ask this."""
    if why := why_not(staff):
        return why
    if row.state not in (states.S_CHECKED, states.S_STOPPED):
        return str(row.STATES[row.state].line)
    if not row.entries.filter(state=State.READY).exists():
        return _("没有可以导入的家庭。请改好以后重新上传。")
    checked_at: Any = row.checked_at
    if row.state == states.S_CHECKED and clock.now() >= checked_at + _GOOD_FOR:
        return _("核对已经过了24小时，请重新核对。")
    return ""


def faults_of(row: StockImport) -> list[Fault]:
    """What is to be mended: from the check, and what came up when its turn came."""
    late = row.entries.filter(state=State.REFUSED).values_list("faults", flat=True)
    return [Fault(**one) for one in (*row.faults, *(each for some in late for each in some))]


def _faults(houses: list[House], strays: list[Fault], make_homes: bool) -> list[Fault]:
    found = [one for house in houses for one in house.faults]
    found += check.within(houses, strays)
    wrong = {(one.sheet, one.row, one.column) for one in found}
    for some in _chunks(houses):
        here = check.known(some)
        for house in some:
            for one in check.standing(house, here, make_homes=make_homes):
                if (one.sheet, one.row, one.column) not in wrong:
                    found.append(one)
    return sorted(found, key=lambda one: (one.sheet != file.HOUSES, one.row, one.column))


def _write_entries(
    row: StockImport, read: list[tuple[dict[str, object], House]], faults: list[Fault]
) -> None:
    wrong = {(one.sheet, one.row) for one in faults}
    row.entries.all().delete()
    StockEntry.objects.bulk_create(
        (
            StockEntry(
                source=row, row=house.row, household_no=house.no[:40], said=said,
                arrears=house.arrears,
                kind=Kind.EVER if house.ever else Kind.IN_FORCE,
                state=State.FAULTY if wrong & _places(said) else State.READY,
            )
            for said, house in read
        ),
        batch_size=500,
    )  # fmt: skip


def _places(said: dict[str, object]) -> set[tuple[str, int]]:
    lines: list[dict[str, int]] = said[file.PEOPLE]  # type: ignore[assignment]
    head: dict[str, int] = said[file.HOUSES]  # type: ignore[assignment]
    return {(file.HOUSES, head["row"]), *((file.PEOPLE, one["row"]) for one in lines)}


def _refuse_own(houses: list[House], staff: Staff) -> None:
    keys = {check.index_of(one) for house in houses for one in house.people if one.id_number}
    if staff.id_index and staff.id_index in keys:
        raise NotImported(_("这份清单涉及您本人或家人，按回避规定请由同事办理。"))


def refuse(why: str) -> None:
    """Raises NotImported where there is a reason."""
    if why:
        raise NotImported(why)


def _refuse_again(digest: str, but: int = 0) -> None:
    taken = (states.S_RUNNING, states.S_STOPPED, states.S_DONE)
    same = StockImport.objects.filter(file_digest=digest, state__in=taken).exclude(pk=but)
    if same.exists():
        raise NotImported(_again(), "file")


def _again() -> str:
    return _("这份文件已经导入过，没有再导入任何家庭。")


def _chunks(houses: list[House]) -> Iterator[list[House]]:
    return (houses[at : at + CHUNK] for at in range(0, len(houses), CHUNK))


def _set_going(pk: int) -> None:
    """A broker that is away loses nothing: the entries are there, and the sweeper finds them."""
    from renewal import tasks_stock  # tasks import this room

    transaction.on_commit(lambda: tasks_stock.take_in.delay(pk), robust=True)

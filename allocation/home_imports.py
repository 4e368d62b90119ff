"""房源导入: a file checked line by line, taken in whole, taken back while nothing was done with it.

A preview writes no home. What it said is judged anew in the transaction that imports; a preview
that no longer holds, or is too old, is refused and nothing of it is taken in.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import has_role
from accounts.models import Staff
from accounts.roles import Role
from allocation import home_file, states
from allocation.home_file import Listed
from allocation.models import (
    Estate,
    Home,
    HomeHold,
    HomeImport,
    HomePicture,
    Inspection,
    Lease,
    Offer,
    Retirement,
    Round,
)
from applications import periods, table_file
from applications.table_file import Problem
from core import audit, clock, display, locks
from core.models import Transition
from core.refusals import Refusal
from core.workflow import advance

_ONCE = "home_file_imported_once"
_ADDRESS = ("home_once_per_address", "allocation_home_code")
_NAMED = 5  # codes named in one sentence


class NotImported(Refusal):
    """The file cannot be taken in; no home of it was."""


class NotUndone(Refusal):
    """The import cannot be taken back; every home of it stays."""


def check(content: bytes, *, file_name: str, by: Staff) -> HomeImport:
    """Reads a file and keeps its preview; no home is written by that.

    Raises UnreadableFile, and NotImported for a file that was imported already.
    """
    if why := why_not(by):
        raise NotImported(why)
    digest = sha256(content).hexdigest()
    _refuse_again(digest)
    homes, problems = home_file.read(content)
    problems += standing(homes, {(one.row, one.column) for one in problems})
    problems.sort(key=lambda one: (one.row, one.column))
    now = clock.now()
    with transaction.atomic():
        row = HomeImport.objects.create(
            file_name=file_name[-120:], file_digest=digest, rows=table_file.plain(homes),
            row_count=len(homes), problems=table_file.plain(problems),
            problem_count=len(problems), state_since=now, uploaded_by=by, uploaded_at=now,
        )  # fmt: skip
        audit.record(
            "homes.checked", by=by.user, thing=row, digest=digest, homes=len(homes),
            problems=len(problems),
        )  # fmt: skip
        return row


def take_in(row: HomeImport, *, by: Staff) -> HomeImport:
    """Imports every home of a checked file, as 已筹集; imported before, it is returned.

    Raises NotImported; then no home was imported.
    """
    try:
        with transaction.atomic():
            return _take_in(locks.fresh(row), by)
    except IntegrityError as error:
        if _ONCE in str(error):
            raise NotImported(_again()) from error
        if any(name in str(error) for name in _ADDRESS):
            raise NotImported(
                _("刚才有同事导入了其中的房源。一套都没有导入，请重新上传核对。")
            ) from error
        raise


def why_not_take_in(row: HomeImport, staff: Staff) -> str:
    """Why this preview cannot be imported by this person. Button and verb ask this."""
    if why := why_not(staff):
        return why
    if row.state != states.I_CHECKED:
        return str(row.STATES[row.state].line)
    if row.problem_count:
        return _("清单里还有%(n)d处要改，一套都没有导入。") % {"n": row.problem_count}
    if clock.now() >= good_until(row):
        return _("这份预览已经过了%(n)d小时，请重新上传核对。") % {
            "n": periods.of("home_import_preview").value
        }
    return ""


def good_until(row: HomeImport) -> datetime:
    """The moment from which a preview is too old to be confirmed."""
    return row.uploaded_at + timedelta(hours=periods.of("home_import_preview").value)


def discard(row: HomeImport, *, by: Staff) -> HomeImport:
    """Puts a preview aside; discarded before, it is returned. Raises NotImported."""
    with transaction.atomic():
        here = locks.fresh(row)
        if why := why_not(by):
            raise NotImported(why)
        if here.state == states.I_DISCARDED:
            return here
        return advance(here, states.I_DISCARDED, by=by.user)


def undo(row: HomeImport, *, by: Staff, reason: str) -> HomeImport:
    """Takes every home of an import back, while none of them was used. Raises NotUndone."""
    with transaction.atomic():
        here = locks.fresh(row)
        if here.state == states.I_UNDONE:
            return here
        homes = here.homes.select_for_update().order_by("pk")
        gone = [home.code for home in homes]  # locked: nobody begins to use one now
        if why := why_not_undo(here, by):
            raise NotUndone(why)
        if not reason.strip():
            raise NotUndone(_("请写明为什么撤销，记录里会留着。"), "reason")
        here.undone_by, here.undone_at, here.undo_reason = by, clock.now(), reason.strip()[:400]
        here.save(update_fields=["undone_by", "undone_at", "undo_reason"])
        here.homes.all().delete()
        here = advance(here, states.I_UNDONE, by=by.user, reason=reason.strip())
        audit.record(
            "homes.import_undone", by=by.user, thing=here, homes=len(gone),
            codes=gone, reason=here.undo_reason,
        )  # fmt: skip
        return here


def why_not_undo(row: HomeImport, staff: Staff) -> str:
    """Why this import cannot be taken back by this person."""
    if why := why_not(staff):
        return why
    if row.state != states.I_IMPORTED:
        return str(row.STATES[row.state].line)
    busy = list(used(row).values_list("code", flat=True)[: _NAMED + 1])
    if busy:
        return _("这些房源已经用过，不能撤销：%(codes)s。需要的话，请让它们退出使用。") % {
            "codes": display.listed(busy[:_NAMED])
        }
    return ""


def used(row: HomeImport) -> QuerySet[Home]:
    """Homes of an import with which something was done since."""
    here = OuterRef("pk")
    traces = [
        Exists(model.objects.filter(home=here))
        for model in (Inspection, HomeHold, HomePicture, Retirement, Offer, Lease)
    ]
    moved = Transition.objects.filter(thing_type=Home._meta.label_lower, thing_id=here)
    touched = ~Q(state=states.H_ACQUIRED) | Q(Exists(moved))
    touched |= Q(Exists(Round.objects.filter(homes=here)))
    for trace in traces:
        touched |= Q(trace)
    return row.homes.filter(touched).order_by("code")


def homes_of(row: HomeImport) -> list[Listed]:
    """The lines of the file as they were read."""
    return [Listed(**one) for one in row.rows]


def problems_of(row: HomeImport) -> list[Problem]:
    """What is to be mended."""
    return [Problem(**one) for one in row.problems]


def why_not(staff: Staff) -> str:
    """Why this person may not import homes at all."""
    if has_role(staff.user, Role.ADMIN):
        return ""
    return _("房源由住房保障管理中心的业务管理岗位登记。")


def standing(homes: list[Listed], wrong: set[tuple[int, str]]) -> list[Problem]:
    """What the platform knows against lines: no such estate, an address that is taken.

    ``wrong`` are cells that were complained of already.
    """
    estates = {one.code: one.pk for one in Estate.objects.all()}
    taken = set(
        Home.objects.filter(estate__code__in={one.estate for one in homes}).values_list(
            "estate__code", "building", "unit", "room"
        )
    )
    codes = set(Home.objects.filter(code__in=[one.code for one in homes]).values_list(
        "code", flat=True
    ))  # fmt: skip
    found = []
    for one in homes:
        address = (one.estate, one.building, one.unit, one.room)
        if one.estate and one.estate not in estates:
            what = _("没有编号「%(code)s」的小区。") % {"code": one.estate[:30]}
            mend = _("先登记这个小区，或照模板的第三张表填写。")
            found.append(Problem(one.row, home_file.ESTATE, what, mend, of_cell=False))
        elif address in taken or one.code in codes:
            what = _("%(code)s已经登记过。") % {"code": one.code}
            mend = _("请删去这一行。")
            found.append(Problem(one.row, home_file.ROOM, what, mend, of_cell=False))
    return [one for one in found if (one.row, one.column) not in wrong]


# -- Parts -------------------------------------------------------------------------------------


def _take_in(row: HomeImport, by: Staff) -> HomeImport:
    if row.state == states.I_IMPORTED:
        return row
    if why := why_not_take_in(row, by):
        raise NotImported(why)
    locks.advisory("homes are imported")  # two files with one address wait for each other
    _refuse_again(row.file_digest)
    homes = homes_of(row)
    if changed := standing(homes, set()):
        first = changed[0]
        raise NotImported(
            _("核对以后房源又有变化：第%(row)d行，%(what)s一套都没有导入，请重新上传核对。")
            % {"row": first.row, "what": first.what}
        )
    estates = {one.code: one for one in Estate.objects.all()}
    now = clock.now()
    Home.objects.bulk_create(
        [_home(row, one, estates[one.estate], now) for one in homes], batch_size=1000
    )
    row.imported_by = by
    row.save(update_fields=["imported_by"])
    row = advance(row, states.I_IMPORTED, by=by.user)
    audit.record("homes.imported", by=by.user, thing=row, homes=len(homes), digest=row.file_digest)
    return row


def _home(row: HomeImport, one: Listed, estate: Estate, now: datetime) -> Home:
    return Home(
        code=one.code, estate=estate, building=one.building, unit=one.unit, room=one.room,
        floor=one.floor, unit_type=one.unit_type, area=Decimal(one.area),
        orientation=one.orientation, accessible=one.accessible, state=states.H_ACQUIRED,
        state_since=now, source_import=row,
    )  # fmt: skip


def _refuse_again(digest: str) -> None:
    if HomeImport.objects.filter(file_digest=digest, state=states.I_IMPORTED).exists():
        raise NotImported(_again(), "file")


def _again() -> str:
    return _("这份文件已经导入过，一套都没有再导入。")

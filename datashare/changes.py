"""变更流 what has changed in the registers, by days: the front door of the gateway's feed.

The feed is asked about days and tells of everybody. Whoever reads it names a duty that covers the
kinds of change, and the people it is about (`about`: blind index → case). Everybody else's rows
are dropped after one comparison of their index: they are kept nowhere, counted and forgotten.

`take` reads on from a cursor in the database. A page, what was kept of it and the cursor's next
place are one transaction, so that a reader killed anywhere neither loses nor repeats a page. The
days just past are read again each night, because departments enter things late; the numbers of
what was taken tell what is new. A feed that is silent is read from where it stopped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, clock, locks
from core.identity.ciphers import blind_index
from core.identity.numbers import is_valid, normalise
from datashare import asking, queries
from datashare.cells import Row, Unreadable
from datashare.duties import DUTIES
from datashare.gateway.client import Answer, Evidence
from datashare.gateway.engine import engine
from datashare.gateway.faults import NOT_ASKED
from datashare.gateway.interfaces import FEED
from datashare.gateway.kept import session
from datashare.models import Call, ChangeTaken, FeedCursor
from datashare.questions import Purpose, PurposeMissing

log = logging.getLogger(__name__)
PAGE = 500  # rows a page
AGAIN = 7  # days that are read again each night: departments enter things late [assumed]
MAX_WAIT = 30.0  # seconds a page may wait for its place in the quota
MOST_PAGES = 10_000  # of one day; more is no day
KEEP_NUMBERS = timedelta(days=60)  # how long the number of a taken change is remembered

# the feed's code list [assumed] → what happened
KINDS: dict[str, str] = {
    "01": "birth", "02": "death", "03": "marriage", "04": "divorce", "05": "moved_out",
    "11": "presale", "12": "resale", "13": "home_gained", "14": "home_left",
    "21": "job_begun", "22": "job_ended", "31": "aid_granted", "32": "aid_ended",
    "41": "company", "51": "disability", "61": "car", "71": "benefit",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """变更 one change of one person at one register. `number` is the feed's own and stays."""

    number: str
    on: date
    kind: str
    person_index: str
    source: str
    case_no: str = ""  # of whom it is about, as `about` says
    name: str = field(default="", repr=False)
    id_number: str = field(default="", repr=False)
    what: str = field(default="", repr=False)
    about: str = field(default="", repr=False)  # number of another person concerned: child, spouse


class FeedSilent(Exception):
    """The feed did not answer, or not with anything that can be used; `kind` names the fault."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(slots=True)
class Taken:
    """What a stretch of reading came to."""

    pages: int = 0
    rows: int = 0
    kept: int = 0
    unreadable: int = 0
    silent: str = ""  # the kind of fault that ended it
    done: bool = False  # every day up to the last one is read


@dataclass(frozen=True, slots=True)
class _Page:
    answer: Answer
    started_at: Any
    found: list[Change]
    unreadable: int

    @property
    def is_last_of(self) -> int:
        return max(1, self.answer.pages)


# -- Reading days whole ----------------------------------------------------------------------------


def since(
    day_from: date,
    day_to: date,
    *,
    by: Any,
    purpose: Purpose,
    kinds: Collection[str] = (),
    about: Mapping[str, str] | None = None,
) -> list[Change]:
    """The changes of these days, both included, of the kinds that the purpose's duty covers.

    `kinds` narrows them; `about` (blind index → case) drops everybody else unread. Each page stands
    in the call log, and each change that is returned with its person. Raises PurposeMissing,
    AskedInTransaction, and FeedSilent where a page did not come: a part would be a wrong answer.
    """
    wanted = _authorised(purpose, by, kinds)
    found: list[Change] = []
    for day in _days(day_from, day_to):
        number, seen = 1, 0
        while True:
            page = _ask(day, number, wanted, purpose, by, about)
            seen += len(page.answer.rows)
            fault = _fault_of(page, seen, number)
            with transaction.atomic():
                _log_page(page, purpose, by, fault)
                _log_kept([] if fault else page.found, page, purpose, by)
            if fault:
                raise FeedSilent(fault)
            found += page.found
            if number >= page.is_last_of:
                break
            number += 1
    return list({one.number: one for one in found}.values())


# -- Reading on, night after night -----------------------------------------------------------------


def take(
    reader: str,
    *,
    until: date,
    by: Any,
    purpose: Purpose,
    about: Mapping[str, str],
    keep: Callable[[list[Change]], None],
    kinds: Collection[str] = (),
    seconds: float = 40.0,
) -> Taken:
    """Reads on up to a day, `until` included, for some seconds; `done` says whether it got there.

    `keep` is called with the new changes of a page about somebody of `about`, in the transaction
    that moves the cursor: what it raises leaves the page to be read again. Two readers of one name
    at once do each other's work once. Raises PurposeMissing and AskedInTransaction.
    """
    wanted = _authorised(purpose, by, kinds)
    end, sum_ = time.monotonic() + seconds, Taken()
    while time.monotonic() < end:
        cursor = _cursor(reader, until)
        if cursor.day > cursor.goal:
            sum_.done = True
            break
        page = _ask(cursor.day, cursor.page, wanted, purpose, by, about)
        if not _write(cursor, page, keep, purpose, by, sum_):
            break
    return sum_


def standing(reader: str) -> FeedCursor | None:
    """How far a reader has come, and since when the feed is silent; None before its first night."""
    return FeedCursor.objects.filter(reader=reader).first()


def is_read(reader: str, until: date) -> bool:
    """Whether every day up to this one has been read."""
    row = standing(reader)
    return row is not None and row.goal >= until and row.day > row.goal


def _cursor(reader: str, until: date) -> FeedCursor:
    """The place to read from: on with the walk that is under way, or the next night's."""
    first = until - timedelta(days=AGAIN - 1)
    with transaction.atomic():
        FeedCursor.objects.get_or_create(reader=reader, defaults={"day": first, "goal": until})
        row = FeedCursor.objects.select_for_update().get(reader=reader)
        if row.goal < until:
            if row.day > row.goal:  # that walk is over: this night begins some days back
                row.day = row.goal + timedelta(days=1 - AGAIN)
                row.page, row.seen = 1, 0
            row.goal = until
            row.save(update_fields=["day", "page", "seen", "goal"])
        return row


def _write(
    cursor: FeedCursor,
    page: _Page,
    keep: Callable[[list[Change]], None],
    purpose: Purpose,
    by: Any,
    sum_: Taken,
) -> bool:
    """Keeps a page and moves the cursor, both or neither; False where reading has to stop."""
    with transaction.atomic():
        row = locks.fresh(cursor)
        if (row.day, row.page) != (cursor.day, cursor.page):
            _log_page(page, purpose, by, page.answer.fault)
            return True  # another reader has taken this page meanwhile
        rows = len(page.answer.rows)
        fault = _fault_of(page, row.seen + rows, row.page)
        _log_page(page, purpose, by, fault)
        if fault:
            _note_silence(row, fault)
            sum_.silent = fault
            return False
        new = _not_taken(row.reader, page.found)
        keep(new)
        _log_kept(new, page, purpose, by)
        if page.unreadable:
            log.warning("%s rows of the change feed could not be read", page.unreadable)
            audit.record("changes.unreadable", by=by, purpose=purpose.matter, rows=page.unreadable)
        _move_on(row, rows, page.is_last_of)
    sum_.pages += 1
    sum_.rows += rows
    sum_.kept += len(new)
    sum_.unreadable += page.unreadable
    return True


def _move_on(row: FeedCursor, rows: int, pages: int) -> None:
    if row.page < pages:
        row.page, row.seen = row.page + 1, row.seen + rows
    else:
        row.day, row.page, row.seen = row.day + timedelta(days=1), 1, 0
    row.read_at, row.error, row.silent_since = clock.now(), "", None
    row.save()
    ChangeTaken.objects.filter(reader=row.reader, on__lt=row.day - KEEP_NUMBERS).delete()


def _note_silence(row: FeedCursor, fault: str) -> None:
    """Where it stopped it goes on; a day whose pages do not add up is read from its first page.

    What was never sent (our own share of the quota, our own store) is nobody's silence.
    """
    if fault in NOT_ASKED:
        return
    if fault == "pages":
        row.page, row.seen = 1, 0
    row.error, row.silent_since = fault[:24], row.silent_since or clock.now()
    row.save()


def _not_taken(reader: str, found: list[Change]) -> list[Change]:
    """Those of a page that were never taken, and are from now on."""
    by_number = {one.number: one for one in found}
    known = set(
        ChangeTaken.objects.filter(reader=reader, number__in=by_number).values_list(
            "number", flat=True
        )
    )
    new = [one for number, one in by_number.items() if number not in known]
    ChangeTaken.objects.bulk_create(
        ChangeTaken(reader=reader, number=one.number, on=one.on) for one in new
    )
    return new


# -- Authority -------------------------------------------------------------------------------------


def _authorised(purpose: Purpose, by: Any, kinds: Collection[str]) -> frozenset[str]:
    """The kinds that may be read. Raises PurposeMissing for a duty that does not cover them."""
    purpose.refuse_if_incomplete(audit.label(by))
    authority, _colon, named = purpose.basis.partition(":")
    duty = DUTIES.get(named) if authority == "duty" else None
    if duty is None or not duty.changes:
        raise PurposeMissing(_("读取变更流必须有明确的法定职责。"))
    wanted = frozenset(kinds) or duty.changes
    if not wanted <= duty.changes:
        raise PurposeMissing(_("法定职责“%(duty)s”不包括读取这些变更。") % {"duty": duty.name})
    queries.refuse_in_transaction()
    return wanted


# -- One page --------------------------------------------------------------------------------------


def _ask(
    day: date,
    number: int,
    kinds: frozenset[str],
    purpose: Purpose,
    by: Any,
    about: Mapping[str, str] | None,
) -> _Page:
    """One page of one day from the wire, read."""
    began = clock.now()
    answer = Answer(fault="dry_run") if settings.DATASHARE_DRY_RUN else _call(
        {"ksrq": day.isoformat(), "jsrq": day.isoformat(), "pageNo": str(number),
         "pageSize": str(PAGE), "bglx": ",".join(sorted(_codes(kinds)))},
        purpose, audit.label(by)[:80],
    )  # fmt: skip
    found, unreadable = [], 0
    for raw in answer.rows:
        try:
            change = _read(raw, kinds, about)
        except Unreadable:
            unreadable += 1
            continue
        if change is not None:
            found.append(change)
    return _Page(answer, began, found, unreadable)


def _call(params: dict[str, str], purpose: Purpose, operator: str) -> Answer:
    here, store = asking.site(), settings.REDIS_URL
    interface = here.interface(FEED)
    # nobody is asked about, and nobody applies: the office itself stands as the one who asks
    evidence = Evidence(
        interface.matter or purpose.matter, purpose.case_no, operator,
        purpose.material or "变更订阅", str(_("区住房保障管理中心")), here.app_key,
    )  # fmt: skip

    async def go() -> Answer:
        async with session(here, store) as gateway:
            return await gateway.call(
                FEED, params, evidence, max_wait=MAX_WAIT, bulk=True, one_page=True
            )

    return engine().submit(go()).result(MAX_WAIT * 4)


def _read(
    raw: Mapping[str, Any], kinds: frozenset[str], about: Mapping[str, str] | None
) -> Change | None:
    """A row about somebody who is wanted; None for everybody else. Raises Unreadable."""
    number = normalise(str(raw.get("sfzh") or ""))
    if not is_valid(number):
        raise Unreadable("sfzh")
    index = blind_index(number)
    if about is not None and index not in about:
        return None  # nothing more of it is read
    row = Row(raw)
    kind, on, own = KINDS.get(row.text("bglx"), ""), row.day("bgrq"), row.text("bgbh")
    if on is None or not own:
        raise Unreadable("bgrq" if on is None else "bgbh")
    if kind not in kinds:
        return None
    return Change(
        number=own[:64], on=on, kind=kind, person_index=index, source=row.text("sjly")[:30],
        case_no=about[index] if about is not None else "", name=row.text("xm")[:60],
        id_number=number, what=row.text("bgsm")[:200], about=row.text("xgzjh")[:18],
    )  # fmt: skip


def _fault_of(page: _Page, seen: int, number: int) -> str:
    """Why a page cannot be used: its fault, or a day whose pages do not add up."""
    if page.answer.fault:
        return page.answer.fault
    rows, total = len(page.answer.rows), page.answer.total
    if rows and page.unreadable == rows:
        return "unreadable"
    if number > MOST_PAGES or (number >= page.is_last_of and total and seen != total):
        return "pages"
    return ""


def _codes(kinds: frozenset[str]) -> Iterator[str]:
    return (code for code, kind in KINDS.items() if kind in kinds)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


# -- The log ---------------------------------------------------------------------------------------


def _log_page(page: _Page, purpose: Purpose, by: Any, fault: str) -> None:
    """One line a page: it is about days, so nobody stands in it."""
    answer = page.answer
    if fault == "dry_run":  # nobody was asked
        log.info("would ask the change feed for a page")
        return
    outcome = Call.Outcome.FOUND if answer.rows else Call.Outcome.NO_RECORD
    Call.objects.create(
        **_same(page, purpose, by), source=FEED, case_no=purpose.case_no[:40], person_index="",
        outcome=Call.Outcome.UNAVAILABLE if fault else outcome,
        error_kind=fault[:24], row_count=len(answer.rows), attempts=answer.attempts,
    )  # fmt: skip


def _log_kept(found: list[Change], page: _Page, purpose: Purpose, by: Any) -> None:
    """A line for each change that somebody goes on with, so that its person can read of it."""
    same = _same(page, purpose, by)
    Call.objects.bulk_create(
        Call(
            **same, source=one.source or FEED, case_no=(one.case_no or purpose.case_no)[:40],
            person_index=one.person_index, outcome=Call.Outcome.FOUND, row_count=1, attempts=0,
        )
        for one in found
    )  # fmt: skip


def _same(page: _Page, purpose: Purpose, by: Any) -> dict[str, Any]:
    return {
        "purpose": purpose.matter[:120], "basis": purpose.basis[:120],
        "by": audit.label(by)[:80], "started_at": page.started_at,
        "duration_ms": page.answer.duration_ms, "request_id": page.answer.request_id[:64],
    }  # fmt: skip

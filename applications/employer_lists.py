"""An employer's list of staff (单位代办名单, 令11号 §8): checked line by line, imported whole.

The employer may apply for its staff; it cannot agree for them. So each line becomes a draft with
an invitation, and nothing is asked of any register until the person has agreed. Why it is so
stands in docs/adr/0017.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Bureau, Staff
from applications import case_numbers, consent, employer_file, notice_texts, states, table_file
from applications.employer_file import Listed
from applications.models import (
    Application,
    Ban,
    Benefit,
    EmployerEntry,
    EmployerList,
    Member,
)
from applications.models.household import tail_index
from applications.table_file import Problem
from core import audit, clock, locks, notices, workflow
from core.identity import ciphers, names
from core.refusals import Refusal

WORKER = audit.System("worker")
_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z
_CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CHUNK = 500  # people named by one audit entry
_BATCH = 100  # invitations of one transaction


class NotImported(Refusal):
    """The list cannot be taken in; nobody of it was."""


def streets() -> dict[str, str]:
    """Names of the streets, with who else runs them."""
    return dict(Bureau.objects.streets().values_list("name", "jurisdiction"))


def is_credit_code(code: str) -> bool:
    """Whether it is a unified social credit code (统一社会信用代码, GB 32100-2015)."""
    if not _CODE.fullmatch(code):
        return False
    total = sum(
        _CODE_SIGNS.index(sign) * weight
        for sign, weight in zip(code[:17], _CODE_WEIGHTS, strict=True)
    )
    return _CODE_SIGNS[(31 - total % 31) % 31] == code[17]


def check(
    content: bytes,
    *,
    employer: str,
    credit_code: str,
    contact: str,
    contact_phone: str,
    file_name: str,
    by: Staff,
) -> EmployerList:
    """Reads a file and keeps it with its report; nobody is imported by that.

    Raises UnreadableFile, and NotImported where the clerk stands on the list.
    """
    people, problems = employer_file.read(content, streets())
    problems += _standing(people)
    _refuse_own(people, by)
    with transaction.atomic():
        row = EmployerList.objects.create(
            bureau=by.bureau, employer=employer.strip()[:80], credit_code=credit_code,
            contact=contact.strip()[:40], contact_phone=contact_phone,
            file_name=file_name[-120:], file_digest=sha256(content).hexdigest(),
            rows=table_file.plain(people), row_count=len(people),
            problems=table_file.plain(problems), problem_count=len(problems),
            uploaded_by=by, uploaded_at=clock.now(),
        )  # fmt: skip
        audit.record(
            "employer.checked", by=by.user, thing=row, employer=row.employer,
            digest=row.file_digest, people=len(people), problems=len(problems),
        )  # fmt: skip
        return row


def check_again(row: EmployerList) -> EmployerList:
    """Judges a list that waited: somebody on it may stand in a case by now."""
    with transaction.atomic():
        row = locks.fresh(row)
        if row.state == states.LIST_CHECKED:
            people = people_of(row)
            kept = [one for one in problems_of(row) if one.of_cell]
            found = [*kept, *_standing(people)]
            row.problems, row.problem_count = table_file.plain(found), len(found)
            row.save(update_fields=["problems", "problem_count"])
        return row


def take_in(row: EmployerList, *, by: Staff) -> EmployerList:
    """Imports the list whole: a draft and an entry for each line; imported before, it is returned.

    Raises NotImported; then nobody was imported.
    """
    with transaction.atomic():
        row = locks.fresh(row)
        if row.state == states.LIST_IMPORTED:
            return row
        people = people_of(row)
        if why := why_not_take_in(row, by):
            raise NotImported(why)
        _refuse_own(people, by)
        locks.advisory("employer list", row.credit_code)
        if wrong := _standing(people):
            raise NotImported(
                _("核对以后名单又有变化：第%(row)d行。一个人都没有导入，请重新核对。")
                % {"row": wrong[0].row}
            )
        _write(row, people, by)
        row = workflow.advance(row, states.LIST_IMPORTED, by=by.user)
        row.imported_by, row.rows = by, []
        row.save(update_fields=["imported_by", "rows"])
        _record(row, people, by)
        _send_invitations(row.pk)
        return row


def why_not_take_in(row: EmployerList, staff: Staff) -> str:
    """Why the list cannot be imported by this clerk. Button and verb ask this."""
    if row.bureau_id != staff.bureau_id:
        return _("这份名单由别的窗口单位办理。")
    if row.state != states.LIST_CHECKED:
        return str(row.STATES[row.state].line)
    if row.problem_count:
        return _("名单里还有%(n)d处要改，一个人都没有导入。") % {"n": row.problem_count}
    return ""


def discard(row: EmployerList, *, by: Staff) -> EmployerList:
    """Puts a list aside that is not wanted; what was read of it is forgotten."""
    with transaction.atomic():
        row = locks.fresh(row)
        if row.bureau_id != by.bureau_id:
            raise NotImported(_("这份名单由别的窗口单位办理。"))
        if row.state == states.LIST_DISCARDED:
            return row
        row = workflow.advance(row, states.LIST_DISCARDED, by=by.user)
        row.rows = row.problems = []
        row.save(update_fields=["rows", "problems"])
        return row


def invite(list_id: int, limit: int = _BATCH) -> int:
    """Sends invitations to people of a list who have a phone; returns how many. Safe to repeat."""
    with transaction.atomic():
        rows = EmployerEntry.objects.filter(list_id=list_id, invited_at=None)
        waiting = rows.exclude(application__members__phone__isnull=True)
        entries = list(
            waiting.select_for_update(skip_locked=True, of=("self",)).order_by("row")[:limit]
        )
        for entry in entries:
            person = entry.application.applicant
            if entry.application.state == states.DRAFT:
                notices.tell(
                    person.id_index, notice_texts.EMPLOYER_INVITED, by=WORKER,
                    phone=person.phone or "", code=consent.code_for(person),
                )  # fmt: skip
            entry.invited_at = clock.now()
            entry.save(update_fields=["invited_at"])
        return len(entries)


def sweep() -> int:
    """Invites what a lost worker or a silent broker left; returns how many."""
    waiting = EmployerEntry.objects.filter(invited_at=None)
    waiting = waiting.exclude(application__members__phone__isnull=True)
    return sum(invite(pk) for pk in set(waiting.values_list("list_id", flat=True)[:_BATCH]))


def note_look(row: EmployerList, people: list[Listed], *, by: Any, purpose: str) -> None:
    """Records that somebody read these lines; each person finds it under 谁查过我的数据."""
    keys = [ciphers.blind_index(one.id_number) for one in people if one.id_number]
    for some in _chunks(keys):
        audit.looked(row, by=by, purpose=purpose, subjects=some)


def people_of(row: EmployerList) -> list[Listed]:
    """The lines as they were read; empty once the list was imported or put aside."""
    return [Listed(**one) for one in row.rows]


def problems_of(row: EmployerList) -> list[Problem]:
    """What is to be mended."""
    return [Problem(**one) for one in row.problems]


# -- Parts -------------------------------------------------------------------------------------


def _standing(people: list[Listed]) -> list[Problem]:
    """Lines whose person is in an open case, on an earlier list, housed already, or barred.

    The sentence does not say which: an employer learns of nobody's case (product-design 3.1, 10).
    """
    index = {ciphers.blind_index(one.id_number): one for one in people if one.id_number}
    keys = list(index)
    today = clock.today()
    held = Member.objects.filter(id_index__in=keys, holding=True)
    listed = Member.objects.filter(
        id_index__in=keys, application__state=states.DRAFT,
        application__employer_entry__isnull=False,
    )  # fmt: skip
    benefits = Benefit.objects.filter(person_index__in=keys, ended_on=None)
    bans = Ban.objects.filter(person_index__in=keys, starts_on__lte=today, until__gte=today)
    found = {
        *held.values_list("id_index", flat=True),
        *listed.values_list("id_index", flat=True),
        *benefits.values_list("person_index", flat=True),
        *bans.values_list("person_index", flat=True),
    }
    rows = sorted((index[key] for key in found), key=lambda one: one.row)
    what, mend = _("这一位要本人联系窗口，不能由单位代办。"), _("请从名单里删去这一行。")
    return [Problem(one.row, employer_file.NUMBER, what, mend, of_cell=False) for one in rows]


def _refuse_own(people: list[Listed], staff: Staff) -> None:
    """A list with the clerk, or with somebody of the clerk's household, goes to a colleague."""
    if not staff.id_index:
        return
    keys = {ciphers.blind_index(one.id_number) for one in people if one.id_number}
    together = Member.objects.filter(
        id_index__in=keys, application__members__id_index=staff.id_index
    )
    if staff.id_index in keys or together.exists():
        raise NotImported(_("这份名单涉及您本人或家人，按回避规定请由同事办理。"))


def _write(row: EmployerList, people: list[Listed], by: Staff) -> None:
    now = clock.now()
    by_name = {one.name: one for one in Bureau.objects.streets()}
    drafts = Application.objects.bulk_create(
        [
            Application(
                case_no=case_no, channel="window", created_by=by.user, created_at=now,
                state_since=now, street=by_name.get(one.street),
            )
            for case_no, one in zip(case_numbers.draw_many(now, len(people)), people, strict=True)
        ],
        batch_size=1000,
    )  # fmt: skip
    Member.objects.bulk_create(
        [_member(draft, one) for draft, one in zip(drafts, people, strict=True)], batch_size=1000
    )
    EmployerEntry.objects.bulk_create(
        [
            EmployerEntry(list=row, row=one.row, application=draft)
            for draft, one in zip(drafts, people, strict=True)
        ],
        batch_size=1000,
    )


def _member(draft: Application, one: Listed) -> Member:
    """As ``Member.save`` would keep it; thousands are written in a few statements."""
    return Member(
        application=draft, position=0, name=one.name, name_key=names.pinyin_key(one.name),
        id_number=one.id_number, id_index=ciphers.blind_index(one.id_number), relation="01",
        id_tail=tail_index(one.id_number), is_applicant=True, phone=one.phone or None,
    )  # fmt: skip


def _record(row: EmployerList, people: list[Listed], by: Staff) -> None:
    for some in _chunks([ciphers.blind_index(one.id_number) for one in people]):
        audit.record(
            "employer.imported", by=by.user, thing=row, subjects=some, people=len(some),
            employer=row.employer, digest=row.file_digest,
        )  # fmt: skip


def _chunks(keys: list[str]) -> Iterable[list[str]]:
    return (keys[at : at + _CHUNK] for at in range(0, len(keys), _CHUNK))


def _send_invitations(list_id: int) -> None:
    """A broker that is away loses nothing: the entries are there, and the sweeper finds them."""
    from applications import tasks  # tasks import this module

    transaction.on_commit(lambda: tasks.invite_listed.delay(list_id), robust=True)

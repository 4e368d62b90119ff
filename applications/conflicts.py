"""回避: who must keep away from which case, by one condition for queue, search, counts and API.

Somebody keeps away where they themselves or declared kin are members of the household or named by
a register about it, and where they said so themselves. Kin are known by blind index alone.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import claims, states
from applications.models import (
    Application,
    Evidence,
    EvidenceAnswer,
    Kin,
    Member,
    NamedPerson,
    Recusal,
    ReviewTask,
)
from core import audit, clock, locks
from core.identity import ciphers
from core.identity.numbers import eighteen, is_valid, normalise
from core.refusals import Refusal

# registers that name people who need not stand in the application
NAMING = ("household_register", "marriage", "marriage_national")
Row = TypeVar("Row", bound=models.Model)


class ConflictRefused(Refusal):
    """The declaration cannot be kept like this."""


# -- Reading -------------------------------------------------------------------------------------


def cases_of(staff: Staff) -> QuerySet[Any]:
    """Keys of the cases that this person keeps away from; three look-ups by index."""
    people = _people_of(staff)
    members = Member.objects.filter(id_index__in=people).order_by().values("application_id")
    named = NamedPerson.objects.filter(person_index__in=people).values("application_id")
    said = Recusal.objects.filter(staff=staff).order_by().values("application_id")
    return members.union(named, said)


def remember(staff: Staff) -> None:
    """Looks once for the length of a request what ``free_of`` then leaves out many times.

    Only a page that lists calls it, with the account of that very request: a verb looks anew.
    """
    staff.__dict__["_kept_away"] = [one["application_id"] for one in cases_of(staff)]


def free_of(staff: Staff, rows: QuerySet[Row], case: str = "application_id") -> QuerySet[Row]:
    """The rows without those of cases that this person keeps away from."""
    away = staff.__dict__.get("_kept_away")
    if away == []:
        return rows
    return rows.exclude(**{f"{case}__in": cases_of(staff) if away is None else away})


def only_of(staff: Staff, rows: QuerySet[Row], case: str = "application_id") -> QuerySet[Row]:
    """The rows of exactly those cases; what a sum over all rows has counted too many."""
    away = staff.__dict__.get("_kept_away")
    return rows.filter(**{f"{case}__in": cases_of(staff) if away is None else away})


def cause_of(staff: Staff, application: Application) -> str:
    """Why this person keeps away from the case: a ``Recusal.Cause``, or '' if nothing is known."""
    if recusal := Recusal.objects.filter(staff=staff, application=application).first():
        return recusal.cause
    own = [staff.id_index] if staff.id_index else []
    if own and application.members.filter(id_index__in=own).exists():
        return Recusal.Cause.MEMBER
    if own and application.named_people.filter(person_index__in=own).exists():
        return Recusal.Cause.REGISTER
    kin = Kin.objects.filter(staff=staff, ended_at=None).values("person_index")
    in_case = application.members.filter(id_index__in=kin)
    if in_case.exists() or application.named_people.filter(person_index__in=kin).exists():
        return Recusal.Cause.KIN
    return ""


def has_conflict(staff: Staff, application: Application) -> bool:
    """Whether this person must keep away from the case; one query."""
    people = _people_of(staff)
    return bool(
        Application.objects.filter(pk=application.pk)
        .filter(
            Q(pk__in=Member.objects.filter(id_index__in=people).values("application_id"))
            | Q(pk__in=NamedPerson.objects.filter(person_index__in=people).values("application_id"))
            | Q(pk__in=Recusal.objects.filter(staff=staff).values("application_id"))
        )
        .exists()
    )


def concerns(staff: Staff, person_index: str) -> bool:
    """Whether somebody who has no case yet is this person themselves or declared kin."""
    if staff.id_index == person_index:
        return True
    return Kin.objects.filter(staff=staff, ended_at=None, person_index=person_index).exists()


def without_kin(staff: Staff, rows: QuerySet[Row], person: str = "person_index") -> QuerySet[Row]:
    """The rows about people who have no case yet, without oneself and declared kin."""
    return rows.exclude(**{f"{person}__in": _people_of(staff)})


def _people_of(staff: Staff) -> QuerySet[Any]:
    """The person's own blind index and those of declared kin."""
    own = Staff.objects.filter(pk=staff.pk, id_index__isnull=False).values("id_index")
    kin = Kin.objects.filter(staff=staff, ended_at=None).order_by().values("person_index")
    return own.union(kin)


# -- Declaring -----------------------------------------------------------------------------------


def declare_kin(staff: Staff, *, id_number: str, relation: str, by: Staff) -> Kin:
    """Keeps blind index and relation of a relative; claimed cases of theirs go back to the queue.

    Raises ConflictRefused for a number that is none, one's own, or one declared already.
    """
    if by.pk != staff.pk:
        raise ConflictRefused(_("亲属只能由本人申报。"))
    number = eighteen(normalise(id_number))
    if not is_valid(number):
        raise ConflictRefused(_("号码可能有一位填错，请对照证件再看一遍。"), "id_number")
    index = ciphers.blind_index(number)
    if index == staff.id_index:
        raise ConflictRefused(_("这是您自己的号码，不用申报。"), "id_number")
    with transaction.atomic():
        locks.fresh(staff)
        if Kin.objects.filter(staff=staff, person_index=index, ended_at=None).exists():
            raise ConflictRefused(_("这位亲属您已经申报过。"), "id_number")
        made = Kin.objects.create(
            staff=staff, person_index=index, relation=relation, declared_at=clock.now()
        )
        # whose kin it is and how, not who: the list of looks of that person stays silent about it
        audit.record("kin.declared", by=by.user, thing=made, relation=relation)
        give_back(staff)
        return made


def end_kin(kin: Kin, *, by: Staff) -> Kin:
    """Ends a declaration, such as after a divorce; the row stays."""
    with transaction.atomic():
        row = locks.fresh(kin)
        if row.staff_id != by.pk:
            raise ConflictRefused(_("亲属只能由本人申报。"))
        if row.ended_at is None:
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
            audit.record("kin.ended", by=by.user, thing=row, relation=row.relation)
        return row


def recuse(application: Application, *, by: Staff, reason: str) -> Recusal:
    """回避申请: the person keeps away from this case; a task of theirs goes back to the queue."""
    with transaction.atomic():
        row = locks.fresh(application)
        if not reason.strip():
            raise ConflictRefused(_("请写一句和这家人是什么关系。"), "reason")
        if Recusal.objects.filter(staff=by, application=row).exists():
            raise ConflictRefused(_("您已经对这个办件申请过回避。"))
        made = _keep_away(by, row, Recusal.Cause.OWN_WORD, reason.strip())
        give_back(by)
        return made


def _keep_away(staff: Staff, application: Application, cause: str, reason: str = "") -> Recusal:
    made = Recusal.objects.create(
        staff=staff, application=application, cause=cause, reason=reason, at=clock.now()
    )
    audit.record(
        "review.recused", by=staff.user, thing=made, case_no=application.case_no or "", cause=cause
    )
    return made


# -- Giving back ---------------------------------------------------------------------------------


def give_back(staff: Staff) -> int:
    """Claimed tasks of cases that the person keeps away from go back; returns how many.

    What made them keep away is kept as a recusal, for the auditor to see.
    """
    held = staff.claimed_tasks.filter(state=states.TASK_CLAIMED, application_id__in=cases_of(staff))
    tasks = list(held.select_related("application").order_by("application_id", "pk"))
    return sum(_give_back(one, staff) for one in tasks)


def _give_back(task: ReviewTask, staff: Staff) -> bool:
    with transaction.atomic():
        case = locks.fresh(task.application)
        if not Recusal.objects.filter(staff=staff, application=case).exists():
            if not (cause := cause_of(staff, case)):
                return False
            _keep_away(staff, case, cause)
        return claims.put_back(task, of=staff, by=audit.System("recusal"), why="recusal")


def give_back_everywhere() -> int:
    """The same for everybody who holds a task: what came to light after a claim."""
    holders = Staff.objects.filter(claimed_tasks__state=states.TASK_CLAIMED).distinct()
    return sum(give_back(one) for one in holders)


# -- People whom registers name ------------------------------------------------------------------


def note_named(answers: Iterable[EvidenceAnswer]) -> int:
    """Keeps who is named in answers of the registers of families, by blind index alone.

    Called where answers are kept; after the commit a claim of somebody so named is given back.
    """
    contents = {one.evidence_id: one.content for one in answers if one.status == "found"}
    if not contents:
        return 0
    asked = Evidence.objects.filter(pk__in=contents, source__in=NAMING)
    rows = [
        NamedPerson(application_id=application_id, person_index=index, source=source)
        for pk, application_id, source in asked.values_list("pk", "application_id", "source")
        for index in _indexes(contents[pk])
    ]
    NamedPerson.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    touched = {one.application_id for one in rows}
    if touched:
        transaction.on_commit(lambda: _look_at_holders(touched))
    return len(rows)


def note_stored(after: int = 0, limit: int = 500) -> int:
    """The same for evidence kept before; the last key that was read, 0 at the end."""
    stored = Evidence.objects.filter(pk__gt=after, source__in=NAMING, status="found")
    rows = list(stored.order_by("pk")[:limit])
    NamedPerson.objects.bulk_create(
        [
            NamedPerson(application_id=one.application_id, person_index=index, source=one.source)
            for one in rows
            for index in _indexes(one.rows)
        ],
        ignore_conflicts=True,
    )
    return rows[-1].pk if rows else 0


def _look_at_holders(touched: set[int]) -> None:
    holders = Staff.objects.filter(
        claimed_tasks__state=states.TASK_CLAIMED, claimed_tasks__application__in=touched
    )
    for one in holders.distinct():
        give_back(one)


def _indexes(content: Any) -> set[str]:
    return {ciphers.blind_index(number) for number in _numbers(content)}


def _numbers(content: Any) -> set[str]:
    """Every valid ID number anywhere in rows or records, whatever the register calls the field."""
    if isinstance(content, Mapping):
        return set().union(*map(_numbers, content.values())) if content else set()
    if isinstance(content, (list, tuple)):
        return set().union(*map(_numbers, content)) if content else set()
    if isinstance(content, str) and len(content) in (15, 18):
        number = eighteen(normalise(content))
        return {number} if is_valid(number) else set()
    return set()

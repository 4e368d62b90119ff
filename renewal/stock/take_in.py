"""Writes households in chunks: each chunk a transaction of its own, each household once.

The entries say what is still to do, so that a run that was stopped or killed is gone on with by
the next. What is written: a closed case with its people, their benefits, the home let, the lease
in force. Evidence, assessments, consents and notices are nobody's here: the first re-check asks.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import Staff
from allocation import states as allocation_states
from allocation.models import Home, Lease
from applications import case_numbers
from applications import states as application_states
from applications.models import Application, Benefit, Member
from applications.models.application import Category
from applications.models.household import tail_index
from core import audit, clock, locks
from core.identity import names
from core.models import Transition
from core.workflow import advance
from renewal import states
from renewal.models import StockEntry, StockImport
from renewal.stock import check, file, imports
from renewal.stock.file import House

SYSTEM = audit.System("存量导入")
SAID_BY = "stock import"  # who "signed": the old system says so, nobody here
_CATEGORIES = {"NEW": Category.NEW_EMPLOYEE, "MIG": Category.MIGRANT}
_REHEARSAL = "stock is rehearsed"
State = StockEntry.State
Read = list[tuple[StockEntry, House]]


class _OnlyTried(Exception):
    """Takes a chunk of the dry run back."""


def step(import_id: int) -> bool:
    """Takes the next chunk in; whether there is more to do. Safe to run twice at once."""
    with transaction.atomic():
        row = locks.fresh(StockImport.objects.defer("content", "faults").get(pk=import_id))
        if row.state != states.S_RUNNING:
            return False
        # two files that name one person or one home wait for each other
        locks.advisory("stock is taken in")
        locks.advisory("homes are imported")
        entries = list(_left(row)[: imports.CHUNK])
        if entries:
            _chunk(row, entries, by=row.started_by)
            return True
        advance(row, states.S_DONE, by=SYSTEM)
        audit.record("stock.done", by=SYSTEM, thing=row, counts=progress(row))
        return False


def rehearse(row: StockImport, *, by: Staff) -> StockImport:
    """The dry run (试运行): every chunk is written and taken back; what it came to is kept.

    Raises NotImported.
    """
    row = StockImport.objects.defer("content", "faults").get(pk=row.pk)
    imports.refuse(why_not_rehearse(row, by))
    made = {"households": 0, "ever": 0, "people": 0, "homes": 0, "refused": 0}
    sums = {"rent": Decimal(0), "deposit": Decimal(0), "arrears": Decimal(0)}
    after = 0
    while entries := list(_left(row).filter(pk__gt=after)[: imports.CHUNK]):
        after = entries[-1].pk
        try:
            with transaction.atomic():
                locks.advisory(_REHEARSAL)
                read = _chunk(row, entries, by=by, trial=True)
                raise _OnlyTried
        except _OnlyTried:
            _count(read, entries, made, sums)
    with transaction.atomic():
        here = locks.fresh(row)
        here.rehearsal = made | {name: str(sum_) for name, sum_ in sums.items()}
        here.rehearsed_at = clock.now()
        here.save(update_fields=["rehearsal", "rehearsed_at"])
        audit.record("stock.rehearsed", by=by.user, thing=here, counts=made)
    return here


def why_not_rehearse(row: StockImport, staff: Staff) -> str:
    """Why there is nothing to try out now."""
    return imports.why_not_start(row, staff)


def progress(row: StockImport) -> dict[str, int]:
    """Entries by state, and of those taken in how many have left (two queries)."""
    found = dict.fromkeys(State.values, 0)
    found |= dict(row.entries.order_by().values_list("state").annotate(n=Count("id")))
    ever = row.entries.filter(state=State.TAKEN, kind=StockEntry.Kind.EVER).count()
    return found | {"ever": ever, "total": sum(found.values())}


def _left(row: StockImport) -> Any:
    return row.entries.filter(state=State.READY).order_by("pk")


def _count(
    read: Read, entries: Sequence[StockEntry], made: dict[str, int], sums: dict[str, Decimal]
) -> None:
    made["refused"] += len(entries) - len(read)
    for entry, house in read:
        made["ever" if house.ever else "households"] += 1
        made["people"] += len(house.people)
        made["homes"] += entry.home_id is not None and not entry.home_was
        if not house.ever:
            sums["rent"] += house.rent
            sums["deposit"] += house.deposit
            sums["arrears"] += house.arrears


def _chunk(row: StockImport, entries: list[StockEntry], *, by: Any, trial: bool = False) -> Read:
    """Writes the entries that still hold; the others are refused with the reason."""
    now = clock.now()
    read = [(one, file.house(one.said, clock.today())) for one in entries]
    here = check.known([house for _entry, house in read])
    good: Read = []
    for entry, house in read:
        faults = house.faults + check.standing(house, here, make_homes=row.make_homes)
        entry.state, entry.faults = State.TAKEN, []
        if faults:
            entry.state, entry.faults = State.REFUSED, [asdict(one) for one in faults]
        else:
            good.append((entry, house))
    _write_ever([one for one in good if one[1].ever])
    _write_in_force([one for one in good if not one[1].ever], here, by, now, trial)
    _keep(entries, good, now)
    subjects = [check.index_of(person) for _entry, house in good for person in house.people]
    audit.record(
        "stock.taken_in", by=by.user, thing=row, subjects=subjects, households=len(good),
        rows=[entry.row for entry, _house in good],
    )  # fmt: skip
    return good


def _keep(entries: list[StockEntry], good: Read, now: datetime) -> None:
    """What became of each entry: links row by row, what is the same for all in one statement."""
    taken = [entry for entry, _house in good]
    StockEntry.objects.bulk_update(
        taken, ["application", "lease", "home", "home_was", "benefits"], batch_size=imports.CHUNK
    )
    rows = StockEntry.objects.filter(pk__in=[one.pk for one in taken])
    rows.update(state=State.TAKEN, taken_at=now)
    refused = [one for one in entries if one.state == State.REFUSED]
    StockEntry.objects.bulk_update(refused, ["state", "faults"], batch_size=imports.CHUNK)


def _write_ever(read: Read) -> None:
    """Who has left: a benefit that was, for each person, and no lease."""
    rows = [
        [
            Benefit(
                person_index=check.index_of(one), kind=Benefit.Kind.HOME, case_no=house.lease_no,
                began_on=house.first_day, ended_on=house.left,
            )
            for one in house.people
        ]
        for _entry, house in read
    ]  # fmt: skip
    _keep_benefits(read, rows)


def _write_in_force(read: Read, here: check.Known, by: Staff, now: datetime, trial: bool) -> None:
    if not read:
        return
    numbers = (
        [f"TRIAL-{entry.pk}" for entry, _house in read]  # a dry run uses no case number up
        if trial
        else case_numbers.draw_many(now, len(read))
    )
    cases = Application.objects.bulk_create(
        [
            _case(house, here, number, by, now)
            for (_e, house), number in zip(read, numbers, strict=True)
        ]
    )
    Member.objects.bulk_create(
        [
            member
            for case, (_entry, house) in zip(cases, read, strict=True)
            for member in _members(case, house)
        ]
    )
    homes = _let(read, here, by, now)
    leases = Lease.objects.bulk_create(
        [
            _lease(house, case, homes[house.home.code], now)
            for case, (_entry, house) in zip(cases, read, strict=True)
        ]
    )
    benefits = [
        [
            Benefit(
                person_index=check.index_of(one), kind=Benefit.Kind.HOME,
                case_no=audit.case_number(case), began_on=house.first_day,
            )
            for one in house.people
        ]
        for case, (_entry, house) in zip(cases, read, strict=True)
    ]  # fmt: skip
    _keep_benefits(read, benefits)
    for (entry, house), case, lease in zip(read, cases, leases, strict=True):
        entry.application, entry.lease, entry.home = case, lease, homes[house.home.code]


def _keep_benefits(read: Read, rows: list[list[Benefit]]) -> None:
    Benefit.objects.bulk_create([one for some in rows for one in some])
    for (entry, _house), some in zip(read, rows, strict=True):
        entry.benefits = [one.pk for one in some]


def _case(house: House, here: check.Known, number: str, by: Staff, now: datetime) -> Application:
    """A closed case dated as the old system dates it; who stated what stands in the entry."""
    began = clock.local_midnight(house.first_day)
    return Application(
        case_no=number, category=_CATEGORIES.get(house.tier, Category.URBAN), channel="window",
        state=application_states.CLOSED, state_since=now, created_at=now, submitted_at=began,
        accepted_at=began, decided_at=began, closed_at=began, created_by=by.user,
        street=here.streets[house.street], declared={"commitments": []}, step="done",
    )  # fmt: skip


def _members(case: Application, house: House) -> list[Member]:
    """As ``Member.save`` would keep them."""
    return [
        Member(
            application=case, position=place, name=one.name, name_key=names.pinyin_key(one.name),
            id_number=one.id_number, id_index=check.index_of(one),
            id_tail=tail_index(one.id_number), relation=one.relation, is_applicant=place == 0,
            origin="added", phone=(house.phone or None) if place == 0 else None,
        )
        for place, one in enumerate(house.people)
    ]  # fmt: skip


def _let(read: Read, here: check.Known, by: Staff, now: datetime) -> dict[str, Home]:
    """The homes of the households, let; those that were not there are made."""
    new = [house for _entry, house in read if house.home.code not in here.homes]
    made = Home.objects.bulk_create([_home(house, here, now) for house in new])
    moved = []
    for entry, house in read:
        if home := here.homes.get(house.home.code):
            entry.home_was = home.state
            moved.append(home)
    rows = Home.objects.filter(pk__in=[one.pk for one in moved])
    rows.update(state=allocation_states.H_LET, state_since=now)
    note_moves([(one, was, allocation_states.H_LET) for one, was in _moves(read, here)], by, now)
    return here.homes | {one.code: one for one in made}


def _moves(read: Read, here: check.Known) -> list[tuple[Home, str]]:
    return [
        (here.homes[house.home.code], entry.home_was) for entry, house in read if entry.home_was
    ]


def note_moves(moves: Sequence[tuple[Home, str, str]], by: Staff, now: datetime) -> None:
    """The history of homes that an import let, or its undoing set free: home, from, to."""
    Transition.objects.bulk_create(
        [
            Transition(
                thing_type=Home._meta.label_lower, thing_id=home.pk, from_state=was,
                to_state=to, by=audit.label(by.user)[:80], reason=_("存量导入"), at=now,
            )
            for home, was, to in moves
        ]
    )  # fmt: skip


def _home(house: House, here: check.Known, now: datetime) -> Home:
    one = house.home
    return Home(
        code=one.code, estate=here.estates[one.estate], building=one.building, unit=one.unit,
        room=one.room, floor=one.floor, unit_type=one.unit_type, area=Decimal(one.area),
        orientation=one.orientation, accessible=one.accessible, state=allocation_states.H_LET,
        state_since=now,
    )  # fmt: skip


def _lease(house: House, case: Application, home: Home, now: datetime) -> Lease:
    signed = clock.local_midnight(house.first_day)
    return Lease(
        number=house.lease_no, application=case, home=home, tier=house.tier,
        term=check.term_of(house), rent_monthly=house.rent, deposit=house.deposit,
        state=allocation_states.L_FILED, state_since=now, created_at=now,
        signed_at=signed, signed_by=SAID_BY, filed_at=signed,
    )  # fmt: skip

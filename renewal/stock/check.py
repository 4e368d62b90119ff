"""Judges households against each other and against what the platform knows.

A duplicate names both places. What was clean at the check is judged anew when its turn comes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Bureau
from allocation import states as allocation_states
from allocation.models import Estate, Home, HomeHold, Lease
from applications.models import Benefit, Member
from core.identity import ciphers
from renewal.stock import file
from renewal.stock.file import Fault, House, Person

FREE = (allocation_states.H_AVAILABLE, allocation_states.H_ACQUIRED)


@dataclass
class Known:
    """What the platform knows about some households: a set number of queries, however many."""

    streets: dict[str, Bureau]
    estates: dict[str, Estate]
    homes: dict[str, Home]
    held: set[int]  # homes in repair or held back
    leases_on: dict[int, list[Lease]]
    numbers: set[str] = field(default_factory=set)  # of leases, ours and the old system's
    cases: dict[str, str] = field(default_factory=dict)  # person → open application
    benefits: dict[str, str] = field(default_factory=dict)  # person → case of a benefit in force


def within(houses: Sequence[House], strays: Iterable[Fault] = ()) -> list[Fault]:
    """What is twice in the file: household, lease, home, person. The later place is told."""
    return [
        *strays,
        *_twice(houses, file.NO, lambda one: one.no),
        *_twice(houses, file.LEASE, lambda one: one.lease_no),
        *_twice([one for one in houses if not one.ever], file.ROOM, lambda one: one.home.code),
        *_persons_twice(houses),
    ]


def known(houses: Sequence[House]) -> Known:
    """Reads what stands about these households (nine queries)."""
    homes = {
        one.code: one
        for one in Home.objects.filter(code__in=[one.home.code for one in houses])
    }  # fmt: skip
    pks = [one.pk for one in homes.values()]
    people = [index_of(person) for one in houses for person in one.people if person.id_number]
    found = Known(
        streets={one.name: one for one in Bureau.objects.streets()},
        estates={one.code: one for one in Estate.objects.all()},
        homes=homes,
        held=set(
            HomeHold.objects.filter(home__in=pks, ended_at=None).values_list("home", flat=True)
        ),
        leases_on={},
    )
    standing = Lease.objects.filter(home__in=pks).exclude(state=allocation_states.L_CANCELLED)
    for lease in standing.select_related("application"):
        found.leases_on.setdefault(lease.home_id, []).append(lease)
    wanted = [one.lease_no for one in houses]
    found.numbers = set(Lease.objects.filter(number__in=wanted).values_list("number", flat=True))
    ended = Benefit.objects.filter(case_no__in=wanted)
    found.numbers |= set(ended.values_list("case_no", flat=True))
    held = Member.objects.filter(id_index__in=people, holding=True)
    named = held.values_list("id_index", "application__case_no")
    found.cases = {person: case_no or "" for person, case_no in named}
    benefits = Benefit.objects.filter(Q(ended_on=None), person_index__in=people)
    found.benefits = dict(benefits.values_list("person_index", "case_no"))
    return found


def standing(house: House, here: Known, *, make_homes: bool) -> list[Fault]:
    """What stands against one household on the platform."""
    found = list(_of_lease(house, here))
    if house.ever:
        return found
    found += _of_home(house, here, make_homes)
    for one in house.people:
        found += _of_person(one, here)
    return found


def index_of(person: Person) -> str:
    """The blind index of a person of the file."""
    return ciphers.blind_index(person.id_number)


def term_of(house: House) -> DateRange:
    """The term as a lease has it; the household was read without fault."""
    starts, ends = house.starts, house.ends
    assert starts is not None and ends is not None
    return DateRange(starts, ends + timedelta(days=1))


def _of_lease(house: House, here: Known) -> Iterator[Fault]:
    if house.street and house.street not in here.streets:
        what = _("没有「%(name)s」这个镇街。") % {"name": house.street[:20]}
        yield _fault(house, file.STREET, what, _("填镇街的全称，例如首南街道。"))
    if house.lease_no in here.numbers:
        what = _("合同%(number)s在系统里已经有了。") % {"number": house.lease_no}
        yield _fault(house, file.LEASE, what, _("已经导入过的，请删去这一户。"))


def _of_home(house: House, here: Known, make_homes: bool) -> Iterator[Fault]:
    code, home = house.home.code, here.homes.get(house.home.code)
    if house.home.estate and house.home.estate not in here.estates:
        what = _("没有编号「%(code)s」的小区。") % {"code": house.home.estate[:30]}
        yield _fault(house, file.ESTATE, what, _("先在房源里登记这个小区。"))
    elif home is None and make_homes:
        yield from house.home_faults
    elif home is None:
        what = _("没有房源%(code)s。") % {"code": code}
        mend = _("先导入这套房源，或者选择「新建没有的房源」。")
        yield _fault(house, file.ROOM, what, mend)
    else:
        yield from _of_standing_home(house, home, here)


def _of_standing_home(house: House, home: Home, here: Known) -> Iterator[Fault]:
    taken = [one for one in here.leases_on.get(home.pk, []) if _overlap(house, one.term)]
    if taken:
        what = _("%(code)s在系统里已经租给合同%(number)s（办件%(case)s）。") % {
            "code": home.code, "number": taken[0].number, "case": taken[0].case_no,
        }  # fmt: skip
        yield _fault(house, file.ROOM, what, _("请核对是哪一户在住。"))
    elif home.pk in here.held:
        what = _("%(code)s在维修或者保留。") % {"code": home.code}
        yield _fault(house, file.ROOM, what, _("请先在房源里结束维修或保留。"))
    elif home.state not in FREE:
        what = _("%(code)s现在是「%(state)s」。") % {
            "code": home.code, "state": home.STATES[home.state].tag,
        }  # fmt: skip
        yield _fault(house, file.ROOM, what, _("请核对这套房源。"))


def _of_person(one: Person, here: Known) -> Iterator[Fault]:
    if not one.id_number:
        return
    index = index_of(one)
    if index in here.cases:
        what = _("这一位在办件%(case)s里，那份申请还在办理。") % {"case": here.cases[index]}
        yield Fault(one.sheet, one.row, file.NUMBER, what, _("先办结那份申请。"), of_file=False)
    if index in here.benefits:
        what = _("这一位在系统里已有保障，办件%(case)s。") % {"case": here.benefits[index]}
        yield Fault(
            one.sheet, one.row, file.NUMBER, what, _("同一个人不能有两份，请核对。"), of_file=False
        )


def _fault(house: House, column: str, what: str, mend: str) -> Fault:
    return Fault(file.HOUSES, house.row, column, what, mend, of_file=False)


def _overlap(house: House, term: DateRange) -> bool:
    if house.starts is None or house.ends is None:
        return False
    upper: date | None = term.upper
    return bool(term.lower <= house.ends and (upper is None or house.starts < upper))


def _twice(houses: Sequence[House], column: str, key: Callable[[House], str]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for one in houses:
        before = first.setdefault(key(one), one.row)
        if key(one) and before != one.row:
            what = _("和「%(sheet)s」第%(row)d行的%(column)s相同。") % {
                "sheet": file.HOUSES, "row": before, "column": column,
            }  # fmt: skip
            yield Fault(file.HOUSES, one.row, column, what, _("请核对，只留一行。"))


def _persons_twice(houses: Sequence[House]) -> Iterator[Fault]:
    """A person in two households, or twice in one; who has left one may live in another."""
    first: dict[tuple[bool, str], Person] = {}
    for house in houses:
        for one in house.people:
            if not one.id_number:
                continue
            before = first.setdefault((house.ever, one.id_number), one)
            if before is not one:
                what = _("和「%(sheet)s」第%(row)d行是同一个人。") % {
                    "sheet": before.sheet, "row": before.row,
                }  # fmt: skip
                yield Fault(one.sheet, one.row, file.NUMBER, what, _("一个人只能在一户里。"))

"""What a search asks, and how little it keeps (最小够用): on the named duty, person by person.

First who the person is; then whether both routes know of the aid (省大救助 and 民政); and only for
a household that nobody of us knows, whether a home or a benefit is known: yes, no or unknown. The
person alone is asked about; the family's registers wait for the family's consent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from applications import household, verification
from applications.eligibility.status import in_force
from core import clock
from core.identity import ciphers, kinship, numbers
from datashare import queries
from datashare.queries import Person, Purpose, Question
from datashare.replies import AidStatus, Registration, Relative, Reply
from renewal import discovery_standing
from renewal.models import Outreach

BASIS = "duty:proactive_discovery"
KIND = "proactive_discovery"
REGISTER, PROVINCIAL = "household_register", "social_assistance"
CIVIL_AFFAIRS = ("low_income_aid", "extreme_poverty")
HOMES = ("property", "public_tenancy", "housing_benefit")
FOUND, UNSURE = "found", "found_unsure"
HOME, HELPED, LEFT, NOT_CONFIRMED = "has_home", "helped_elsewhere", "left", "not_confirmed"
Known = Outreach.Known


@dataclass(frozen=True)
class Entrant:
    """Somebody newly granted aid, as the feed tells it."""

    index: str
    number: str = field(repr=False)
    name: str = field(repr=False)
    source: str
    what: str
    since: date


@dataclass(frozen=True)
class Told:
    """What became of one entrant: the verdict, and for a match what its task needs."""

    verdict: str
    name: str = ""
    number: str = field(default="", repr=False)
    index: str = ""
    household_key: str = ""
    indexes: tuple[str, ...] = ()
    address: str = field(default="", repr=False)
    area: str = ""
    home: str = Known.UNKNOWN
    evidence: dict[str, str] = field(default_factory=dict)


@dataclass
class _One:
    """An entrant with what is known so far."""

    entrant: Entrant
    register: Reply
    person: Person
    routes: dict[str, Reply] = field(default_factory=dict)
    homes: dict[str, Reply] = field(default_factory=dict)

    @property
    def registration(self) -> Registration | None:
        return self.register.records[0] if self.register.records else None


class Asking:
    """The questions about a batch of entrants, in three rounds; nothing is stored."""

    def __init__(self, entrants: list[Entrant], *, case_no: str, by: Any) -> None:
        self.by, self.today = by, clock.today()
        self.purpose = Purpose(verification.MATTER, case_no, BASIS, kind=KIND)
        people = [Person(one.name, one.number) for one in entrants]
        replies = self._ask([Question(REGISTER, person) for person in people])
        self.rows = [
            _One(entrant, reply, Person(_name(reply) or entrant.name, entrant.number))
            for entrant, reply in zip(entrants, replies, strict=True)
        ]

    def register_is_away(self) -> bool:
        """Whether the household register answered about nobody."""
        return all(row.register.unavailable for row in self.rows)

    def answers(self) -> Iterator[Told]:
        """The verdict on each entrant."""
        staying = []
        for row in self.rows:
            if _has_left(row.registration):
                yield Told(LEFT)
            else:
                staying.append(row)
        self._ask_routes(staying)
        confirmed = []
        for row in staying:
            if self._in_force(row) == Known.NO:
                yield Told(NOT_CONFIRMED)
            else:
                confirmed.append(row)
        yield from self._of_households(confirmed)

    def _of_households(self, rows: list[_One]) -> Iterator[Told]:
        """Those whose household nobody of us knows yet; then the question of the home."""
        everybody = {index for row in rows for index in _household(row)}
        standing = discovery_standing.of(everybody, self.today)
        unknown = []
        for row in rows:
            known = [standing[index] for index in _household(row) if index in standing]
            if known:
                yield Told(known[0])
            else:
                unknown.append(row)
        self._ask_homes(unknown)
        for row in unknown:
            yield self._told(row)

    def _ask(self, questions: list[Question]) -> list[Reply]:
        pairs = [(one, self.purpose) for one in questions]
        return queries.ask_each(pairs, by=self.by, bulk=True) if pairs else []

    def _ask_routes(self, rows: list[_One]) -> None:
        """Both routes to the aid: the province's and the district's; without a name neither."""
        named = [row for row in rows if row.person.name]
        wanted = [(row, source) for row in named for source in (PROVINCIAL, _civil(row.entrant))]
        replies = self._ask([Question(source, row.person) for row, source in wanted])
        for (row, source), reply in zip(wanted, replies, strict=True):
            row.routes[source] = reply

    def _ask_homes(self, rows: list[_One]) -> None:
        """About the person who would be spoken to, and nobody else."""
        wanted = []
        for row in rows:
            row.person = _to_speak_to(row, self.today)
            if row.person.name:
                wanted += [(row, source) for source in HOMES]
        replies = self._ask([Question(source, row.person) for row, source in wanted])
        for (row, source), reply in zip(wanted, replies, strict=True):
            row.homes[source] = reply

    def _in_force(self, row: _One) -> str:
        """NO only where both routes answered and neither knows of aid in force."""
        said = {_aid(row.routes.get(source), self.today)
                for source in (PROVINCIAL, _civil(row.entrant))}  # fmt: skip
        if Known.YES in said:
            return Known.YES
        return Known.UNKNOWN if Known.UNKNOWN in said else Known.NO

    def _told(self, row: _One) -> Told:
        tenancy = _lasting(row.homes.get("public_tenancy"), self.today)
        home = _any(_home(row.homes.get("property")), tenancy)
        helped = _lasting(row.homes.get("housing_benefit"), self.today)
        if home == Known.YES:
            return Told(HOME)
        if helped == Known.YES:
            return Told(HELPED)
        known = _any(home, helped)
        entrant, registration = row.entrant, row.registration
        street = household.street_in(row.register.rows)
        return Told(
            FOUND if known == Known.NO else UNSURE,
            name=row.person.name,
            number=row.person.id_number,
            index=ciphers.blind_index(row.person.id_number),
            household_key=ciphers.blind_index(_head(row) or row.person.id_number),
            indexes=tuple(_household(row)),
            address=registration.address if registration else "",
            area=(street.area_code or "") if street else "",
            home=known,
            evidence={
                "source": entrant.source,
                "kind": _kind(row) or entrant.what,
                "since": entrant.since.isoformat(),
                "provincial": _aid(row.routes.get(PROVINCIAL), self.today),
                "civil_affairs": _aid(row.routes.get(_civil(entrant)), self.today),
            },
        )


# -- Who -------------------------------------------------------------------------------------------


def _name(register: Reply) -> str:
    return register.records[0].name if register.records else ""


def _has_left(entry: Registration | None) -> bool:
    return entry is not None and bool(entry.death_entry or entry.cancelled or entry.moved_out)


def _civil(entrant: Entrant) -> str:
    return entrant.source if entrant.source in CIVIL_AFFAIRS else CIVIL_AFFAIRS[0]


def _statuses(row: _One) -> list[AidStatus]:
    return [record for reply in row.routes.values() for record in reply.records]


def _kind(row: _One) -> str:
    return next((one.kind for one in _statuses(row)), "")


def _head(row: _One) -> str:
    heads = (one.head_id for one in _statuses(row))
    return next((head for head in heads if numbers.is_valid(head)), "")


def _household(row: _One) -> list[str]:
    """Blind indexes of everybody whom aid or household register count to the family."""
    people = {row.entrant.number, row.person.id_number, _head(row)}
    for one in _statuses(row):
        people.update(one.member_ids)
    if row.registration:
        people.update(one.id_number for one in row.registration.members)
        people.update(one.id_number for one in row.registration.children)
    return sorted(ciphers.blind_index(one) for one in people if numbers.is_valid(one))


def _to_speak_to(row: _One, today: date) -> Person:
    """The entrant; for a child the head of the aid or of the household, where one is named."""
    if _is_adult(row.entrant.number, today) or row.registration is None:
        return row.person
    grown = [one for one in row.registration.members if _is_adult(one.id_number, today)]
    heads = [one for one in grown if one.id_number == _head(row)]
    heads = heads or [one for one in grown if one.relation in kinship.HEADS]
    return _as_person(heads[0]) if heads else row.person


def _as_person(one: Relative) -> Person:
    return Person(one.name, one.id_number)


def _is_adult(number: str, today: date) -> bool:
    return numbers.is_valid(number) and numbers.is_adult_on(numbers.parse(number).birth_date, today)


# -- Yes, no, unknown ------------------------------------------------------------------------------


def _aid(reply: Reply | None, today: date) -> str:
    if reply is None or reply.unavailable:
        return Known.UNKNOWN
    return Known.YES if any(in_force(one, today) for one in reply.records) else Known.NO


def _home(reply: Reply | None) -> str:
    if reply is None or reply.unavailable:
        return Known.UNKNOWN
    held = [one for one in reply.records if one.housing and not one.historic and not one.left]
    return Known.YES if held else Known.NO


def _lasting(reply: Reply | None, today: date) -> str:
    """A tenancy or a benefit that has not ended."""
    if reply is None or reply.unavailable:
        return Known.UNKNOWN
    held = [one for one in reply.records if not one.ended and _runs(one.until, today)]
    return Known.YES if held else Known.NO


def _runs(until: date | None, today: date) -> bool:
    return until is None or until >= today


def _any(*said: str) -> str:
    """YES if one says so; NO if all say no; else UNKNOWN."""
    if Known.YES in said:
        return Known.YES
    return Known.UNKNOWN if Known.UNKNOWN in said else Known.NO

"""模拟世界 what the mock departments know: the city, the cast, later events and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from datashare.mock_gateway import monthly, reports
from datashare.mock_gateway.faults import Faults, MockFault, as_date, first
from datashare.mock_gateway.feed import Change, Feed, posted
from datashare.mock_gateway.interfaces import Rows
from datashare.mock_gateway.recipes import NOTES


@dataclass(slots=True)
class CastPerson:
    """A cast person's rows by source, as of the day of their file."""

    as_of: date | None
    records: dict[str, Rows] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """变更 a later change of one person's rows at one source, known from `since` on."""

    person: str
    source: str
    rows: tuple[dict[str, Any], ...]
    op: str = "add"  # add | replace | clear
    since: date | None = None
    posted: date | None = None
    kind: str = ""  # one of feed.KINDS, for the change feed

    @classmethod
    def from_dict(cls, item: dict[str, Any]) -> Event:
        """An event as posted: {person, source, op?, rows?, on?}."""
        op = item.get("op", "add")
        if op not in ("add", "replace", "clear"):
            raise ValueError("op is add, replace or clear")
        rows = tuple(item.get("rows") or ())
        return cls(
            str(item["person"]),
            item["source"],
            rows,
            op,
            as_date(item.get("on")),
            as_date(item.get("posted")),
            str(item.get("kind") or ""),
        )

    def apply(self, rows: Rows) -> Rows:
        """The rows after this event."""
        return list(self.rows) if self.op in ("replace", "clear") else [*rows, *self.rows]


class World:
    """Everything a mock department can be asked about. `today` is passed in by the server."""

    def __init__(self, city: Any = None) -> None:
        self.city = city
        self.cast: dict[str, CastPerson] = {}
        self.events: dict[tuple[str, str], list[Event]] = {}
        self.faults = Faults()
        self.cast_faults: dict[str, list[MockFault]] = {}
        self.desk = reports.Desk()
        self.feed = Feed(city)

    def answer(
        self, source: str, person: str, today: date, place: Callable[[dict[str, Any]], Any]
    ) -> Rows:
        """What a department says about one person: its rows, or the receipt of a report that is
        still being made. `place` records the order that a question places."""
        if source != reports.SOURCE:
            return self.rows(source, person, today)

        def known(number: str, day: date) -> Rows:
            return self.rows(source, number, day)

        return self.desk.answer(person, today, known, place, whole=person in self.cast)

    def rows(self, source: str, person: str, today: date) -> Rows:
        """One source's rows about one person as known today."""
        rows = self._base_rows(source, person, today)
        for event in self.events.get((source, person), ()):
            if event.since is None or event.since <= today:
                rows = event.apply(rows)
        return rows

    def fault(self, source: str, person: str, today: date) -> str:
        """The fault mode in force for this question, or an empty text."""
        if self.faults and (mode := self.faults.strike(source, person, today)):
            return mode
        return first(self.cast_faults.get(person, ()), source, person, today)

    def add_cast(self, case: dict[str, Any]) -> list[str]:
        """Take in one case of a cast file; the ID numbers it speaks about."""
        as_of = as_date(case.get("as_of"))
        members = {str(member["id_number"]) for member in case.get("household") or ()}
        people = members | self._people_of(case)
        written = {person: self._written(person) for person in people}
        for person in people:
            self.cast[person] = CastPerson(as_of)
        for source, answers in (case.get("records") or {}).items():
            for person, rows in (answers or {}).items():
                self.cast[str(person)].records[source] = list(rows or ())
        for person, before in written.items():
            if self._written(person) != before:
                self.desk.forget(person)
        self._add_cast_faults(case.get("faults") or {}, people)
        return sorted(people)

    def add_event(self, item: dict[str, Any]) -> Event:
        """Take in one later change."""
        event = Event.from_dict(item)
        self.events.setdefault((event.source, event.person), []).append(event)
        return event

    def turn(self, item: dict[str, Any]) -> dict[str, Any]:
        """Let something happen in the city on a day: {"kind", "on", person?}.

        ValueError for an unknown kind or where it can happen to nobody.
        """
        on, person = as_date(item["on"]), str(item.get("person") or "").upper()
        if self.city is None or on is None:
            raise ValueError("there is no city")
        if person and person not in self.city.people:
            raise ValueError("nobody of the city has that number")
        family = self.city.play(item["kind"], on, person=person)
        if family is None:
            raise ValueError(f"{item['kind']} can happen to nobody asked for")
        self.feed.forget()
        people = sorted({*family.people, *(number for number, _ in family.later)})
        return {"family": family.key, "applicant": family.applicant, "people": people}

    def changes(self, since: date, until: date, today: date) -> list[Change]:
        """What changed between two days, both included; nothing later than today is told."""
        until = min(until, today)
        own = [found for event in self._events() if (found := posted(event))]
        told = [change for change in own if since <= change.on <= until]
        return sorted([*self.feed.between(since, until), *told])

    def names_of(self, changes: Iterable[Change]) -> dict[str, str]:
        """The names of the people of these changes, as far as the city knows them."""
        known = self.city.people if self.city else {}
        return {one.person: known[one.person].name for one in changes if one.person in known}

    def _events(self) -> Iterator[Event]:
        return (event for events in self.events.values() for event in events)

    def suggestions(self, situation: str = "") -> list[dict[str, str]]:
        """An applicant of each situation, or all of one: name, ID number, what is the matter."""
        if self.city is None:
            return []
        if situation:
            numbers = self.city.situations.get(situation, [])
        else:
            numbers = [
                self.city.situations[name][0] for name in NOTES if name in self.city.situations
            ]
        return [
            {
                "name": self.city.people[number].name,
                "id_number": number,
                "note": NOTES.get(self.city.family_of(number).recipe, ""),
            }
            for number in numbers
        ]

    def _written(self, person: str) -> tuple[date | None, Rows] | None:
        """The report that a cast file gives of a person."""
        known = self.cast.get(person)
        return (known.as_of, known.records.get(reports.SOURCE, [])) if known else None

    def _base_rows(self, source: str, person: str, today: date) -> Rows:
        """The cast's rows where the cast knows the person, the city's otherwise."""
        if cast := self.cast.get(person):
            return monthly.extended(source, cast.records.get(source, []), cast.as_of, today)
        return self.city.rows(source, person, today) if self.city else []

    def _add_cast_faults(self, faults: dict[str, Any], people: Iterable[str]) -> None:
        """A cast file's faults concern its own household, never the rest of the city."""
        for person in people:
            self.cast_faults[person] = []
        for source, items in faults.items():
            for item in items:
                fault = MockFault.from_dict(item, source)
                for person in [fault.person] if fault.person else people:
                    self.cast_faults.setdefault(person, []).append(fault)

    @staticmethod
    def _people_of(case: dict[str, Any]) -> set[str]:
        return {
            str(person)
            for people in (case.get("records") or {}).values()
            for person in (people or {})
        }

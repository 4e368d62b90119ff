"""Facts (事实): replies read on demand, as of a day, with a note of what each rule looked at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from applications.eligibility.cast import Case, Person
from applications.eligibility.finding import Reference
from applications.eligibility.policy import Policy
from datashare import reading
from datashare.cells import same_person
from datashare.replies import Faulted, Reply


class SourcePending(Exception):
    """A source that the rule needs could not be used: the rule waits. Lists the sources."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.sources = tuple(dict.fromkeys(sources))
        super().__init__(", ".join(self.sources))


@dataclass
class Facts:
    """What is known of one case on one day. Replies are read once and kept."""

    case: Case
    on: date
    policy: Policy
    category: str = ""
    _replies: dict[tuple[str, str], Reply] = field(default_factory=dict, repr=False)
    memo: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def applicant(self) -> Person:
        return self.case.applicant

    @property
    def members(self) -> tuple[Person, ...]:
        return self.case.household

    @property
    def persons(self) -> int:
        return len(self.case.household)

    def for_category(self, category: str) -> "Facts":
        """The same replies judged under another category."""
        return Facts(self.case, self.on, self.policy, category, self._replies)

    def is_member(self, id_number: str) -> bool:
        return any(same_person(one.id_number, id_number) for one in self.members if id_number)

    def reply(self, source: str, person_id: str) -> Reply:
        """The reply of a source about a person: a fault in force on the day, or the rows."""
        key = (source, person_id)
        if key not in self._replies:
            self._replies[key] = reading.read(source, person_id, self._answer(source, person_id))
        return self._replies[key]

    def _answer(self, source: str, person_id: str) -> Any:
        for fault in self.case.faults.get(source, ()):
            if fault.strikes(person_id, self.on):
                return Faulted(fault.mode)
        return self.case.records.get(source, {}).get(person_id, [])

    def look(self) -> "Look":
        return Look(self)

    # -- The policy of the day ------------------------------------------------------------------

    def value(self, key: str) -> Any:
        return self.policy.value(key, self.on)

    def number(self, key: str) -> Decimal:
        return Decimal(self.value(key))

    def whole(self, key: str) -> int:
        return int(self.value(key))

    def op(self, key: str) -> str:
        return self.policy.op(key)


@dataclass
class Look:
    """One rule's look at the registers: what it needs, what it used, what it found."""

    facts: Facts
    sources: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)

    def need(self, *questions: tuple[str, str]) -> None:
        """Note the sources; raise SourcePending if any of them cannot be used."""
        missing = []
        for source, person_id in questions:
            self._note(source)
            if self.facts.reply(source, person_id).unavailable:
                missing.append(source)
        if missing:
            raise SourcePending(missing)

    def need_all(self, sources: Iterable[str], people: Iterable[Person]) -> None:
        everybody = tuple(people)
        self.need(*((source, one.id_number) for source in sources for one in everybody))

    def reply(self, source: str, person_id: str) -> Reply:
        """A reply the rule needs. Raises SourcePending."""
        self.need((source, person_id))
        return self.facts.reply(source, person_id)

    def glance(self, source: str, person_id: str) -> Reply:
        """A reply that helps and is not needed."""
        found = self.facts.reply(source, person_id)
        if found.found:
            self._note(source)
        return found

    def records(self, source: str, people: Iterable[Person]) -> Iterator[tuple[Person, Any]]:
        """Every record of a needed source with the person it answers about."""
        everybody = tuple(people)
        self.need(*((source, one.id_number) for one in everybody))
        for one in everybody:
            for record in self.facts.reply(source, one.id_number).records:
                yield one, record

    def saw(self, source: str, person: str, value: str = "", dated: date | None = None) -> None:
        """Keep a fact as evidence."""
        self._note(source)
        self.references.append(Reference(source, person, value, dated))

    def _note(self, source: str) -> None:
        if source not in self.sources:
            self.sources.append(source)

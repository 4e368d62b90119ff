"""Facts (事实): replies read on demand, as of a day, with a note of what each rule looked at."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from applications.eligibility.cast import Case, Person
from applications.eligibility.finding import Reference
from applications.eligibility.policy import Day, Policy
from datashare import reading
from datashare.cells import is_masked, names_agree, same_person
from datashare.replies import NO_RECORD, UNAVAILABLE, Faulted, Reply

T = TypeVar("T")


@cache
def _silence(source: str) -> Reply:
    """The answer of a source that knows nothing of somebody; no rule asks it about whom."""
    return Reply(source, "", NO_RECORD)


class SourcePending(Exception):
    """A source that the rule needs could not be used: the rule waits. Lists the sources."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.sources = tuple(dict.fromkeys(sources))
        super().__init__(", ".join(self.sources))


@dataclass
class Facts:
    """What is known of one case on one day. Replies are read once and kept.

    ``read`` collects the policy values that the rule at work has read: what it turned on.
    """

    case: Case
    on: date
    policy: Policy
    category: str = ""
    _replies: dict[tuple[str, str], Reply] = field(default_factory=dict, repr=False)
    memo: dict[str, Any] = field(default_factory=dict, repr=False)
    read: dict[str, None] = field(default_factory=dict, repr=False)
    day: Day = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.day = self.policy.day(self.on)

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

    def is_member(self, id_number: str, name: str = "") -> bool:
        """Whether somebody whom a row names is of this household.

        Hidden digits fit many people, so a masked number counts only beside a name that fits too.
        """
        return any(
            same_person(one.id_number, id_number)
            and (not is_masked(id_number) or names_agree(one.name, name))
            for one in self.members
            if id_number
        )

    def reply(self, source: str, person_id: str) -> Reply:
        """The reply of a source about a person: a fault in force on the day, or the rows."""
        key = (source, person_id)
        reply = self._replies.get(key)
        if reply is None:
            reply = self._replies[key] = self._read(source, person_id)
        return reply

    def _read(self, source: str, person_id: str) -> Reply:
        answer = self._answer(source, person_id)
        if answer == []:  # most questions; nothing in it can be misread
            return _silence(source)
        person = self.case.person(person_id)
        return reading.read(source, person_id, answer, name=person.name if person else "")

    def _answer(self, source: str, person_id: str) -> Any:
        if self.case.faults:
            for fault in self.case.faults.get(source, ()):
                if fault.strikes(person_id, self.on):
                    return Faulted(fault.mode)
        by_person = self.case.records.get(source)
        return [] if by_person is None else by_person.get(person_id, [])

    def look(self) -> "Look":
        return Look(self)

    # -- The policy of the day ------------------------------------------------------------------

    def value(self, key: str) -> Any:
        self.read[key] = None
        return self.day.values[key]

    def number(self, key: str) -> Decimal:
        return self.value(key)  # type: ignore[no-any-return]

    def whole(self, key: str) -> int:
        return self.value(key)  # type: ignore[no-any-return]

    def op(self, key: str) -> str:
        return self.day.ops[key]


@dataclass
class Look:
    """One rule's look at the registers: what it needs, what it used, what it found."""

    facts: Facts
    sources: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)

    def need(self, *questions: tuple[str, str]) -> None:
        """Note the sources; raise SourcePending if any of them cannot be used."""
        missing = []
        noted, reply = self.sources, self.facts.reply
        for source, person_id in questions:
            if source not in noted:
                noted.append(source)
            if reply(source, person_id).status == UNAVAILABLE:
                missing.append(source)
        if missing:
            raise SourcePending(missing)

    def need_all(self, sources: Iterable[str], people: Iterable[Person]) -> None:
        numbers = [one.id_number for one in people]
        self.need(*[(source, number) for source in sources for number in numbers])

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
        self.need(*[(source, one.id_number) for one in everybody])
        for one in everybody:
            for record in self.facts.reply(source, one.id_number).records:
                yield one, record

    def saw(self, source: str, person: str, value: str = "", dated: date | None = None) -> None:
        """Keep a fact as evidence."""
        self._note(source)
        self.references.append(Reference(source, person, value, dated))

    def once(self, name: str, find: Callable[["Look"], T]) -> T:
        """What ``find`` gives, found once a case; what it looked at is noted here each time.

        Raises SourcePending each time, too. The result is shared: nobody may change it.
        """
        kept = self.facts.memo.get(name)
        if kept is None:
            kept = self.facts.memo[name] = _find(self.facts, find)
        found, pending, look, read = kept
        for source in look.sources:
            self._note(source)
        self.references += [one for one in look.references if one not in self.references]
        self.facts.read |= read
        if pending is not None:
            raise SourcePending(pending.sources)
        return found  # type: ignore[no-any-return]

    def rests_on(self, behind: "Look") -> None:
        """Name the sources of a sum this rule only adds to; their facts are another rule's."""
        for source in behind.sources:
            self._note(source)

    def _note(self, source: str) -> None:
        if source not in self.sources:
            self.sources.append(source)


def _find(facts: Facts, find: Callable[[Look], Any]) -> tuple[Any, Any, Look, dict[str, None]]:
    """Result or SourcePending, with what was looked at and the policy values read on the way."""
    outer, facts.read = facts.read, {}
    look = facts.look()
    try:
        return find(look), None, look, facts.read
    except SourcePending as pending:
        return None, pending, look, facts.read
    finally:
        facts.read = outer

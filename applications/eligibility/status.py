"""Status of aid (救助身份): 特困, 低保, 低保边缘 by two routes; orphans (两路印证)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from applications.eligibility.calendar import month_index, within
from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts, Look
from datashare.cells import same_person
from datashare.replies import AidStatus

OWN, OTHER = ("low_income_aid", "extreme_poverty"), ("social_assistance",)  # the two routes
NO_STATUS, CONFIRMED, DISPUTED = "none", "confirmed", "disputed"


@dataclass(frozen=True, slots=True)
class Status:
    """``state`` none, confirmed or disputed; ``kind`` TK, DB, DBBY; ``orphan``: TK as an orphan.

    When disputed, ``own`` is what 民政 says and ``other`` what 大救助 says ('' for nothing).
    """

    state: str
    kind: str = ""
    orphan: bool = False
    own: str = ""
    other: str = ""


AS_ORPHAN = Status(CONFIRMED, "TK", orphan=True)


def status_of(facts: Facts, look: Look) -> Status:
    """The household's status on the day, of those the policy knows. Raises SourcePending.

    It is the household's when the applicant or the spouse is covered; aid of another member alone
    (单人保) is not the family's, and its income is then looked at.
    """
    if _orphan(facts, look):
        return AS_ORPHAN
    return aided(facts, look)


def aided(facts: Facts, look: Look) -> Status:
    """The status by the aid registers alone, or as people settled it. Raises SourcePending."""
    look.need_all((*OWN, *OTHER), _asked(facts))
    by_own, by_other = set(_kinds(facts, look, OWN)), set(_kinds(facts, look, OTHER))
    if facts.case.settled.aid:
        return _settled(facts, by_own & by_other)
    own, other = _best(facts, by_own), _best(facts, by_other)
    if own == other:
        return Status(CONFIRMED, own) if own else Status(NO_STATUS)
    return Status(DISPUTED, own=own, other=other)


def _orphan(facts: Facts, look: Look) -> bool:
    """Asked only where it can matter: a minor, or a young person alone."""
    if not may_be_orphan(facts):
        return False
    age = facts.applicant.age(facts.on)
    if age is None or age >= facts.whole("single.min_age"):
        return False
    return is_orphan(facts, look, facts.applicant.id_number)


def may_be_orphan(facts: Facts) -> bool:
    """A person alone, or a minor with others: whom the orphan register is asked about if young."""
    return facts.persons == 1 or facts.applicant.is_minor(facts.on)


def is_orphan(facts: Facts, look: Look, number: str) -> bool:
    for entry in look.reply("orphan", number).records:
        stopped = entry.ended and entry.until is None
        if not stopped and within(entry.since, facts.on, entry.until):
            look.saw("orphan", number, "", entry.since)
            return True
    return False


def _settled(facts: Facts, agreed: set[str]) -> Status:
    """Civil affairs has said what is so, where the routes differed; elsewhere they agree."""
    kind = _best(facts, agreed | set(facts.case.settled.aid.values()))
    return Status(CONFIRMED, kind) if kind else Status(NO_STATUS)


def _best(facts: Facts, kinds: set[str]) -> str:
    """The strongest of these that the policy knows."""
    return next((kind for kind in facts.value("tiers.by_status") if kind in kinds), "")


def _asked(facts: Facts) -> list[Person]:
    """Whose registers speak: of the others civil affairs has said itself what is so."""
    return [one for one in facts.members if one.id_number not in facts.case.settled.aid]


def _heads(facts: Facts) -> list[Person]:
    return [one for one in facts.members if is_head(facts, one)]


def is_head(facts: Facts, person: Person) -> bool:
    """Whether a person's aid is the household's: the applicant's and the spouse's is."""
    return person.is_spouse or person is facts.applicant


def _kinds(facts: Facts, look: Look, sources: Iterable[str]) -> Iterator[str]:
    """What one route gives the applicant or the spouse."""
    for source in sources:
        yield from _kinds_of(facts, look, source)


def _kinds_of(facts: Facts, look: Look, source: str) -> Iterator[str]:
    heads = [one.id_number for one in _heads(facts)]
    for person, record in look.records(source, _asked(facts)):
        covered = (person.id_number, record.head_id, *record.member_ids)
        named = any(same_person(head, one) for head in heads for one in covered if one)
        if named and in_force(record, facts.on):
            look.saw(source, person.id_number, record.kind, record.since or record.month)
            yield record.kind


def in_force(record: AidStatus, on: date) -> bool:
    """Whether aid runs on the day: status is by month, or from one day to another."""
    if record.month is not None and month_index(record.month) != month_index(on):
        return False
    if record.stopped and record.until is None:
        return False
    return within(record.since, on, record.until)

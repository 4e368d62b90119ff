"""Status of aid (救助身份): 特困, 低保, 低保边缘 by two routes; orphans (两路印证)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from applications.eligibility.calendar import month_index, within
from applications.eligibility.facts import Facts, Look
from applications.eligibility.schema import STATUS_TIERS
from datashare.cells import same_person
from datashare.replies import AidStatus

ORDER = STATUS_TIERS
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


def status_of(facts: Facts, look: Look) -> Status:
    """The household's status on the day, of those the policy knows. Raises SourcePending.

    It is the household's when the applicant or the spouse is covered; aid of another member alone
    (单人保) is not the family's, and its income is then looked at.
    """
    if _orphan(facts, look):
        return Status(CONFIRMED, "TK", orphan=True)
    look.need_all(("low_income_aid", "extreme_poverty", "social_assistance"), facts.members)
    own = _best(facts, look, ("low_income_aid", "extreme_poverty"))
    other = _best(facts, look, ("social_assistance",))
    if own == other:
        return Status(CONFIRMED, own) if own else Status(NO_STATUS)
    return Status(DISPUTED, own=own, other=other)


def _orphan(facts: Facts, look: Look) -> bool:
    """Asked only where it can matter: a minor, or a young person alone."""
    applicant = facts.applicant
    if facts.persons > 1 and not applicant.is_minor(facts.on):
        return False
    age = applicant.age(facts.on)
    if age is None or age >= facts.whole("single.min_age"):
        return False
    return is_orphan(facts, look, applicant.id_number)


def is_orphan(facts: Facts, look: Look, number: str) -> bool:
    for entry in look.reply("orphan", number).records:
        stopped = entry.ended and entry.until is None
        if not stopped and within(entry.since, facts.on, entry.until):
            look.saw("orphan", number, "", entry.since)
            return True
    return False


def _best(facts: Facts, look: Look, sources: Iterable[str]) -> str:
    """The strongest status that one route gives the applicant or the spouse."""
    found = {kind for source in sources for kind in _kinds(facts, look, source)}
    return next((kind for kind in facts.value("tiers.by_status") if kind in found), "")


def _kinds(facts: Facts, look: Look, source: str) -> Iterator[str]:
    heads = [one.id_number for one in facts.members if one.is_spouse or one is facts.applicant]
    for person, record in look.records(source, facts.members):
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

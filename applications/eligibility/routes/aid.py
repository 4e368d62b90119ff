"""Aid by two routes (救助身份): 民政 beside 大救助, person by person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from applications.eligibility.calendar import add_months
from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts
from applications.eligibility.routes.parts import (
    AGREE,
    AID,
    DISAGREE,
    NO_ANSWER,
    NOT,
    OTHER_MONTH,
    PAIRS,
    SAYS,
    SILENT,
    UNAVAILABLE,
    UNKNOWN,
    Confirmation,
    Fact,
    Side,
    in_order,
    order,
    sources_of,
)
from applications.eligibility.schema import STATUS_TIERS
from applications.eligibility.status import in_force, is_head
from datashare.cells import same_person
from datashare.replies import AidStatus


@dataclass(frozen=True, slots=True)
class _Grant:
    """Aid in force as one row tells it, and whom it covers."""

    source: str
    record: AidStatus
    person: str
    covered: frozenset[str]


def confirm(facts: Facts) -> Iterator[Confirmation]:
    own = _grants(facts, PAIRS[AID][0])
    other = _grants(facts, PAIRS[AID][1])
    for person in facts.members:
        left, right = _of(facts, own, other, person), _of(facts, other, own, person)
        yield _aid_of(facts, person, left, right)


def _grants(facts: Facts, sources: Iterable[str]) -> list[_Grant]:
    return [
        _Grant(source, record, person.id_number, _covered(facts, person, record))
        for source in sources
        for person in facts.members
        for record in facts.reply(source, person.id_number).records
        if in_force(record, facts.on)
    ]


def _covered(facts: Facts, person: Person, record: AidStatus) -> frozenset[str]:
    """Whom a grant covers; applicant and spouse are one family, as the rules have it."""
    named = {one for one in (person.id_number, record.head_id, *record.member_ids) if one}
    members = {
        one.id_number for one in facts.members if any(same_person(one.id_number, n) for n in named)
    }
    heads = {one.id_number for one in facts.members if is_head(facts, one)}
    return frozenset(named | members | (heads if heads & members else set()))


def _of(facts: Facts, grants: list[_Grant], others: list[_Grant], person: Person) -> list[_Grant]:
    """The grants of one route that cover a person, by name or with the family that the other
    route lists: a register of heads does not name each child."""
    mine = [one for one in grants if person.id_number in one.covered]
    if mine or is_head(facts, person):
        return mine
    listed = [one for one in others if person.id_number in one.covered]
    return [
        one
        for one in grants
        if any(one.record.kind == two.record.kind and one.covered & two.covered for two in listed)
    ]


def _aid_of(facts: Facts, person: Person, left: list[_Grant], right: list[_Grant]) -> Confirmation:
    own, other = _best(left), _best(right)
    sides = [_aid_side(facts, source, person, left + right) for source in sources_of(AID)]
    result, reason = _compared(own, other, _silence(facts, sides, own, other))
    disputed = _aid_disputed(left, own, other) + _aid_disputed(right, other, own)
    split = len(PAIRS[AID][0])
    return Confirmation(
        AID, person.id_number, result, tuple(sides[:split]), tuple(sides[split:]), reason,
        in_order(disputed) if result == DISAGREE else (),
    )  # fmt: skip


def _best(grants: list[_Grant]) -> str:
    kinds = {one.record.kind for one in grants}
    return next((kind for kind in STATUS_TIERS if kind in kinds), "")


def _compared(own: str, other: str, silence: str) -> tuple[str, str]:
    if own == other:
        return (SILENT, silence) if silence and not own else (AGREE, "")
    return (SILENT, silence) if silence else (DISAGREE, "")


def _silence(facts: Facts, sides: list[Side], own: str, other: str) -> str:
    """Why the route that says less cannot be held to it: it was not heard in full."""
    weak = PAIRS[AID][0] if _rank(own) > _rank(other) else PAIRS[AID][1]
    if own == other:
        weak = sources_of(AID)
    states = {one.source: one.state for one in sides}
    if any(states[source] == UNAVAILABLE for source in weak):
        return NO_ANSWER
    return OTHER_MONTH if any(states[source] == UNKNOWN for source in weak) else ""


def _rank(kind: str) -> int:
    """A lower number is the stronger status."""
    return STATUS_TIERS.index(kind) if kind else len(STATUS_TIERS)


def _aid_side(facts: Facts, source: str, person: Person, grants: list[_Grant]) -> Side:
    said = {
        Fact(one.record.kind, one.person, one.record.since or one.record.month)
        for one in grants
        if one.source == source
    }
    if said:
        return Side(source, SAYS, tuple(sorted(said, key=order)))
    reply = facts.reply(source, person.id_number)
    if reply.unavailable:
        return Side(source, UNAVAILABLE)
    months = [one.month for one in reply.records]
    # rows of other months alone do not say what holds this month
    stale = bool(months) and all(month is not None and month < _month(facts.on) for month in months)
    return Side(source, UNKNOWN if stale and _last_is_recent(months, facts.on) else NOT)


def _last_is_recent(months: Iterable[date | None], on: date) -> bool:
    """Last month's row: this month's may not be written yet."""
    last = max(month for month in months if month is not None)
    return add_months(last, 1) >= _month(on)


def _month(day: date) -> date:
    return day.replace(day=1)


def _aid_disputed(grants: list[_Grant], mine: str, other: str) -> list[tuple[str, Fact]]:
    if not mine or mine == other:
        return []
    return [
        (one.source, Fact(one.record.kind, one.person, one.record.since))
        for one in grants
        if one.record.kind == mine
    ]

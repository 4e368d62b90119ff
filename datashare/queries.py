"""提问 the front door of datashare: questions in, typed replies out.

A question is one source about one person. `ask` sends a household's questions out together
within one event loop in the calling task, so that the whole takes about as long as its slowest
source; it never raises for a failing source, whose reply is *unavailable*. Without a case number,
a matter, an operator and an authority in force nothing is asked at all (see `authorities`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import transaction

from core import audit, clock
from core.identity import kinship
from core.identity.numbers import age_on, is_adult_on, is_valid, parse
from datashare import asking, flow
from datashare.gateway.faults import NOT_ASKED, OUR_OWN
from datashare.gateway.quota import BULK_DAY
from datashare.questions import Person, Purpose, PurposeMissing, Question
from datashare.replies import Relative, Reply
from datashare.sources import CATALOGUE
from datashare.sources.source import Member

MAX_WAIT, BULK_WAIT = 8.0, 30.0  # seconds a question waits for its place in the quota


class AskedInTransaction(RuntimeError):
    """A programming error: departments are never waited for while rows are locked."""


@dataclass(frozen=True, slots=True)
class HouseholdDraft:
    """户籍带出的家庭 the applicant's relatives as the registers know them.

    `members` relate to the applicant by GB/T 4761; `certain` is False when a register could not
    be asked, so that an empty list is not mistaken for living alone; `known` is False when the
    household register answered and has never heard of the applicant (registered elsewhere).
    """

    members: tuple[Relative, ...]
    certain: bool
    minors: frozenset[str] = field(default=frozenset(), repr=False)
    known: bool = True


def ask(
    questions: Iterable[Question],
    *,
    purpose: Purpose,
    by: Any,
    max_age: timedelta | None = None,
    max_wait: float | None = None,
    bulk: bool = False,
) -> dict[Question, Reply]:
    """Ask all questions at once for one purpose; a reply for each. See `ask_each`.

    Raises PurposeMissing, before anything is asked, if one of them lacks its authority.
    """
    wanted = list(dict.fromkeys(questions))
    pairs = [(question, purpose) for question in wanted]
    purpose.refuse_if_incomplete(audit.label(by))
    replies = ask_each(
        pairs, by=by, max_age=max_age, max_wait=max_wait, bulk=bulk, all_or_none=True
    )
    return dict(zip(wanted, replies, strict=True))


def ask_each(
    pairs: Iterable[tuple[Question, Purpose]],
    *,
    by: Any,
    max_age: timedelta | None = None,
    max_wait: float | None = None,
    bulk: bool = False,
    all_or_none: bool = False,
) -> list[Reply]:
    """Ask questions of several cases at once, each for its own purpose; replies in their order.

    `max_age` lets an answer that was fetched no longer ago stand in for a call (never past the
    source's TTL). `max_wait` is how many seconds a question may wait for its place in the quota:
    short for a waiting citizen, long for a campaign unless told. `bulk` is work that nobody waits
    for: it never takes a place before a citizen's question and leaves a part of the day to them.

    A question whose consent is not in force, or whose duty or source does not cover it, is not
    asked: its reply is unavailable with the error `no_authority`, so that one person's withdrawal
    does not stop the others' work; with `all_or_none` nothing is asked and PurposeMissing says why.
    Also raises PurposeMissing for an incomplete purpose and, inside a transaction,
    AskedInTransaction; nothing else.
    """
    wanted = list(pairs)
    manner = flow.Manner(by, max_age, _patience(max_wait, bulk), bulk, all_or_none)
    _refuse_to_start(wanted, manner.operator)
    # a household goes out in one piece; a campaign's questions in batches that overlap
    size = flow.BATCH if bulk and not all_or_none else max(1, len(wanted))
    return list(flow.replies(wanted, manner, batch=size))


def ask_many(
    pairs: Iterable[tuple[Question, Purpose]],
    *,
    by: Any,
    max_age: timedelta | None = None,
    max_wait: float | None = None,
    bulk: bool = True,
) -> Iterator[Reply]:
    """`ask_each` for more questions than anybody should hold at once: a stream, in their order.

    Takes questions from `pairs` a few batches ahead of the replies it gives, and writes one batch
    while the next is asked. Stopping it (or the process) loses nothing that was answered: asked
    again with `max_age`, only what is not fresh goes out.
    """
    manner = flow.Manner(by, max_age, _patience(max_wait, bulk), bulk)
    return flow.replies(_each_refused(pairs, manner.operator), manner, batch=flow.BATCH)


def _patience(max_wait: float | None, bulk: bool) -> float:
    if max_wait is not None:
        return max_wait
    return BULK_WAIT if bulk else MAX_WAIT


def _each_refused(
    pairs: Iterable[tuple[Question, Purpose]], operator: str
) -> Iterator[tuple[Question, Purpose]]:
    coming = iter(pairs)
    while taken := list(islice(coming, flow.BATCH)):
        _refuse_to_start(taken, operator)
        yield from taken


def _refuse_to_start(pairs: Iterable[tuple[Question, Purpose]], operator: str) -> None:
    """Raises PurposeMissing for a purpose that says too little, and AskedInTransaction."""
    # by identity: those of one case share theirs, and comparing them costs more than checking
    for purpose in {id(purpose): purpose for _question, purpose in pairs}.values():
        purpose.refuse_if_incomplete(operator)
    refuse_in_transaction()


def questions_about(
    person: Person,
    *,
    applicant: bool = False,
    category: str = "",
    alone: bool = False,
    purpose: str = "eligibility_check",
) -> list[Question]:
    """The sources that have something to say about a person of that age and role."""
    number = parse(person.id_number)
    member = Member(age_on(number.birth_date, clock.today()), applicant, category, alone)
    return [
        Question(code, person)
        for code, spec in CATALOGUE.items()
        if purpose in spec.purposes and spec.applies_to(member)
    ]


def household_of(person: Person, *, purpose: Purpose, by: Any) -> HouseholdDraft:
    """The applicant's household drafted from the household and marriage registers.

    Only names, numbers and relations leave this function: a member's other registers wait for
    that member's own consent.
    """
    register, wedding = Question("household_register", person), Question("marriage", person)
    replies = ask([register, wedding], purpose=purpose, by=by, max_age=timedelta(days=1))
    relatives = {
        **_registered_with(replies[register], person),
        **_married_to(replies[wedding], person, replies[register]),
    }
    certain = not (replies[register].unavailable or replies[wedding].unavailable)
    members = tuple(sorted(relatives.values(), key=lambda found: found.relation))
    minors = frozenset(found.id_number for found in members if _is_minor(found.id_number))
    return HouseholdDraft(members, certain, minors, known=not replies[register].silent)


def allowances() -> dict[str, dict[str, Any]]:
    """By source: `left` and `daily` calls of the day, `rate` calls a second, seconds of `rest`
    after a code 18, `breaker` (closed, open, half_open), `retry_in` seconds until it may be asked.

    Raises RedisError while Redis is away.
    """
    return asking.allowances()


def refuse_in_transaction() -> None:
    """Raises AskedInTransaction where rows may be locked: departments are not waited for then."""
    try:
        with transaction.atomic(durable=True):
            pass
    except RuntimeError as error:
        raise AskedInTransaction("datashare.queries.ask inside a transaction") from error


# -- reading a household ------------------------------------------------------------------------


def _registered_with(reply: Reply, person: Person) -> dict[str, Relative]:
    """Others of the same register, and own children wherever they live."""
    found: dict[str, Relative] = {}
    for entry in reply.records:
        for other in entry.members:
            relation = _to_applicant(entry.relation, other)
            if relation and other.id_number != person.id_number:
                found[other.id_number] = Relative(other.name, other.id_number, relation)
        for child in entry.children:
            relation = _child_relation(child.id_number)
            found[child.id_number] = Relative(child.name, child.id_number, relation)
    return found


def _married_to(reply: Reply, person: Person, register: Reply) -> dict[str, Relative]:
    """The spouse by the latest entry of the marriage register; nobody after a divorce.

    Nor after the spouse's death: the marriage register does not learn of it, the household register
    says so (丧偶), unless the marriage is newer than its entry.
    """
    events = sorted(reply.records, key=lambda event: event.on or date.min)
    if not events or events[-1].kind != "married":
        return {}
    last = events[-1]
    if _widowed_since(register, last.on):
        return {}
    other = last.woman if last.man.id_number == person.id_number else last.man
    if not other.id_number or other.id_number == person.id_number:
        return {}
    return {other.id_number: Relative(other.name, other.id_number, "10")}


def _widowed_since(register: Reply, wedding: date | None) -> bool:
    """Whether the household register, at least as new as the wedding, calls the person widowed."""
    return any(
        entry.marital.startswith("3")
        and entry.updated is not None
        and wedding is not None
        and entry.updated >= wedding
        for entry in register.records
    )


def _to_applicant(own: str, other: Relative) -> str:
    """Relation to the applicant, from both people's relations to the head; '' if not kin we draft.

    The registers state relations to the head of the household (户主), who need not be the one who
    applies.
    """
    to_head = other.relation
    if own in kinship.HEADS:
        # a grandparent may raise a grandchild (4): named, and in only if the family says so
        return to_head if to_head[:1] in ("1", "2", "3", "4", "5") else ""
    if own in kinship.SPOUSES:
        if to_head in kinship.HEADS:
            return "10"
        if to_head[:1] == "4":
            return to_head
        return _child_relation(other.id_number) if to_head in kinship.CHILDREN else ""
    if own in kinship.CHILDREN:  # a child of the head applies: the head and the spouse are parents
        return "50" if to_head in kinship.HEADS | kinship.SPOUSES else ""
    if own in kinship.PARENTS and to_head in kinship.HEADS:
        return _child_relation(other.id_number)
    return ""


def _child_relation(id_number: str) -> str:
    return "20" if is_valid(id_number) and parse(id_number).sex == "1" else "30"


def _is_minor(id_number: str) -> bool:
    return is_valid(id_number) and not is_adult_on(parse(id_number).birth_date, clock.today())


__all__ = [
    "BULK_DAY",
    "NOT_ASKED",
    "OUR_OWN",
    "AskedInTransaction",
    "HouseholdDraft",
    "Person",
    "Purpose",
    "PurposeMissing",
    "Question",
    "Reply",
    "allowances",
    "ask",
    "ask_each",
    "ask_many",
    "household_of",
    "questions_about",
]

"""提问 the front door of datashare: questions in, typed replies out.

A question is one source about one person. `ask` sends a household's questions out together
within one event loop in the calling task, so that the whole takes about as long as its slowest
source; it never raises for a failing source, whose reply is *unavailable*. Without a case number,
a matter, an operator and an authority nothing is asked at all.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import redis.asyncio as aioredis
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, clock
from core.identity.numbers import age_on, is_valid, normalise, parse
from core.refusals import Refusal
from datashare import journal
from datashare.gateway.client import Answer, Evidence, Gateway, Site
from datashare.gateway.faults import Fault
from datashare.gateway.quota import Quota, Reservation
from datashare.reading import read
from datashare.replies import UNAVAILABLE, Faulted, Relative, Reply
from datashare.sources import CATALOGUE
from datashare.sources.source import Asked, Member

T = TypeVar("T")
CONCURRENCY = 50
MAX_WAIT = 8.0  # seconds
STALE_YEARS = 8  # a register whose newest copy is older has not been kept up
STAMPS = ("tong_time", "tongTime", "czrksjxgxsj")


class PurposeMissing(Refusal):
    """用数依据不全 a question without case number, matter, operator or authority is not asked."""


class AskedInTransaction(RuntimeError):
    """A programming error: departments are never waited for while rows are locked."""


@dataclass(frozen=True, slots=True)
class Person:
    """被查询人 name and ID number as declared."""

    name: str
    id_number: str = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id_number", normalise(self.id_number))


@dataclass(frozen=True, slots=True)
class Question:
    """查询 one source about one person; `params` as text, e.g. the spouse of a national check."""

    source: str
    person: Person
    params: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.source not in CATALOGUE:
            raise ValueError(f"no such source: {self.source}")
        object.__setattr__(self, "params", dict(sorted(self.params.items())))


@dataclass(frozen=True, slots=True)
class Purpose:
    """事由与依据 why a question is asked: travels to the department and into the call log.

    `matter` is the code of the matter (主项/子项 with a slash), `basis` is `consent:<digest>` or
    `duty:<name>`, `material` the paper that the answer makes unnecessary.
    """

    matter: str
    case_no: str
    basis: str
    material: str = ""

    def refuse_if_incomplete(self, by: str) -> None:
        """Raises PurposeMissing, naming the first thing that is missing."""
        authority, _colon, named = self.basis.partition(":")
        if not self.case_no.strip():
            raise PurposeMissing(_("查询必须写明办件编号。"))
        if not self.matter.strip():
            raise PurposeMissing(_("查询必须写明事由。"))
        if authority not in ("consent", "duty") or not named:
            raise PurposeMissing(_("查询必须有本人授权或法定职责作为依据。"))
        if not by.strip():
            raise PurposeMissing(_("查询必须写明查询人。"))


@dataclass(frozen=True, slots=True)
class HouseholdDraft:
    """户籍带出的家庭 the applicant's relatives as the registers know them.

    `members` relate to the applicant by GB/T 4761; `certain` is False when a register could not
    be asked, so that an empty list is not mistaken for living alone.
    """

    members: tuple[Relative, ...]
    certain: bool
    minors: frozenset[str] = field(default=frozenset(), repr=False)


def ask(
    questions: Iterable[Question],
    *,
    purpose: Purpose,
    by: Any,
    max_age: timedelta | None = None,
    max_wait: float = MAX_WAIT,
) -> dict[Question, Reply]:
    """Ask all questions at once for one purpose; a reply for each. See `ask_each`."""
    wanted = list(dict.fromkeys(questions))
    pairs = [(question, purpose) for question in wanted]
    purpose.refuse_if_incomplete(audit.label(by))
    replies = ask_each(pairs, by=by, max_age=max_age, max_wait=max_wait)
    return dict(zip(wanted, replies, strict=True))


def ask_each(
    pairs: Iterable[tuple[Question, Purpose]],
    *,
    by: Any,
    max_age: timedelta | None = None,
    max_wait: float = MAX_WAIT,
) -> list[Reply]:
    """Ask questions of several cases at once, each for its own purpose; replies in their order.

    `max_age` lets an answer that was fetched no longer ago stand in for a call (never past the
    source's TTL). `max_wait` is how many seconds a question may wait for its place in the quota:
    short for a waiting citizen, long for a campaign. Raises PurposeMissing and, inside a
    transaction, AskedInTransaction; nothing else.
    """
    pairs = list(pairs)
    operator = audit.label(by)[:80]
    for purpose in dict.fromkeys(purpose for _question, purpose in pairs):
        purpose.refuse_if_incomplete(operator)
    _refuse_in_transaction()
    kept = journal.kept_answers([question for question, _purpose in pairs], max_age)
    open_ones = list(dict.fromkeys(pair for pair in pairs if pair[0] not in kept))
    asked = _in_a_loop(_ask_all(open_ones, operator, max_wait)) if open_ones else []
    journal.write(asked, operator)
    replies = {(item.question, item.purpose): item.reply for item in asked}
    return [
        _kept_reply(pair[0], *kept[pair[0]]) if pair[0] in kept else replies[pair] for pair in pairs
    ]


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
        **_married_to(replies[wedding], person),
    }
    certain = not (replies[register].unavailable or replies[wedding].unavailable)
    members = tuple(sorted(relatives.values(), key=lambda found: found.relation))
    minors = frozenset(found.id_number for found in members if _is_minor(found.id_number))
    return HouseholdDraft(members, certain, minors)


def allowances() -> dict[str, dict[str, Any]]:
    """What is left of each source's quota today, and for how many seconds it rests after an 18."""
    return _in_a_loop(_allowances())


def site() -> Site:
    """The gateway as the settings describe it."""
    return Site(
        url=settings.DATASHARE_GATEWAY_URL,
        app_key=settings.DATASHARE_APP_KEY,
        app_secret=settings.DATASHARE_APP_SECRET,
        prefix=getattr(settings, "DATASHARE_REDIS_PREFIX", "yz:datashare"),
        timeout=getattr(settings, "DATASHARE_TIMEOUT", 5.0),
        interfaces=getattr(settings, "DATASHARE_INTERFACES", {}),
        lower_case_keys=getattr(settings, "DATASHARE_LOWER_CASE_KEYS", False),
    )


# -- asking -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asking:
    """One question that went out, with everything that the log and the cache need."""

    question: Question
    purpose: Purpose
    started_at: datetime
    answer: Answer
    reply: Reply


def _in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in this thread, or beside it where an event loop already turns in it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    context = contextvars.copy_context()
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(context.run, asyncio.run, work).result()


def _refuse_in_transaction() -> None:
    try:
        with transaction.atomic(durable=True):
            pass
    except RuntimeError as error:
        raise AskedInTransaction("datashare.queries.ask inside a transaction") from error


async def _ask_all(
    pairs: list[tuple[Question, Purpose]], operator: str, max_wait: float
) -> list[Asking]:
    """All questions within one session and one event loop."""
    limit = asyncio.Semaphore(CONCURRENCY)
    redis = aioredis.Redis.from_url(settings.REDIS_URL, retry=None, socket_timeout=2)
    try:
        async with Gateway(site(), redis, clock.today()) as gateway:
            slots = await _reserve(gateway, [question for question, _purpose in pairs], max_wait)

            async def one(pair: tuple[Question, Purpose], slot: _Slot) -> Asking:
                async with limit:
                    return await _ask_one(gateway, *pair, slot, operator)

            return list(await asyncio.gather(*map(one, pairs, slots)))
    finally:
        await redis.aclose()


async def _allowances() -> dict[str, dict[str, Any]]:
    here, today = site(), clock.today()
    async with aioredis.Redis.from_url(settings.REDIS_URL, retry=None, socket_timeout=2) as redis:
        quota = Quota(redis, here.prefix)
        return {source: await quota.left(here.interface(source), today) for source in CATALOGUE}


# a place in a reservation, or the fault that refused it
_Slot = tuple[Reservation, int] | Fault


async def _reserve(gateway: Gateway, questions: list[Question], max_wait: float) -> list[_Slot]:
    """A place in its source's quota for each question: one round trip a source, not a call."""
    counts = Counter(question.source for question in questions)
    granted: dict[str, Reservation | Fault] = {}
    for source, count in counts.items():
        try:
            granted[source] = await gateway.quota.reserve(
                gateway.site.interface(source), gateway.day, slots=count, max_wait=max_wait
            )
        except Fault as fault:
            granted[source] = fault
        except aioredis.RedisError:
            granted[source] = Fault("internal", detail="redis")
    places: Counter[str] = Counter()
    slots: list[_Slot] = []
    for question in questions:
        grant = granted[question.source]
        slots.append(grant if isinstance(grant, Fault) else (grant, places[question.source]))
        places[question.source] += 1
    return slots


async def _ask_one(
    gateway: Gateway, question: Question, purpose: Purpose, slot: _Slot, operator: str
) -> Asking:
    """One question to the wire and back; a failure is an unavailable reply."""
    spec, person = CATALOGUE[question.source], question.person
    started_at = clock.now()
    if isinstance(slot, Fault):
        answer = Answer(fault=slot.kind, detail=slot.detail)
    else:
        params = spec.request(
            Asked(person.name, person.id_number, clock.today(), dict(question.params))
        )
        evidence = Evidence(
            purpose.matter,
            purpose.case_no,
            operator,
            purpose.material or spec.name,
            person.name,
            person.id_number,
        )
        answer = await gateway.call(question.source, params, evidence, slot=slot)
    return Asking(question, purpose, started_at, answer, _reply(question, answer, started_at))


def _reply(question: Question, answer: Answer, at: datetime) -> Reply:
    """The typed reply to an answer, read by the one door that cast files and replay use."""
    fault = answer.fault or ("stale" if _is_stale(answer.rows, at) else "")
    content: Any = Faulted(fault) if fault else list(answer.rows)
    return read(question.source, question.person.id_number, content, fetched_at=at)


def _kept_reply(question: Question, rows: list[dict[str, Any]], at: datetime) -> Reply:
    return read(question.source, question.person.id_number, rows, fetched_at=at)


def _is_stale(rows: Iterable[Mapping[str, Any]], at: datetime) -> bool:
    """Whether every copy that says its age is years old: the register no longer follows."""
    stamps = [
        str(row[key]) for row in rows for key in STAMPS if str(row.get(key, ""))[:4].isdigit()
    ]
    return bool(stamps) and int(max(stamps)[:4]) < at.year - STALE_YEARS


# -- reading a household ------------------------------------------------------------------------

HEADS = ("01", "02")
SPOUSES = ("10", "11", "12")


def _registered_with(reply: Reply, person: Person) -> dict[str, Relative]:
    """Others of the same register, and own children wherever they live."""
    found: dict[str, Relative] = {}
    for entry in reply.records:
        for other in entry.members:
            relation = _to_applicant(entry.relation, other.relation)
            if relation and other.id_number != person.id_number:
                found[other.id_number] = Relative(other.name, other.id_number, relation)
        for child in entry.children:
            relation = _child_relation(child.id_number)
            found[child.id_number] = Relative(child.name, child.id_number, relation)
    return found


def _married_to(reply: Reply, person: Person) -> dict[str, Relative]:
    """The spouse by the latest entry of the marriage register; nobody after a divorce."""
    events = sorted(reply.records, key=lambda event: event.on or date.min)
    if not events or events[-1].kind != "married":
        return {}
    last = events[-1]
    other = last.woman if last.man.id_number == person.id_number else last.man
    if not other.id_number or other.id_number == person.id_number:
        return {}
    return {other.id_number: Relative(other.name, other.id_number, "10")}


def _to_applicant(own: str, other: str) -> str:
    """Relation to the applicant, from both people's relations to the head; '' if not kin we draft.

    The registers state relations to the head of the household (户主), who need not be the one who
    applies.
    """
    kin = other[:1]
    if own in HEADS:
        return other if kin in ("1", "2", "3", "5") else ""
    if own in SPOUSES:
        if other in HEADS:
            return "10"
        return {"2": "20", "3": "30"}.get(kin, "")
    if own[:1] in ("2", "3"):  # a child of the head applies: the head and the spouse are parents
        return "50" if other in HEADS or other in SPOUSES else ""
    if own in ("50", "51", "52") and other in HEADS:
        return "20"
    return ""


def _child_relation(id_number: str) -> str:
    return "20" if is_valid(id_number) and parse(id_number).sex == "1" else "30"


def _is_minor(id_number: str) -> bool:
    return is_valid(id_number) and age_on(parse(id_number).birth_date, clock.today()) < 18


__all__ = [
    "UNAVAILABLE",
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
    "household_of",
    "questions_about",
]

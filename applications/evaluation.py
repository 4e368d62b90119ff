"""Evaluation (评估): hands a household to the rules and keeps what they say.

The case is built in the shape of a cast file; the very same ``assess`` reads it here, in
``manage.py assess`` and in ``manage.py replay``.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from applications import archive, authority, releases, sameness
from applications.eligibility import assessment as rules
from applications.eligibility import policy as policies
from applications.eligibility.cast import Case
from applications.eligibility.settled import Settled
from applications.models import (
    Application,
    Assessment,
    Ban,
    Benefit,
    Commitment,
    Evidence,
    Member,
    PolicyText,
)
from applications.models.evidence import CLUE_ROUND, RECHECK_ROUND, RENEWAL_ROUND
from core import audit, clock, locks
from datashare import queries

# datashare's names of the purposes
CHECK, RECHECK, DRAFT = "eligibility_check", "annual_recheck", "household_draft"
# a fault that a cast file knows; any other kind is told as a time-out
_FAULTS = frozenset({"quota", "timeout", "http_500", "garbage", "empty", "stale"})
_ANSWERED = (Evidence.Status.FOUND, Evidence.Status.NO_RECORD)


@dataclass(frozen=True, slots=True)
class Told:
    """How one question stands, or stood at a moment: what was said, or why nothing was."""

    source: str
    member: Member
    status: str
    rows: list[dict[str, Any]]
    error: str = ""

    @property
    def is_record(self) -> bool:
        """Whether there are rows to read: an answer, or the receipt of a report under way."""
        return self.status in _ANSWERED or bool(self.rows)


def case_of(application: Application, round: str, on: date, *, recheck_of: str = "") -> Case:
    """The household as a case: people, what they state, raw rows, faults, what the platform knows.

    ``recheck_of`` names the lease under review: the household's own benefit is no second one.
    """
    people = _people(application)
    evidence = application.evidence.filter(round=round, member__in=people).defer("disputed_reason")
    members = {one.pk: one for one in people}
    told = [
        Told(one.source, members[one.member_id], one.status, one.rows, one.error)
        for one in evidence
    ]
    words = {one.pk: authority.word_of(one) for one in people}
    promises = application.commitments.all()
    return _case(application, round, on, recheck_of, words, promises, people, told)


def case_at(
    application: Application, round: str, moment: datetime, *, recheck_of: str = ""
) -> Case:
    """The household as a case the way the platform knew it at a moment, from the archive.

    Later answers, consents and promises are left out; what people corrected is no part of a case
    (see `archive.corrections_at`). Who belonged to the family is as it was then; what the family
    declared otherwise is that of today: it does not change once the application was sent.
    """
    people = _people_at(application, moment)
    words = {one.pk: authority.word_at(one, moment) for one in people}
    members = {one.pk: one for one in people}
    kept = archive.known_at(application, round, moment)
    told = []
    for one in application.evidence.filter(round=round, member__in=people).order_by("id"):
        entry = kept.get(one.pk)
        if entry is not None:
            rows = entry.content.get("rows", [])
            told.append(Told(one.source, members[one.member_id], entry.status, rows, entry.error))
        elif words[one.member_id] == "given":
            told.append(_before_archive(one, members[one.member_id], moment))
    promises = application.commitments.filter(given_at__lte=moment)
    on = moment.astimezone(clock.LOCAL).date()
    return _case(application, round, on, recheck_of, words, promises, people, told)


def assess_now(
    application: Application,
    *,
    round: str,
    on: date,
    by: Any,
    recheck_of: str = "",
    settled: Settled | None = None,
) -> Assessment:
    """Lets the rules of the day read the round's answers and stores inputs and result.

    ``settled`` is what people have found about them since; it stands beside what registers said.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        case = case_of(row, round, on, recheck_of=recheck_of)
        if settled:
            case = Case.from_dict({**case.to_dict(), "settled": settled.to_dict()})
        policy, text = policy_of(on)
        result = rules.assess(case, on=on, policy=policy).to_record()
        made = Assessment.objects.create(
            application=row, round=round, on=on, policy=text, outcome=result["outcome"],
            category=result["category"] or "", tier=result["tier"] or "", result=result,
            inputs=case.to_dict(), created_at=clock.now(),
        )  # fmt: skip
        audit.record(
            "application.assessed", by=by, thing=row, round=round, outcome=made.outcome,
            policy=text.code,
        )  # fmt: skip
        return made


def same_inputs(stored: Assessment, application: Application) -> bool:
    """Whether nothing that the rules read has changed since ``stored`` was made."""
    case = case_of(application, stored.round, stored.on)
    return case.to_dict() == stored.inputs


def policy_of(on: date) -> tuple[Any, PolicyText]:
    """The pack in force on a day and its text as kept in the database (immutable)."""
    policy = releases.in_force(on)
    return policy, releases.text_of(policy)


# -- Replay ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A stored assessment that the rules of today do not give again."""

    assessment: Assessment
    stored: dict[str, Any]
    again: dict[str, Any]


def replay(since: date | None = None) -> Iterator[tuple[Assessment, Difference | None]]:
    """Recomputes stored assessments from their own inputs and policy text, oldest first."""
    rows = Assessment.objects.select_related("policy").order_by("id")
    if since is not None:
        rows = rows.filter(created_at__gte=clock.local_midnight(since))
    for row in rows.iterator(chunk_size=500):
        again = recomputed(row)
        differs = again != row.result
        yield row, Difference(row, row.result, again) if differs else None


def recomputed(row: Assessment) -> dict[str, Any]:
    """What the rules as they are now make of a stored assessment's inputs."""
    policy = policies.load(row.policy.text)
    return rules.assess(Case.from_dict(row.inputs), on=row.on, policy=policy).to_record()


# -- Parts of a case ---------------------------------------------------------------------------


def _people(application: Application) -> list[Member]:
    return list(application.members.filter(excluded=False).prefetch_related("consents"))


def _people_at(application: Application, moment: datetime) -> list[Member]:
    """Who belonged to the household at a moment: families change after a case was sent."""
    there = Q(joined_at=None) | Q(joined_at__lte=moment)
    stayed = Q(excluded=False) | Q(left_at__gt=moment)
    return list(application.members.filter(there, stayed).prefetch_related("consents"))


def _case(
    application: Application,
    round: str,
    on: date,
    recheck_of: str,
    words: dict[int, str],
    promises: QuerySet[Commitment],
    people: list[Member],
    told: list[Told],
) -> Case:
    """The parts in the shape of a cast file. ``words``: each member's word on being asked about."""
    told = sorted(told, key=lambda one: (one.source, one.member.position))
    body: dict[str, Any] = {
        "case": application.case_no or str(application.ref),
        "as_of": on.isoformat(),
        "programme": application.programme,
        "channel": application.channel,
        "household": [
            {"name": one.name, "id_number": one.id_number, "relation": one.relation}
            for one in people
        ],
        "declared": _declared(application, people, words, promises),
        "records": _records(told),
        "platform": _platform(application, people, on, recheck_of),
        "faults": _faults(told, [*_unasked(application, people, words, told, round)]),
    }
    if wanted := application.declared.get("category"):
        body["category"] = wanted
    if recheck_of:
        body["recheck_of"] = recheck_of
    if guardian := application.declared.get("guardian"):
        body["guardian"] = guardian
    return Case.from_dict(body)


def _declared(
    application: Application,
    people: list[Member],
    words: dict[int, str],
    promises: QuerySet[Commitment],
) -> dict[str, Any]:
    known = ("income", "actual_rent", "move_in", "wants")
    declared = {key: application.declared[key] for key in known if key in application.declared}
    declared["consent"] = {
        one.id_number: words[one.pk] for one in people if words[one.pk] != "given"
    }
    declared["commitments"] = list(promises.order_by("fact").values_list("fact", flat=True))
    return declared


def _records(told: list[Told]) -> dict[str, dict[str, list[Any]]]:
    records: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    for one in told:
        if one.is_record:
            records[one.source][one.member.id_number] = one.rows
    return dict(records)


def _faults(told: list[Told], unasked: list[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    faults: dict[str, list[dict[str, str]]] = defaultdict(list)
    for one in told:
        if not one.is_record:
            mode = one.error if one.error in _FAULTS else "timeout"
            faults[one.source].append({"mode": mode, "person": one.member.id_number})
    for source, number in unasked:
        faults[source].append({"mode": "timeout", "person": number})
    return dict(faults)


def _unasked(
    application: Application,
    people: list[Member],
    words: dict[int, str],
    told: list[Told],
    round: str,
) -> Iterator[tuple[str, str]]:
    """Sources nobody may ask about who does not agree: no answer, which is not *no record*."""
    asked = {(one.source, one.member.pk) for one in told}
    for one in people:
        if words[one.pk] == "given":
            continue
        for source in sources_about(application, one, round, alone=len(people) == 1):
            if (source, one.pk) not in asked:
                yield source, one.id_number


def _before_archive(one: Evidence, member: Member, moment: datetime) -> Told:
    """A question without an entry by then: still open, or answered before there was an archive."""
    if one.fetched_at and one.fetched_at <= moment and not one.answers.exists():
        return Told(one.source, member, one.status, one.rows)
    return Told(one.source, member, Evidence.Status.PENDING, [])


def sources_about(
    application: Application, member: Member, round: str, *, alone: bool
) -> Iterator[str]:
    """Codes of the registers that are asked about a member in a round."""
    for question in queries.questions_about(
        queries.Person(member.name, member.id_number),
        applicant=member.is_applicant,
        category=application.category,
        alone=alone,
        purpose=purpose_of(round),
    ):
        yield question.source


def purpose_of(round: str) -> str:
    """What a round's answers are for: the first check, and the one before an allotment, alike."""
    known = (RECHECK_ROUND, CLUE_ROUND, RENEWAL_ROUND)
    return RECHECK if round.startswith(known) else CHECK


def _platform(
    application: Application, people: list[Member], on: date, recheck_of: str
) -> dict[str, dict[str, Any]]:
    """Benefits, bans and other open cases of the members, as of the day."""
    indexes = {one.id_index: one.id_number for one in people}
    # another number of the same person, where somebody has found so
    others = sameness.others_of(indexes)
    indexes |= {other: indexes[mine] for other, mine in others.items()}
    own = [application.case_no or "", recheck_of]
    benefits = (
        Benefit.objects.filter(person_index__in=indexes, began_on__lte=on)
        .filter(Q(ended_on=None) | Q(ended_on__gt=on))
        .exclude(case_no__in=own)
    )
    bans = Ban.objects.filter(person_index__in=indexes, starts_on__lte=on, until__gt=on)
    platform: dict[str, dict[str, Any]] = {
        number: {"active_benefit": None, "ban_until": None} for number in indexes.values()
    }
    for benefit in benefits:
        platform[indexes[benefit.person_index]]["active_benefit"] = benefit.case_no
    for ban in bans.order_by("until"):
        platform[indexes[ban.person_index]]["ban_until"] = ban.until.isoformat()
    for index, case_no in sameness.earlier_cases(application, others).items():
        platform[indexes[index]]["active_application"] = case_no
    return platform

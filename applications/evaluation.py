"""Evaluation (评估): hands a household to the rules and keeps what they say.

The case is built in the shape of a cast file; the very same ``assess`` reads it here, in
``manage.py assess`` and in ``manage.py replay``.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from applications import authority
from applications.eligibility import assessment as rules
from applications.eligibility import policy as policies
from applications.eligibility.cast import Case
from applications.models import Application, Assessment, Ban, Benefit, Evidence, Member, PolicyText
from applications.models.evidence import RECHECK_ROUND
from core import audit, clock, locks
from datashare import queries

# datashare's names of the purposes
CHECK, RECHECK, DRAFT = "eligibility_check", "annual_recheck", "household_draft"
# a fault that a cast file knows; any other kind is told as a time-out
_FAULTS = frozenset({"quota", "timeout", "http_500", "garbage", "empty", "stale"})


def case_of(application: Application, round: str, on: date, *, recheck_of: str = "") -> Case:
    """The household as a case: people, what they state, raw rows, faults, what the platform knows.

    ``recheck_of`` names the lease under review: the household's own benefit is no second one.
    """
    people = list(application.members.filter(excluded=False).prefetch_related("consents"))
    evidence = list(
        application.evidence.filter(round=round, member__in=people).select_related("member")
    )
    body: dict[str, Any] = {
        "case": application.case_no or str(application.ref),
        "as_of": on.isoformat(),
        "programme": application.programme,
        "channel": application.channel,
        "household": [
            {"name": one.name, "id_number": one.id_number, "relation": one.relation}
            for one in people
        ],
        "declared": _declared(application, people),
        "records": _records(evidence),
        "platform": _platform(application, people, on, recheck_of),
        "faults": _faults(evidence, [*_unasked(application, people, evidence, round)]),
    }
    if wanted := application.declared.get("category"):
        body["category"] = wanted
    if recheck_of:
        body["recheck_of"] = recheck_of
    if guardian := application.declared.get("guardian"):
        body["guardian"] = guardian
    if recheck_of:
        body["recheck_of"] = recheck_of
    return Case.from_dict(body)


def assess_now(
    application: Application, *, round: str, on: date, by: Any, recheck_of: str = ""
) -> Assessment:
    """Lets the rules of the day read the round's answers and stores inputs and result."""
    with transaction.atomic():
        row = locks.fresh(application)
        case = case_of(row, round, on, recheck_of=recheck_of)
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
    policy = policies.default_for(on)
    text, _made = PolicyText.objects.get_or_create(
        digest=policy.digest,
        defaults={
            "code": policy.id, "text": policy.text, "released_at": clock.now(),
            "released_by": "repository",
        },
    )  # fmt: skip
    return policy, text


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


def _declared(application: Application, people: list[Member]) -> dict[str, Any]:
    known = ("income", "actual_rent", "move_in", "wants")
    declared = {key: application.declared[key] for key in known if key in application.declared}
    words = {one.id_number: authority.word_of(one) for one in people}
    declared["consent"] = {number: word for number, word in words.items() if word != "given"}
    declared["commitments"] = list(
        application.commitments.order_by("fact").values_list("fact", flat=True)
    )
    return declared


def _records(evidence: list[Evidence]) -> dict[str, dict[str, list[Any]]]:
    records: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    for one in sorted(evidence, key=lambda one: (one.source, one.member.position)):
        if one.status in (Evidence.Status.FOUND, Evidence.Status.NO_RECORD):
            records[one.source][one.member.id_number] = one.rows
    return dict(records)


def _faults(
    evidence: list[Evidence], unasked: list[tuple[str, str]]
) -> dict[str, list[dict[str, str]]]:
    faults: dict[str, list[dict[str, str]]] = defaultdict(list)
    for one in sorted(evidence, key=lambda one: (one.source, one.member.position)):
        if one.status in (Evidence.Status.PENDING, Evidence.Status.UNAVAILABLE):
            mode = one.error if one.error in _FAULTS else "timeout"
            faults[one.source].append({"mode": mode, "person": one.member.id_number})
    for source, number in unasked:
        faults[source].append({"mode": "timeout", "person": number})
    return dict(faults)


def _unasked(
    application: Application, people: list[Member], evidence: list[Evidence], round: str
) -> Iterator[tuple[str, str]]:
    """Sources nobody may ask about who does not agree: no answer, which is not *no record*."""
    asked = {(one.source, one.member_id) for one in evidence}
    for one in people:
        if authority.word_of(one) == "given":
            continue
        for source in sources_about(application, one, round, alone=len(people) == 1):
            if (source, one.pk) not in asked:
                yield source, one.id_number


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
    return RECHECK if round.startswith(RECHECK_ROUND) else CHECK


def _platform(
    application: Application, people: list[Member], on: date, recheck_of: str
) -> dict[str, dict[str, Any]]:
    """Benefits, bans and other open cases of the members, as of the day."""
    indexes = {one.id_index: one.id_number for one in people}
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
    return platform

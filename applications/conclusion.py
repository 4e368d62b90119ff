"""The conclusion (认定结论): what follows from the rules together with what people settled.

The newest assessment says what the registers show and where they leave a doubt; the departments
answer the doubts. Tier, type of home, rent and subsidy of a household whose doubts were answered
come from here: the same `assess`, on the same facts, day and policy, with the answers beside them.
It is stored under a round of its own, so that the rules' own reading stays what it was and both
can be replayed.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from applications import findings, inquiries, route_words, states
from applications.eligibility import assessment as rules
from applications.eligibility import policy as policies
from applications.eligibility import routes
from applications.eligibility.cast import Case
from applications.eligibility.finding import Finding
from applications.eligibility.schema import STATUS_TIERS
from applications.eligibility.settled import MET, NOT_MET, PROMISED, Settled
from applications.findings import How
from applications.models import Application, Assessment, Evidence, Inquiry, Member, Opinion
from applications.models.evidence import APPLY, CONCLUDED
from core import audit, clock, locks

_WAYS = {
    How.VERIFIED_PASS: MET,
    How.OVERRIDDEN_PASS: MET,
    How.ON_COMMITMENT: PROMISED,
    How.CONFIRMED_FAIL: NOT_MET,
}
_AID = [source for side in routes.PAIRS[routes.AID] for source in side]


def of(application: Application) -> Assessment | None:
    """The assessment that a household is housed by: with what people settled, where they did.

    One that was made before the newest reading of the registers no longer counts.
    """
    read = findings.latest_assessment(application)
    drawn = findings.latest_assessment(application, CONCLUDED)
    if drawn is not None and read is not None and drawn.created_at >= read.created_at:
        return drawn
    return read


def draw(application: Application, *, by: Any) -> Assessment | None:
    """Stores the conclusion if people settled anything; else the rules' own reading is it.

    Called by the verb that closes the review, inside its transaction; harmless to repeat.
    """
    row = locks.fresh(application)
    read = findings.latest_assessment(row)
    if read is None or not read.inputs:
        return read
    settled = settled_of(row, read)
    if not settled:
        return read
    case = _case(read, settled)
    standing = of(row)
    if standing is not None and standing.inputs == case.to_dict():
        return standing
    result = _assessed(read, case).to_record()
    made = Assessment.objects.create(
        application=row, round=CONCLUDED, on=read.on, policy=read.policy,
        outcome=result["outcome"], category=result["category"] or "", tier=result["tier"] or "",
        result=result, inputs=case.to_dict(), created_at=clock.now(),
    )  # fmt: skip
    audit.record(
        "application.concluded", by=by, thing=row, outcome=made.outcome, tier=made.tier,
        rules=sorted({rule for rule, _person in settled.rules}),
    )  # fmt: skip
    return made


def income_at(read: Assessment, amount: Decimal) -> list[Finding]:
    """What the rules would say of INCOME if the household's income were ``amount`` yuan a year.

    Aid that civil affairs has settled is taken as settled; no answer about INCOME itself is. Empty
    where the rule would not apply, and where the case of an assessment was not kept.
    """
    if not read.inputs:
        return []
    case = _case(read, Settled(aid=_aid(read.application), income=amount))
    return [one for one in _assessed(read, case).findings if one.rule == "INCOME"]


def _case(read: Assessment, settled: Settled) -> Case:
    """The case of a reading, in the category found, with these answers beside it."""
    return Case.from_dict(
        {**read.inputs, "category": read.category or None, "settled": settled.to_dict()}
    )


def _assessed(read: Assessment, case: Case) -> rules.Assessment:
    return rules.assess(case, on=read.on, policy=policies.load(read.policy.text))


def settled_of(application: Application, assessment: Assessment) -> Settled:
    """What people settled that holds for an assessment, in the shape that the rules read."""
    numbers = {findings.person_tag(one.id_number): one.id_number for one in _people(application)}
    answers = findings.settled_of(application, assessment)
    return Settled(
        aid=_aid(application),
        income=_income(application, answers.values()),
        rules={
            (rule, numbers.get(tag, "")): _WAYS[How(one.how)]
            for (rule, tag), one in answers.items()
            if not tag or tag in numbers
        },
    )


def _people(application: Application) -> list[Member]:
    return list(application.members.filter(excluded=False))


def _income(application: Application, answers: Iterable[findings.Settled]) -> Decimal | None:
    """The yearly sum that the department found, where its settlement of INCOME still holds."""
    held = next((one for one in answers if one.rule == "INCOME"), None)
    if held is None:
        return None
    given = Opinion.objects.standing().filter(task__application=application, at=held.at)
    amounts = [one.settled.get("INCOME", {}).get("amount") for one in given]
    return next((Decimal(one) for one in amounts if one), None)


def _aid(application: Application) -> dict[str, str]:
    """Each person's aid as civil affairs settled it: 特困, 低保, 低保边缘, or '' for none."""
    rows = application.inquiries.filter(
        round=APPLY, state=states.INQUIRY_SETTLED,
        kind__in=(Inquiry.Kind.ROUTES, Inquiry.Kind.SILENT), subject__in=(routes.AID, *_AID),
    )  # fmt: skip
    kinds: dict[str, list[str]] = {}
    for row in rows.select_related("member").order_by("settled_at"):
        kind = _kind_of(row)
        if row.member is not None and not row.member.excluded and kind is not None:
            kinds.setdefault(row.member.id_number, []).append(kind)
    return {
        person: next((kind for kind in STATUS_TIERS if kind in found), "")
        for person, found in kinds.items()
    }


def _kind_of(row: Inquiry) -> str | None:
    """What one answered question says of the person's aid; None where it says nothing of it."""
    if row.outcome in inquiries.IS_AID:
        return inquiries.IS_AID[row.outcome]
    if row.outcome == "is_none":
        return ""
    if row.outcome in (route_words.LEFT, route_words.RIGHT):
        said = {fact["what"] for side in row.facts[row.outcome] for fact in side["facts"]}
        return next((kind for kind in STATUS_TIERS if kind in said), "")
    others = Evidence.objects.filter(
        application=row.application_id, member=row.member_id, round=APPLY, source__in=_AID
    ).exclude(source=row.subject)
    # one register has none; what the others hold is theirs to say
    told = others.filter(status=Evidence.Status.FOUND).exists()
    return "" if row.outcome == "found_none" and not told else None

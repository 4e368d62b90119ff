"""Questions of fact to the departments (核实单): two routes disagree, a register is silent or late,
or the person concerned says that it is wrong.

None of them refuses anybody. A disagreement and a silent register hold the case until a person of
the department that answers for them has said what is so, and why; a row is opened again only where
a side's fact has changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Bureau
from accounts.roles import BureauKind
from applications import duties, findings, periods, releases, states
from applications.eligibility import routes
from applications.eligibility.cast import Case
from applications.models import Application, Assessment, Evidence, Inquiry, Member, ReviewTask
from applications.models.evidence import APPLY
from applications.models.review import Stage
from core import audit, clock, locks, workflow

Kind = Inquiry.Kind
OPEN, WAITING = states.INQUIRY_OPEN, states.INQUIRY_WAITING
UNDER_WAY = (OPEN, WAITING)
SUPPLEMENT, WAIT = "supplement", "wait"  # outcomes that leave a row waiting
# what people found where a register was silent; of aid they say which
IS_AID = {"is_TK": "TK", "is_DB": "DB", "is_DBBY": "DBBY"}
BY_HAND = {
    "found_record": Evidence.Status.FOUND,
    "found_none": Evidence.Status.NO_RECORD,
    **dict.fromkeys(IS_AID, Evidence.Status.FOUND),
}
SYSTEM = audit.System("review")
ANSWERED = (Evidence.Status.FOUND, Evidence.Status.NO_RECORD)
_NOT_YET = (states.DRAFT, states.SUBMITTED, states.ACCEPTED)
_OVER = (states.WITHDRAWN, states.DEEMED_WITHDRAWN, states.NOT_ACCEPTED,
         states.ACCEPTANCE_REVOKED, states.TRANSFERRED)  # fmt: skip
_UNDER_REVIEW = (states.STREET_REVIEW, states.JOINT_REVIEW, states.DISTRICT_REVIEW,
                 states.CORRECTION)  # fmt: skip


def confirmations(assessment: Assessment | None) -> list[routes.Confirmation]:
    """What two routes say of the facts that an assessment was made on."""
    if assessment is None or not assessment.inputs:
        return []
    lags = routes.Lags(periods.of("registration_lag").value, periods.of("presale_lag").value)
    case, on = Case.from_dict(assessment.inputs), assessment.on
    return routes.confirm(case, on=on, policy=releases.in_force(on), lags=lags)


def open_for(application: Application, round: str = APPLY) -> int:
    """Brings the rows of a round in line with its newest answers.

    Returns how many disagreements of two routes wait to be settled; harmless to repeat.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        refresh(row, round=round)
        return row.inquiries.filter(round=round, kind=Kind.ROUTES, state__in=UNDER_WAY).count()


def refresh(application: Application, *, round: str = APPLY) -> None:
    """What the newest answers of a round open and close; the caller holds the application."""
    if round == APPLY and application.state in (*_NOT_YET, *_OVER):
        return
    assessment = findings.latest_assessment(application, round)
    known = list(application.inquiries.filter(round=round).order_by("pk"))
    people = list(application.members.all())
    _refresh_routes(application, round, assessment, known, people)
    if round == APPLY:
        _refresh_silent(application, known, people)
        _refresh_late(application, assessment, known)
        _refresh_disputed(application, known)


def leave(application: Application, *, by: Any, reason: str = "") -> None:
    """Closes what is open about a case that ended elsewhere."""
    for one in application.inquiries.filter(round=APPLY, state__in=UNDER_WAY):
        workflow.advance(one, states.INQUIRY_LAPSED, by=by, reason=reason)


def open_again_due(today: date) -> int:
    """Puts waiting rows whose last day has passed back on the desk; returns how many."""
    late = Inquiry.objects.filter(state=WAITING, due_on__lt=today).values_list("pk", flat=True)
    return sum(_open_again(pk, today) for pk in list(late))


def open_checked(
    application: Application, evidence: Evidence, *, key: str, told: str, department: str
) -> Inquiry:
    """Somebody doubts a part that passed by itself, after the case was decided (事后抽查)."""
    facts = {"key": key, "told": told}
    return _open(
        application, Kind.CHECKED, evidence.source, department, facts, member=evidence.member,
        evidence=evidence,
    )  # fmt: skip


# -- What holds a case ---------------------------------------------------------------------------


def holding(application: Application) -> QuerySet[Inquiry]:
    """What keeps a case from its decision: rows under way about its first check."""
    return application.inquiries.filter(round=APPLY, state__in=UNDER_WAY).order_by("due_on", "pk")


def holding_departments(application: Application) -> QuerySet[Inquiry]:
    """What keeps the departments' stage open: a paper that follows by its day does not."""
    return holding(application).exclude(state=WAITING, outcome=SUPPLEMENT)


def of_desk(task: ReviewTask) -> QuerySet[Inquiry]:
    """The rows under way of the desk that has a task, about the same case."""
    return holding_departments(task.application).filter(bureau=task.bureau_id)


@dataclass(frozen=True)
class Differing:
    """Where a department is looking at two registers that disagree (两处信息不同，核对中)."""

    pairs: frozenset[tuple[str, int | None]]  # with the key of the person; None: the household

    def line(self, evidence: Evidence) -> bool:
        """Whether this answer is one of the two; of a home, the answer that tells of it."""
        for pair, member in self.pairs:
            left, right = routes.PAIRS[pair]
            if evidence.source in left + right and member == evidence.member_id:
                return True
            if member is None and (
                evidence.source in left
                or (evidence.source in right and evidence.status == Evidence.Status.FOUND)
            ):
                return True
        return False

    def rule(self, rule: str, member: int | None) -> bool:
        """Whether a rule's finding about this person, or the household, rests on one of them."""
        return any(
            duties.RULE_OF_PAIR[pair] == rule and at in (member, None) for pair, at in self.pairs
        )


def differing(application: Application) -> Differing:
    """The open disagreements about the first check of a case."""
    rows = application.inquiries.filter(round=APPLY, kind=Kind.ROUTES, state__in=UNDER_WAY)
    return Differing(frozenset(rows.values_list("subject", "member_id")))


# -- Two routes ----------------------------------------------------------------------------------


def _refresh_routes(
    application: Application,
    round: str,
    assessment: Assessment | None,
    known: list[Inquiry],
    people: list[Member],
) -> None:
    found = confirmations(assessment)
    members = {one.id_number: one for one in people}
    newest = {(one.subject, one.member_id): one for one in known if one.kind == Kind.ROUTES}
    for one in found:
        member = members.get(one.person)
        last = newest.pop((one.pair, member.pk if member else None), None)
        if one.result == routes.DISAGREE:
            _disagree(application, round, one, member, last)
        elif last is not None and one.reason != routes.NO_ANSWER:
            _lapse(last, "routes agree")
    if found:  # somebody who is no longer of the household
        for gone in newest.values():
            _lapse(gone, "not of the household")


def _disagree(
    application: Application,
    round: str,
    one: routes.Confirmation,
    member: Member | None,
    last: Inquiry | None,
) -> None:
    facts = {"key": one.key, **one.to_dict()}
    if last is not None and last.state in UNDER_WAY:
        if last.facts != facts:
            last.facts = facts
            last.save(update_fields=["facts"])
        return
    if last is not None and last.state == states.INQUIRY_SETTLED and last.facts["key"] == one.key:
        return
    kind = duties.PAIRS[one.pair]
    _open(application, Kind.ROUTES, one.pair, kind, facts, round=round, member=member)


# -- A silent register ---------------------------------------------------------------------------


def _refresh_silent(application: Application, known: list[Inquiry], people: list[Member]) -> None:
    mine = [one for one in known if one.kind == Kind.SILENT]
    rows = {one.pk: one for one in _evidence(application)}
    for one in mine:
        if one.state in UNDER_WAY and _has_answered(rows.get(one.evidence_id or 0)):
            _drop_supplement(one)
            _lapse(one, "answered")
    if application.state not in _UNDER_REVIEW:
        return
    asked = {one.evidence_id for one in mine if one.state != states.INQUIRY_LAPSED}
    for row in _silent(application):
        if row.pk not in asked:
            _ask_by_hand(application, row)


def _ask_by_hand(application: Application, row: Evidence) -> None:
    facts = {"key": row.source, "error": row.error}
    kind = duties.SOURCES.get(row.source, BureauKind.HOUSING)
    _open(application, Kind.SILENT, row.source, kind, facts, member=row.member, evidence=row)


def _silent(application: Application) -> list[Evidence]:
    from applications import verification  # which hands the case on to here

    return [one for one in verification.silent(application) if one.waived_at is None]


def _evidence(application: Application) -> Iterable[Evidence]:
    fields = ("application_id", "member_id", "source", "status", "fetched_at", "error")
    return application.evidence.filter(round=APPLY).only(*fields)


def _has_answered(row: Evidence | None) -> bool:
    return row is None or row.status in ANSWERED


def _drop_supplement(one: Inquiry) -> None:
    """What the register has told need not be brought any more."""
    if one.supplement is not None and one.supplement.received_at is None:
        one.supplement.delete()


# -- A late answer -------------------------------------------------------------------------------


def _refresh_late(
    application: Application, assessment: Assessment | None, known: list[Inquiry]
) -> None:
    """Answers that contradict what was settled without them, or that come after the decision."""
    told = {one.facts["key"] for one in known if one.kind == Kind.LATE}
    by_hand = {one.evidence_id: one for one in known if one.outcome in BY_HAND}
    changed = _changed_since_close(application, assessment)
    for row in _evidence(application):
        if not _has_answered(row):
            continue
        hand = by_hand.get(row.pk)
        differs = hand is not None and BY_HAND[hand.outcome] != row.status
        late = changed is not None and _is_after(row, changed[0]) and row.source in changed[1]
        key = f"{row.pk} {row.fetched_at}"
        if (differs or late) and key not in told:
            facts = {"key": key, "answered": row.status, "by_hand": hand.outcome if hand else ""}
            kind = duties.SOURCES.get(row.source, BureauKind.HOUSING)
            _open(application, Kind.LATE, row.source, kind, facts, member=row.member, evidence=row)


def _is_after(row: Evidence, closed_at: datetime) -> bool:
    return row.fetched_at is not None and row.fetched_at > closed_at


def _changed_since_close(
    application: Application, assessment: Assessment | None
) -> tuple[datetime, set[str]] | None:
    """When the district closed, and the registers whose answers changed a result since."""
    if application.state in _UNDER_REVIEW:
        return None
    done = application.tasks.filter(stage=Stage.DISTRICT, state=states.TASK_DONE)
    closed_at = done.order_by("-opinion__at").values_list("opinion__at", flat=True).first()
    if closed_at is None:
        return None
    then = application.assessments.filter(round=APPLY, created_at__lte=closed_at).first()
    return closed_at, _sources_of_change(_decided_on(application, then), assessment)


def _decided_on(
    application: Application, then: Assessment | None
) -> dict[tuple[str, str], dict[str, Any]]:
    """The findings as the decision took them: what a department had settled is what it said."""
    settled = findings.settled_of(application, then)
    taken = {}
    for row in findings.findings_of(then):
        one = settled.get((row["rule"], findings.person_tag(row.get("person"))))
        result = row["result"] if one is None else findings.FAIL if one.failed else findings.PASS
        taken[row["rule"], row.get("person") or ""] = {**row, "result": result}
    return taken


def _sources_of_change(
    before: dict[tuple[str, str], dict[str, Any]], now: Assessment | None
) -> set[str]:
    after = {(row["rule"], row.get("person") or ""): row for row in findings.findings_of(now)}
    changed = (
        row
        for at in before.keys() | after.keys()
        if before.get(at, {}).get("result") != after.get(at, {}).get("result")
        for row in (before.get(at), after.get(at))
        if row
    )
    return {source for row in changed for source in row.get("evidence") or []}


def pass_on(late: Inquiry, text: str) -> Inquiry:
    """What changes an earlier conclusion goes to the district, with the department's words."""
    facts = {**late.facts, "key": f"{late.facts['key']} district", "told": text}
    return _open(
        late.application, Kind.LATE, late.subject, BureauKind.CENTRE, facts,
        member=late.member, evidence=late.evidence,
    )  # fmt: skip


# -- A dispute -----------------------------------------------------------------------------------


def may_change(application: Application) -> bool:
    """Whether the review has not closed yet, so that an answer flows into it by itself."""
    return application.state in (*_NOT_YET, *_UNDER_REVIEW)


def is_over(application: Application) -> bool:
    """Whether the case ended without a decision, so that nothing of it is looked at again."""
    return application.state in _OVER


def _refresh_disputed(application: Application, known: list[Inquiry]) -> None:
    """Asks the owner of each register whose answer the person concerned calls wrong.

    A second thought goes to the same desk; what was answered is asked again only if the person
    says something new.
    """
    newest = {one.evidence_id: one for one in known if one.kind == Kind.DISPUTE}
    disputed = application.evidence.filter(round=APPLY, disputed=True, member__excluded=False)
    for row in disputed.select_related("member").prefetch_related("corrections"):
        said = list(row.corrections.all())
        if not said:
            continue
        facts = {
            "key": str(said[-1].pk),
            "answered": row.status,
            "reason": said[-1].reason,
            "claim": said[-1].claim,
        }
        last = newest.get(row.pk)
        if last is not None and last.facts["key"] == facts["key"]:
            continue
        if last is not None and last.state in UNDER_WAY:
            last.facts = facts
            last.save(update_fields=["facts"])
            continue
        kind = duties.SOURCES.get(row.source, BureauKind.HOUSING)
        _open(application, Kind.DISPUTE, row.source, kind, facts, member=row.member, evidence=row)


# -- Rows ----------------------------------------------------------------------------------------


def _open(
    application: Application,
    kind: str,
    subject: str,
    department: str,
    facts: dict[str, Any],
    *,
    round: str = APPLY,
    member: Member | None = None,
    evidence: Evidence | None = None,
) -> Inquiry:
    now = clock.now()
    made, new = Inquiry.objects.get_or_create(
        application=application,
        round=round,
        kind=kind,
        subject=subject,
        member=member,
        state__in=UNDER_WAY,
        defaults={
            "bureau": Bureau.objects.of_kind(department)[0],
            "evidence": evidence,
            "state": OPEN,
            "state_since": now,
            "opened_at": now,
            "due_on": periods.of("inquiry").after(clock.today()),
            "facts": facts,
        },
    )
    if new:
        audit.record(
            "inquiry.opened", by=SYSTEM, thing=made, case_no=made.case_no, kind=kind,
            about=subject, bureau=made.bureau.code,
            subjects=[member.id_index] if member else [],
        )  # fmt: skip
    return made


def _lapse(one: Inquiry, reason: str) -> None:
    if one.state in UNDER_WAY:
        workflow.advance(one, states.INQUIRY_LAPSED, by=SYSTEM, reason=reason)


def _open_again(pk: int, today: date) -> bool:
    with transaction.atomic():
        row = Inquiry.objects.select_related("application").get(pk=pk)
        locks.fresh(row.application)
        row = locks.fresh(row)
        if row.state != WAITING or row.due_on >= today:
            return False
        row.due_on = periods.of("inquiry").after(today)
        row.save(update_fields=["due_on"])
        workflow.advance(row, OPEN, by=SYSTEM, reason="nothing came")
        return True

"""Cases under review, and the people at the desks."""

from collections.abc import Iterable
from typing import Any

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import duties, findings, reason_codes, review, seconding, service_consents, states
from applications.models import Application, Decision, ReviewTask
from applications.models.review import Second, Stage
from core.audit import System
from tests.factories import accounts, applications

WORKER = System("worker")
OFFPLAN = applications.finding(
    "HOUSING_OFFPLAN", "fail", actual="29.83", limit="18.00", op="<=", citation="令11号 §7"
)
NO_INCOME_REPORT = applications.finding("INCOME", "unknown", limit="54406.40", op="<=")


def under_review(found: Iterable[dict[str, Any]] = (), **fields: Any) -> Application:
    """A case at the street, opened by the verb itself, with the given findings."""
    case = applications.application(state=states.ACCEPTED, **fields)
    found = list(found)
    outcome = "ineligible" if any(one["result"] == "fail" for one in found) else "eligible"
    applications.assessment(case, outcome, findings=found)
    review.open_review(case, by=WORKER)
    return case


def in_joint_review(found: Iterable[dict[str, Any]] = (), **fields: Any) -> Application:
    """A case whose street has agreed: five departments are at work."""
    case = under_review(found, **fields)
    agree(task_of(case, Stage.STREET))
    case.refresh_from_db()
    return case


def at_district(
    found: Iterable[dict[str, Any]] = (), how: dict[str, Any] | None = None, **fields: Any
) -> Application:
    """A case that all departments have answered; ``how`` settles the doubtful rules."""
    case = in_joint_review(found, **fields)
    for kind in duties.DEPARTMENTS:
        settle(task_of(case, Stage.JOINT, kind), how or {})
    case.refresh_from_db()
    return case


def agrees_to_electronic_service(case: Application) -> None:
    """The applicant has confirmed, in writing, that letters arrive in the app."""
    service_consents.give(case.applicant.id_index, by=case.created_by)


def refusal_drafted(*, electronic: bool = True, **fields: Any) -> Decision:
    """A refusal drafted by the district for a confirmed contract, not yet signed.

    ``electronic``: the applicant has agreed to electronic service, so that it is served when it is
    signed; else it goes on paper.
    """
    case = at_district([OFFPLAN], {"HOUSING_OFFPLAN": "confirmed_fail"}, **fields)
    task = task_of(case, Stage.DISTRICT)
    review.opine(task, by=district(), verdict="object", text="合同在备案，应当计入")
    if electronic:
        agrees_to_electronic_service(case)
    return case.decisions.get()


def task_of(case: Application, stage: str, kind: str = "") -> ReviewTask:
    """The newest task of a stage (and kind of bureau) of a case."""
    tasks = case.tasks.filter(stage=stage).select_related("bureau").order_by("-round")
    return (tasks.filter(bureau__kind=kind) if kind else tasks)[0]


def reviewer_for(task: ReviewTask) -> Staff:
    """Somebody at the desk that has this task."""
    role = {Stage.STREET: Role.STREET, Stage.DISTRICT: Role.DISTRICT}.get(task.stage, Role.REVIEWER)
    return accounts.staff(role, bureau=task.bureau)


def district() -> Staff:
    """Somebody of the district centre."""
    return accounts.staff(Role.DISTRICT, bureau=accounts.bureau(BureauKind.CENTRE))


def agree(task: ReviewTask) -> None:
    """The desk agrees; nothing is doubtful."""
    review.opine(task, by=reviewer_for(task), verdict="agree", text="符合")


def agree_as(task: ReviewTask, by: Staff) -> None:
    """A certain person of the desk agrees, such as who holds the task."""
    review.opine(task, by=by, verdict="agree", text="符合")


def settle(task: ReviewTask, how: dict[str, Any]) -> None:
    """The desk settles its doubtful rules as told and gives the opinion that follows.

    An override comes with its reason, and a colleague confirms it.
    """
    settled = {rule: _with_reason(how[rule]) for rule in task.findings}
    failed = findings.How.CONFIRMED_FAIL in {one["how"] for one in settled.values()}
    opinion = review.opine(
        task,
        by=reviewer_for(task),
        verdict="object" if failed else "agree",
        settled=settled,
        reason_codes=codes_for(settled),
        text="已核实",
    )
    if opinion.second == Second.WAITING:
        confirm(task)


def _with_reason(given: Any) -> dict[str, Any]:
    told = {"how": given} if isinstance(given, str) else dict(given)
    if told["how"] in (findings.How.VERIFIED_PASS, findings.How.OVERRIDDEN_PASS):
        told["reason"] = told.get("reason") or "已向登记部门核实"
    return told


def codes_for(settled: dict[str, Any]) -> list[str]:
    """A reason that fits each rule as it is settled."""
    return [
        next(one.code for one in reason_codes.of_rule(rule, [told["how"]]))
        for rule, told in settled.items()
        if reason_codes.of_rule(rule, [told["how"]])
    ]


def confirm(task: ReviewTask) -> None:
    """A colleague of the same desk confirms the override that waits on the task."""
    seconding.confirm(task, by=reviewer_for(task))


def missing(*what: str) -> list[dict[str, str]]:
    """Lines of a desk's list, each with its reason."""
    return [{"what": one, "why": "登记没有查到"} for one in what]

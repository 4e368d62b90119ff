"""Cases under review, and the people at the desks."""

from collections.abc import Iterable
from typing import Any

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import duties, findings, review, states
from applications.models import Application, Decision, ReviewTask
from applications.models.review import Stage
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


def refusal_drafted(**fields: Any) -> Decision:
    """A refusal drafted by the district for a confirmed contract, not yet signed."""
    case = at_district([OFFPLAN], {"HOUSING_OFFPLAN": "confirmed_fail"}, **fields)
    task = task_of(case, Stage.DISTRICT)
    review.opine(task, by=district(), verdict="object", text="合同在备案，应当计入")
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


def settle(task: ReviewTask, how: dict[str, Any]) -> None:
    """The desk settles its doubtful rules as told and gives the opinion that follows."""
    settled = {rule: how[rule] for rule in task.findings}
    failed = findings.How.CONFIRMED_FAIL in settled.values()
    review.opine(
        task,
        by=reviewer_for(task),
        verdict="object" if failed else "agree",
        settled=settled,
        text="已核实",
    )

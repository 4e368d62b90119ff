"""Cases whose registers answered in full, and cases that passed their stages some days ago."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.roles import BureauKind, Role
from applications import duties, review, states
from applications.models import Application, Opinion, Pause, ReviewTask
from applications.models.review import Stage
from core import clock
from tests.factories import accounts, applications
from tests.factories import review as desk

KIND = BureauKind.REAL_ESTATE


def at(text: str) -> datetime:
    """A local moment."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL)


def agreeing(kind: str = KIND, *, sources: Any = None, **fields: Any) -> ReviewTask:
    """The open task of a department whose registers all answered and agree."""
    case = applications.application(state=states.ACCEPTED, **fields)
    for source in duties.sources_of(kind) if sources is None else sources:
        applications.evidence(case, source)
    applications.assessment(case, findings=[applications.finding("HOUSING_AREA")])
    review.open_review(case, by=desk.WORKER)
    desk.agree(desk.task_of(case, Stage.STREET))
    case.refresh_from_db()
    return desk.task_of(case, Stage.JOINT, kind)


def reviewer(kind: str = KIND) -> Any:
    """Somebody of that department."""
    return accounts.staff(Role.REVIEWER, bureau=accounts.bureau(kind))


def accepted(moment: str, *, state: str = states.ACCEPTED, **fields: Any) -> Application:
    """A case accepted at that moment with the days that follow from it."""
    from applications import deadlines

    case = applications.application(state=state, **fields)
    case.accepted_at = at(moment)
    deadlines.start(case, case.accepted_at)
    case.save()
    return case


def task(
    case: Application,
    stage: str,
    opened: str,
    ended: str = "",
    *,
    kind: str = KIND,
    automatic: bool = False,
) -> ReviewTask:
    """A desk's part with its days; answered where ``ended`` is given."""
    bureau = case.street if stage == Stage.STREET else accounts.bureau(kind)
    if stage == Stage.DISTRICT:
        bureau = accounts.bureau(BureauKind.CENTRE)
    state = states.TASK_DONE if ended else states.TASK_OPEN
    row = ReviewTask.objects.create(
        application=case, stage=stage, bureau=bureau, state=state, state_since=at(opened),
        opened_at=at(opened), due_on=at(opened).date() + timedelta(days=7),
    )  # fmt: skip
    if ended:
        by = None if automatic else desk.reviewer_for(row)
        Opinion.objects.create(
            task=row, verdict="agree", text="符合", by=by, automatic=automatic, at=at(ended)
        )
    return row


def pause(case: Application, reason: str, began: str, ended: str | None = None) -> Pause:
    """An interval of the case's clock."""
    return Pause.objects.create(
        application=case, reason=reason, began_at=at(began), ended_at=at(ended) if ended else None
    )


def admin() -> User:
    """A business administrator."""
    return accounts.staff(Role.ADMIN).user


def leader() -> User:
    """A leader."""
    return accounts.staff(Role.LEADER).user

"""However a case ends, nothing of it stays behind: people, clock, desks, consents, reports."""

from datetime import timedelta

import pytest

from accounts.roles import Role
from applications import (
    acceptance,
    correction,
    correction_lists,
    deadlines,
    decision,
    states,
    submission,
    transfer,
)
from applications.models import Application, Change, Decision, Pause
from applications.models.review import Stage
from core import clock
from datashare.models import GivenConsent
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
LATER = timedelta(days=60)


def burdened(case: Application) -> Application:
    """A case with every pause and a reported change that waits."""
    for reason in Pause.Reason.values:
        deadlines.pause(case, reason, by=desk.WORKER)
    now = clock.now()
    Change.objects.create(
        application=case, kind=Change.Kind.AID, state_since=now, happened_on=clock.today(),
        case_state=case.state, reported_at=now,
    )  # fmt: skip
    return case


def withdrawn() -> Application:
    case = burdened(desk.under_review())
    return submission.withdraw(case, by=case.created_by)


def handed_over() -> Application:
    case = burdened(make.application(state=states.ACCEPTED))
    transfer.hand_over(case, reason="outside", office="海曙区住房和城乡建设局",
                       by=accounts.staff(Role.WINDOW, bureau=case.street))  # fmt: skip
    return case


def unanswered() -> Application:
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    correction_lists.write(task, by=desk.reviewer_for(task), items=desk.missing("结婚证"))
    burdened(case)
    with clock.held_at(clock.now() + LATER):
        assert correction.lapse_due(clock.today()) == 1
    return case


def revoked() -> Application:
    case = burdened(desk.under_review())
    case.supplements.create(item="MEMBERS", text="结婚证", due_on=clock.today() - timedelta(days=1))
    street = [accounts.staff(Role.STREET, bureau=case.street) for _n in range(2)]
    acceptance.warn(case, by=street[0], reasons="没有补交")
    with clock.held_at(clock.now() + LATER):
        acceptance.revoke(case, by=street[1], reasons="没有补交")
    return case


def refused() -> Application:
    draft: Decision = desk.refusal_drafted()
    burdened(draft.application)
    return decision.sign(draft, by=desk.district()).application


@pytest.mark.parametrize("ended", [withdrawn, handed_over, unanswered, revoked, refused])
def test_nothing_of_a_case_stays_behind(ended):
    case = ended()
    case.refresh_from_db()
    assert not case.is_open
    assert not case.members.filter(holding=True).exists()
    assert not case.pauses.filter(ended_at=None).exists()
    assert not case.tasks.filter(state__in=(states.TASK_OPEN, states.TASK_CLAIMED)).exists()
    assert not case.decisions.filter(signed_at=None, replaced=False).exists()
    assert not case.changes.filter(state__in=states.CHANGE.open_ids).exists()


@pytest.mark.parametrize(("ended", "lasts"), [(withdrawn, False), (unanswered, False),
                                              (refused, True)])  # fmt: skip
def test_consents_end_with_the_case_but_not_with_a_refusal_that_may_be_reconsidered(ended, lasts):
    case = ended()
    given = GivenConsent.objects.filter(person_index=case.applicant.id_index)
    assert given.exists() and given.filter(ends_at=None).exists() is lasts

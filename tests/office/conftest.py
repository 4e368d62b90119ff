"""A small district with cases in every situation that a figure counts."""

from datetime import date, datetime, time, timedelta

import pytest

from accounts.models import Bureau
from accounts.roles import BureauKind, Role
from allocation import states as allocation_states
from allocation.models import Lease, Round
from applications import states
from applications.models import (
    Application,
    Decision,
    Evidence,
    Objection,
    Opinion,
    Pause,
    Publicity,
    Reconsideration,
    ReviewTask,
    StepSeen,
    Supplement,
)
from core import clock
from core.models import Transition
from office import review_numbers
from renewal import states as renewal_states
from renewal.models import ExitCase
from tests.factories import accounts, tenancies
from tests.factories import applications as make
from tests.factories import discovery as found
from tests.factories.calls import call

DAY = timedelta(days=1)


def at(day: date, hour: int = 10) -> datetime:
    """A moment of a day in Ningbo."""
    return datetime.combine(day, time(hour), tzinfo=clock.LOCAL)


def log(application: Application, to: str, when: datetime | None = None) -> None:
    """A line of the application's log of states."""
    Transition.objects.create(
        thing_type=application._meta.label_lower, thing_id=application.pk,
        case_no=application.case_no or "", from_state="", to_state=to, by="test",
        at=when or clock.now(),
    )  # fmt: skip


def answered(days_ago: int, after: int, street: Bureau | None = None, **fields: object):
    """An application on the waiting list, answered ``after`` days after its acceptance."""
    row = make.application(
        state=states.WAITLISTED, accepted_days_ago=days_ago, street=street, **fields
    )
    row.decided_at = row.accepted_at + after * DAY
    row.save(update_fields=["decided_at"])
    return row


def decision(application: Application, kind: str, *, signed: bool = False) -> Decision:
    """A decision drafted by one person, signed by another or not yet."""
    number = Decision.objects.count()
    return Decision.objects.create(
        application=application, kind=kind, letter_no=f"T-{number}", check_code=f"C{number}",
        text="test", drafted_by=accounts.staff(Role.DISTRICT), drafted_at=clock.now(),
        signed_by=accounts.staff(Role.DISTRICT) if signed else None,
        signed_at=clock.now() if signed else None,
    )  # fmt: skip


def exit_case(state: str, lease: Lease | None = None, **fields: object) -> ExitCase:
    """An exit in a state that needs no signature."""
    return ExitCase.objects.create(
        lease=lease or tenancies.lease(), state=state, state_since=clock.now(),
        opened_at=clock.now(), **fields,
    )  # fmt: skip


def ended_exit(days_ago: int = 0) -> ExitCase:
    """A household whose support was ended by the book."""
    lease = tenancies.lease()
    when = clock.now() - days_ago * DAY
    return exit_case(
        renewal_states.X_MOVING, lease, confirmed_by=accounts.staff(Role.DISTRICT),
        confirmed_at=when, noticed_at=when, notice_served_at=when, heard_at=when,
        decided_at=when,
        decision=decision(lease.application, Decision.Kind.END, signed=True),
    )  # fmt: skip


def a_round(code: str, state: str, *, intention: int, event: int) -> Round:
    """A round; days from today to the end of intentions and to the public event."""
    today = clock.today()
    return Round.objects.create(
        code=code, title=code, state=state, state_since=clock.now(), created_at=clock.now(),
        created_by=accounts.staff(Role.ADMIN).user, intention_until=today + intention * DAY,
        objection_until=today + (event - 2) * DAY, entropy_name="test",
        entropy_at=at(today + event * DAY), entropy_format="^.*$", entropy_example="x",
        frozen_at=clock.now() if state == allocation_states.R_FROZEN else None,
        roster="{}" if state == allocation_states.R_FROZEN else "",
    )  # fmt: skip


@pytest.fixture
def streets() -> list[Bureau]:
    """Two streets."""
    return list(Bureau.objects.filter(kind=BureauKind.STREET).order_by("code")[:2])


@pytest.fixture
def district(db: None, streets: list[Bureau]) -> None:
    """Cases in every situation that some figure counts, and beside each one that it does not."""
    first, second = streets
    make.application(street=first)  # a draft counts nowhere
    make.application(state=states.SUBMITTED, street=first)
    for state in (states.STREET_REVIEW, states.JOINT_REVIEW, states.DISTRICT_REVIEW):
        make.application(state=state, street=second, accepted_days_ago=3)
    make.application(
        2, state=states.JOINT_REVIEW, channel="window", street=first, visits=1, papers=2,
        accepted_days_ago=25,
    )  # fmt: skip
    make.application(state=states.JOINT_REVIEW, street=second, accepted_days_ago=100, visits=2)
    make.application(state=states.STREET_REVIEW, street=second, accepted_days_ago=60)
    paused = make.application(state=states.JOINT_REVIEW, street=first, accepted_days_ago=90)
    Pause.objects.create(application=paused, reason="source", began_at=clock.now() - DAY)
    quick, slow = answered(40, 6, first), answered(80, 50, second)
    Pause.objects.create(
        application=slow, reason="correction", began_at=slow.accepted_at + 5 * DAY,
        ended_at=slow.accepted_at + 30 * DAY,
    )  # fmt: skip
    _filling_in(first)
    _refusals(first, second)
    _objection(second)
    decision(quick, Decision.Kind.APPROVE)
    _households()
    _registers(quick.case_no)
    _waiting_for_registers(paused, slow)
    found.outreach(street=first)
    found.outreach(street=first, state="applied", application=quick)
    lease = Lease.objects.filter(signed_at__isnull=False).first()
    found.outreach(street=first, state="applied", application=lease.application)
    _reviews(streets)
    review_numbers.refresh()


def worked(case: Application, kind: str, days: tuple[int, int], findings: list[str] | None = None,
           stage: str = "joint") -> Opinion:  # fmt: skip
    """A desk's task from one day after acceptance to another, with its opinion."""
    opened, said = (case.accepted_at + n * DAY for n in days)
    bureau = Bureau.objects.filter(kind=kind).order_by("pk").first()
    task = ReviewTask.objects.create(
        application=case, stage=stage, bureau=bureau, state="done", state_since=said,
        opened_at=opened, due_on=said.date(), findings=findings or [],
    )  # fmt: skip
    return Opinion.objects.create(
        task=task, verdict="agree", text="test", by=accounts.staff(Role.REVIEWER, bureau=bureau),
        at=said,
    )  # fmt: skip


def steps(case: Application, *moves: tuple[int, str]) -> None:
    """Lines of a case's log of states, by days after its acceptance."""
    for days, state in moves:
        log(case, state, case.accepted_at + days * DAY)


def _reviews(streets: list[Bureau]) -> None:
    """Answered cases with desks, pauses, corrections, objections and re-considerations."""
    clean = answered(70, 12, streets[0])
    worked(clean, BureauKind.REAL_ESTATE, (2, 6))
    steps(clean, (1, states.STREET_REVIEW), (2, states.JOINT_REVIEW), (7, states.PUBLICITY))
    doubted = answered(100, 60, streets[1])
    worked(doubted, BureauKind.REAL_ESTATE, (4, 20), ["HOUSING_AREA"])
    worked(doubted, BureauKind.CIVIL_AFFAIRS, (4, 9))
    steps(doubted, (1, states.STREET_REVIEW), (4, states.CORRECTION), (20, states.JOINT_REVIEW))
    for reason, first, last in (("correction", 4, 20), ("source", 10, 30), ("publicity", 32, 46)):
        Pause.objects.create(
            application=doubted, reason=reason, began_at=doubted.accepted_at + first * DAY,
            ended_at=doubted.accepted_at + last * DAY,
        )  # fmt: skip
    notice = Publicity.objects.create(
        application=doubted, starts_on=clock.today() - 60 * DAY, ends_on=clock.today() - 53 * DAY,
        closed_at=clock.now(),
    )  # fmt: skip
    for upheld in (False, True):
        Objection.objects.create(
            publicity=notice, text="test", contact="test", made_at=clock.now(),
            answered_at=clock.now(), upheld=upheld,
        )  # fmt: skip
    for overturned in (True, False):
        refused = make.application(
            state=states.REFUSED, street=streets[0], accepted_days_ago=45
        )  # fmt: skip
        Application.objects.filter(pk=refused.pk).update(
            closed_at=refused.accepted_at + 14 * DAY
        )  # fmt: skip
        Reconsideration.objects.create(
            decision=decision(refused, Decision.Kind.REFUSE, signed=True), text="test",
            asked_at=clock.now(), due_on=clock.today(), answered_at=clock.now(),
            answered_by=accounts.staff(Role.DISTRICT), overturned=overturned,
        )  # fmt: skip


STEP_SECONDS = {"consent": 40, "household": 25, "family": 30, "known": 20, "left": 15, "wishes": 35,
                "check": 15}  # fmt: skip


def filled_in(row: Application, upto: str = "done", *, slower: int = 1) -> Application:
    """The pages of an application as somebody came to them, one after the other."""
    at_ = row.submitted_at or row.created_at
    pages = list(STEP_SECONDS)
    pages = pages[: pages.index(upto) + 1] if upto in pages else pages
    for step in reversed(pages):
        at_ -= timedelta(seconds=STEP_SECONDS[step] * slower)
        StepSeen.objects.create(application=row, step=step, first_at=at_, last_at=at_)
    Application.objects.filter(pk=row.pk).update(step=upto, created_at=at_)
    return row


def _filling_in(street: Bureau) -> None:
    for slower in range(1, 7):
        filled_in(make.application(state=states.STREET_REVIEW, street=street), slower=slower)
    filled_in(make.application(state=states.STREET_REVIEW, channel="window", street=street))
    for step in ("family", "family", "wishes"):
        filled_in(make.application(street=street, accepted_days_ago=20), step)
    filled_in(make.application(street=street), "known")
    asked = make.application(state=states.STREET_REVIEW, street=street)
    for number, received in enumerate((None, clock.now())):
        Supplement.objects.create(
            application=asked, item=f"t-{number}", text="test", due_on=clock.today(),
            received_at=received,
        )  # fmt: skip


def _refusals(first: Bureau, second: Bureau) -> None:
    refused = make.application(state=states.REFUSED, street=first, accepted_days_ago=30)
    Application.objects.filter(pk=refused.pk).update(closed_at=refused.accepted_at + 9 * DAY)
    signed = decision(refused, Decision.Kind.REFUSE, signed=True)
    Reconsideration.objects.create(
        decision=signed, text="test", asked_at=clock.now(), due_on=clock.today()
    )
    decision(make.application(state=states.DISTRICT_REVIEW, street=first), Decision.Kind.REFUSE)
    make.application(state=states.WITHDRAWN, street=second)


def _objection(street: Bureau) -> None:
    objected = make.application(state=states.PUBLICITY, street=street)
    notice = Publicity.objects.create(
        application=objected, starts_on=clock.today(), ends_on=clock.today() + 7 * DAY
    )
    Objection.objects.create(publicity=notice, text="test", contact="test", made_at=clock.now())
    Objection.objects.create(
        publicity=notice, text="test", contact="test", made_at=clock.now(),
        answered_at=clock.now(), upheld=False,
    )  # fmt: skip


def _households() -> None:
    tenancies.lease()
    old = tenancies.lease()
    Lease.objects.filter(pk=old.pk).update(signed_at=clock.now() - 800 * DAY)
    left = tenancies.lease()
    Lease.objects.filter(pk=left.pk).update(
        state=allocation_states.L_ENDED, ended_at=clock.now(), ended_by="hand_back"
    )
    for state in (
        renewal_states.X_FLAGGED, renewal_states.X_VERIFYING, renewal_states.X_NOTICE,
        renewal_states.X_HEARD, renewal_states.X_CLEARED,
    ):  # fmt: skip
        exit_case(state)
    drafted = exit_case(renewal_states.X_HEARD)
    drafted.decision = decision(drafted.lease.application, Decision.Kind.END)
    drafted.save(update_fields=["decision"])
    ended_exit()
    ended_exit(days_ago=500)
    a_round("T-1", allocation_states.R_PLANNED, intention=-1, event=20)
    a_round("T-2", allocation_states.R_PLANNED, intention=5, event=20)
    a_round("T-3", allocation_states.R_FROZEN, intention=-9, event=-1)
    a_round("T-4", allocation_states.R_FROZEN, intention=-9, event=5)


def ordered(application: Application, days_ago: int = 0) -> Evidence:
    """A verification report that was ordered and is not made yet."""
    return make.evidence(
        application, "income_check", status="ordered",
        ordered_at=clock.now() - days_ago * DAY, receipt="WT-TEST",
    )  # fmt: skip


def _waiting_for_registers(running: Application, housed: Application) -> None:
    make.evidence(running, "property", status="unavailable")
    make.evidence(running, "marriage", status="unavailable")
    ordered(running)
    make.evidence(housed, "property", status="unavailable", round="recheck-2026")
    left = make.application(state=states.WITHDRAWN)
    make.evidence(left, "property", status="unavailable")
    waived = make.application(state=states.JOINT_REVIEW)
    make.evidence(waived, "property", status="unavailable", waived_at=clock.now())
    ordered(left)


def _registers(case_no: str) -> None:
    call("property", "found", rows=3, case_no=case_no)
    call("property", "no_record", case_no=case_no)
    call("marriage", "unavailable", case_no=case_no, minutes_ago=5)
    call("marriage", "unavailable", case_no=case_no, minutes_ago=9, error="quota")
    call("death", "found", rows=2, at=clock.now() - 70 * DAY)

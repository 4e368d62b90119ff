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
    Pause,
    Publicity,
    Reconsideration,
)
from core import clock
from core.models import Transition
from renewal import states as renewal_states
from renewal.models import ExitCase, Outreach
from tests.factories import accounts, tenancies
from tests.factories import applications as make
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
        confirmed_at=when, noticed_at=when, heard_at=when, decided_at=when,
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
    _refusals(first, second)
    _objection(second)
    decision(quick, Decision.Kind.APPROVE)
    _households()
    _registers(quick.case_no)
    _waiting_for_registers(paused, slow)
    Outreach.objects.create(
        person_index="a" * 64, name="试甲", street=first, reason="test", found_on=clock.today(),
        expires_on=clock.today() + 30 * DAY, state="open",
    )  # fmt: skip
    Outreach.objects.create(
        person_index="b" * 64, name="试乙", street=first, reason="test", found_on=clock.today(),
        expires_on=clock.today() + 30 * DAY, state="applied",
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
    Lease.objects.filter(pk=left.pk).update(state=allocation_states.L_ENDED, ended_at=clock.now())
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

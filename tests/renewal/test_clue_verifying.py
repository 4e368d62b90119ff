"""The second route is asked on consent, the same rules read it, and a person decides."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from applications import verification
from applications.models import Change, Evidence
from core import clock
from renewal import clues, states
from renewal.models import Clue, ExitCase
from tests.factories import accounts, tenancies
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return accounts.staff("district")


def housed(registers, households, code, tier="ZPX"):
    """A cast household in its home, with its registers."""
    case = households[code]
    people = [make.Person(p.name, p.id_number, p.relation) for p in case.household]
    lease = tenancies.lease(people, tier=tier)
    for source, answers in case.to_dict()["records"].items():
        for number, rows in answers.items():
            registers.rows[source, number] = rows
    return lease


def taken(lease, staff, kind, source="property", **evidence):
    row = clues.note(
        lease, kind=kind, source=source, evidence={"what": "x"} | evidence, on=date(2021, 8, 1),
        by=clues.SYSTEM, person_index=lease.application.applicant.id_index,
    )  # fmt: skip
    return clues.take(row, by=staff)


def verified(row, staff):
    clues.ask(row, by=staff)
    answered(row)
    row.refresh_from_db()
    return row


def answered(row):
    """Until the registers have answered, or were silent for as long as we have patience."""
    for minutes in (0, 1, 3, 10, 30):
        with clock.held_at(clock.now() + timedelta(minutes=minutes)):
            while verification.pump(round=row.round):
                pass
            clues.assess_ready()


@pytest.fixture
def on_the_day(households):
    """Today is the day of the cast."""
    with clock.held_at(clock.local_midnight(households["H02"].as_of) + timedelta(hours=9)):
        yield


def test_nothing_would_change_for_a_household_that_still_qualifies(
    registers, households, staff, on_the_day
):
    lease = housed(registers, households, "H02", tier="DB")
    row = verified(taken(lease, staff, "company", "company"), staff)
    assert row.outcome == "stays" and not clues.failed(row)
    anew = {q.source for q, _p in registers.asked}
    assert {"company", "social_insurance"} <= anew
    assert all(p.kind == "annual_recheck" for _q, p in registers.asked)
    assert row.assessment.inputs["recheck_of"] == lease.number


def test_another_tier_is_said(registers, households, staff, on_the_day):
    lease = housed(registers, households, "H02", tier="DSR")
    row = verified(taken(lease, staff, "aid_started", "low_income_aid"), staff)
    assert row.outcome == "tier"
    lease.refresh_from_db()
    assert lease.agreed(clock.today())[0] == "DSR"


def test_a_rule_that_fails_is_shown_and_changes_nothing_until_a_person_opens_a_case(
    registers, households, staff, on_the_day
):
    lease = housed(registers, households, "H19")
    row = verified(taken(lease, staff, "home"), staff)
    assert row.outcome == "fails" and not ExitCase.objects.exists()
    assert "HOUSING_AREA" in {one["rule"] for one in clues.failed(row)}
    case = clues.to_case(row, by=staff, ground="moved_on", note="登记和合同都在")
    row.refresh_from_db()
    assert row.state == states.L_TO_CASE and row.exit_case == case
    assert case.ground == "moved_on" and case.state == states.X_FLAGGED and case.flags
    lease.refresh_from_db()
    assert lease.state == "filed"


def test_a_silent_register_is_unknown_and_never_a_failure(registers, households, staff, on_the_day):
    registers.silent["company"] = "timeout"
    lease = housed(registers, households, "H02", tier="DB")
    row = verified(taken(lease, staff, "company", "company"), staff)
    assert row.outcome == "unknown"


def test_answers_at_hand_serve_and_only_what_matters_is_asked_again(
    registers, households, staff, on_the_day
):
    lease = housed(registers, households, "H02", tier="DB")
    verified(taken(lease, staff, "company", "company"), staff)
    before = len(registers.asked)
    second = clues.note(
        lease, kind="company", source="tax", evidence={"what": "y"}, on=date(2021, 8, 2),
        by=clues.SYSTEM, person_index=lease.application.applicant.id_index,
    )  # fmt: skip
    verified(clues.take(second, by=staff), staff)
    again = {q.source for q, _p in registers.asked[before:]}
    # a report whose validity is over is ordered anew, whatever the clue
    assert again - {"income_check"} == {"company", "social_insurance"}


def test_a_case_waits_for_the_second_route(staff):
    row = taken(tenancies.lease(2), staff, "home")
    with pytest.raises(clues.ClueRefused):
        clues.to_case(row, by=staff, ground="moved_on", note="看到了")
    row.refresh_from_db()
    assert row.state == states.L_LOOKING and not row.reason and not ExitCase.objects.exists()


def test_what_no_register_knows_goes_to_a_case_on_a_persons_word(staff):
    row = taken(tenancies.lease(1), staff, "report", "hotline")
    with pytest.raises(clues.ClueRefused):
        clues.ask(row, by=staff)
    for ground in ("violation", "idle", "arrears", "nothing"):  # these are put right first
        with pytest.raises(clues.ClueRefused, match="违规核实"):
            clues.to_case(row, by=staff, ground=ground, note="现场看过两次")
    case = clues.to_case(row, by=staff, ground="moved_on", note="现场看过两次")
    assert case.note == "现场看过两次" and case.flags[0]["rule"] == "REPORT"


def a_death(lease, staff):
    row = taken(lease, staff, "death", "death")
    Clue.objects.filter(pk=row.pk).update(asked_at=clock.now(), outcome="fails")
    row.refresh_from_db()
    return row


def test_a_death_needs_two_sources(staff):
    lease = tenancies.lease(1)
    row = a_death(lease, staff)
    with pytest.raises(clues.ClueRefused, match="两个来源"):
        clues.to_case(row, by=staff, ground="deceased", note="电话")
    clues.note(
        lease, kind="death", source="cremation", evidence={"what": ""}, on=date(2021, 8, 2),
        by=clues.SYSTEM, person_index=lease.application.applicant.id_index,
    )  # fmt: skip
    assert clues.to_case(row, by=staff, ground="deceased", note="两处都有").ground == "deceased"


def test_a_death_among_several_is_a_change_of_the_household(staff):
    lease = tenancies.lease(2)
    row = a_death(lease, staff)
    with pytest.raises(clues.ClueRefused):
        clues.to_case(row, by=staff, ground="deceased", note="电话")
    change = clues.hand_on(row, by=staff, note="家属来电")
    assert change.kind == Change.Kind.DEATH and change.member == lease.application.applicant
    assert change.waits_for == "renewal" and change.reported_by is None
    row.refresh_from_db()
    assert row.state == states.L_HANDED and row.change == change
    assert lease.application.members.filter(excluded=False).count() == 2


def test_a_birth_is_handed_on_with_the_child(staff):
    lease, child = tenancies.lease(2), accounts.id_number()
    row = taken(lease, staff, "birth", "household_register", what="王小", about=child)
    change = clues.hand_on(row, by=staff, note="户籍已登记")
    assert change.details["id_number"] == child and change.details["name"] == "王小"
    assert lease.application.members.count() == 2


def test_a_home_is_no_change_of_the_household(staff):
    row = taken(tenancies.lease(1), staff, "home")
    with pytest.raises(clues.ClueRefused):
        clues.hand_on(row, by=staff, note="x")


def test_nobody_works_on_a_clue_about_their_own_family(staff):
    lease = tenancies.lease(2)
    row = clues.note(
        lease, kind="home", source="property", evidence={"what": "x"}, on=date(2021, 8, 1),
        by=clues.SYSTEM,
    )  # fmt: skip
    staff.id_index = lease.application.applicant.id_index
    staff.save(update_fields=["id_index"])
    with pytest.raises(clues.ClueRefused, match="回避"):
        clues.take(row, by=staff)
    Clue.objects.filter(pk=row.pk).update(
        state=states.L_LOOKING, taken_by=staff, taken_at=clock.now()
    )
    row.refresh_from_db()
    for step in (
        lambda: clues.ask(row, by=staff),
        lambda: clues.explain(row, by=staff, reason="没事"),
        lambda: clues.to_case(row, by=staff, ground="moved_on", note="x"),
    ):
        with pytest.raises(clues.ClueRefused, match="回避"), transaction.atomic():
            step()
    assert not Evidence.objects.filter(round=row.round).exists()

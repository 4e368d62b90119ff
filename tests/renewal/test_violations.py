"""Nobody is ended, locked out or sent on without being told, heard, given days and looked at."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from allocation import arrears, reductions
from allocation import states as allocation_states
from applications import periods, service_consents
from applications.models import Benefit, Decision
from core import clock
from core.models import Notice, OutboxMessage
from core.refusals import Refusal
from renewal import violation_states as states
from renewal.models import ExitCase, Violation
from renewal.violations import finding, kinds, leads, steps
from tests.factories import accounts, rents, tenancies
from tests.factories import violations as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make.officer()


@pytest.fixture
def other():
    return make.officer()


def untouched(lease):
    lease.refresh_from_db()
    return (
        lease.state == allocation_states.L_FILED
        and Benefit.objects.filter(case_no=lease.case_no, ended_on=None).exists()
        and not lease.grants.filter(state="revoked").exists()
        and not OutboxMessage.objects.filter(kind__in=["revoke", "lease_ended"]).exists()
        and not Decision.objects.exists()
    )


def test_the_whole_way_to_a_case_leaves_home_keys_and_benefit_untouched(officer, other):
    row = make.confirmed(make.found(by=officer), officer, other)
    assert row.state == states.V_CONFIRMED and row.follow_up is not None
    row = steps.to_case(row, by=officer)
    assert row.state == states.V_CASE and row.exit_case.ground == "violation"
    flag = row.exit_case.flags[0]
    assert flag["rule"] == "SUBLET" and "第27条" in flag["citation"]
    # the case has its own notice, hearing and two signatures still before it
    assert row.exit_case.state == "flagged" and row.exit_case.noticed_at is None
    assert untouched(row.lease)
    assert set(Notice.objects.values_list("code", flat=True)) >= {
        "violation_told", "violation_ordered", "violation_confirmed",
    }  # fmt: skip


def test_no_step_can_be_skipped(officer, other):
    row = make.found(by=officer)
    for step in (
        lambda: steps.tell_household(row, by=officer),  # nothing was checked yet
        lambda: steps.speak(row, by=officer.user, channel="phone", text="x"),
        lambda: steps.close_speaking(row, by=officer),
        lambda: steps.order(row, text="x", by=officer),
        lambda: steps.served(row, how="hand", on=clock.today(), by=officer),
        lambda: steps.extend(row, why="x", by=officer),
        lambda: steps.confirm(row, words="x", by=other),
        lambda: steps.to_case(row, by=officer),
    ):
        with pytest.raises(Refusal):
            step()
    row.refresh_from_db()
    assert row.state == states.V_FOUND and not Notice.objects.exists()
    assert not ExitCase.objects.exists()


def test_the_database_refuses_an_established_violation_without_the_chain(officer):
    row = make.found(by=officer)
    for state in (states.V_TOLD, states.V_CONFIRMED, states.V_CASE):
        with pytest.raises(IntegrityError), transaction.atomic():
            Violation.objects.filter(pk=row.pk).update(state=state)
    row = make.ordered(row, officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Violation.objects.filter(pk=row.pk).update(
            state=states.V_CONFIRMED, confirmed_by=officer, confirmed_at=clock.now()
        )
    with pytest.raises(IntegrityError), transaction.atomic():  # nobody looked again
        Violation.objects.filter(pk=row.pk).update(
            state=states.V_CONFIRMED, confirmed_by=make.officer(), confirmed_at=clock.now()
        )


def test_a_decent_explanation_keeps_the_household_from_being_asked(officer):
    row = make.found(by=officer)
    make.checked(row, officer, kinds.YES)
    with pytest.raises(finding.ViolationRefused):
        steps.tell_household(row, by=officer)
    row = steps.set_aside(row, words="女儿来照顾病人", by=officer)
    assert row.state == states.V_SET_ASIDE and not Notice.objects.exists()


def test_days_run_from_service_and_an_order_on_paper_waits_for_its_proof(officer, other):
    row = make.told(make.found(by=officer), officer)
    with pytest.raises(finding.ViolationRefused):
        steps.order(row, text="请改正", by=officer)  # not heard yet, days to speak not over
    steps.speak(row, by=officer.user, channel="phone", text="会改")
    row = steps.order(row, text="请改正", by=officer)
    assert row.served_on is None and row.due_on is None
    assert steps.why_not_confirm(row, other)
    with pytest.raises(finding.ViolationRefused):
        steps.served(row, how="hand", on=clock.today() + timedelta(days=1), by=officer)
    row = steps.served(row, how="mail", on=clock.today(), by=officer)
    assert row.due_on == periods.of("violation_correction").after(clock.today())


def test_who_agreed_to_electronic_service_has_the_order_at_once(officer):
    lease = tenancies.lease(2)
    service_consents.give(lease.application.applicant.id_index, by=lease.application.created_by)
    row = make.ordered(make.found(lease, by=officer), officer)
    assert row.served_how == "electronic" and row.served_on == clock.today()


def test_more_time_is_given_once_and_never_less(officer):
    row = make.ordered(make.found(by=officer), officer)
    before = row.due_on
    row = steps.extend(row, why="工人约不到", by=officer)
    assert row.due_on == periods.of("violation_extension").after(before)
    with pytest.raises(finding.ViolationRefused):
        steps.extend(row, why="再延", by=officer)


def test_nothing_is_established_before_the_day_nor_by_whoever_ordered(officer, other):
    row = make.ordered(make.found(by=officer), officer)
    with make.on(row.due_on, 23), pytest.raises(finding.ViolationRefused):
        steps.confirm(row, words="还在", by=other)
    with make.on(row.due_on + timedelta(days=1)):
        assert "上门" in steps.why_not_confirm(row, other)  # looked at again, first
        assert "换一位" in steps.why_not_confirm(row, officer)


@pytest.mark.parametrize("told", [make.WELL, make.NOBODY])
def test_a_follow_up_that_does_not_see_it_establishes_nothing(officer, other, told):
    row = make.ordered(make.found(by=officer), officer)
    with make.on(row.due_on + timedelta(days=1)):
        again = make.announced(row.lease, by=other, violation=row)
    make.visited(again, by=other, **told)
    with make.on(again.on, 15):
        with pytest.raises(finding.ViolationRefused):
            steps.confirm(row, words="没见到", by=other)
        row = steps.corrected(row, words="已经搬走", by=officer)
    assert row.state == states.V_CORRECTED and untouched(row.lease)


def test_silence_is_noted_by_a_person_after_the_day_and_proves_nothing(officer):
    row = make.told(make.found(by=officer), officer)
    with pytest.raises(finding.ViolationRefused):
        steps.close_speaking(row, by=officer)
    with make.on(row.speak_until + timedelta(days=1)):
        said = steps.close_speaking(row, by=officer)
    row.refresh_from_db()
    assert said.channel == "none" and row.state == states.V_TOLD


def test_one_household_has_one_open_matter_of_a_kind(officer):
    row = make.found(by=officer)
    assert make.found(row.lease, by=officer) == row
    with pytest.raises(IntegrityError), transaction.atomic():
        Violation.objects.create(
            lease=row.lease, kind=row.kind, source="patrol", facts="x", state_since=clock.now(),
            found_at=clock.now(),
        )  # fmt: skip


def test_nobody_works_on_their_own_household(officer):
    row = make.found(by=officer)
    officer.id_index = row.lease.application.applicant.id_index
    officer.save(update_fields=["id_index"])
    for step in (
        lambda: make.checked(row, officer),
        lambda: steps.set_aside(row, words="x", by=officer),
        lambda: make.found(tenancies_of(row), kind="damage", by=officer),
    ):
        with pytest.raises(Refusal):
            step()


def tenancies_of(row):
    return row.lease


def test_an_inspections_finding_becomes_a_lead_by_a_person_and_only_what_was_seen(officer):
    visit = make.visited(make.announced(by=officer), by=officer, **make.sees("damage"))
    with pytest.raises(finding.ViolationRefused):
        finding.from_visit(visit, kind="sublet", by=officer)
    row = finding.from_visit(visit, kind="damage", by=officer)
    assert row.visit == visit and row.state == states.V_FOUND and row.facts == make.FACTS


# -- Arrears ---------------------------------------------------------------------------------------


@pytest.fixture
def owing():
    lease = tenancies.lease(2)
    rents.billed(7)
    arrears.raise_flags()
    return lease


def test_six_months_of_arrears_are_a_lead_and_help_comes_first(owing, officer):
    assert leads.note_arrears() == 1 and leads.note_arrears() == 0
    row = Violation.objects.get()
    assert row.kind == "arrears" and row.state == states.V_FOUND and row.found_by is None
    assert not Notice.objects.filter(code__startswith="violation").exists()
    make.checked(row, officer)
    assert "联系" in steps.why_not_tell(row_of(row))
    arrears.note_contact(owing, way="phone", reached=True, words="", helps=["aid"], by=officer)
    asked = reductions.ask(
        owing, from_month=rents.months.first(clock.today()),
        to_month=rents.months.first(clock.today()), reason="住院", by=accounts.citizen().user,
    )  # fmt: skip
    assert "减免" in steps.why_not_tell(row_of(row))
    type(asked).objects.filter(pk=asked.pk).delete()
    assert steps.why_not_tell(row_of(row)) == ""
    assert untouched(owing)


def row_of(row):
    return Violation.objects.get(pk=row.pk)


def test_who_pays_before_the_end_is_not_sent_on(owing, officer, other):
    leads.note_arrears()
    row = Violation.objects.get()
    arrears.note_contact(owing, way="phone", reached=True, words="", helps=["aid"], by=officer)
    row = make.ordered(row, officer)
    rents.paid(owing, Decimal("4000"))
    with make.on(row.due_on + timedelta(days=1)), pytest.raises(finding.ViolationRefused):
        steps.confirm(row, words="没有交", by=other)


def test_a_lead_of_arrears_closes_itself_when_paid_and_nobody_was_told(owing):
    leads.note_arrears()
    assert leads.close_paid() == 0
    rents.paid(owing, Decimal("6000"))
    assert leads.close_paid() == 1
    assert Violation.objects.get().state == states.V_SET_ASIDE and not Notice.objects.filter(
        code__startswith="violation"
    )

"""Questions to registers as work items: nothing lost, nothing doubled, silence never refuses."""

from datetime import timedelta

import pytest

from applications import (
    asking,
    consent,
    evaluation,
    outcomes,
    settling,
    states,
    submission,
    tasks,
    verification,
)
from applications.models import Assessment, Evidence, ReviewTask
from core import clock
from core.models import Notice
from tests.applications.test_submission import draft_of
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def accepted(members=1, **fields):
    return make.application(members, state=states.ACCEPTED, **fields)


def run(application, round="apply"):
    tasks.check_application(application.pk, round)
    application.refresh_from_db()


def test_each_register_is_asked_about_each_consenting_member_once(registers):
    row = accepted(make.couple_with_child())
    verification.request_checks(row, by=row.created_by)
    assert verification.request_checks(row, by=row.created_by) == 0
    run(row)
    run(row)
    assert set(registers.times_asked().values()) == {1}
    asked = {source for source, _number in registers.times_asked()}
    assert {"property", "household_register", "income_check", "death"} <= asked


def test_a_child_is_not_asked_about_work(registers):
    row = accepted(make.couple_with_child())
    verification.request_checks(row, by=row.created_by)
    child = row.members.get(position=2)
    sources = set(row.evidence.filter(member=child).values_list("source", flat=True))
    assert "property" in sources and not sources & {"social_insurance", "vehicle", "company"}


def test_a_households_questions_go_out_together_each_on_its_own_consent(registers):
    row = accepted(2)
    verification.request_checks(row, by=row.created_by)
    run(row)
    assert registers.batches == 1
    bases = {(pair[0].person.id_number, pair[1].basis) for pair in registers.asked}
    assert len(bases) == 2 and all(basis.startswith("consent:") for _person, basis in bases)
    assert {pair[1].case_no for pair in registers.asked} == {row.case_no}


def test_when_all_have_answered_the_household_is_assessed_and_the_street_opens(registers):
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    run(row)
    assert row.state == states.STREET_REVIEW
    stored = Assessment.objects.get(application=row)
    assert stored.inputs["case"] == row.case_no and stored.policy.text
    assert ReviewTask.objects.filter(application=row).count() == 1
    run(row)
    assert Assessment.objects.filter(application=row).count() == 1
    assert ReviewTask.objects.filter(application=row).count() == 1


def test_a_silent_register_pauses_the_clock_tells_the_family_and_refuses_nobody(registers):
    registers.silent["property"] = "quota"
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    run(row)
    assert row.state == states.ACCEPTED and row.pending_sources
    assert row.pauses.get(ended_at=None).reason == "source"
    assert row.evidence.get(source="property").error == "quota"
    assert Assessment.objects.get(application=row).outcome in ("pending_source", "ineligible")
    assert Notice.objects.filter(code="application.source_silent").count() == 1


def test_it_is_asked_again_by_itself_and_the_case_goes_on(registers):
    registers.silent["property"] = "timeout"
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    run(row)
    registers.silent.clear()
    run(row)
    assert row.pending_sources  # not due yet
    clock.advance(verification.RETRIES[0] + timedelta(seconds=1))
    verification.sweep()
    row.refresh_from_db()
    assert not row.pending_sources and not row.pauses.filter(ended_at=None).exists()
    assert row.state == states.STREET_REVIEW
    assert registers.times_asked()["property", row.applicant.id_number] == 2


def test_waits_grow_from_seconds_to_hours(registers):
    registers.silent["property"] = "timeout"
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    for wait in verification.RETRIES:
        run(row)
        one = row.evidence.get(source="property")
        assert timedelta(0) <= one.due_at - clock.now() <= wait
        clock.advance(wait + timedelta(seconds=1))


def test_after_two_working_days_of_silence_people_go_on_by_hand(registers):
    registers.silent["property"] = "timeout"
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    run(row)
    assert row.state == states.ACCEPTED
    clock.advance(timedelta(days=7))
    verification.sweep()
    row.refresh_from_db()
    assert row.state == states.STREET_REVIEW and row.pending_sources


def test_a_killed_workers_rows_are_due_again_when_the_lease_ends(registers):
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    lost = asking.lease("a" * 32, "apply", 200, row.pk)
    assert lost and verification.pump("apply") == 0
    clock.advance(verification.LEASE + timedelta(seconds=1))
    assert verification.pump("apply") == len(lost)
    assert not row.evidence.filter(status=Evidence.Status.PENDING).exists()


def test_a_worker_that_comes_back_late_overwrites_nothing(registers):
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    late = asking.lease("a" * 32, "apply", 200, row.pk)
    clock.advance(verification.LEASE + timedelta(seconds=1))
    verification.pump("apply")
    before = list(row.evidence.order_by("id").values_list("status", "attempts", "fetched_at"))
    outcomes.write_back("a" * 32, late, {})
    assert before == list(
        row.evidence.order_by("id").values_list("status", "attempts", "fetched_at")
    )


def test_a_worker_lost_between_answers_and_consequences_is_made_good(registers, monkeypatch):
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    with monkeypatch.context() as patch:
        patch.setattr(verification, "settle", lambda *_a, **_k: None)
        verification.pump("apply")
    row.refresh_from_db()
    assert row.state == states.ACCEPTED
    verification.sweep()
    row.refresh_from_db()
    assert row.state == states.STREET_REVIEW


def test_a_late_consent_is_waited_for_before_the_rules_read(registers):
    citizen, spouse = accounts.citizen(), make.person("10")
    row = submission.submit(draft_of(citizen, spouse), by=citizen.user)
    run(row)
    assert row.state == states.ACCEPTED and not Assessment.objects.exists()
    consent.give(row.members.get(position=1), method="online", by=citizen.user)
    run(row)
    assert row.state == states.STREET_REVIEW and Assessment.objects.count() == 1


def test_answers_that_are_young_enough_are_taken_over_into_a_later_round(registers):
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    run(row)
    asked = len(registers.asked)
    verification.request_checks(
        row, round="pre-allotment-r1", by=row.created_by, max_age=timedelta(days=1)
    )
    run(row, "pre-allotment-r1")
    assert len(registers.asked) == asked
    assert verification.is_complete(row, "pre-allotment-r1")


def test_a_later_round_asks_anew_and_leaves_the_consequences_to_its_campaign(registers):
    row = make.application(state=states.WAITLISTED)
    verification.request_checks(row, round="recheck-2027", by=row.created_by)
    run(row, "recheck-2027")
    assert verification.is_complete(row, "recheck-2027")
    assert row.state == states.WAITLISTED and not Assessment.objects.exists()
    made = verification.assess_now(
        row, round="recheck-2027", on=clock.today(), by=verification.WORKER
    )
    assert made.round == "recheck-2027"


def test_a_disputed_line_says_so_and_needs_a_reason(registers):
    row = accepted()
    one = make.evidence(row, status="found", rows=[{"zl": "某路1号"}])
    with pytest.raises(verification.DisputeRefused):
        verification.dispute(one, reason=" ", by=row.created_by)
    one.refresh_from_db()
    assert not one.disputed
    assert verification.dispute(one, reason="已经卖掉", by=row.created_by).disputed


def test_the_case_holds_what_the_registers_said_and_what_the_platform_knows(registers):
    registers.silent["vehicle"] = "http_500"
    row = accepted()
    number = row.applicant.id_number
    registers.rows["property", number] = [{"qlrzjh": number, "zl": "某路1号", "jzmj": "50"}]
    verification.request_checks(row, by=row.created_by)
    run(row)
    case = evaluation.case_of(row, "apply", clock.today()).to_dict()
    assert case["records"]["property"][number][0]["jzmj"] == "50"
    assert "vehicle" not in case["records"] and case["faults"]["vehicle"][0]["mode"] == "http_500"
    assert case["platform"][number] == {"active_benefit": None, "ban_until": None}


def test_cases_that_rightly_wait_do_not_crowd_out_the_sweeper(registers):
    waiting = accepted(2, consents=False)
    make.consent(waiting.applicant)
    consent.settle(waiting, by=waiting.created_by)
    registers.silent["property"] = "timeout"
    silent = accepted()
    for row in (waiting, silent):
        verification.request_checks(row, by=row.created_by)
        run(row)
    assert not list(settling.unsettled())
    clock.advance(timedelta(days=7))
    assert list(settling.unsettled()) == [silent]


def test_benefits_and_bans_of_the_day_are_told_to_the_rules_but_not_ones_own(registers):
    from applications.models import Ban, Benefit

    row = accepted(2)
    first, second = row.members.order_by("position")
    today = clock.today()
    Benefit.objects.create(person_index=first.id_index, kind="home", case_no="L-1", began_on=today)
    Ban.objects.create(
        person_index=second.id_index, reason="deceit", case_no="X", starts_on=today,
        until=today + timedelta(days=9), decided_by="test",
    )  # fmt: skip
    known = evaluation.case_of(row, "apply", today).to_dict()["platform"]
    assert known[first.id_number]["active_benefit"] == "L-1"
    assert known[second.id_number]["ban_until"] == (today + timedelta(days=9)).isoformat()
    again = evaluation.case_of(row, "apply", today, recheck_of="L-1").to_dict()
    assert again["platform"][first.id_number]["active_benefit"] is None
    assert again["recheck_of"] == "L-1"


def test_a_family_that_took_every_consent_back_goes_to_people_not_nowhere(registers):
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    consent.withdraw(row.applicant, by=row.created_by)
    assert not row.evidence.exists()
    verification.sweep()
    row.refresh_from_db()
    assert row.state == states.STREET_REVIEW and not registers.asked


def test_a_register_silent_before_an_allotment_is_asked_again_by_itself(registers):
    registers.silent["property"] = "timeout"
    row = accepted()
    name = "pre-allotment-T1"
    verification.request_checks(row, round=name, by=row.created_by)
    run(row, round=name)
    assert not verification.is_complete(row, name)
    registers.silent.clear()
    clock.advance(verification.RETRIES[0] + timedelta(seconds=1))
    verification.sweep()
    assert verification.is_complete(row, name)

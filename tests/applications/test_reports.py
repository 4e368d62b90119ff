"""Income reports are ordered and come days later: nothing waits for them that need not."""

from datetime import timedelta

import pytest

from accounts.roles import BureauKind
from applications import (
    deadlines,
    evaluation,
    findings,
    inquiry_answers,
    outcomes,
    periods,
    reports,
    review,
    settling,
    states,
    submission,
    tasks,
    verification,
)
from applications.models import Evidence, Inquiry, ReviewTask
from applications.models.review import Stage
from core import clock, workdays
from core.models import Notice
from tests.applications.registers import report_rows
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(registers):
    """Accepted just now; the report on the applicant is expected in five working days."""
    row = make.application(state=states.ACCEPTED)
    registers.order(row.applicant.id_number)
    verification.request_checks(row, by=row.created_by)
    run(row)
    return row


def run(application, round="apply"):
    tasks.check_application(application.pk, round)
    application.refresh_from_db()


def report_of(application, round="apply"):
    return application.evidence.get(source="income_check", round=round)


def days_pass(count):
    """To ten o'clock of the working day so many days on; the sweeper looks."""
    day = workdays.add_workdays(clock.today(), count)
    clock.advance(clock.local_midnight(day) + timedelta(hours=10) - clock.now())
    verification.sweep()


def at_the_departments(application):
    """The street has agreed: the departments have it."""
    street = application.tasks.get(stage=Stage.STREET)
    review.opine(street, by=accounts.staff("street", bureau=application.street), verdict="agree")
    application.refresh_from_db()


def desk_of(application, kind):
    return application.tasks.get(stage=Stage.JOINT, bureau__kind=kind, state=states.TASK_OPEN)


def by_hand(application, by):
    """The department asks the verification centre itself and writes down what it was told."""
    inquiry = application.inquiries.get(kind=Inquiry.Kind.SILENT)
    inquiry_answers.answer(
        inquiry, by=by, outcome="found_record", reason_code="other_office", text="年收入1万元。"
    )


def civil_affairs():
    return accounts.staff("reviewer", bureau=accounts.bureau(BureauKind.CIVIL_AFFAIRS))


def test_an_order_holds_up_neither_acceptance_nor_the_street_nor_the_clock(case):
    one = report_of(case)
    assert one.status == Evidence.Status.ORDERED and one.receipt and one.expected_on
    assert case.state == states.STREET_REVIEW and not case.pending_sources
    assert not case.pauses.exists()
    told = Notice.objects.get(case_no=case.case_no, code="application.checked")
    assert "收入核对报告" in told.text


def test_the_rules_see_an_order_as_pending_and_refuse_nobody(case):
    made = case.assessments.get()
    income = [one for one in made.result["findings"] if one["rule"] == "INCOME"]
    assert made.outcome == "pending_source" and {one["result"] for one in income} == {"unknown"}
    number = case.applicant.id_number
    rows = evaluation.case_of(case, "apply", clock.today()).to_dict()["records"]
    assert rows["income_check"][number][0]["hdzt"] == "核对中"


def test_a_report_under_way_is_asked_for_on_the_day_it_is_expected_and_not_before(case, registers):
    asked = registers.times_asked
    number = case.applicant.id_number
    for _day in range(4):
        days_pass(1)
    assert asked()["income_check", number] == 1
    registers.deliver()
    days_pass(1)
    assert asked()["income_check", number] == 2
    assert report_of(case).status == Evidence.Status.FOUND


def test_a_report_that_is_late_by_some_days_is_asked_for_once_a_day(case, registers):
    days_pass(5)
    verification.sweep()
    days_pass(1)
    assert registers.times_asked()["income_check", case.applicant.id_number] == 3
    assert report_of(case).status == Evidence.Status.ORDERED and not case.pauses.exists()


def test_the_late_report_refreshes_the_findings_of_the_desk_that_reads_it(case, registers):
    at_the_departments(case)
    task = desk_of(case, BureauKind.CIVIL_AFFAIRS)
    assert "INCOME" in task.findings
    registers.deliver()
    days_pass(5)
    newest = findings.latest_assessment(case)
    assert newest.outcome != "pending_source"
    assert "INCOME" not in findings.doubtful(newest)
    task.refresh_from_db()
    assert "INCOME" not in task.findings


def test_civil_affairs_waits_for_the_report_and_the_others_do_not(case, registers):
    at_the_departments(case)
    task = desk_of(case, BureauKind.CIVIL_AFFAIRS)
    settled = {rule: {"how": "verified_pass", "reason": "电话核实"} for rule in task.findings}
    with pytest.raises(review.OpinionRefused, match="在途"):
        review.opine(task, by=civil_affairs(), verdict="agree", settled=settled)
    task.refresh_from_db()
    assert task.state == states.TASK_OPEN and not hasattr(task, "opinion")
    others = [one for one in case.tasks.filter(stage=Stage.JOINT) if one.pk != task.pk]
    for other in others:
        by = accounts.staff("reviewer", bureau=other.bureau)
        answer = {rule: {"how": "verified_pass", "reason": "已核实"} for rule in other.findings}
        review.opine(other, by=by, verdict="agree", settled=answer)
        if answer:
            desk.confirm(other)
    case.refresh_from_db()
    assert case.state == states.JOINT_REVIEW  # the district cannot close before civil affairs
    registers.deliver()
    days_pass(5)
    task.refresh_from_db()
    settled = {rule: {"how": "verified_pass", "reason": "已核实"} for rule in task.findings}
    review.opine(task, by=civil_affairs(), verdict="agree", settled=settled)
    case.refresh_from_db()
    assert case.state == states.JOINT_REVIEW  # an override counts once a second person confirms
    desk.confirm(task)
    case.refresh_from_db()
    assert case.state == states.DISTRICT_REVIEW


def test_civil_affairs_is_not_late_before_it_has_read_the_report(case):
    at_the_departments(case)
    own, other = desk_of(case, BureauKind.CIVIL_AFFAIRS), desk_of(case, BureauKind.HOUSING)
    expected = report_of(case).expected_on
    assert own.due_on == workdays.add_workdays(expected, periods.of("report_read").value)
    assert other.due_on == periods.of("joint").after(clock.today()) < own.due_on


def test_past_the_longest_time_the_report_is_a_silent_register_and_people_may_go_on(case):
    at_the_departments(case)
    days_pass(periods.of("report").value)
    assert report_of(case).status == Evidence.Status.ORDERED  # the last day still counts
    days_pass(1)
    case.refresh_from_db()
    one = report_of(case)
    assert (one.status, one.error) == (Evidence.Status.UNAVAILABLE, "overdue")
    assert case.pending_sources and case.pauses.get(ended_at=None).reason == "source"
    assert settling.silent(case) == [one] and one.silent_since
    task = desk_of(case, BureauKind.CIVIL_AFFAIRS)
    by = civil_affairs()
    by_hand(case, by)
    case.refresh_from_db()
    assert not case.pending_sources and not case.pauses.filter(ended_at=None).exists()
    settled = {rule: {"how": "verified_pass", "reason": "书面核实"} for rule in task.findings}
    review.opine(task, by=by, verdict="agree", settled=settled)
    desk.confirm(task)
    task.refresh_from_db()
    assert task.state == states.TASK_DONE


def test_the_overdue_report_comes_after_all_and_the_clock_runs_on_by_itself(case, registers):
    days_pass(periods.of("report").value + 1)
    registers.deliver()
    days_pass(1)
    case.refresh_from_db()
    assert not case.pending_sources and not case.pauses.filter(ended_at=None).exists()
    assert report_of(case).status == Evidence.Status.FOUND
    assert Notice.objects.filter(case_no=case.case_no, code="application.source_back").count() == 1


def test_the_promise_has_room_for_the_longest_report_and_what_follows_it():
    steps = ("report", "report_read", "district")
    assert sum(periods.of(one).value for one in steps) <= periods.of("promised").value


def test_the_promised_day_stays_where_it_was_while_the_report_is_made(case, registers):
    before = deadlines.clock_of(case, clock.today())
    registers.deliver()
    days_pass(5)
    after = deadlines.clock_of(case, clock.today())
    assert after.promised_due == before.promised_due and after.net == before.net + 5


def test_a_fault_while_the_report_is_made_is_no_silence(case, registers):
    registers.silent["income_check"] = "timeout"
    days_pass(5)
    one = report_of(case)
    assert one.status == Evidence.Status.ORDERED and one.receipt
    registers.silent.clear()
    registers.deliver()
    clock.advance(timedelta(hours=1, minutes=1))
    verification.sweep()
    assert report_of(case).status == Evidence.Status.FOUND


def test_a_hurried_report_is_fetched_as_soon_as_somebody_calls_for_it(case, registers):
    registers.hurry()
    verification.sweep()
    assert report_of(case).status == Evidence.Status.ORDERED
    assert reports.look_now(by=case.created_by) == 1
    verification.sweep()
    case.refresh_from_db()
    assert report_of(case).status == Evidence.Status.FOUND
    assert findings.latest_assessment(case).outcome != "pending_source"


def test_the_same_task_delivered_twice_orders_once_and_draws_one_consequence(case, registers):
    run(case)
    run(case)
    assert registers.times_asked()["income_check", case.applicant.id_number] == 1
    assert case.assessments.count() == 1 and ReviewTask.objects.count() == 1


def test_a_worker_lost_after_the_report_came_is_made_good(case, registers, monkeypatch):
    registers.deliver()
    with monkeypatch.context() as patch:
        patch.setattr(verification, "settle", lambda *_a, **_k: None)
        days_pass(5)
        assert report_of(case).status == Evidence.Status.FOUND
    assert findings.latest_assessment(case).outcome == "pending_source"
    verification.sweep()
    assert findings.latest_assessment(case).outcome != "pending_source"
    assert not Evidence.objects.filter(unread=True).exists()


def test_a_report_still_valid_serves_the_next_check_and_an_expired_one_is_ordered_anew(
    case, registers
):
    registers.deliver()
    days_pass(5)
    number = case.applicant.id_number
    asked = registers.times_asked()["income_check", number]
    verification.request_checks(case, round="pre-allotment-r1", by=case.created_by)
    run(case, "pre-allotment-r1")
    assert registers.times_asked()["income_check", number] == asked
    taken = report_of(case, "pre-allotment-r1")
    assert taken.status == Evidence.Status.FOUND and taken.answers.count() == 1
    assert verification.is_complete(case, "pre-allotment-r1")
    clock.advance(timedelta(days=400))
    fresh = registers.order(number)
    verification.request_checks(case, round="pre-allotment-r2", by=case.created_by)
    run(case, "pre-allotment-r2")
    assert report_of(case, "pre-allotment-r2").status == Evidence.Status.ORDERED
    assert report_of(case, "pre-allotment-r2").expected_on == fresh.expected
    assert not verification.is_complete(case, "pre-allotment-r2")


def test_a_partial_report_is_a_persons_question_and_no_failure(registers):
    row = make.application(state=states.ACCEPTED)
    number, today = row.applicant.id_number, clock.today()
    registers.rows["income_check", number] = report_rows(
        number, on=today, valid_to=today + timedelta(days=90), hdzt="部分出具"
    )
    verification.request_checks(row, by=row.created_by)
    run(row)
    made = row.assessments.get()
    found = {one["rule"]: one["result"] for one in made.result["findings"]}
    assert found["DEPOSIT"] == "unknown" and made.outcome == "manual_review"
    assert row.state == states.STREET_REVIEW and not row.pending_sources


def test_an_order_of_a_person_who_takes_the_consent_back_is_dropped(case):
    from applications import consent

    consent.withdraw(case.applicant, by=case.created_by)
    assert not case.evidence.filter(status__in=outcomes.OPEN).exists()


def test_the_family_reads_that_civil_affairs_is_checking_and_that_nothing_is_to_do(case, client):
    client.force_login(case.created_by)
    page = client.get(f"/my/case/{case.case_no}/").content.decode()
    assert "民政核对收入中" in page and "已算在办理时间里" in page
    assert "等部门答复" not in page and "计时暂停" not in page


def test_of_a_case_that_was_taken_back_nothing_is_asked_any_more(case, registers):
    submission.withdraw(case, by=case.created_by)
    registers.deliver()
    before = len(registers.asked)
    days_pass(6)
    assert len(registers.asked) == before
    assert report_of(case).answers.count() == 1  # the receipt stays in the file

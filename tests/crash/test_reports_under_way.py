"""Reports are made for days while workers die and time passes: ordered once, read once."""

from datetime import timedelta

import pytest

from applications import findings, periods, reports, states, verification
from applications.models import Assessment, Evidence, EvidenceAnswer, ReviewTask
from core import clock, workdays
from core.models import Notice
from renewal import campaigns
from renewal import states as renewal_states
from tests.factories import accounts, tenancies
from tests.factories import applications as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_days(stack):
    """The department makes its reports in one to ten working days, as it does in life."""
    stack.gateway("reports", {"days": "1-10"})
    yield
    stack.gateway("reports", {"days": "0"})
    # A report that was delivered stays valid, and the next test would get it at once.
    city = stack.gateway("stats")["city"]
    stack.gateway("city", {name: city[name] for name in ("households", "seed", "on")})


def reports_of(round):
    return Evidence.objects.filter(source="income_check", round=round).exclude(status="no_record")


def days_pass(stack, count):
    """To half past eight of the working day so many days on."""
    day = workdays.add_workdays(clock.today(), count)
    stack.pass_time(clock.local_midnight(day) + timedelta(hours=8, minutes=30) - clock.now())


def accepted(city, people, count):
    cases = [
        make.application(people(applicant), state=states.ACCEPTED)
        for applicant in city.situations["without_benefit"][:count]
    ]
    for case in cases:
        verification.request_checks(case, by=case.created_by)
    return cases


def are_in_review(cases):
    return ReviewTask.objects.filter(application__in=cases).count() == len(cases)


def test_workers_killed_while_reports_are_under_way_order_once_and_read_each_report_once(
    stack, city, people, in_days
):
    stack.start_worker()
    cases = accepted(city, people, 6)
    stack.until(lambda: are_in_review(cases), 60)
    under_way = reports_of("apply").filter(status="ordered")
    receipts = dict(under_way.values_list("pk", "receipt"))
    assert receipts and all(receipts.values())
    assert not any(case.pauses.exists() for case in cases)

    for _night in range(3):
        stack.stop("worker")
        days_pass(stack, 4)
        stack.start_worker()
        stack.until(lambda: not under_way.filter(due_at__lte=clock.now()).exists(), 60)
    stack.until(lambda: not under_way.exists(), 60)
    stack.until(lambda: not Evidence.objects.filter(unread=True).exists(), 60)

    for pk, receipt in receipts.items():
        kept = EvidenceAnswer.objects.filter(evidence=pk).order_by("pk")
        assert [one.status for one in kept] == ["ordered", "found"]
        assert {one.receipt for one in kept} == {receipt}
    for case in cases:
        case.refresh_from_db()
        assert case.state == states.STREET_REVIEW and not case.pending_sources
        assert case.tasks.count() == 1
        told = Notice.objects.filter(case_no=case.case_no, code="application.checked")
        assert told.count() == 1
        newest = findings.latest_assessment(case)
        assert newest.outcome != "pending_source"


def test_a_hurried_report_is_in_the_case_within_seconds(stack, city, people, in_days):
    stack.start_worker()
    (case,) = accepted(city, people, 1)
    stack.until(lambda: are_in_review([case]), 60)
    assert reports.under_way(case)
    stack.gateway("reports", {"hurry": True})
    assert reports.look_now(by=case.created_by) == len(reports.under_way(case))
    stack.until(lambda: not reports.under_way(case), 30)
    stack.until(lambda: findings.latest_assessment(case).outcome != "pending_source", 30)


def test_a_campaign_waits_for_its_reports_through_a_killed_worker_and_troubles_nobody(
    stack, city, people, in_days
):
    leases = [
        tenancies.lease(people(applicant), tier="DSR")
        for applicant in city.situations["applicant_alive"][:8]
    ]
    admin = accounts.staff("admin").user
    campaign = campaigns.plan(clock.today().year, by=admin)
    worker = stack.start_worker()
    campaigns.start(campaign, by=admin)
    stack.until(lambda: campaigns.progress(campaign).only_reports, 60)
    waiting = campaign.rechecks.filter(state=renewal_states.K_CHECKING)
    assert waiting.exists()
    worker.kill()
    days_pass(stack, periods.of("report").value)
    stack.start_worker()
    stack.until(lambda: is_done(campaign), 90)
    rows = reports_of(campaign.round)
    assert {one.status for one in rows} == {"found"}
    for row in campaign.rechecks.all():
        read = Assessment.objects.filter(round=campaign.round, application=row.lease.application)
        assert read.get() == row.assessment and row.assessment.outcome != "pending_source"
    assert campaign.rechecks.count() == len(leases)


def is_done(campaign):
    campaign.refresh_from_db()
    return campaign.state == renewal_states.C_DONE

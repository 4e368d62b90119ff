"""The gateway is away for a while: nobody is refused, the clock stands, it resumes by itself."""

from datetime import timedelta

import pytest

from applications import deadlines, states, verification
from applications.models import Evidence, Pause
from core import clock, workdays
from core.models import Notice
from tests.factories import applications as make

pytestmark = pytest.mark.django_db(transaction=True)


def is_waiting(case):
    case.refresh_from_db()
    return case.pending_sources and case.pauses.exists()


def is_in_review(case):
    case.refresh_from_db()
    return case.state == states.STREET_REVIEW


def a_minute_later(stack, case):
    stack.pass_time(timedelta(minutes=1))
    return is_in_review(case)


def test_a_case_waits_for_the_gateway_with_its_clock_paused_and_then_goes_on(stack, city, people):
    stack.stop("gateway")
    stack.start_worker()
    case = make.application(people(city.situations["low_income_aid"][0]), state=states.ACCEPTED)
    verification.request_checks(case, by=case.created_by)

    stack.until(lambda: is_waiting(case))
    assert case.state == states.ACCEPTED
    assert case.pauses.get().reason == Pause.Reason.SOURCE
    assert {one.outcome for one in case.assessments.all()} == {"pending_source"}
    before = deadlines.clock_of(case, clock.today())
    assert before.paused

    tomorrow = workdays.add_workdays(clock.today(), 1) - clock.today()
    stack.pass_time(tomorrow)
    waited = deadlines.clock_of(case, clock.today())
    assert waited.net == before.net and waited.gross == before.gross + 1
    assert waited.promised_due > before.promised_due
    assert not is_in_review(case) and case.state == states.ACCEPTED and case.decisions.count() == 0

    stack.start_gateway(households=city.households, on=city.on)
    stack.wait_for("gateway")
    stack.until(lambda: a_minute_later(stack, case), 60)
    assert not case.pending_sources and case.pauses.get().ended_at
    assert not Evidence.objects.filter(status__in=("pending", "unavailable")).exists()
    assert case.assessments.first().outcome == "eligible"
    silent = Notice.objects.filter(case_no=case.case_no, code="application.source_silent")
    assert silent.count() == 1

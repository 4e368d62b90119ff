"""kill -9 of the worker in the middle of the work: nothing is lost, nothing is doubled."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command

from applications import states, verification
from applications.models import Assessment, Evidence, ReviewTask
from core.models import Notice, Transition
from renewal import campaigns
from renewal import states as renewal_states
from renewal.models import ExitCase
from tests.factories import accounts, tenancies
from tests.factories import applications as make

pytestmark = pytest.mark.django_db(transaction=True)

AFTER_THE_LEASE = verification.LEASE + timedelta(seconds=1)
SOME_WAIT = "income_check"  # the department that answers slowly here


def answered(round):
    return Evidence.objects.filter(round=round, status__in=("found", "no_record"))


def in_the_middle(round):
    """Some answers are in, others are being asked for at this moment."""
    asked = Evidence.objects.filter(round=round, status="pending").exclude(lease="")
    return answered(round).exists() and asked.exists()


def kill_the_worker_in_the_middle(stack, round):
    worker = stack.start_worker()
    stack.until(lambda: in_the_middle(round), 60)
    worker.kill()
    assert Evidence.objects.filter(round=round, status="pending").exists()


def test_a_worker_killed_during_verification_loses_nothing_and_doubles_nothing(stack, city, people):
    stack.break_down(SOME_WAIT, "slow")
    cases = [
        make.application(people(applicant), state=states.ACCEPTED)
        for applicant in city.situations["without_benefit"][:8]
    ]
    for case in cases:
        verification.request_checks(case, by=case.created_by)
    questions = Evidence.objects.count()
    kill_the_worker_in_the_middle(stack, "apply")

    stack.mend()
    stack.start_worker()
    stack.pass_time(AFTER_THE_LEASE)
    stack.until(lambda: ReviewTask.objects.values("application").distinct().count() == 8, 60)

    assert answered("apply").count() == questions == Evidence.objects.count()
    for case in cases:
        case.refresh_from_db()
        assert case.state == states.STREET_REVIEW and not case.pending_sources
        assert case.assessments.count() == 1
        assert case.tasks.count() == 1
        told = Notice.objects.filter(case_no=case.case_no, code="application.checked")
        assert told.count() == 1
        moves = Transition.objects.filter(case_no=case.case_no, to_state=states.STREET_REVIEW)
        assert moves.count() == 1
    call_command("audit_verify")


def test_a_worker_killed_twice_during_the_recheck_loses_nothing_and_doubles_nothing(
    stack, city, people
):
    leases = [
        tenancies.lease(people(applicant), tier="DSR")
        for applicant in city.situations["applicant_alive"][:24]
    ]
    admin = accounts.staff("admin").user
    campaign = campaigns.plan(2026, by=admin)
    stack.break_down(SOME_WAIT, "slow")
    campaigns.start(campaign, by=admin)
    for _time in range(2):
        kill_the_worker_in_the_middle(stack, campaign.round)
        stack.pass_time(AFTER_THE_LEASE)

    stack.mend()
    stack.start_worker()
    stack.until(lambda: is_done(campaign), 90)

    asked = Evidence.objects.filter(round=campaign.round)
    assert asked.count() == answered(campaign.round).count()
    rechecks = list(campaign.rechecks.all())
    assert sorted(row.lease_id for row in rechecks) == sorted(one.pk for one in leases)
    for row in rechecks:
        settled = Transition.objects.filter(thing_type="renewal.recheck", thing_id=row.pk)
        assert settled.count() == 1
        read = Assessment.objects.filter(round=campaign.round, application=row.lease.application)
        assert read.get() == row.assessment
    lanes = Counter(row.state for row in rechecks)
    assert renewal_states.K_CHECKING not in lanes and len(lanes) > 1
    confirmed = Notice.objects.filter(code="recheck_clean")
    assert confirmed.count() == lanes[renewal_states.K_CLEAN]
    assert ExitCase.objects.count() == lanes[renewal_states.K_SUSPECT]
    assert not any(one.exits.exclude(state="flagged").exists() for one in leases)
    call_command("audit_verify")


def is_done(campaign):
    campaign.refresh_from_db()
    return campaign.state == renewal_states.C_DONE

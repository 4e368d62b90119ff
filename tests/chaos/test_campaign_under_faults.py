"""A fifth of all calls fails, workers and broker are killed twice: each household in one lane."""

from collections import Counter
from datetime import timedelta

import pytest
import redis
from django.core.management import call_command
from django.db.models import Count

from allocation import states as allocation_states
from allocation.models import Lease
from applications import verification
from applications.models import Decision, Evidence
from core import clock
from core.models import Transition
from datashare.models import Call
from renewal import campaigns, states
from renewal.models import ExitCase, Recheck
from tests.chaos.brokers import Broker, taking_messages
from tests.chaos.conftest import Chaos, family
from tests.factories import accounts, tenancies
from yinzhou_housing.celery import app

pytestmark = pytest.mark.django_db(transaction=True)

SHARE, SEED = 0.2, 11
# what fails at once; what hangs, and a quota that is over, are in tests/chaos/test_every_household
AT_ONCE = ("http_500", "garbage", "reset", "truncated", "unknown_code", "upstream")
LANES = {"clean", "changed", "question", "suspect"}
AFTER_THE_LEASE = verification.LEASE + timedelta(seconds=1)
SIZES = [
    # households, size of the city, workers that take over in the end
    pytest.param((6, 60, 1), id="small"),
    pytest.param((2000, 2600, 2), id="full", marks=pytest.mark.soak),
]


@pytest.fixture
def broker(settings, tmp_path):
    """The whole platform of this test on a broker of its own."""
    known = redis.Redis.from_url(settings.REDIS_URL).connection_pool.connection_kwargs
    made = Broker(tmp_path, known["db"])
    made.start()
    settings.REDIS_URL = made.url
    settings.CACHES = {**settings.CACHES, "default": {
        **settings.CACHES["default"], "LOCATION": made.url,
    }}  # fmt: skip
    with taking_messages(app, made):
        yield made
    made.kill()


@pytest.fixture
def stack(broker, transactional_db, settings, tmp_path):
    """Departments and workers that know this broker alone."""
    running = Chaos(tmp_path)
    running.more = {"REDIS_URL": broker.url}
    settings.DATASHARE_GATEWAY_URL = f"{running.url('gateway')}/gateway/"
    yield running
    running.stop()


@pytest.mark.parametrize("size", SIZES)
def test_every_household_ends_in_exactly_one_lane_and_nobody_leaves(stack, broker, size):
    households, city_size, successors = size
    stack.start_gateway(households=city_size)
    stack.wait_for("gateway")
    campaign = planned(stack, households)
    for mode in AT_ONCE:
        share = 1 - (1 - SHARE) ** (1 / len(AT_ONCE))
        fault = {"source": "*", "mode": mode, "rate": share, "seed": SEED + len(mode)}
        stack.gateway("faults", fault)
    stack.add_workers(2, "bulk")
    expected = campaign.estimate["questions"]

    for part in (0.15, 0.4):
        stack.until(lambda part=part: put(campaign) >= part * expected, 60 + households)
        broker.kill()
        stack.kill_a_worker()
        assert Recheck.objects.filter(state=states.K_CHECKING).exists()
        broker.start()
    # the leases of the killed are over for everybody, and others take their place
    stack.pass_time(AFTER_THE_LEASE)
    stack.add_workers(successors, "bulk")
    stack.until(lambda: is_over(stack, campaign), 120 + 2 * households)
    stack.finish_workers()

    every_household_is_in_one_lane(campaign, households)
    nobody_left(campaign)
    nothing_fresh_was_asked_again(campaign)
    for source, meter in stack.meters()["quota"].items():
        assert meter["refused"] == {"pace": 0, "day": 0}, source
    call_command("audit_verify")
    print(
        f"{households} households, {put(campaign)} questions, "
        f"{Counter(campaign.rechecks.values_list('lane', flat=True))}"
    )


def planned(stack, households):
    city = stack.city()
    housed = list(city.situations["in_force"])
    alive = [one for one in city.situations["applicant_alive"] if one not in set(housed)]
    for applicant in (housed + alive)[:households]:
        tenancies.lease(family(city, applicant), tier="DSR")
    admin = accounts.staff("admin").user
    made = campaigns.start(campaigns.plan(2026, by=admin), by=admin)
    assert made.rechecks.count() == households
    return made


def put(campaign):
    """Questions that were put at least once and written back."""
    return Evidence.objects.filter(round=campaign.round).exclude(status="pending").count()


def is_over(stack, campaign):
    """Whether every household has its lane; moves the clock on to the next retry."""
    campaign.refresh_from_db()
    if campaign.state == states.C_DONE:
        return True
    due = Evidence.objects.filter(round=campaign.round, status__in=("pending", "unavailable"))
    unasked = campaign.rechecks.exclude(household__evidence__round=campaign.round)
    if not unasked.exists() and not due.filter(due_at__lte=clock.now()).exists():
        stack.pass_time(timedelta(seconds=30))
    return False


def every_household_is_in_one_lane(campaign, households):
    rows = list(campaign.rechecks.all())
    assert len({row.household_id for row in rows}) == len(rows) == households
    assert {row.lane for row in rows} <= LANES and all(row.assessment_id for row in rows)
    moves = Transition.objects.filter(thing_type="renewal.recheck", from_state=states.K_CHECKING)
    again = Transition.objects.filter(thing_type="renewal.recheck", to_state=states.K_CHECKING)
    assert moves.count() == households + again.count()


def nobody_left(campaign):
    """Nothing adverse without a person: clues are on a desk, leases as they were."""
    assert not Decision.objects.exists()
    assert not Lease.objects.exclude(state=allocation_states.L_FILED).exists()
    assert set(ExitCase.objects.values_list("state", flat=True)) <= {states.X_FLAGGED}
    suspects = campaign.rechecks.filter(lane="suspect").values_list("lease_id", flat=True)
    assert set(ExitCase.objects.values_list("lease_id", flat=True)) == set(suspects)
    for row in campaign.rechecks.filter(lane="suspect"):
        assert row.assessment.outcome == "ineligible" and row.flags


def nothing_fresh_was_asked_again(campaign):
    """One usable answer a person and register, and one row; whatever failed was asked again."""
    asked = Call.objects.exclude(outcome="unavailable").exclude(
        source="changes"
    )  # the night's feed
    usable = asked.values("person_index", "source")
    assert list(usable.annotate(n=Count("pk")).filter(n__gt=1)) == []
    rows = Evidence.objects.filter(round=campaign.round)
    assert rows.values("member", "source").distinct().count() == rows.count()
    assert Call.objects.filter(outcome="unavailable").exists()  # and there was much that failed

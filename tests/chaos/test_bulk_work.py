"""The yearly re-check under the same knife: nothing fresh is asked again, and citizens pass it."""

import json
from datetime import timedelta

import pytest

from applications import states, verification
from applications.models import Evidence
from datashare import catalogue, flow
from datashare.models import Call, FreshAnswer
from renewal import campaigns
from renewal import states as renewal_states
from tests.chaos.conftest import family
from tests.factories import accounts, tenancies
from tests.factories import applications as make

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERED = ("found", "no_record")
AFTER_THE_LEASE = verification.LEASE + timedelta(seconds=1)
BURST = 12
# what two workers of two processes each may hold of answers that are not yet written
IN_FLIGHT = 2 * 2 * flow.AHEAD * flow.BATCH
# households, size of the city, calls a second: a small quota, so that the campaign is still under
# way when something happens to it
SIZES = [
    pytest.param((24, 80, 12), id="small"),
    pytest.param((200, 300, 40), id="full", marks=pytest.mark.soak),
]
SLOW = [pytest.param((24, 80, 4), id="slow")]


@pytest.fixture
def campaign(chaos, size):
    """A campaign under way with some answers in: two workers at it, one is there for citizens."""
    households, city_size, rate = size
    slow = {one.code: {"rate": rate, "burst": BURST} for one in catalogue.entries()}
    chaos.more = {"DATASHARE_INTERFACES": json.dumps(slow)}
    chaos.start_gateway(households=city_size)
    chaos.wait_for("gateway")
    city = chaos.city()
    for applicant in city.situations["in_force"] + alone(city, households):
        tenancies.lease(family(city, applicant), tier="DSR")
    admin = accounts.staff("admin").user
    made = campaigns.plan(2026, by=admin)
    campaigns.start(made, by=admin)
    chaos.add_workers(2, "bulk")
    chaos.add_workers(1, "celery")
    chaos.until(lambda: answered(made).count() >= 4 * households, 120)
    return made


def alone(city, households):
    """Applicants who live, as many as are wanted besides those housed already."""
    housed = set(city.situations["in_force"])
    living = [one for one in city.situations["applicant_alive"] if one not in housed]
    return living[: max(0, households - len(housed))]


def asked_of_people(meters):
    """Calls about somebody: the night's feed of changes is about nobody."""
    return sum(count for source, count in meters["calls"].items() if source != "changes")


def answered(campaign):
    return Evidence.objects.filter(round=campaign.round, status__in=ANSWERED)


@pytest.mark.parametrize("size", SIZES)
def test_a_campaign_whose_two_workers_are_killed_asks_nothing_again_that_is_fresh(chaos, campaign):
    for _time in range(2):
        chaos.kill_a_worker()
    before = chaos.meters()
    kept = {(one.person_index, one.source) for one in FreshAnswer.objects.all()}
    lost = asked_of_people(before) - len(kept)  # answers that died with their workers
    assert Evidence.objects.filter(round=campaign.round, status="pending").exists()

    chaos.pass_time(AFTER_THE_LEASE)
    chaos.add_workers(2, "bulk")
    chaos.until(lambda: is_done(campaign), 240)
    chaos.finish_workers()

    after = chaos.meters()
    questions = answered(campaign).count()
    assert questions == Evidence.objects.filter(round=campaign.round).count()
    assert after["repeats"] <= lost <= IN_FLIGHT
    assert asked_of_people(after) == questions + after["repeats"]
    for member in {one.member for one in answered(campaign).select_related("member")}:
        asked = chaos.asked(member.id_number)
        again = {source for source, times in asked.items() if times > 1}
        assert not {source for index, source in kept if index == member.id_index} & again
    for source, meter in after["quota"].items():
        assert meter["refused"] == {"pace": 0, "day": 0}, source
    print(f"{questions} questions, {len(kept)} kept at the kill, {after['repeats']} asked again")


@pytest.mark.parametrize("size", SLOW)
def test_a_waiting_citizen_passes_a_campaign_under_way(chaos, campaign):
    city = chaos.city()
    rechecked = {row.lease.application.applicant.id_number for row in campaign.rechecks.all()}
    applicant = next(one for one in city.situations["applicant_alive"] if one not in rechecked)
    case = make.application(family(city, applicant), state=states.ACCEPTED)
    verification.request_checks(case, by=case.created_by)
    chaos.until(lambda: is_in_review(case), 120)

    waiting = Evidence.objects.filter(round=campaign.round, status="pending").count()
    still_unasked = campaign.rechecks.exclude(
        lease__application__evidence__round=campaign.round
    ).count()
    assert waiting + still_unasked > 0  # the campaign was there before and is not done
    for source, overtaken in calls_let_pass(case).items():
        assert overtaken <= BURST, source


def calls_let_pass(case):
    """By source: the campaign's calls that went out after the citizen's questions had begun to, and
    before the last of the citizen's own."""
    own = list(Call.objects.of_case(case.case_no))
    began = min(one.started_at for one in own)
    others = Call.objects.exclude(case_no=case.case_no).filter(started_at__gte=began)
    return {
        source: others.filter(
            source=source,
            started_at__lt=max(one.started_at for one in own if one.source == source),
        ).count()
        for source in {one.source for one in own}
    }


def is_in_review(case):
    case.refresh_from_db()
    return case.state == states.STREET_REVIEW


def is_done(campaign):
    campaign.refresh_from_db()
    return campaign.state == renewal_states.C_DONE

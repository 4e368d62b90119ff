"""Who a campaign takes in, what it will cost, and that no household is in two of them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from allocation import access_ends
from allocation import states as allocation_states
from applications.models import Evidence
from core import audit, clock
from core.models import Notice, Transition
from renewal import call_costs, campaigns, estimates, populations, recheck, skipping, states
from renewal.campaigns import Scope
from renewal.models import Campaign, ExitCase, Recheck
from tests.applications.registers import registers
from tests.factories import accounts, tenancies

__all__ = ["registers"]
pytestmark = pytest.mark.django_db
EVER = Campaign.Population.EVER


@pytest.fixture
def admin():
    return accounts.staff("admin").user


def over(lease):
    """The lease has ended by a signed hand-back."""
    access_ends.signed(lease, by=audit.System("test"), note="交还")
    now = clock.now()
    type(lease).objects.filter(pk=lease.pk).update(
        state=allocation_states.L_ENDED, ended_at=now, ended_by="hand_back", state_since=now
    )
    lease.refresh_from_db()
    return lease


def strides(campaign):
    while campaigns.step(campaign.pk):
        pass
    campaign.refresh_from_db()


def test_in_force_and_ever_are_kept_apart_and_each_household_counts_once():
    tenancies.lease()
    over(tenancies.lease())
    assert populations.counts() == {"in_force": 1, "ever": 2}


def test_who_is_no_longer_housed_is_counted_and_nothing_follows(registers, admin):
    gone, stays = over(tenancies.lease()), tenancies.lease()
    registers.rows["property", gone.application.applicant.id_number] = [
        {"zl": "某路9号", "jzmj": "140", "djsj": "20250101"}
    ]
    campaign = campaigns.plan(2030, by=admin, scope=Scope(EVER, special=True))
    assert (campaign.code, campaign.round) == ("2030-1", "recheck-2030-1")
    campaigns.start(campaign, by=admin)
    strides(campaign)
    row = Recheck.objects.get(lease=gone)
    assert (row.state, row.lane, row.in_force) == ("noted", "noted", False)
    assert row.assessment is not None and not ExitCase.objects.filter(lease=gone).exists()
    assert not Notice.objects.filter(case_no=gone.case_no, code="recheck_clean").exists()
    assert Recheck.objects.get(lease=stays).state != "noted"
    with pytest.raises(IntegrityError), transaction.atomic():
        Recheck.objects.filter(pk=row.pk).update(state=states.K_SUSPECT)


def test_a_special_campaign_looks_at_one_street_beside_the_years_own(admin):
    here, there = tenancies.lease(), tenancies.lease()
    street = accounts.another_street(here.application.street)
    type(here.application).objects.filter(pk=here.application_id).update(street=street)
    special = campaigns.plan(2030, by=admin, scope=Scope(street=street))
    assert [row.lease for row in special.rechecks.all()] == [here]
    yearly = campaigns.plan(2030, by=admin)
    assert [row.lease for row in yearly.rechecks.all()] == [there]
    assert yearly.elsewhere == 1  # left out, and counted
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.filter(pk=yearly.pk).update(street=street)


def test_a_household_is_free_for_another_campaign_once_the_first_is_over(admin):
    lease = tenancies.lease()
    first = campaigns.plan(2030, by=admin)
    assert not campaigns.plan(2031, by=admin).rechecks.exists()
    campaigns.cancel(first, by=admin, reason="试运行")
    third = campaigns.plan(2032, by=admin)
    assert [row.lease for row in third.rechecks.all()] == [lease]
    row = first.rechecks.get()
    assert (row.state, row.skip_reason, row.held) == ("skipped", "cancelled", False)
    moved = Transition.objects.get(thing_type="renewal.recheck", thing_id=row.pk)
    assert moved.case_no == lease.case_no and moved.to_state == "skipped"
    with pytest.raises(recheck.RecheckRefused, match="取消"):
        recheck.ask_again(row, by=admin)


def test_the_database_refuses_a_household_in_two_open_campaigns(admin):
    lease = tenancies.lease()
    campaigns.plan(2030, by=admin)
    other = campaigns.plan(2031, by=admin)
    with (
        pytest.raises(IntegrityError, match="household_in_one_open_campaign"),
        transaction.atomic(),
    ):
        Recheck.objects.create(campaign=other, lease=lease, state_since=clock.now())


@pytest.mark.django_db(transaction=True)
def test_two_plans_at_the_same_moment_share_no_household():
    admin = accounts.staff("admin").user
    leases = [tenancies.lease() for _n in range(3)]
    ready = Barrier(3)

    def plan(year):
        try:
            ready.wait(10)
            return campaigns.plan(year, by=admin).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(plan, (2030, 2031, 2032)))
    assert Recheck.objects.count() == len(leases)
    assert Recheck.objects.filter(held=True).values("household").distinct().count() == len(leases)


def test_a_household_whose_housing_ended_since_the_plan_is_left_out_with_the_reason(
    registers, admin
):
    gone, asked = tenancies.lease(), tenancies.lease()
    campaign = campaigns.plan(2030, by=admin)
    over(gone)
    campaigns.start(campaign, by=admin)
    campaigns.step(campaign.pk)
    row = Recheck.objects.get(lease=gone)
    assert (row.state, row.skip_reason) == (states.K_SKIPPED, Recheck.Skip.ENDED)
    assert not Evidence.objects.filter(application=gone.application).exists()
    strides(campaign)
    assert campaign.state == states.C_DONE and Recheck.objects.get(lease=asked).assessment


def test_a_lease_that_goes_on_as_another_is_no_end(admin):
    lease = tenancies.lease()
    campaign = campaigns.plan(2030, by=admin)
    row = campaign.rechecks.get()
    later = type(lease).objects.get(pk=lease.pk)
    type(lease).objects.filter(pk=lease.pk).update(
        state=allocation_states.L_RENEWED, ended_by="succeeded",
        term=(lease.term.lower, clock.today()),
    )  # fmt: skip
    later.pk, later.number, later.offer = None, "TEST-LATER", None
    later.term = type(lease.term)(clock.today(), lease.term.upper)
    later.save()
    row = Recheck.objects.select_related("lease").get(pk=row.pk)
    assert not skipping.if_over(row, by=recheck.SYSTEM)
    assert Recheck.objects.get(pk=row.pk).lease == later


def test_households_that_a_limit_left_out_are_taken_in_later_each_once(admin):
    for _n in range(3):
        tenancies.lease()
    campaign = campaigns.plan(2030, by=admin, limit=1)
    assert campaign.rechecks.count() == 1
    assert campaigns.take_in(campaign, by=admin, limit=2) == 1
    assert campaigns.take_in(campaign, by=admin) == 1
    assert campaigns.take_in(campaign, by=admin) == 0
    campaigns.cancel(campaign, by=admin)
    with pytest.raises(campaigns.CampaignRefused):
        campaigns.take_in(campaign, by=admin)


# -- The dry run ----------------------------------------------------------------------------------


def test_the_dry_run_foresees_exactly_what_is_asked_of_a_few_households(registers, admin):
    for members in (1, 2, 3):
        tenancies.lease(members)
    found = estimates.of()
    assert (found.households, found.in_force, found.ever, found.people) == (3, 3, 3, 6)
    campaign = campaigns.plan(2030, by=admin)
    campaigns.start(campaign, by=admin)
    strides(campaign)
    asked = Evidence.objects.filter(round=campaign.round)
    ordered = asked.filter(source="income_check").count()
    assert found.questions == asked.count() + ordered  # a report is ordered, and fetched
    assert campaign.estimate["questions"] == found.questions


def test_the_dry_run_names_the_register_that_sets_the_pace_and_what_it_costs(settings, admin):
    tenancies.lease(2)
    settings.DATASHARE_INTERFACES = {"vehicle": {"rate": 0.01, "daily": 1}}
    found = estimates.of()
    assert found.limiting.source == "vehicle"
    assert found.hours == pytest.approx(2 / 0.01 / 3600)
    assert found.days == found.limiting.days == 2  # one a day
    priced = next(one for one in found.parts if one.source == "income_check")
    assert 2 * priced.cost == priced.calls * call_costs.of("income_check").yuan > Decimal(0)
    assert not priced.verified


def test_the_dry_run_costs_the_same_for_any_number_of_households(django_assert_max_num_queries):
    for _n in range(4):
        tenancies.lease()
    with django_assert_max_num_queries(9):
        assert estimates.of().households == 4


def test_the_dry_run_of_many_reads_some_and_scales_them(monkeypatch):
    for _n in range(6):
        tenancies.lease()
    exact = estimates.of()
    monkeypatch.setattr(estimates, "MOST_READ", 3)
    scaled = estimates.of()
    assert scaled.read < exact.read == 6
    assert scaled.questions == pytest.approx(exact.questions, rel=0.35)


def test_the_command_says_what_would_be_asked_and_asks_nothing(capsys):
    tenancies.lease()
    call_command("recheck", "--year", "2030", "--dry-run")
    told = capsys.readouterr().out
    assert "1 households (1 in force, 1 ever)" in told and "sets the pace" in told
    assert not Campaign.objects.exists() and not Evidence.objects.exists()


def test_progress_tells_pace_and_time_left_while_it_runs(registers, admin):
    for _n in range(2):
        tenancies.lease()
    campaign = campaigns.start(campaigns.plan(2030, by=admin), by=admin)
    recheck_step = campaigns.step(campaign.pk)
    assert recheck_step
    with clock.held_at(clock.now() + timedelta(seconds=30)):
        done = campaigns.progress(campaign)
        assert done.rate > 0
        left = done.expected - done.answered - done.reports
        assert done.seconds_left == (left / done.rate if left > 0 else None)
    campaigns.pause(campaign, by=admin)
    campaign.refresh_from_db()
    assert campaigns.progress(campaign).rate == 0


def test_a_member_without_consent_is_not_counted_in_the_dry_run():
    make_one = tenancies.lease(1)
    before = estimates.of().questions
    make_one.application.members.get().consents.all().update(withdrawn_at=clock.now())
    assert before > 0 and estimates.of().questions == 0


def test_a_campaign_after_a_cancelled_one_asks_nothing_that_is_still_fresh(registers, admin):
    tenancies.lease()
    first = campaigns.start(campaigns.plan(2030, by=admin), by=admin)
    strides(first)
    asked = dict(registers.times_asked())
    again = campaigns.plan(2030, by=admin, scope=Scope(special=True))
    campaigns.start(again, by=admin)
    strides(again)
    assert registers.times_asked() == asked and set(asked.values()) == {1}
    assert again.state == states.C_DONE and again.rechecks.get().assessment
    clock.advance(timedelta(days=200))
    later = campaigns.start(campaigns.plan(2031, by=admin), by=admin)
    strides(later)
    assert set(registers.times_asked().values()) == {2}

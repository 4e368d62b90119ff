"""The yearly campaign: every household once, three lanes, nothing lost, nobody ended."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from allocation import states as allocation_states
from applications import consent, evaluation, periods
from applications.models import Evidence, Inquiry
from core import clock, workdays
from core.models import Notice
from renewal import campaigns, recheck, states, tasks
from renewal.models import Campaign, ExitCase, Recheck
from tests.factories import accounts, tenancies
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def settle_all(registers, households, *codes, tier="ZPX"):
    """A campaign over cast households in force, as of the cast's day, run to its end."""
    admin = accounts.staff("admin").user
    leases = {}
    for code in codes:
        case = households[code]
        people = [make.Person(p.name, p.id_number, p.relation) for p in case.household]
        leases[code] = tenancies.lease(people, tier=tier)
        for source, answers in case.to_dict()["records"].items():
            for number, rows in answers.items():
                registers.rows[source, number] = rows
    day = households[codes[0]].as_of
    campaign = campaigns.plan(day.year, by=admin, on=day)
    campaigns.start(campaign, by=admin)
    run(campaign)
    campaign.refresh_from_db()
    return campaign, leases


def run(campaign):
    """Strides until the registers have answered, or were silent for as long as we have patience."""
    for minutes in (0, 1, 3, 10, 30):
        with clock.held_at(clock.now() + timedelta(minutes=minutes)):
            while campaigns.step(campaign.pk):
                pass


def lane_of(lease):
    return Recheck.objects.get(lease=lease)


def test_a_household_whose_registers_agree_is_confirmed_without_being_troubled(
    registers, households
):
    campaign, leases = settle_all(registers, households, "H02", tier="DB")
    row = lane_of(leases["H02"])
    assert row.state == states.K_CLEAN and row.flags == [] and row.change == {}
    assert campaign.state == states.C_DONE
    told = Notice.objects.get(code="recheck_clean")
    assert "不用您办理" in told.text
    leases["H02"].refresh_from_db()
    assert leases["H02"].state == allocation_states.L_FILED


def test_a_buyer_of_a_home_is_flagged_with_rule_fact_and_source_and_nothing_else_happens(
    registers, households
):
    _campaign, leases = settle_all(registers, households, "H19")
    row = lane_of(leases["H19"])
    assert row.state == states.K_SUSPECT
    flag = next(one for one in row.flags if one["rule"] == "HOUSING_AREA")
    assert flag["actual"] == "78.00" and "resale_contract" in flag["evidence"]
    case = ExitCase.objects.get(recheck=row)
    assert case.state == states.X_FLAGGED and case.confirmed_by is None
    leases["H19"].refresh_from_db()
    assert leases["H19"].state == allocation_states.L_FILED
    assert leases["H19"].grants.filter(state="revoked").count() == 0


def test_the_office_reads_rules_by_name_and_comes_to_an_exit_that_was_open_before(
    client, registers, households
):
    campaign, leases = settle_all(registers, households, "H19")
    ExitCase.objects.filter(lease=leases["H19"]).update(recheck=None)
    client.force_login(accounts.staff("admin").user)
    page = client.get(f"/office/recheck/{campaign.year}/").content.decode()
    assert "住房面积 78.00" in page and "HOUSING_AREA" not in page
    assert f'href="/office/exits/{ExitCase.objects.get().pk}/"' in page
    assert "待查清" in page and "{n}" not in page


def test_a_silent_register_is_a_question_and_never_a_clue(registers, households):
    registers.silent["property"] = "timeout"
    _campaign, leases = settle_all(registers, households, "H02", tier="DB")
    row = lane_of(leases["H02"])
    assert row.state == states.K_QUESTION
    assert not ExitCase.objects.exists()


def test_another_tier_is_shown_with_the_sum_and_the_month(registers, households):
    _campaign, leases = settle_all(registers, households, "H02", tier="DSR")
    row = lane_of(leases["H02"])
    assert row.state == states.K_CHANGED
    assert row.change == {
        "tier_old": "DSR", "tier_new": "DB", "rent_old": "962.50", "rent_new": "137.50",
        "from_month": "2021-10",
    }  # fmt: skip


def test_a_changed_tier_holds_for_the_rent_once_a_person_has_settled_it(registers, households):
    _campaign, leases = settle_all(registers, households, "H02", tier="DSR")
    lease, row = leases["H02"], lane_of(leases["H02"])
    assert lease.agreed(clock.today()) == ("DSR", Decimal("962.50"))
    recheck.settle_by_hand(row, by=accounts.staff("admin").user, note="已核实")
    assert lease.agreed(clock.today()) == ("DB", Decimal("137.50"))
    assert lease.rent_terms.last().reason == "年度复核"


def test_a_campaign_looks_at_every_household_exactly_once(registers, households):
    campaign, _leases = settle_all(registers, households, "H02", tier="DB")
    again = set(registers.times_asked().values())
    assert again == {1}
    assert not campaigns.step(campaign.pk)
    assert set(registers.times_asked().values()) == {1}


def test_a_year_has_one_campaign():
    admin = accounts.staff("admin").user
    campaigns.plan(2030, by=admin)
    with pytest.raises(campaigns.CampaignRefused):
        campaigns.plan(2030, by=admin)
    assert Campaign.objects.count() == 1


def test_a_paused_campaign_asks_nothing_and_goes_on_where_it_stopped(registers, households):
    admin = accounts.staff("admin").user
    tenancies.lease()
    campaign = campaigns.plan(2030, by=admin)
    campaigns.start(campaign, by=admin)
    campaigns.pause(campaign, by=admin)
    assert not campaigns.step(campaign.pk)
    assert not Evidence.objects.exists()
    campaigns.resume(campaign, by=admin)
    assert campaigns.step(campaign.pk)
    assert Evidence.objects.filter(round="recheck-2030").exists()


def test_a_worker_killed_between_asking_and_writing_loses_and_doubles_nothing(
    registers, households, monkeypatch
):
    admin = accounts.staff("admin").user
    lease = tenancies.lease()
    campaign = campaigns.plan(2030, by=admin)
    campaigns.start(campaign, by=admin)
    ask = registers.ask_many

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        list(ask(*args, **kwargs))
        raise Killed

    monkeypatch.setattr("datashare.queries.ask_many", die)
    with pytest.raises(Killed):
        campaigns.step(campaign.pk)
    monkeypatch.setattr("datashare.queries.ask_many", ask)
    Evidence.objects.update(leased_until=campaign.created_at - timedelta(hours=1))
    while campaigns.step(campaign.pk):
        pass
    rows = Evidence.objects.filter(application=lease.application, round="recheck-2030")
    assert rows.exclude(fetched_at=None).count() == rows.count() > 0
    assert rows.values("member", "source").distinct().count() == rows.count()
    assert Recheck.objects.get(lease=lease).assessment is not None


def test_progress_costs_the_same_for_any_number_of_households(
    registers, households, django_assert_num_queries
):
    admin = accounts.staff("admin").user
    for _n in range(3):
        tenancies.lease()
    campaign = campaigns.plan(2030, by=admin)
    with django_assert_num_queries(2):
        progress = campaigns.progress(campaign)
    assert (progress.households, progress.settled) == (3, 0)


def test_a_register_asked_again_after_the_campaign_confirms_the_household(registers, households):
    registers.silent["property"] = "timeout"
    campaign, leases = settle_all(registers, households, "H02", tier="DB")
    row = lane_of(leases["H02"])
    assert (row.state, campaign.state) == (states.K_QUESTION, states.C_DONE)
    registers.silent.clear()
    recheck.ask_again(row, by=accounts.staff("admin").user)
    while campaigns.step(campaign.pk):
        pass
    row.refresh_from_db()
    assert row.state == states.K_CLEAN


def test_a_household_that_took_its_consent_back_goes_to_a_person_and_holds_nobody_up(registers):
    admin = accounts.staff("admin").user
    lease = tenancies.lease()
    consent.withdraw(lease.application.applicant, by=lease.application.created_by)
    campaign = campaigns.plan(2030, by=admin)
    campaigns.start(campaign, by=admin)
    for _n in range(5):
        campaigns.step(campaign.pk)
    campaign.refresh_from_db()
    assert [one["rule"] for one in lane_of(lease).flags] == ["CONSENT"]
    assert campaign.state == states.C_DONE and not registers.asked


def test_a_person_settles_a_question_with_words(registers, households):
    registers.silent["property"] = "timeout"
    _campaign, leases = settle_all(registers, households, "H02", tier="DB")
    row = lane_of(leases["H02"])
    admin = accounts.staff("admin").user
    with pytest.raises(recheck.RecheckRefused):
        recheck.settle_by_hand(row, by=admin, note=" ")
    recheck.settle_by_hand(row, by=admin, note="已向不动产登记中心电话核实")
    row.refresh_from_db()
    assert row.state == states.K_SETTLED and row.settled_by == admin.audit_label


def test_the_command_plans_and_runs_and_refuses_a_begun_year(registers, households, capsys):
    accounts.staff("admin", username="admin")
    tenancies.lease()
    call_command("recheck", "--year", "2030")
    assert "1/1 households" in capsys.readouterr().out
    with pytest.raises(Exception, match="--resume"):
        call_command("recheck", "--year", "2030")


def test_a_child_born_since_is_a_change_and_no_clue(registers, households):
    case = households["H02"]
    parents = [person for person in case.household if person.relation != "30"]
    lease = tenancies.lease(
        [make.Person(p.name, p.id_number, p.relation) for p in parents], tier="DB"
    )
    for source, answers in case.to_dict()["records"].items():
        for number, rows in answers.items():
            registers.rows[source, number] = rows
    admin = accounts.staff("admin").user
    campaign = campaigns.plan(case.as_of.year, by=admin, on=case.as_of)
    campaigns.start(campaign, by=admin)
    while campaigns.step(campaign.pk):
        pass
    row = lane_of(lease)
    assert {flag["rule"] for flag in row.flags} == {"MEMBERS"}
    assert row.state == states.K_CHANGED
    assert not ExitCase.objects.exists()


def test_a_register_that_answers_later_settles_the_household_by_itself(registers, households):
    registers.silent["property"] = "timeout"
    campaign, leases = settle_all(registers, households, "H02", tier="DB")
    assert lane_of(leases["H02"]).state == states.K_QUESTION
    registers.silent.clear()
    with clock.held_at(clock.now() + timedelta(hours=8)):
        while campaigns.step(campaign.pk):
            pass
    assert lane_of(leases["H02"]).state == states.K_CLEAN


# -- Reports that are made in days ---------------------------------------------------------------


@pytest.fixture
def waiting(registers):
    """A campaign over one household whose report is ordered and expected in five working days."""
    admin = accounts.staff("admin").user
    lease = tenancies.lease()
    number = lease.application.applicant.id_number
    registers.order(number)
    campaign = campaigns.plan(2030, by=admin)
    campaigns.start(campaign, by=admin)
    strides(campaign)
    return campaign, lease, number


def strides(campaign):
    while campaigns.step(campaign.pk):
        pass
    campaign.refresh_from_db()


def days_pass(campaign, count):
    """To ten o'clock of the working day so many days on; the campaign goes on."""
    day = workdays.add_workdays(clock.today(), count)
    clock.advance(clock.local_midnight(day) + timedelta(hours=10) - clock.now())
    strides(campaign)


def test_a_household_whose_report_is_being_made_is_asked_nothing_and_stays_in_checking(
    registers, waiting
):
    campaign, lease, number = waiting
    assert lane_of(lease).state == states.K_CHECKING and campaign.state == states.C_RUNNING
    progress = campaigns.progress(campaign)
    assert (progress.reports, progress.waiting) == (1, 0)
    assert not Notice.objects.filter(case_no=lease.case_no).exists()
    for _day in range(4):
        days_pass(campaign, 1)
    assert registers.times_asked()["income_check", number] == 1
    assert lane_of(lease).state == states.K_CHECKING


def test_the_report_settles_the_household_and_ends_the_campaign(registers, waiting):
    campaign, lease, _number = waiting
    registers.deliver()
    days_pass(campaign, 5)
    row = lane_of(lease)
    assert row.state != states.K_CHECKING and campaign.state == states.C_DONE
    income = [one for one in row.assessment.result["findings"] if one["rule"] == "INCOME"]
    assert {one["result"] for one in income} == {"pass"}
    assert row.assessment.on > campaign.on  # judged on the day of its report, not on the start's
    assert evaluation.recomputed(row.assessment) == row.assessment.result


def test_a_report_past_the_longest_time_is_a_question_for_a_person_and_never_a_clue(
    registers, waiting
):
    campaign, lease, _number = waiting
    days_pass(campaign, periods.of("report").value + 1)
    assert lane_of(lease).state == states.K_QUESTION
    assert campaign.state == states.C_DONE and not ExitCase.objects.exists()
    assert lane_of(lease).assessment.outcome == "pending_source"
    registers.deliver()
    days_pass(campaign, 1)
    assert lane_of(lease).assessment.outcome != "pending_source"


def test_a_report_still_valid_is_not_ordered_again_a_year_on(registers, waiting):
    campaign, lease, number = waiting
    registers.deliver()
    days_pass(campaign, 5)
    asked = registers.times_asked()["income_check", number]
    admin = accounts.staff("admin").user
    again = campaigns.plan(2031, by=admin)
    campaigns.start(again, by=admin)
    strides(again)
    assert registers.times_asked()["income_check", number] == asked
    assert Recheck.objects.get(lease=lease, campaign=again).state != states.K_CHECKING


def test_two_registers_that_disagree_are_settled_before_anything_is_confirmed(
    registers, households, monkeypatch
):
    """The household is clean by the rules, but a department was asked which register is right."""
    asked = []

    def one_question(application, round):
        asked.append(round)
        return 1

    monkeypatch.setattr("applications.inquiries.open_for", one_question)
    _campaign, leases = settle_all(registers, households, "H02", tier="DB")
    row = lane_of(leases["H02"])
    assert row.assessment.outcome == "eligible" and row.state == states.K_QUESTION
    assert asked == ["recheck-2021"] and not Notice.objects.filter(code="recheck_clean").exists()


def test_a_settled_disagreement_lets_the_household_go_on_by_itself(
    registers, households, monkeypatch
):
    monkeypatch.setattr("applications.inquiries.open_for", lambda *_a, **_k: 1)
    campaign, leases = settle_all(registers, households, "H02", tier="DB")
    case, now = leases["H02"].application, clock.now()
    by = accounts.staff("reviewer")
    Inquiry.objects.create(
        application=case, round=campaign.round, kind=Inquiry.Kind.ROUTES, subject="aid",
        bureau=by.bureau, state="settled", state_since=now, opened_at=now, due_on=clock.today(),
        outcome="left", reason_code="lag", settled_by=by, settled_at=now,
    )  # fmt: skip
    monkeypatch.setattr("applications.inquiries.open_for", lambda *_a, **_k: 0)
    strides(campaign)
    assert lane_of(leases["H02"]).state == states.K_CLEAN


def test_of_several_chains_of_strides_only_the_newest_goes_on(monkeypatch):
    """The sweeper sets a chain going each minute; a long campaign must not pile them up."""
    sent, strides = [], []
    monkeypatch.setattr(tasks.run_campaign, "delay", lambda *message: sent.append(message))
    monkeypatch.setattr(campaigns, "step", lambda campaign_id: strides.append(campaign_id))
    tasks.set_going(7)
    tasks.set_going(7)
    older, newest = sent
    tasks.run_campaign(*older)
    assert strides == []
    tasks.run_campaign(*newest)
    assert strides == [7]

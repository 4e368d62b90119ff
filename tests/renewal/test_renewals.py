"""Renewals of leases: the re-check reused or made, agreed to, doubted; silence ends nothing."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.roles import Role
from allocation import states as allocation_states
from allocation.leases import renewing
from allocation.leases.terms import LeaseRefused
from allocation.models import Lease
from applications import consent, periods, verification
from core import clock
from renewal import exits, ladder, recheck, renewals, states
from renewal.models import ContactTask, ExitCase, Recheck
from tests.factories import accounts
from tests.renewal import household

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
morning = household.morning
DAY = timedelta(days=1)


def ending(lease, days=100):
    """Its last day is so many days away."""
    lease.term = DateRange(lease.term.lower, clock.today() + (days + 1) * DAY)
    lease.save(update_fields=["term"])
    return lease


def asked(lease):
    return renewing.ask(ending(lease), by=lease.application.created_by, reason="想接着住")


def answered(row):
    """Every register of the household's own check has answered, or was silent for long enough."""
    for minutes in (0, 1, 3, 10, 30):
        with clock.held_at(clock.now() + timedelta(minutes=minutes)):
            while verification.pump(row.round):
                pass
            renewals.look_at_due()
    row.refresh_from_db()


def test_a_young_re_check_serves_and_the_new_term_follows(client, registers, households):
    lease, day = household.housed(registers, households, "H02", tier="DB")
    row = household.rechecked(lease, day)
    request = asked(lease)
    assert renewals.take_up_due() == 1 and renewals.take_up_due() == 0
    assert request.renewal_check.reused and request.renewal_check.recheck == row
    by = accounts.staff(Role.DISTRICT)
    client.force_login(by.user)
    assert lease.case_no in client.get("/office/renewals/").content.decode()
    address = f"/office/renewals/{request.pk}/"
    assert "同意续租" in client.get(address).content.decode()
    assert client.post(address, {"act": "agree", "months": "0"}).status_code == 422
    assert client.post(address, {"act": "agree", "months": "36"}).status_code == 302
    request.refresh_from_db()
    new = Lease.objects.get(previous=lease)
    assert request.state == allocation_states.Q_APPROVED
    assert new.term.lower == lease.term.upper and new.tier == "DB"


def test_without_one_this_household_alone_is_checked_by_the_same_rules(registers, households):
    lease, _day = household.housed(registers, households, "H02", tier="DB")
    request = asked(lease)
    renewals.take_up_due()
    row = request.renewal_check.recheck
    assert not request.renewal_check.reused and row.campaign is None
    by = accounts.staff(Role.DISTRICT)
    with pytest.raises(renewals.RenewalRefused):
        renewals.agree(request, by=by, months=36)
    answered(row)
    assert row.state != states.K_CHECKING and row.assessment.round == row.round
    assert Recheck.objects.filter(lease=lease).count() == 1


def test_no_page_agrees_to_a_renewal_whose_check_is_under_way(registers, households):
    lease, _day = household.housed(registers, households, "H02", tier="DB")
    request = asked(lease)
    renewals.take_up_due()
    with pytest.raises(LeaseRefused, match="续租核对还没有完成"):
        renewing.approve(request, by=accounts.staff(Role.DISTRICT), months=36, tier="DB")
    request.refresh_from_db()
    assert request.state == allocation_states.Q_ASKED


def test_an_old_re_check_does_not_serve(registers, households):
    lease, day = household.housed(registers, households, "H02", tier="DB")
    row = household.rechecked(lease, day)
    months = periods.of("renewal_reuse").value
    old = clock.local_midnight(periods.months_later(clock.today(), -months)) - DAY
    Recheck.objects.filter(pk=row.pk).update(settled_at=old)
    request = asked(lease)
    renewals.take_up_due()
    assert request.renewal_check.recheck != row and not request.renewal_check.reused


def test_silence_and_lateness_are_never_a_reason_against_a_renewal(registers, households):
    lease, _day = household.housed(registers, households, "H02", tier="DB")
    for source in {source for source, _number in registers.rows}:
        registers.silent[source] = "timeout"
    consent.withdraw(lease.application.applicant, by=lease.application.created_by)
    request = renewing.ask(ending(lease, 20), by=lease.application.created_by)
    assert request.late
    renewals.take_up_due()
    row = request.renewal_check.recheck
    answered(row)
    by = accounts.staff(Role.DISTRICT)
    assert row.state == states.K_QUESTION
    with pytest.raises((renewals.RenewalRefused, recheck.RecheckRefused)):
        renewals.doubt(request, by=by, reasons="提出晚了，也没有答复")
    assert not ExitCase.objects.exists()


def test_facts_against_it_begin_with_reasons_notice_and_hearing_and_nothing_ends(
    registers, households
):
    lease, day = household.housed(registers, households, "H19")
    row = household.rechecked(lease, day)
    assert row.state == states.K_SUSPECT
    request = asked(lease)
    renewals.take_up_due()
    by = accounts.staff(Role.DISTRICT)
    assert renewals.check_of(request) == row
    case = renewals.doubt(request, by=by, reasons="查到78平方米住房")
    assert case == exits.open_of(lease) and case.state == states.X_FLAGGED
    with pytest.raises(renewals.RenewalRefused, match="核对"):
        renewals.agree(request, by=by, months=36)
    lease.refresh_from_db()
    request.refresh_from_db()
    assert lease.state == allocation_states.L_FILED
    assert request.state == allocation_states.Q_ASKED


def test_nothing_asked_leads_to_a_call_and_a_visit_and_to_no_end(registers, households):
    lease, _day = household.housed(registers, households, "H02", tier="DB")
    ending(lease, periods.of("renewal_call").value - 1)
    today = clock.today()
    assert ladder.call_about_renewals(today) == 1
    assert ladder.call_about_renewals(today) == 0
    later = today + periods.of("renewal_visit").value * DAY
    assert ladder.call_about_renewals(later) == 1
    assert set(ContactTask.objects.values_list("kind", "about")) == {
        ("call", "renewal"), ("visit", "renewal"),
    }  # fmt: skip
    lease.refresh_from_db()
    assert lease.state == allocation_states.L_FILED and not ExitCase.objects.exists()
    renewing.ask(lease, by=lease.application.created_by)
    assert ladder.close_needless() == 2

"""What a household in its home has reported is looked at by the yearly re-check."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from applications import changes, open_changes
from applications import states as application_states
from applications.change_effects import Told
from core import clock
from core.models import Notice
from renewal import recheck, states
from renewal.models import Recheck
from tests.factories import accounts, tenancies
from tests.factories import applications as make
from tests.renewal.test_campaigns import run

pytestmark = pytest.mark.django_db


def in_its_home(registers, households, told: bool):
    """H02 in its home, a lost job reported or not, and the year's campaign run to its end."""
    from renewal import campaigns

    case = households["H02"]
    people = [make.Person(p.name, p.id_number, p.relation) for p in case.household]
    lease = tenancies.lease(people, tier="DB")
    for source, answers in case.to_dict()["records"].items():
        for number, rows in answers.items():
            registers.rows[source, number] = rows
    row = lease.application
    if told:
        event = Told("work", clock.today(), row.applicant, {"monthly_income": "0"})
        changes.report(row, event, by=row.created_by, key=uuid4())
    admin = accounts.staff("admin").user
    campaign = campaigns.plan(case.as_of.year, by=admin, on=case.as_of)
    campaigns.start(campaign, by=admin)
    run(campaign)
    return lease


def test_a_reported_change_is_a_persons_question_and_not_confirmed_over_its_head(
    registers, households
):
    lease = in_its_home(registers, households, told=True)
    row = Recheck.objects.get(lease=lease)
    assert row.state == states.K_QUESTION and row.flags == []
    assert not Notice.objects.filter(code="recheck_clean").exists()
    client = Client()
    client.force_login(accounts.staff("admin").user)
    html = client.get(reverse("office_recheck_settle", args=[row.pk])).content.decode()
    assert "工作或收入有变化" in html


def test_settling_the_household_settles_what_it_had_told(registers, households):
    lease = in_its_home(registers, households, told=True)
    change = lease.application.changes.get()
    admin = accounts.staff("admin").user
    recheck.settle_by_hand(Recheck.objects.get(lease=lease), by=admin, note="已电话核实")
    change.refresh_from_db()
    assert change.state == application_states.CHANGE_UPDATED and change.note == "已电话核实"
    assert not open_changes.for_renewal(lease.application).exists()


def test_without_a_report_nobody_is_troubled(registers, households):
    lease = in_its_home(registers, households, told=False)
    assert Recheck.objects.get(lease=lease).state == states.K_CLEAN

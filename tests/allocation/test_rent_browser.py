"""The rent in a real browser: no fault of axe, no page wider than its window, large print."""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import arrears, months, payments, reductions
from core import clock
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts, tenancies
from tests.factories import rents as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


PICTURES = os.environ.get("YZ_RENT_PICTURES", "")


def looked(page, live_server, address, *sizes):
    """The page has no fault, and fits at each size; opened once."""
    page.goto(f"{live_server.url}{address}")
    assert faults_of(page) == []
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        assert width_of(page) <= 0, (address, width)
        if PICTURES:
            name = address.strip("/").split("?")[0].replace("/", "-")
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def household():
    """Somebody who owes, has a reduction and an offer of instalments."""
    lease = tenancies.lease(rent="962.50")
    first = make.billed(5)[0]
    make.paid(lease, "500", day=clock.today())
    centre = accounts.staff(Role.DISTRICT)
    row = reductions.ask(
        lease, from_month=first, to_month=clock.today(), reason="住院", by=accounts.citizen().user
    )
    half = Decimal("0.5")
    reductions.grant(row, by=centre, source="区租金减免办法", words="按一半收租", share=half)
    by = make.operator()
    arrears.propose(lease, parts=3, first_due=clock.today() + timedelta(days=9), by=by)
    return lease


def test_a_household_reads_its_rent_and_agrees_to_instalments(page, client, live_server):
    lease = household()
    applicant = lease.application.applicant
    user = accounts.citizen(name=applicant.name, number=applicant.id_number).user
    enter(page, client, live_server, user)
    looked(page, live_server, "/my/rent/", (1440, 900), (360, 800))
    page.evaluate("document.documentElement.dataset.elder = '1'")
    assert width_of(page) <= 0
    page.get_by_role("button", name="同意分期", exact=True).click()
    page.get_by_text("已同意分期").wait_for()
    assert faults_of(page) == []
    looked(page, live_server, "/my/rent/help/", (360, 800))


def test_the_operating_company_works_with_arrears_and_files(page, client, live_server):
    lease, by = household(), make.operator()
    lines = make.line("5", lease.number), make.line("7", "房租")
    row = payments.check(make.content(*lines), name="六月.csv", by=by)
    bad = payments.check(make.content(make.line("x", "")), name="七月.csv", by=by)
    make.imported(make.line("9", "谁的"), by=by)
    enter(page, client, live_server, by.user)
    sizes = (1440, 900), (360, 800)
    for address in (
        "/operator/rent/",
        reverse("operator_rent_home", args=[lease.pk]),
        "/operator/rent/files/",
        reverse("operator_rent_file", args=[bad.pk]),
        "/operator/rent/waiting/",
    ):
        looked(page, live_server, address, *sizes)
    looked(page, live_server, reverse("operator_rent_file", args=[row.pk]), *sizes)
    page.get_by_role("button", name="入账", exact=True).click()
    page.get_by_role("button", name="对账", exact=True).wait_for()
    assert faults_of(page) == []


def test_the_office_reads_totals_and_decides(page, client, live_server):
    lease = household()
    this = months.first(clock.today())
    row = reductions.ask(
        lease, from_month=this, to_month=this, reason="失业", by=accounts.citizen().user
    )
    enter(page, client, live_server, accounts.staff(Role.DISTRICT).user)
    sizes = (1440, 900), (360, 800)
    looked(page, live_server, "/office/rent/", *sizes)
    looked(page, live_server, f"/office/rent/homes/?month={this:%Y-%m}", *sizes)
    looked(page, live_server, reverse("office_rent_lease", args=[lease.pk]), *sizes)
    looked(page, live_server, reverse("office_rent_decide", args=[row.pk]), *sizes)

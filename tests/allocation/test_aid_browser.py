"""Help for who owes, and a payment put back, on a phone: no fault of axe, nothing runs over."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import holds
from allocation.models import RentPayment
from tests.allocation.test_aid import referred, street
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts, homes, tenancies
from tests.factories import rents as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PICTURES = os.environ.get("YZ_AID_PICTURES", "")


def looked(page, live_server, address, name):
    page.goto(f"{live_server.url}{address}")
    assert faults_of(page) == [], address
    for width in (360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert width_of(page) <= 0, (address, width)
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)
    assert page.locator("h1").count() == 1


def test_the_street_helps_the_company_puts_back_and_owners_are_told(page, client, live_server):
    lease = tenancies.lease(2, rent="962.50")
    make.billed(3)
    make.paid(lease, "500")
    clerk, row = street(lease), referred(lease)
    held = homes.held(kind="repair")
    holds.look_after(held.until)

    enter(page, client, live_server, held.owner.user)
    looked(page, live_server, "/review/messages/", "messages")
    company = make.operator()
    enter(page, client, live_server, company.user)
    looked(page, live_server, reverse("operator_rent_home", args=[lease.pk]), "home")
    paid = RentPayment.objects.get()
    looked(page, live_server, reverse("rent_payment", args=[paid.pk]), "payment")
    page.get_by_label("为什么退回待认领").fill("附言写错了合同编号")
    page.get_by_role("button", name="退回待认领").click()
    page.get_by_role("button", name="记到这一户").click()
    page.wait_for_url("**/operator/rent/waiting/")

    enter(page, client, live_server, clerk.user)
    looked(page, live_server, "/review/aid/", "list")
    looked(page, live_server, reverse("aid_one", args=[row.pk]), "one")
    page.get_by_label("一时困难").check()
    page.get_by_label("了解到的情况").fill("上月失业，正在找工作。")
    page.get_by_role("button", name="记下结果").click()
    page.wait_for_url("**/review/aid/")
    looked(page, live_server, reverse("aid_one", args=[row.pk]), "settled")

    enter(page, client, live_server, accounts.staff(Role.ADMIN).user)
    looked(page, live_server, "/office/", "office")
    paid.refresh_from_db()
    assert paid.lease == lease

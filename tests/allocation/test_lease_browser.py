"""Leases in a real browser: the cards ticked on a phone, the office's page on a desk."""

import pytest
from django.urls import reverse

from accounts.models import Citizen
from allocation import states
from allocation.leases import changing, renewing, texts
from tests.browsing import enter, faults_of, width_of
from tests.factories import allocation as make_round
from tests.factories import leases as make

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("checked"),
]
WIDTHS = (360, 768, 1440)


def fits(page):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert width_of(page) <= 0, width


def citizen(member):
    return Citizen.objects.ensure(
        name=member.name, id_number=member.id_number, phone="", authlevel=3
    ).user


def test_the_contract_is_ticked_and_signed_on_a_phone(page, client, live_server):
    lease = make_round.to_sign(make_round.revealed(1, 1))
    row = texts.contract_of(lease)
    row.reads.all().delete()
    type(row).objects.filter(pk=row.pk).update(explained_at=None)
    enter(page, client, live_server, citizen(lease.application.applicant))
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(live_server.url + reverse("my_lease"))
    assert faults_of(page) == []
    fits(page)
    page.set_viewport_size({"width": 360, "height": 800})
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="责任和退出条款我看清楚了").click()
    assert "还有条款没有打勾" in page.locator("main").inner_text()
    assert page.get_by_role("checkbox").first.is_checked()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="责任和退出条款我看清楚了").click()
    pad = page.locator("[data-signature-pad]")
    pad.scroll_into_view_if_needed()
    frame = pad.bounding_box()
    page.mouse.move(frame["x"] + 30, frame["y"] + 30)
    page.mouse.down()
    page.mouse.move(frame["x"] + 150, frame["y"] + 60, steps=8)
    page.mouse.up()
    assert faults_of(page) == []
    page.get_by_role("button", name="签名", exact=True).click()
    page.wait_for_load_state()
    lease.refresh_from_db()
    assert lease.state == states.L_SIGNED
    assert row.signatures.get(party="tenant").kind == "pad"
    fits(page)
    assert faults_of(page) == []


def test_the_office_pages_hold_at_every_width(page, client, live_server):
    lease = make.running(2, left=60)
    renewing.ask(lease, by="x", reason="孩子在附近上学")
    make.signed_by_all(changing.change_people(lease, by=make.officer()))
    changing.change_rent(lease, "DB", renewing.last_day(lease).replace(day=1), by=make.officer())
    enter(page, client, live_server, make.officer().user)
    for name, args in (("office_leases", []), ("office_lease", [lease.number]),
                       ("office_lease_signers", [])):  # fmt: skip
        page.goto(live_server.url + reverse(name, args=args))
        assert faults_of(page) == []
        fits(page)

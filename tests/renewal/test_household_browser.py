"""The household's page of the re-check and the desks' pages in a real browser: axe and width."""

import os

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from allocation.leases import renewing
from core import clock
from renewal import ladder, recheck, renewals
from renewal.models import ContactTask, Recheck
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts
from tests.renewal import household
from tests.renewal.test_renewals import ending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PICTURES = os.environ.get("YZ_PICTURES", "")


def sound(page, live_server, path, width=360):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}{path}")
    _looked_at(page, path, width)


def _looked_at(page, path, width):
    assert faults_of(page) == [], path
    assert width_of(page) <= 0, path
    assert page.locator("h1").count() == 1, path
    if PICTURES:
        name = path.strip("/").replace("/", "-").replace("?", "-")
        page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def test_a_household_answers_on_a_phone_and_the_desks_see_it(
    live_server, page, client, registers, households
):
    other, _day = household.housed(registers, households, "H02", tier="DSR")
    row = household.lapsed(registers, households)
    lease = row.lease
    owner = lease.application.applicant
    citizen = accounts.citizen(name=owner.name, number=owner.id_number).user
    enter(page, client, live_server, citizen)
    sound(page, live_server, "/my/recheck/")
    page.get_by_role("button", name="保存这一项").click()
    expect(page.get_by_text("请拍照上传，或者写上证件的编号和日期。").first).to_be_visible()
    _looked_at(page, "/my/recheck/error", 360)
    page.get_by_label("写明情况").fill("新证2021年5月签注")
    page.get_by_role("button", name="保存这一项").click()
    expect(page.get_by_text("已回答，正在核对")).to_be_visible()
    ladder.open_task(lease, kind="call", about="renewal", today=clock.today())
    renewing.ask(ending(lease), by=citizen)
    renewals.take_up_due()
    office = accounts.staff(Role.DISTRICT)
    enter(page, client, live_server, office.user)
    task, asked = ContactTask.objects.get(), lease.requests.get()
    for path in (
        f"/office/recheck/household/{row.pk}/", "/office/contacts/",
        f"/office/contacts/{task.pk}/", "/office/renewals/", f"/office/renewals/{asked.pk}/",
        f"/window/recheck/{row.pk}/", "/window/recheck/",
    ):  # fmt: skip
        sound(page, live_server, path)
    sound(page, live_server, f"/office/recheck/household/{row.pk}/", 1440)
    recheck.settle_by_hand(row, by=office.user, note="看过新证")
    enter(page, client, live_server, citizen)
    sound(page, live_server, "/my/recheck/", 768)
    changed = Recheck.objects.get(lease=other)
    enter(page, client, live_server, office.user)
    sound(page, live_server, f"/office/recheck/household/{changed.pk}/")
    recheck.settle_by_hand(changed, by=office.user, note="已核实")
    theirs = other.application.applicant
    enter(
        page, client, live_server,
        accounts.citizen(name=theirs.name, number=theirs.id_number).user,
    )  # fmt: skip
    sound(page, live_server, "/my/recheck/terms/")
    expect(page.get_by_text("新的月租怎么算")).to_be_visible()

"""An inspection and what follows on a phone: nothing runs over, nothing that axe finds."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from renewal.models import InspectionVisit
from renewal.violations import fines
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts
from tests.factories import violations as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("YZ_VIOLATION_PICTURES", "")


def test_the_pages_of_inspections_and_violations_fit_a_phone(
    page, client, live_server, monkeypatch
):
    officer, other = make.officer(), make.officer()
    row = make.confirmed(make.found(by=officer), officer, other)
    fine = fines.notice(make.fine(row, officer), by=officer)
    inspection = make.announced(by=officer)
    # the form at the door opens on its day; the browser's own clock does not matter
    monkeypatch.setattr("renewal.occupancy.visiting.why_not_record", lambda row, staff: "")
    tenant = row.lease.application.applicant
    citizen = accounts.citizen(name=tenant.name, number=tenant.id_number)
    office = [
        reverse("office_inspections"), reverse("office_inspection_plan"),
        reverse("office_inspection", args=[inspection.pk]),
        reverse("office_inspection_record", args=[row.follow_up_id]),
        reverse("office_violations"), reverse("office_violation_add"),
        reverse("office_violation", args=[row.pk]), reverse("office_fine", args=[fine.pk]),
    ]  # fmt: skip
    mine = [
        reverse("my_checks"), reverse("my_check_matter", args=[row.pk]),
        reverse("my_check_record", args=[row.follow_up_id]),
        reverse("my_check_fine", args=[fine.pk]),
    ]  # fmt: skip
    for user, addresses in ((officer.user, office), (citizen.user, mine)):
        enter(page, client, live_server, user)
        for address in addresses:
            _look(page, live_server, address)
    enter(page, client, live_server, officer.user)
    _look(page, live_server, reverse("office_inspection_visit", args=[inspection.pk]))
    page.get_by_label("家中无人").check()
    page.get_by_label("同行人姓名").fill("网格员老陈")
    page.get_by_role("button", name="提交记录").click()
    page.wait_for_url("**/office/inspections/record/**")
    assert InspectionVisit.objects.get(inspection=inspection).attempt == 1


def _look(page, live_server, address):
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(live_server.url + address)
    assert page.locator("h1").count() == 1, address
    assert width_of(page) <= 0, address
    assert faults_of(page) == [], address
    if PICTURES:
        name = address.strip("/").replace("/", "-")
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.screenshot(path=str(Path(PICTURES) / f"{name}-wide.png"), full_page=True)

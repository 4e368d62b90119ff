"""The operating company's day and the tenant's handover in a browser: axe, widths, a signature."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import handover, repairs, sheets, spare_keys
from allocation.models import HandoverSheet
from core.models import OutboxMessage
from tests.allocation.test_upkeep import FULL
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts, tenancies

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("YZ_MOVEIN_PICTURES", "")
WIDTHS = (360, 1440)


@pytest.fixture
def staff():
    return accounts.staff(Role.OPERATOR)


@pytest.fixture
def lease(staff):
    row = tenancies.lease(3)
    message = handover.tell_again(row, "access")
    OutboxMessage.objects.filter(pk=message.pk).update(state="dead", error="HTTPError 422")
    spare_keys.issue_card(row.grants.first(), by=staff, number="C-1001", reason="老人不用手机")
    made = repairs.report(row, by=row.application.created_by, matter="lock", text="钥匙转不动")
    repairs.report(row, by=row.application.created_by, matter="water", text="厨房龙头滴水")
    sheet = sheets.draw_up(row, "in", by=staff, told=sheets.Told(**FULL, defects="门框掉漆一处"))
    sheets.show(sheet, by=staff)
    row.grants.filter(member__is_applicant=False).update(state="failed")
    row.first_repair = made
    return row


def seen(page, live_server, name, *args):
    """Loads a page once: axe once, then each width."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(live_server.url + reverse(name, args=args))
    assert faults_of(page) == [], name
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert width_of(page) <= 0, (name, width)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)


def test_the_companys_desks_are_read_by_everybody(page, client, live_server, lease, staff):
    enter(page, client, live_server, staff.user)
    push = lease.pushes.filter(kind="grant").get()
    for name, *args in (
        ("operator_today",), ("operator_letters",), ("operator_letter", push.pk),
        ("operator_handovers",), ("operator_sheet", "in", lease.number), ("operator_access",),
        ("operator_household", lease.number), ("operator_repairs",),
        ("operator_repair", lease.first_repair.pk), ("operator_patrol",), ("operator_reconcile",),
    ):  # fmt: skip
        seen(page, live_server, name, *args)


def test_a_tenant_signs_the_sheet_by_typing_a_name_on_a_phone(page, client, live_server, lease):
    enter(page, client, live_server, lease.application.created_by)
    seen(page, live_server, "my_keys")
    seen(page, live_server, "my_repair")
    seen(page, live_server, "my_sheet", "in")
    page.evaluate(
        "name => { document.querySelector('[name=signature]').value = name }",
        lease.application.applicant.name,
    )
    page.get_by_role("button", name="确认", exact=True).click()
    page.wait_for_url("**/my/keys/")
    assert HandoverSheet.objects.get().method == "typed"

"""The pages of an exit in a real browser: no fault of axe, none wider than its window."""

import os
from pathlib import Path

import pytest

from applications import service_consents
from renewal import exits
from renewal.exits import extending
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts, tenancies
from tests.renewal.test_exits import FLAG

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PICTURES = os.environ.get("YZ_EXIT_PICTURES", "")


def looked(page, live_server, address, name):
    page.goto(f"{live_server.url}{address}")
    assert faults_of(page) == []
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert width_of(page) <= 0, (address, width)
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def test_household_and_office_walk_through_an_exit(page, client, live_server):
    staff, other = accounts.staff("district"), accounts.staff("district")
    lease = tenancies.lease(2)
    family = lease.application.created_by
    service_consents.give(lease.application.applicant.id_index, by=family)
    case = exits.open_case(lease, ground="arrears", by=staff.user, flags=[
        {**FLAG, "rule": "ARREARS", "actual": "7", "limit": "6", "evidence": ["租金台账"]},
    ])  # fmt: skip
    exits.confirm(case, by=staff, second_route="运营公司账目一致")
    exits.serve_notice(case, by=staff)
    extending.ask(case, of="hearing", by=family, reason="住院")
    exits.ask_meeting(case, by=family, wish="下周三")

    enter(page, client, live_server, family)
    looked(page, live_server, "/my/hearing/", "hearing")
    page.get_by_label("您要说明的情况").fill("已经在筹钱了")
    page.get_by_role("button", name="提交说明").click()
    page.get_by_text("已经在筹钱了").wait_for()

    enter(page, client, live_server, staff.user)
    looked(page, live_server, "/office/exits/", "exits")
    looked(page, live_server, f"/office/exits/{case.pk}/", "heard")

    extending.answer(case.extensions.get(), by=staff, granted=False, text="可以打电话说")
    exits.hear(case, by=staff.user, channel="window", text="当面说了", all_said=True)
    exits.draft_end(case, by=staff, text="累计欠租七个月")
    case.refresh_from_db()
    exits.sign_end(case, by=other)
    looked(page, live_server, f"/office/exits/{case.pk}/", "moving")
    enter(page, client, live_server, family)
    looked(page, live_server, "/my/hearing/", "decided")

"""A household in force signed a contract for a home: flagged, confirmed, heard, only then ended."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from allocation import states as allocation_states
from applications.models import Benefit
from core.models import Notice
from renewal import states
from renewal.models import ExitCase
from tests.factories import accounts, tenancies
from tests.factories.applications import Person
from tests.journeys import rechecking, signing_in

pytestmark = pytest.mark.browser


def test_a_buyer_in_force_is_flagged_heard_and_only_then_ended(stack, cast, phone, desk):
    household = cast["H19"].household
    lease = tenancies.lease([Person(one.name, one.id_number, one.relation) for one in household])
    people = len(household)

    def nothing_has_ended():
        lease.refresh_from_db()
        in_force = Benefit.objects.filter(case_no=lease.case_no, ended_on=None).count()
        grants = lease.grants.filter(state="confirmed").count()
        return lease.state == allocation_states.L_FILED and in_force == grants == people

    # -- the re-check finds the contract of the eighteenth of June, and only says so
    first, second, his = desk(), desk(), phone()
    signing_in.as_staff(first, accounts.staff(Role.ADMIN))
    signing_in.as_staff(second, accounts.staff(Role.DISTRICT))
    campaign = rechecking.run_campaign(stack, first)
    recheck = campaign.rechecks.get(lease=lease)
    assert recheck.state == states.K_SUSPECT, recheck.assessment.outcome
    flag = next(one for one in recheck.flags if one["rule"] == "HOUSING_AREA")
    assert flag["actual"] == "78.00" and "resale_contract" in flag["evidence"]
    contract = lease.application.evidence.filter(
        source="resale_contract", round=campaign.round, status="found"
    )
    assert "20210618" in str([one.rows for one in contract])
    case = ExitCase.objects.get(recheck=recheck)
    assert case.state == states.X_FLAGGED and nothing_has_ended()
    assert not Notice.objects.filter(case_no=lease.case_no).exists()

    # -- a person looks at a second register and confirms the fact
    rechecking.act(first, case, "两路核实属实", "契税已完税，与存量房合同一致。")
    assert now(case) == states.X_VERIFYING and nothing_has_ended()

    # -- written notice; the household speaks
    rechecking.act(first, case, "送达告知书")
    assert now(case) == states.X_NOTICE and nothing_has_ended()
    assert Notice.objects.filter(case_no=lease.case_no, code="exit_notice").count() == 1
    signing_in.as_citizen(his, household[0].name, household[0].id_number, at="/my/hearing/")
    expect(his.locator("main")).to_contain_text("现在还没有决定")
    his.get_by_label("您要说明的情况").fill("房子还没有交付，希望过渡几个月。")
    his.get_by_label("就是这些").check()
    his.get_by_role("button", name="提交说明").click()
    expect(his.locator("main")).to_contain_text("您已经说明的")
    assert now(case) == states.X_HEARD and nothing_has_ended()
    his.goto("/my/contact/service/")
    his.get_by_label("我读过上面的内容").check()
    his.get_by_role("button", name="确认电子送达").click()
    his.wait_for_url("**/my/contact/")

    # -- drafted by one, who cannot sign it himself; signed by another
    rechecking.act(first, case, "拟终止决定", "已购住房78平方米，超过规定面积。")
    assert now(case) == states.X_HEARD and nothing_has_ended()
    assert first.get_by_role("button", name="签发终止决定").count() == 0
    rechecking.act(second, case, "签发终止决定")
    assert now(case) == states.X_MOVING
    lease.refresh_from_db()
    assert lease.state == allocation_states.L_ENDING and not lease.grants.filter(state="revoked")
    assert Benefit.objects.filter(case_no=lease.case_no, ended_on=None).count() == people

    # -- they move out; the keys end at the signed hand-back, not before
    stack.pass_time(timedelta(days=60))
    rechecking.act(second, case, "登记交还", "已验房，钥匙交回。")
    assert now(case) == states.X_HANDED_BACK
    lease.refresh_from_db()
    assert lease.state == allocation_states.L_ENDED
    assert not Benefit.objects.filter(case_no=lease.case_no, ended_on=None).exists()
    assert {one.state for one in lease.grants.all()} == {"revoked"}
    stack.until(lambda: f"revoke-{lease.number}" in stack.received("access"))


def now(case):
    case.refresh_from_db()
    return case.state

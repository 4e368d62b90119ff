"""One family all the way: applies, is reviewed by six, waits, draws, moves in, is re-checked."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from accounts.roles import Role
from allocation import states as allocation_states
from allocation.models import Entrant, Lease
from applications import states
from core import clock
from core.models import Notice
from renewal import states as renewal_states
from renewal.models import ExitCase
from tests.factories import accounts
from tests.factories import allocation as make
from tests.journeys import applying, deciding, drawing, rechecking, signing_in
from tests.stack import ROOT

pytestmark = pytest.mark.browser


def test_a_family_on_living_allowance_goes_from_the_phone_to_its_first_recheck(
    stack, cast, phone, desk, kiosk, tmp_path
):
    father, mother, _daughter = cast["H02"].household

    # -- applies: one number, no paper; the other adult decides for herself
    hers, his = phone(), phone()
    signing_in.as_citizen(his, father.name, father.id_number, at="/apply/")
    applying.up_to_the_family(his)
    signing_in.as_citizen(hers, mother.name, mother.id_number)
    applying.agree_by_code(hers, applying.code_for(his, mother.name))
    number = applying.from_the_family_to_the_receipt(his)
    case = applying.case(number)
    assert case.accepted_at and case.visits == 0
    expect(his.get_by_role("heading", level=1)).to_have_text("已受理")
    expect(his.locator("main")).to_contain_text(number)

    # -- the registers have answered, the street has it
    stack.until(lambda: deciding.now(case) == states.STREET_REVIEW)
    assert case.assessments.first().tier == "DB"
    assert not case.evidence.filter(status__in=("pending", "unavailable")).exists()

    # -- six departments, then the district
    deciding.street_agrees(desk(), case)
    deciding.departments_agree(desk, case)
    deciding.district_agrees(desk(), case)
    assert deciding.now(case) == states.PUBLICITY
    passer_by = phone()
    passer_by.goto("/public/notices/")
    expect(passer_by.locator("main")).not_to_contain_text(father.id_number)
    deciding.publicity_passes(stack, case)
    his.goto(f"/my/case/{number}/")
    expect(his.locator("main")).to_contain_text("轮候中")

    # -- a round of 41 households and 25 homes; her tier draws first, the draw is the draw
    machine, office = kiosk(), desk()
    make.kiosk(token="token-of-the-journey")
    drawing.pair(machine, "token-of-the-journey")
    signing_in.as_staff(office, accounts.staff(Role.ADMIN))
    round_ = drawing.plan(office, [make.home() for _n in range(25)])
    drawing.join(his)
    for _n in range(40):
        others = drawing.like(cast["H03"])
        drawing.waits_with_evidence(others, round_, tier="ZPX", draw_tier=3)
    stack.until(lambda: not case.evidence.filter(status="pending").exists())
    stack.pass_time(timedelta(days=3))
    drawing.freeze(office)
    assert Entrant.objects.filter(round=round_).count() == 41
    assert deciding.now(case) == states.IN_ROUND
    code = drawing.code_in_the_notice(his)
    stack.pass_time(timedelta(days=9))
    drawing.reveal(office)

    # -- anybody can check it, with our program or with the one that stands alone
    bundle = drawing.download_bundle(passer_by, tmp_path)
    call_command("verify_draw", str(bundle))
    alone = [sys.executable, str(ROOT / "static/draw/yz_draw_verify.py"), str(bundle)]
    assert subprocess.run(alone, capture_output=True, check=False).returncode == 0

    # -- the machine shows it, the family takes it, signs, and the push arrives
    shown = drawing.open_and_accept(machine, father.id_number, code)
    drawing.sign_lease(his, father.name)
    lease = Lease.objects.get(application=case)
    assert lease.home.code == shown and lease.home.state == allocation_states.H_LET
    assert his.request.get("/my/lease/lease.pdf").body().startswith(b"%PDF")
    stack.until(lambda: is_filed(lease))
    assert f"lease-{lease.number}" in stack.received("operator")
    persons = stack.received("access")[f"grant-{lease.number}"]["persons"]
    assert [one["name"] for one in persons] == [one.name for one in cast["H02"].household]
    assert father.id_number not in str(stack.received("access"))
    assert {one.state for one in lease.grants.all()} == {"confirmed"}
    his.goto("/my/keys/")
    expect(his.locator("main")).to_contain_text("已开通")

    # -- a year later they are confirmed without being troubled
    stack.pass_time(timedelta(days=365))
    campaign = rechecking.run_campaign(stack, office)
    recheck = campaign.rechecks.get(lease=lease)
    assert recheck.state == renewal_states.K_CLEAN, recheck.flags
    assert not ExitCase.objects.exists()
    told = Notice.objects.filter(case_no=number, created_at__gt=clock.now() - timedelta(days=30))
    assert [one.code for one in told] == ["recheck_clean"]
    his.goto("/my/recheck/")
    expect(his.locator("main")).to_contain_text("不用您办理")
    call_command("audit_verify")
    call_command("replay")


def is_filed(lease):
    lease.refresh_from_db()
    return (
        lease.state == allocation_states.L_FILED
        and not lease.grants.exclude(state="confirmed").exists()
    )

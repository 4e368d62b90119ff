"""One family all the way: applies, is reviewed by six, waits, draws, moves in, is re-checked."""

import pytest
from playwright.sync_api import expect

from applications import states
from core.models import Notice
from tests.journeys import applying, deciding, signing_in

pytestmark = pytest.mark.browser


def test_a_family_on_living_allowance_goes_from_the_phone_to_its_first_recheck(
    stack, cast, phone, desk, kiosk
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
    assert Notice.objects.filter(case_no=number).exists()

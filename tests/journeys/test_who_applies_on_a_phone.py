"""Three families apply on a phone of 360 px: nothing to hand in, records elsewhere, two homes."""

import pytest
from playwright.sync_api import expect

from applications import states
from applications.models import Commitment
from tests.journeys import accessible, applying, deciding, signing_in

pytestmark = pytest.mark.browser


def test_a_family_on_living_allowance_hands_in_nothing(stack, cast, phone):
    father, mother, _daughter = cast["H02"].household
    his, hers = phone(), phone()
    signing_in.as_citizen(his, father.name, father.id_number, at="/apply/")
    applying.up_to_the_family(his)
    signing_in.as_citizen(hers, mother.name, mother.id_number)
    applying.agree_by_code(hers, applying.code_for(his, mother.name))
    applying.from_the_family_to_what_is_known(his)
    expect(his.locator("main")).to_contain_text("免提交")
    case = applying.case(applying.from_what_is_known_to_the_receipt(his))
    assert (case.visits, case.papers) == (0, 0)
    stack.until(lambda: deciding.now(case) == states.STREET_REVIEW)
    assert case.assessments.first().tier == "DB"
    his.goto(f"/my/case/{case.case_no}/")
    accessible.look(his)


def test_a_son_applies_together_with_his_mother(stack, cast, phone):
    son, mother = cast["H11b"].household
    his, hers = phone(), phone()
    signing_in.as_citizen(his, son.name, son.id_number, at="/apply/")
    applying.up_to_the_household(his)
    if mother.name not in his.locator("main").inner_text():
        applying.add_person(his, mother)
    applying.confirm_household(his)
    signing_in.as_citizen(hers, mother.name, mother.id_number)
    applying.agree_by_code(hers, applying.code_for(his, mother.name))
    case = applying.case(applying.from_the_family_to_the_receipt(his))
    assert case.members.filter(excluded=False).count() == 2
    stack.until(lambda: deciding.now(case) == states.STREET_REVIEW)
    assert case.assessments.first().tier == "ZPX"
    hers.goto("/my/")
    expect(hers.locator("main")).to_contain_text(case.case_no)
    accessible.look(hers)


def test_a_migrant_family_with_its_marriage_elsewhere_promises_it(stack, cast, phone):
    father, mother, _daughter = cast["H08"].household
    his, hers = phone(), phone()
    signing_in.as_citizen(his, father.name, father.id_number, at="/apply/")
    applying.up_to_the_household(his)
    for one in cast["H08"].household[1:]:  # no register here knows the family: it is typed in
        applying.add_person(his, one)
    applying.confirm_household(his)
    signing_in.as_citizen(hers, mother.name, mother.id_number)
    applying.agree_by_code(hers, applying.code_for(his, mother.name))
    case = applying.case(applying.from_the_family_to_the_receipt(his))
    promised = Commitment.objects.filter(application=case).values_list("fact", flat=True)
    assert set(promised) == {"GUARDIAN", "MEMBERS"}  # the child's guardian, and the marriage
    stack.until(lambda: deciding.now(case) == states.STREET_REVIEW)
    assessment = case.assessments.first()
    assert (assessment.outcome, assessment.tier) == ("conditional", "MIG")
    his.goto(f"/my/case/{case.case_no}/")
    expect(his.locator("main")).not_to_contain_text("不符合")
    accessible.look(his)

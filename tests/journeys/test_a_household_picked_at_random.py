"""A household picked from a city that nobody has seen: it goes as far as its facts allow.

The seed is fresh in each run and printed; YZ_JOURNEY_SEED repeats one.
"""

import os
import random
import secrets

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from applications import conclusion, reports, states
from core import clock
from core.identity.numbers import age_on, parse
from core.models import Transition
from datashare.mock_gateway.city import City, build_city
from tests.factories import accounts
from tests.journeys import applying, deciding, signing_in

pytestmark = pytest.mark.browser
HOUSEHOLDS = 120


@pytest.fixture
def seed():
    return int(os.environ.get("YZ_JOURNEY_SEED") or secrets.randbelow(10**9))


@pytest.fixture
def city(stack, seed) -> City:
    """The departments' people are others than in any run before."""
    today = clock.today()
    stack.gateway("city", {"households": HOUSEHOLDS, "seed": seed, "on": today})
    return build_city(HOUSEHOLDS, seed, today)


def pick(city: City, seed: int):
    """Any family whose applicant lives and is of age: a guardian's way is another story."""
    able = [family for family in city.families if is_able(city.people[family.applicant])]
    return random.Random(seed).choice(able)


def is_able(person) -> bool:
    today = clock.today()
    is_alive = person.death is None or person.death.on > today
    return is_alive and age_on(parse(person.id_number).birth_date, today) >= 18


@pytest.fixture
def in_days(stack):
    """Income reports are made in one to ten working days, as they are in life."""
    stack.gateway("reports", {"days": "1-10"})
    yield
    stack.gateway("reports", {"days": "0"})


def the_reports_come(stack, case):
    """Nothing waited for them so far; the department makes them now, and the case has them."""
    assert not case.pauses.exists()
    stack.gateway("reports", {"hurry": True})
    reports.look_now(by=case.created_by, application=case)
    stack.until(lambda: not reports.under_way(case))
    stack.until(lambda: not case.evidence.filter(unread=True).exists())


def test_a_household_nobody_has_seen_goes_as_far_as_its_facts_allow(
    stack, city, in_days, seed, phone, desk
):
    family = pick(city, seed)
    print(f"seed {seed}: family {family.key}, {family.recipe}, {len(family.members)} people")
    applicant = city.people[family.applicant]

    # -- through the pages; every other adult agrees as themselves
    page = phone()
    signing_in.as_citizen(page, applicant.name, applicant.id_number, at="/apply/")
    applying.up_to_the_household(page)
    gone = [person.name for person in city.people.values() if not_alive(person)]
    applying.confirm_household(page, without=gone)
    for name, number in applying.adults_to_ask(applicant.id_number):
        theirs = phone()
        signing_in.as_citizen(theirs, name, number)
        applying.agree_by_code(theirs, applying.code_for(page, name))
    number = applying.from_the_family_to_the_receipt(page)

    # -- accepted at once, every register answered but for what takes days, assessed
    case = applying.case(number)
    moved = Transition.objects.filter(case_no=number, to_state=states.ACCEPTED).get()
    assert case.submitted_at and (moved.at - case.submitted_at).total_seconds() < 1
    stack.until(lambda: deciding.now(case) == states.STREET_REVIEW)
    assert not case.evidence.filter(status__in=("pending", "unavailable")).exists()
    the_reports_come(stack, case)
    assessment = case.assessments.first()
    print(f"assessed: {assessment.outcome} {assessment.tier}")

    # -- people decide, by the facts; a machine has refused nobody
    deciding.street_agrees(desk(), case)
    deciding.departments_answer(desk, case)
    assert deciding.now(case) == states.DISTRICT_REVIEW
    if assessment.outcome == "ineligible":
        decision = refused_by_two_people(desk, case)
        page.goto(f"/my/case/{number}/")
        expect(page.locator("#decision")).to_contain_text(decision.letter_no)
        expect(page.get_by_role("link", name="申请复核")).to_be_visible()
    else:
        deciding.district_agrees(desk(), case)
        deciding.publicity_passes(stack, case)
        assert case.wait_entry.tier == conclusion.of(case).tier != ""
        page.goto(f"/my/case/{number}/")
        expect(page.locator("main")).to_contain_text("轮候中")


def refused_by_two_people(desk, case):
    """Drafted by one, signed by another; until then nothing is decided."""
    deciding.district_drafts_a_refusal(desk(), case)
    decision = case.decisions.get()
    assert deciding.now(case) == states.DISTRICT_REVIEW and decision.signed_at is None
    signer = accounts.staff(Role.DISTRICT)
    deciding.sign(desk(), signer, decision)
    decision.refresh_from_db()
    assert decision.served_at  # the applicant chose electronic service when signing
    assert deciding.now(case) == states.REFUSED
    assert decision.signed_by == signer != decision.drafted_by
    return decision


def not_alive(person) -> bool:
    return person.death is not None and person.death.on <= clock.today()

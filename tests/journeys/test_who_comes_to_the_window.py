"""At the window: a child with its guardian, and a couple while a register is away."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from applications import reports, states
from applications.models import Application, Pause
from core import clock
from tests.factories import accounts
from tests.journeys import accessible, applying, deciding, signing_in

pytestmark = pytest.mark.browser


def begin(page, person, clerk):
    """The clerk types the number; the paper is signed."""
    signing_in.as_staff(page, clerk)
    page.goto("/window/")
    accessible.look(page)
    page.get_by_label("身份证号").fill(person.id_number)
    page.get_by_label("姓名").fill(person.name)
    page.get_by_label("申请人已当面同意查询").check()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def accept(page, person) -> Application:
    """受理 with what the form knows by itself; returns the case."""
    accessible.look(page)
    street = page.get_by_label("现在住在哪个镇街")
    if street.count() and not street.input_value():
        street.select_option(index=1)
    page.get_by_role("button", name="受理", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已受理")
    accessible.look(page)
    return Application.objects.get(
        members__id_index=applying.blind_index(person.id_number), members__is_applicant=True
    )


def test_an_orphan_is_accepted_through_the_guardian(stack, cast, desk):
    (child,) = cast["H10"].household
    page = desk()
    begin(page, child, accounts.staff(Role.WINDOW))
    accessible.look(page)
    page.get_by_label("儿童福利机构").check()
    page.get_by_label("姓名或单位名称").fill("区儿童福利机构")
    page.get_by_label("身份证号或统一社会信用代码").fill("12330212MB00000001")
    page.get_by_label("看了哪种监护证明").fill("机构证明")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="监护人已签字").click()
    expect(page.locator("main")).to_contain_text("区儿童福利机构")
    case = accept(page, child)
    stack.until(lambda: deciding.now(case) == states.STREET_REVIEW)
    assessment = case.assessments.first()
    assert (assessment.outcome, assessment.tier) == ("eligible", "TK")
    assert "ORPHAN" in assessment.result["priority"]
    assert case.visits == 1


def test_a_couple_is_accepted_while_the_property_register_is_away(stack, cast, desk):
    husband, wife = cast["H21"].household
    page = desk()
    begin(page, husband, accounts.staff(Role.WINDOW))
    hers = page.locator(".yz-consent-row").filter(has_text=wife.name)
    hers.get_by_role("button", name="已签字").click()
    case = accept(page, husband)
    stack.until(lambda: case.pauses.filter(reason=Pause.Reason.SOURCE, ended_at=None).exists())
    case.refresh_from_db()
    assert case.pending_sources and case.state == states.ACCEPTED
    assert case.visits == 1 and not case.decisions.exists()
    page.goto(f"/window/{case.ref}/")
    expect(page.locator("main")).not_to_contain_text("不符合")

    # -- days later the register answers again, and the case goes on by itself
    stack.live_at(clock.now() + timedelta(days=4))
    reports.look_now(by=case.created_by, application=case)
    stack.until(lambda: deciding.now(case) == states.STREET_REVIEW)
    silent = case.pauses.filter(reason=Pause.Reason.SOURCE, ended_at=None)
    stack.until(lambda: not silent.exists(), seconds=60)
    assert not case.evidence.filter(source="property", status="unavailable").exists()

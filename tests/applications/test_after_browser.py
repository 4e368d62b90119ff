"""Contact, rating, disputes, terms and messages as a browser shows them: axe, width, keyboard."""

import re

import pytest

from accounts.roles import Role
from applications import contact, decision, ratings, states, verification
from applications.models import EvidenceAnswer
from core import clock
from core.models import OutboxMessage
from core.preferences import ELDER_COOKIE, SIZE_COOKIE
from tests.browsing import enter, faults_of, look_at, width_of
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import inquiries as desk
from tests.factories import review as tasks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "13900002222"


@pytest.fixture
def story():
    """A refused case with a disputed line, a bad rating and a number under test."""
    me = accounts.citizen(phone="13800001111")
    case = desk.accepted(applicant=me)
    line = desk.answered(case, "property", [{"zl": "某小区", "mj": "89.50"}])
    now = clock.now()
    EvidenceAnswer.objects.create(
        evidence=line, status="found", content={}, digest="a" * 40, asked_at=now,
        request_id="REQ-20260701-77", fetched_at=now, recorded_at=now,
    )  # fmt: skip
    desk.opened(case)
    verification.dispute(line, reason="去年已经卖掉", by=me.user)
    ratings.rate(case, "accepted", by=me.user, level=1, reasons=["slow"], text="等了三个星期")
    other = decision.sign(tasks.refusal_drafted(), by=tasks.district())
    return {"me": me, "case": case, "line": line, "call": case.ratings.get().call_back,
            "refused": other}  # fmt: skip


def addresses(story):
    case, refused = story["case"].case_no, story["refused"]
    contact.send_code(story["me"].id_index, NEW, by=story["me"].user)
    admin = accounts.staff(Role.ADMIN).user
    return [
        (story["me"].user, f"/my/case/{case}/"),
        (story["me"].user, "/my/contact/"),
        (story["me"].user, "/my/contact/phone/"),
        (story["me"].user, "/my/contact/code/"),
        (story["me"].user, "/my/contact/choices/"),
        (story["me"].user, f"/my/case/{case}/rate/accepted/"),
        (story["me"].user, f"/apply/dispute/{story['line'].pk}/"),
        (refused.application.created_by, f"/my/case/{refused.case_no}/"),
        (refused.application.created_by, f"/my/case/{refused.case_no}/reconsider/"),
        (admin, "/office/ratings/"),
        (admin, f"/office/ratings/{story['call'].pk}/"),
        (admin, "/office/messages/"),
        (accounts.staff(Role.WINDOW).user, "/window/contact/"),
        (story["me"].user, "/help/"),
    ]


def test_no_page_has_a_fault_or_runs_over_at_any_width(page, client, live_server, story):
    for user, address in addresses(story):
        enter(page, client, live_server, user)
        look_at(page, live_server, address)


def test_the_largest_letters_and_the_elders_mode_fit_a_phone(page, client, live_server, story):
    pages = [one for one in addresses(story) if one[1].startswith("/my/")]
    page.context.add_cookies(
        [
            {"name": SIZE_COOKIE, "value": "xlarge", "url": live_server.url},
            {"name": ELDER_COOKIE, "value": "1", "url": live_server.url},
        ]
    )
    for user, address in pages:
        enter(page, client, live_server, user)
        page.goto(live_server.url + address)
        assert (address, width_of(page)) == (address, 0)
        assert (address, faults_of(page)) == (address, [])


def test_a_number_is_changed_by_keyboard_alone(page, client, live_server, story):
    me = story["me"]
    enter(page, client, live_server, me.user)
    page.goto(f"{live_server.url}/my/contact/phone/")
    page.get_by_label("新的手机号").focus()
    page.keyboard.type("139 0000 2222")
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/contact/code/")
    text = OutboxMessage.objects.get(kind="contact.code").payload["text"]
    page.get_by_label("短信里的6位数字").fill(re.search(r"\d{6}", text).group())
    page.keyboard.press("Enter")
    page.wait_for_url("**/my/contact/")
    assert page.get_by_text("139****2222").first.is_visible()


def test_a_step_is_rated_on_a_phone(page, client, live_server):
    me = accounts.citizen()
    case = make.application(applicant=me, state=states.JOINT_REVIEW)
    enter(page, client, live_server, me.user)
    page.goto(f"{live_server.url}/my/case/{case.case_no}/")
    page.get_by_role("link", name="去评价").click()
    page.get_by_label("非常满意", exact=True).check()
    page.get_by_label("办得快").check()
    page.get_by_role("button", name="提交评价").click()
    page.wait_for_url(f"**/my/case/{case.case_no}/")
    assert case.ratings.get().level == 5


@pytest.mark.parametrize("scripts", [True, False])
def test_a_term_is_explained_by_key_with_and_without_scripts(
    browser, client, live_server, story, scripts
):
    context = browser.new_context(
        java_script_enabled=scripts, viewport={"width": 360, "height": 800}
    )
    page = context.new_page()
    enter(page, client, live_server, story["me"].user)
    page.goto(f"{live_server.url}/my/case/{story['case'].case_no}/")
    word = page.get_by_role("button", name="您提出的异议")
    box = page.get_by_role("note").filter(has_text="由登记它的部门核实")
    assert not box.is_visible()
    word.focus()
    page.keyboard.press("Enter")
    box.wait_for(state="visible")
    page.keyboard.press("Escape")
    box.wait_for(state="hidden")
    context.close()


def test_in_the_elders_mode_a_term_leads_to_the_list(page, client, live_server, story):
    page.context.add_cookies([{"name": ELDER_COOKIE, "value": "1", "url": live_server.url}])
    enter(page, client, live_server, story["me"].user)
    page.goto(f"{live_server.url}/my/case/{story['case'].case_no}/")
    page.get_by_role("link", name="您提出的异议").click()
    page.wait_for_url("**/help/#term-dispute")
    assert page.locator("#term-dispute").is_visible()

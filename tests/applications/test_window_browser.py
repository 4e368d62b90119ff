"""受理台 in a browser: a case by keyboard alone, counted; the second screen; axe on each page."""

import re
from base64 import b64decode

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts.models import Bureau
from applications import employer_file, employer_lists, states, transfer, verification
from applications.models import Application, DeskSheet, Signature
from tests.applications import at_window
from tests.applications.test_employer_lists import credit_code
from tests.applications.test_window_day import answers
from tests.browsing import faults_of, look_again, look_at
from tests.factories import accounts, workbooks
from tests.factories import applications as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, FACE = {"width": 1440, "height": 900}, {"width": 1280, "height": 800}
MOST_KEYS = 16  # of the clerk from the card to the receipt, for a family of three


class Keyboard:
    """A clerk without a mouse; the reader types, too, but its keys are not the clerk's."""

    def __init__(self, page):
        self.page, self.pressed = page, 0

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def read_card(self, line):
        self.page.keyboard.type(line)
        self.page.keyboard.press("Enter")

    def at(self):
        """The id, or else the text, of what has the focus."""
        return self.page.evaluate(
            "(document.activeElement.id || document.activeElement.textContent).trim()"
        )


@pytest.fixture
def relatives(monkeypatch):
    return at_window.family(monkeypatch)


@pytest.fixture
def clerk(client, page, live_server):
    staff = accounts.staff("window", name="窗口甲")
    client.force_login(staff.user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.set_viewport_size(DESK)
    page.emulate_media(reduced_motion="reduce")
    yield staff
    for one in page.context.pages:  # nothing polls while the tables are emptied
        one.goto("about:blank")


def card(someone):
    return f"{someone.name}|男|汉|19850505|宁波市鄞州区1号|{someone.id_number}|鄞州分局|"


def on_desk(page):
    page.wait_for_url(re.compile(r"/window/[0-9a-f-]{36}/$"))


def test_a_case_from_the_card_to_the_receipt_by_keyboard_alone(
    page, live_server, clerk, relatives, registers
):
    registers.silent["property"] = "timeout"  # a source that is down stops nobody
    someone, keys = make.person(name="林一"), Keyboard(page)
    page.goto(f"{live_server.url}/window/")
    assert keys.at() == "id_id_number"
    keys.read_card(card(someone))
    assert keys.at() == "id_phone"
    assert page.locator("#id_name").input_value() == "林一"
    keys.press("Tab", "Tab", "Space")  # queue number, then: no phone
    assert page.locator("#id_no_phone").is_checked()
    keys.press("Tab", "Tab", "Space")  # past the failing card: the paper is signed
    assert page.locator("#id_agreed").is_checked()
    keys.press("F8")
    on_desk(page)
    for _member in range(2):  # spouse; guardian for the child
        keys.press("F6")
        assert keys.at() == "sign-first"
        with page.expect_navigation():
            keys.press("Enter")
    verification.pump("apply")
    expect(page.get_by_text("可能的结果（不是决定）")).to_be_visible()
    expect(page.get_by_text("照常受理，系统会自动再查")).to_be_visible()
    with page.expect_navigation():
        keys.press("F8")
    expect(page.get_by_role("heading", level=1)).to_have_text("已受理")
    row = Application.objects.get()
    assert row.state == states.ACCEPTED and row.visits == 1
    assert row.desk_sheet.no_phone and not row.members.filter(consents=None).exists()
    keys.press("F2")
    page.wait_for_url("**/window/")
    assert keys.pressed <= MOST_KEYS, keys.pressed


@pytest.mark.parametrize("lines", [["林一", "{n}"], ["{n}", "林一"], ["林一\t{n}"]])
def test_the_readers_own_enter_sends_no_half_filled_form(
    page, live_server, clerk, registers, lines
):
    someone, keys = make.person(name="林一"), Keyboard(page)
    page.goto(f"{live_server.url}/window/")
    for line in lines:
        text = line.format(n=someone.id_number)
        if "\t" in text:  # a tab typed by a reader goes to the next box
            name, number = text.split("\t")
            page.keyboard.type(name)
            page.keyboard.press("Enter")
            keys.read_card(number)
        else:
            keys.read_card(text)
    assert page.url.endswith("/window/") and page.locator("[data-error-summary]").count() == 0
    assert page.locator("#id_name").input_value() == "林一"
    assert page.locator("#id_id_number").input_value().replace(" ", "") == someone.id_number


def test_parking_by_key_restores_every_box_after_the_session_is_lost(
    page, client, live_server, clerk, relatives, registers
):
    client.post("/window/", {**person_form(), "agreed": "on"})
    row = Application.objects.get()
    page.goto(f"{live_server.url}/window/{row.ref}/")
    page.locator("#id_actual_rent").fill("888")
    spouse = row.members.get(relation="10")
    page.locator(f"[name=with_{spouse.pk}]").uncheck()
    page.locator(f"[name=reason_{spouse.pk}]").fill("分居")
    page.keyboard.press("F4")
    page.wait_for_url("**/window/")
    expect(page.get_by_text("已寄存，填的内容都保留。")).to_be_visible()
    assert DeskSheet.objects.get().parked_by == clerk
    colleague = accounts.staff("window", bureau=clerk.bureau)
    client.logout()
    client.force_login(colleague.user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/window/")
    page.get_by_role("button", name="取回").click()
    on_desk(page)
    assert page.locator("#id_actual_rent").input_value() == "888"
    assert not page.locator(f"[name=with_{spouse.pk}]").is_checked()
    assert page.locator(f"[name=reason_{spouse.pk}]").input_value() == "分居"


def test_a_session_that_ends_while_typing_is_told_and_the_page_goes_on_after_signing_in_again(
    page, client, live_server, clerk, relatives, registers
):
    client.post("/window/", {**person_form(), "agreed": "on"})
    row = Application.objects.get()
    page.goto(f"{live_server.url}/window/{row.ref}/")
    client.logout()
    page.locator("#id_actual_rent").fill("888")
    expect(page.get_by_text("没有保存到服务器")).to_be_visible()
    other = page.context.new_page()  # another page of the same browser
    client.force_login(clerk.user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    other.goto(f"{live_server.url}/window/")
    page.locator("#id_papers").fill("3")
    expect(page.get_by_text("填的内容已保存")).to_be_visible()
    expect(page.get_by_text("没有保存到服务器")).to_be_hidden()
    kept = DeskSheet.objects.get().typed["accept"]
    assert (kept["actual_rent"], kept["papers"]) == ("888", "3")


def test_a_signature_on_the_second_screen_brings_the_household_to_the_desk(
    page, live_server, clerk, relatives, registers
):
    face = page.context.new_page()
    face.set_viewport_size(FACE)
    face.goto(f"{live_server.url}/window/face/")
    expect(face.get_by_role("heading", level=1)).to_have_text("欢迎办理住房保障")
    page.goto(f"{live_server.url}/window/")
    Keyboard(page).read_card(card(make.person(name="林一")))
    page.locator("#id_on_screen").check()
    page.keyboard.press("F8")
    on_desk(page)
    expect(face.get_by_role("heading", level=1)).to_have_text("请看过后签字")
    pad = face.locator("[data-signature-pad]")
    expect(pad).to_be_visible()
    box = pad.bounding_box()
    face.mouse.move(box["x"] + 40, box["y"] + 60)
    face.mouse.down()
    for step in range(8):
        face.mouse.move(box["x"] + 40 + step * 20, box["y"] + 60 + step % 3 * 15)
    face.mouse.up()
    with face.expect_response(lambda got: "face/state" in got.url):
        pass  # a poll comes by and wipes nothing
    assert face.locator("[data-signature-value]").input_value().startswith("data:image/png")
    face.get_by_role("button", name="同意并签字").click()
    expect(face.get_by_role("heading", level=1)).to_have_text("请核对")
    expect(page.get_by_role("cell", name="周二", exact=True).first).to_be_visible()
    kept = Signature.objects.get()
    assert kept.kind == "pad" and b64decode(kept.image).startswith(b"\x89PNG")


def test_the_second_screen_is_signed_by_keyboard_alone(
    page, client, live_server, clerk, relatives, registers
):
    client.post("/window/", {**person_form(), "on_screen": "on"})
    row = Application.objects.get()
    page.goto(f"{live_server.url}/window/{row.ref}/")
    page.goto(f"{live_server.url}/window/face/")
    page.get_by_role("button", name="改用键盘输入姓名").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("林一")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("请核对")
    assert Signature.objects.get().kind == "typed"


def test_keys_are_said_on_the_page_and_by_the_buttons_themselves(
    page, live_server, clerk, registers
):
    page.goto(f"{live_server.url}/window/")
    said = page.locator("[data-keys] kbd").all_inner_texts()
    assert said == ["F8", "F4"]
    assert page.locator("#begin").get_attribute("aria-keyshortcuts") == "F8"
    page.keyboard.press("Alt+F4")  # never taken from the system
    assert page.url.endswith("/window/") and not DeskSheet.objects.exists()


def test_every_page_of_the_window_passes_axe_and_fits(
    page, client, live_server, clerk, relatives, registers
):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for address in addresses(client, clerk):
        look_at(page, live_server, address)
    page.goto(f"{live_server.url}/window/consult/")
    for name, value in answers().items():
        box = page.locator(f"[name={name}]")
        if box.first.get_attribute("type") == "radio":
            page.locator(f"[name={name}][value={value}]").check()
        else:
            box.fill(value)
    page.keyboard.press("F8")
    expect(page.get_by_role("heading", name="可能符合条件")).to_be_visible()
    look_again(page, name="outlook")
    assert said == []


def person_form():
    someone = make.person(name="林一")
    return {"id_number": someone.id_number, "name": someone.name}


def addresses(client, clerk):
    """Pages in each of their states: a draft, signing, parked, accepted, transferred, lists."""
    client.post("/window/park/", {"name": "林四", "queue_no": "B2"})
    client.post("/window/day/", {"text": "等公证书"})
    client.post("/window/", {**person_form(), "agreed": "on", "reason": "lost", "papers": "户口簿"})
    draft = Application.objects.get()
    verification.pump("apply")
    spouse = draft.members.get(relation="10")
    done = make.application(2, state=states.ACCEPTED, channel="window", street=clerk.bureau)
    away = make.application(1, state=states.ACCEPTED, channel="window", street=clerk.bureau)
    Application.objects.filter(pk__in=[done.pk, away.pk]).update(created_by=clerk.user)
    meixu = Bureau.objects.get(code="330212004")
    transfer.hand_over(away, reason="residence", street=meixu, by=clerk)
    wrong = listed(clerk, [["", "123", "1", "没有"]])
    clean = listed(clerk, [["林五", accounts.id_number(), "", ""]])
    taken = listed(clerk, [["林六", accounts.id_number(), "", ""]])
    employer_lists.take_in(taken, by=clerk)
    yield "/window/"
    yield f"/window/?sheet={DeskSheet.objects.get(application=None).pk}"
    yield f"/window/{draft.ref}/"
    yield f"/window/{draft.ref}/transfer/"
    yield "/window/face/"
    client.get(f"/window/{draft.ref}/")
    client.post(f"/window/{draft.ref}/consent/", {"member": spouse.pk, "on_screen": "1"})
    yield "/window/face/"
    yield f"/window/{done.ref}/"
    yield f"/window/{away.ref}/"
    yield "/window/day/"
    yield "/window/consult/"
    yield "/window/employers/"
    yield from (f"/window/employers/{one.pk}/" for one in (wrong, clean, taken))


def listed(clerk, rows):
    return employer_lists.check(
        workbooks.of([employer_file.COLUMNS, *rows]), employer="鄞州测试园区有限公司",
        credit_code=credit_code(), contact="甲", contact_phone="1", file_name="a.xlsx", by=clerk,
    )  # fmt: skip


def check(page, address):
    assert faults_of(page) == [], address
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), address

"""The machine in a real browser, 1080 × 1920: keypad, animation, silence, no JavaScript."""

import os

import pytest
from django.urls import reverse

from allocation import offers
from allocation.models import Offer
from tests.allocation.test_appointments import told
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts
from tests.factories import allocation as make

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("checked"),
]
TOKEN = "token-of-a-test-kiosk"
SIZE = {"width": 1080, "height": 1920}
NEXT = "main form button[type=submit]"


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """The machine's own screen."""
    return {**browser_context_args, "viewport": SIZE, "screen": SIZE}


@pytest.fixture
def kiosk(new_context, live_server):
    """Opens a paired machine; arguments go to the browser's context."""
    make.kiosk(token=TOKEN)

    def opened(**settings):
        page = new_context(**settings).new_page()
        page.goto(live_server.url + reverse("kiosk_pair"))
        page.fill("input[name=token]", TOKEN)
        page.click(NEXT)
        return page

    return opened


@pytest.fixture
def drawn():
    """A household that drew a home and has not seen it."""
    return Offer.objects.filter(entrant__round=make.revealed(3, 1))[0].entrant


def type_on_the_screen(page, text):
    for sign in text:
        page.click(f'[data-key="{sign}"]')


def to_the_ticket(page, entrant, *, keypad=True):
    enter = type_on_the_screen if keypad else lambda page, text: page.keyboard.type(text)
    page.click("main a.yz-button")
    for box, text in (
        ("#id_number", entrant.application.applicant.id_number),
        ("#code", told(entrant)),
    ):
        if not keypad:
            page.focus(box)
        enter(page, text)
        page.click(NEXT)


def no_trouble(page):
    assert faults_of(page, rules=("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa")) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZE["width"]
    assert page.evaluate("document.documentElement.scrollHeight") <= SIZE["height"]


def test_the_whole_path_by_touch_alone(kiosk, drawn):
    page = kiosk()
    no_trouble(page)
    to_the_ticket(page, drawn)
    no_trouble(page)
    page.click(NEXT)
    home = drawn.offers.get().home.code
    plate = page.locator("[data-drum] .yz-plate-number")
    assert plate.inner_text() != home or page.locator(".is-rolling").count()
    page.mouse.click(20, 1900)  # a touch anywhere ends the animation
    page.wait_for_function("!document.querySelector('.is-rolling')")
    assert plate.inner_text() == home
    no_trouble(page)
    page.click("main a.yz-button")
    no_trouble(page)
    page.click("main a.yz-button")
    no_trouble(page)
    page.click(NEXT)
    assert "下一步签约" in page.inner_text("main")
    no_trouble(page)


def test_under_reduced_motion_nothing_moves(kiosk, drawn):
    page = kiosk(reduced_motion="reduce")
    to_the_ticket(page, drawn)
    page.click(NEXT)
    assert page.locator(".is-rolling").count() == 0
    assert page.inner_text("[data-drum] .yz-plate-number") == drawn.offers.get().home.code


def test_the_path_works_without_javascript(kiosk, drawn):
    page = kiosk(java_script_enabled=False)
    to_the_ticket(page, drawn, keypad=False)
    page.click(NEXT)
    assert page.inner_text("[data-drum] .yz-plate-number") == drawn.offers.get().home.code


def test_after_ninety_silent_seconds_it_asks_and_then_clears(kiosk, drawn):
    page = kiosk()
    to_the_ticket(page, drawn)
    page.clock.install()
    page.reload()
    page.clock.run_for(91_000)
    assert page.locator("dialog[open]").count() == 1
    page.click("dialog button")
    assert page.locator("dialog[open]").count() == 0
    page.clock.run_for(91_000)
    page.clock.run_for(32_000)
    page.wait_for_url("**" + reverse("kiosk_start"))
    page.goto(page.url + "ticket/")
    assert drawn.ticket not in page.inner_text("main")


def shot(page, name):
    """A picture to look at, where somebody asked for pictures."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def tops_of_controls(page):
    """Where the controls stand, in pixels from the top of the screen."""
    return page.evaluate(
        "[...document.querySelectorAll('.yz-kiosk-controls :is(button, input, a)')]"
        ".filter(one => one.type !== 'hidden').map(one => one.getBoundingClientRect())"
        ".map(box => [box.top, box.bottom])"
    )


def kept_in(page):
    """What the tab keeps; htmx notes the address it stands on, which names nobody."""
    keys = page.evaluate("Object.keys(sessionStorage)")
    return [key for key in keys if not key.startswith("htmx-")]


def at_the_first_screen(page):
    """Back at the first screen, as if nobody had been there."""
    page.get_by_role("link", name="开始").wait_for()
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.hasAttribute('data-low')") is False
    assert kept_in(page) == []


def test_the_back_button_finds_nothing_of_the_last_person_and_low_stays_one_visit_long(
    kiosk, drawn
):
    page = kiosk()
    page.click("span[data-low] button")
    page.click("main a.yz-button")
    for top, bottom in tops_of_controls(page):
        assert top >= 1100 and bottom <= SIZE["height"]
    page.click("main a.yz-button")  # 不办了
    at_the_first_screen(page)
    page.click("span[data-low] button")
    to_the_ticket(page, drawn)
    page.click(NEXT)
    page.mouse.click(20, 1900)
    home = drawn.offers.get().home.code
    assert home in page.inner_text("main")
    page.click("main a.yz-button")
    shot(page, "home-low")
    no_trouble(page)
    page.click("main .caption a")  # 先结束
    at_the_first_screen(page)
    for _n in range(6):
        page.go_back()
        text = page.inner_text("body")
        assert home not in text and drawn.ticket not in text
    assert drawn.offers.get().state == "open"


def test_with_the_network_gone_it_shows_what_was_opened_and_registers_nothing(kiosk, drawn):
    page = kiosk()
    page.evaluate(
        "new Promise(done => navigator.serviceWorker.controller ? done(1) : "
        "navigator.serviceWorker.addEventListener('controllerchange', () => done(1)))"
    )
    to_the_ticket(page, drawn)
    page.click(NEXT)
    page.click("main a.yz-button")
    page.click("main a.yz-button")  # 接受这套房
    page.context.set_offline(True)
    page.click(NEXT)
    page.get_by_role("heading", name="结果已定，选择未登记").wait_for()
    home = drawn.offers.get().home
    shown = page.inner_text("main")
    assert drawn.ticket in shown and home.room in shown
    assert drawn.application.applicant.name not in page.content()
    assert drawn.offers.get().state == "open"
    no_trouble(page)
    shot(page, "offline")
    page.click("[data-leave]")
    page.get_by_role("heading", name="网络断了，这里暂时办不了").wait_for()
    assert kept_in(page) == []
    page.go_back()
    assert drawn.ticket not in page.inner_text("body")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_url("**" + reverse("kiosk_start"))
    assert drawn.offers.get().state == "open"


def test_what_staff_and_the_hall_see_fits_and_is_sound(kiosk, drawn, client, live_server):
    page = kiosk()
    page.goto(live_server.url + reverse("kiosk_identify"))
    type_on_the_screen(page, drawn.application.applicant.id_number)
    page.click(NEXT)
    page.get_by_role("button", name="请工作人员帮忙").click()
    page.get_by_role("heading", name="已经叫了工作人员").wait_for()
    shot(page, "attendant")
    no_trouble(page)
    offers.open_result(drawn.offers.get(), by=offers.SYSTEM, via="KIOSK-T")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(live_server.url + reverse("kiosk_hall"))
    assert page.get_by_role("table").is_visible()
    shot(page, "hall")
    assert (faults_of(page), width_of(page)) == ([], 0)
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    enter(page, client, live_server, accounts.staff(["attendant", "admin"]).user)
    pages = {"kiosk_attend": "attend", "kiosk_new_code": "code", "office_kiosks": "office",
             "office_kiosk_register": "register", "office_kiosk_hours": "hours"}  # fmt: skip
    for name, picture in pages.items():
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(live_server.url + reverse(name))
        shot(page, picture)
        assert faults_of(page) == []
        page.set_viewport_size({"width": 360, "height": 800})
        assert width_of(page) == 0
    applicant = drawn.application.applicant
    citizen = accounts.citizen(name=applicant.name, number=applicant.id_number)
    enter(page, client, live_server, citizen.user)
    page.goto(live_server.url + reverse("my_slot"))
    shot(page, "slot")
    assert (faults_of(page), width_of(page)) == ([], 0)

"""The machine in a real browser, 1080 × 1920: keypad, animation, silence, no JavaScript."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from allocation.models import Offer
from tests.allocation.test_appointments import told
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
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
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

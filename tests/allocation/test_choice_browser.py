"""Choosing in turn in a real browser: the phone, the machine, the hall and the desks."""

import pytest
from django.urls import reverse

from allocation import choice_line
from tests.allocation.test_kiosk_browser import NEXT, TOKEN, to_the_ticket
from tests.allocation.test_pages import citizen_of
from tests.browsing import enter, faults_of, width_of
from tests.factories import allocation as make
from tests.factories import declining as after

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("checked")]
PHONE, DESKTOP = (360, 780), (1440, 1000)


def looked_at(page, live_server, address, *sizes):
    """Opens a page, asks axe once and measures it at each size."""
    page.set_viewport_size({"width": sizes[0][0], "height": sizes[0][1]})
    page.goto(live_server.url + address)
    assert faults_of(page) == [], address
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        assert width_of(page) <= 0, (address, width)


def test_a_household_chooses_on_its_phone_and_the_hall_follows(page, client, live_server):
    day = after.open_day(after.ordered(4, 5))
    turn = after.called(day)
    hall = reverse("public_choice", args=[day.round.code]) + "?wall"
    looked_at(page, live_server, hall, (1920, 1080), PHONE)
    enter(page, client, live_server, citizen_of(turn.entrant.application))
    looked_at(page, live_server, reverse("my_choice"), PHONE, DESKTOP)
    home = choice_line.fitting(turn)[0]
    page.get_by_role("link", name=home.code).click()
    assert faults_of(page) == []
    page.set_viewport_size({"width": 360, "height": 780})
    assert width_of(page) <= 0
    page.get_by_role("button", name="就选这套").click()
    assert page.get_by_text("已选定", exact=True).first.is_visible()
    page.goto(live_server.url + hall)
    assert page.get_by_text(home.code).count() == 0


def test_a_household_chooses_at_the_machine(page, client, live_server):
    day = after.open_day(after.ordered(4, 5))
    turn = after.called(day)
    make.kiosk(token=TOKEN)
    page.goto(live_server.url + reverse("kiosk_pair"))
    page.fill("input[name=token]", TOKEN)
    page.click(NEXT)
    to_the_ticket(page, turn.entrant, keypad=False)
    looked_at(page, live_server, reverse("kiosk_choice"), (1080, 1920))
    page.get_by_role("link", name=choice_line.fitting(turn)[0].code).click()
    assert faults_of(page) == [] and width_of(page) <= 0
    page.get_by_role("button", name="就选这套").click()
    assert page.get_by_role("heading", name="已选定").is_visible()


def test_the_desks_read_well(page, client, live_server):
    cause = after.declined(cause=after.ILL).cause
    proposal = after.heard()
    day = after.open_day(after.ordered(3, 3))
    enter(page, client, live_server, after.district().user)
    for name, args in (
        ("office_declines", []),
        ("office_cause", [cause.pk]),
        ("office_ban", [proposal.pk]),
    ):
        looked_at(page, live_server, reverse(name, args=args), DESKTOP, PHONE)
    enter(page, client, live_server, day.round.created_by)
    looked_at(page, live_server, reverse("office_choice", args=[day.round.code]), DESKTOP, PHONE)
    enter(page, client, live_server, citizen_of(cause.offer.entrant.application))
    looked_at(page, live_server, reverse("my_cause"), PHONE, DESKTOP)

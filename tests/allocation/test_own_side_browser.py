"""What surrounds a home, in a real browser: a cause and a long list at the machine; viewing, a new
time, the code for the lease, the call and the hearing on phone and desk."""

import os
from decimal import Decimal

import pytest
from django.urls import reverse

from allocation import whereabouts
from allocation.models import Appointment, OpeningHours
from applications import mandates
from tests.allocation.test_choice_browser import looked_at
from tests.allocation.test_kiosk_browser import NEXT, SIZE, TOKEN, to_the_ticket
from tests.allocation.test_pages import citizen_of
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import declining as after
from tests.factories import homes as stock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("checked"),
]
PHONE, DESKTOP = (360, 800), (1440, 900)


def shot(page, name):
    """A picture to look at, where somebody asked for pictures."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def fits(page, name):
    """The machine's screen does not scroll, axe finds nothing, controls can be touched."""
    shot(page, name)
    assert faults_of(page) == [], name
    assert width_of(page) <= 0, name
    assert page.evaluate("document.documentElement.scrollHeight") <= SIZE["height"], name


def seen(page, live_server, address, name):
    """A page on the phone and on a desk, with pictures of both."""
    looked_at(page, live_server, address, PHONE, DESKTOP)
    shot(page, f"{name}-1440")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    shot(page, f"{name}-360")


def test_what_surrounds_a_home_reads_well_and_fits(page, client, live_server):
    page.set_viewport_size(SIZE)
    make.kiosk(token=TOKEN)
    page.goto(live_server.url + reverse("kiosk_pair"))
    page.fill("input[name=token]", TOKEN)
    page.click(NEXT)

    # -- nine homes on a choice day: four a screen, forward and back by keyboard
    day = after.open_day(after.ordered(3, 9))
    turn = after.called(day)
    to_the_ticket(page, turn.entrant, keypad=False)
    page.goto(live_server.url + reverse("kiosk_choice"))
    fits(page, "kiosk-choice-1")
    page.get_by_role("link", name="下一页").press("Enter")
    page.get_by_role("heading", name="第2页，共3页").wait_for()
    fits(page, "kiosk-choice-2")
    page.locator(".yz-kiosk-list a").first.click()
    fits(page, "kiosk-choice-home")
    page.get_by_role("link", name="看别的").click()
    page.get_by_role("heading", name="第2页，共3页").wait_for()

    # -- a cause at the machine, what follows first
    offer = make.opened(make.revealed(1, 1))
    estate = offer.home.estate
    metro, bus, way = "3号线2号口，步行8分钟", "166路测试路站", "出站沿测试路向东"
    there = whereabouts.Way(metro, bus, way, Decimal("29.81"), Decimal("121.54"))
    whereabouts.set_way(estate, there, by=make.administrator())
    page.goto(live_server.url + reverse("kiosk_start"))
    to_the_ticket(page, offer.entrant, keypad=False)
    page.click(NEXT)
    page.goto(live_server.url + reverse("kiosk_home"))
    fits(page, "kiosk-home")
    page.get_by_role("link", name="在哪里、怎么去").click()
    fits(page, "kiosk-place")
    page.get_by_role("link", name="返回房源").click()
    page.get_by_role("link", name="放弃", exact=True).click()
    fits(page, "kiosk-decline")
    page.get_by_role("link", name="有正当理由，先选理由").click()
    fits(page, "kiosk-cause")
    for name in ("EN", "长者"):  # the longest words, the largest letters
        page.get_by_role("button", name=name).first.click()
        shot(page, f"kiosk-cause-{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZE["width"], name
        page.get_by_role("button", name={"EN": "中文"}.get(name, name)).first.click()
    page.get_by_text("家里有人行动不便").click()
    page.get_by_role("button", name="按这个理由放弃").click()
    fits(page, "kiosk-slip")

    # -- the same choice day on the phone and at its desk
    enter(page, client, live_server, citizen_of(turn.entrant.application))
    seen(page, live_server, reverse("my_choice"), "my-choice")
    enter(page, client, live_server, day.round.created_by)
    seen(page, live_server, reverse("office_choice", args=[day.round.code]), "office-choice")
    planned = make.planned(2, 2)
    stock.held(planned.homes.first(), kind="repair")
    make.home()
    enter(page, client, live_server, planned.created_by)
    seen(page, live_server, reverse("office_round", args=[planned.code]), "office-round")

    # -- on the phone: the same record, a viewing, another time
    enter(page, client, live_server, citizen_of(offer.entrant.application))
    seen(page, live_server, reverse("my_cause"), "my-cause")
    other = make.opened(make.revealed(1, 1))
    enter(page, client, live_server, citizen_of(other.entrant.application))
    seen(page, live_server, reverse("my_offer"), "my-home")
    seen(page, live_server, reverse("my_viewing"), "my-viewing")
    OpeningHours.objects.create(place=make_place(), opens="09:00", closes="16:50", minutes=10)
    waiting = make.revealed(12, 1)
    last = Appointment.objects.filter(entrant__round=waiting).order_by("-starts_at")[0]
    enter(page, client, live_server, citizen_of(last.entrant.application))
    seen(page, live_server, reverse("my_slot"), "my-slot")

    # -- the lease: by code, in person and for somebody
    lease = make.to_sign()
    applicant = lease.application.applicant
    applicant.phone = "13800001234"
    applicant.save()
    tenant = citizen_of(lease.application)
    enter(page, client, live_server, tenant)
    seen(page, live_server, reverse("my_lease"), "my-lease")
    page.get_by_role("button", name="发送验证码到138****1234").click()
    page.get_by_text("可以试3次").wait_for()
    page.get_by_label("短信里的6位验证码").fill("12")
    page.get_by_role("button", name="用验证码签名").click()
    assert faults_of(page) == [] and width_of(page) <= 0
    shot(page, "my-lease-code-360")
    helper = accounts.citizen()
    mandate = mandates.give(tenant.as_citizen, helper, by=tenant, scopes=["follow"])
    enter(page, client, live_server, helper.user)
    client.post(reverse("my_helper_act", args=[mandate.pk]), {"go": "follow"})
    seen(page, live_server, reverse("my_lease"), "helper-lease")
    seen(page, live_server, reverse("my_offer"), "helper-home")

    # -- the desk's calls and reasons, and the hearing
    proposal = after.noticed()
    enter(page, client, live_server, after.district().user)
    called = make.opened(make.revealed(1, 1))
    seen(page, live_server, reverse("office_offer_call", args=[called.pk]), "office-call")
    declined = after.declined()
    seen(page, live_server, reverse("office_explain", args=[declined.pk]), "office-explain")
    enter(page, client, live_server, citizen_of(proposal.application))
    seen(page, live_server, reverse("my_ban_hearing"), "my-hearing")


def make_place():
    """Where the machine of the tests stands."""
    return Appointment.objects.values_list("place", flat=True)[0]

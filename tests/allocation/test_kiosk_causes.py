"""正当理由 at the machine: the same record as on the phone; words and papers follow."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from allocation import attending, causes, offers, states
from allocation.models import JustCause, Offer
from applications import materials
from tests.allocation.test_kiosk import TOKEN, stand_before, text
from tests.allocation.test_kiosk_attending import called, helper_of, to_the_home, typed
from tests.allocation.test_pages import citizen_of
from tests.applications.test_materials import photo
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import declining as after

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
CAUSE = "kiosk_cause"


@pytest.fixture
def machine(client):
    make.kiosk(token=TOKEN)
    client.post(reverse("kiosk_pair"), {"token": TOKEN})
    return client


@pytest.fixture
def entrant():
    return Offer.objects.get(entrant__round=make.revealed(2, 1)).entrant


def opened(machine, entrant):
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))


def test_a_cause_is_named_at_the_machine_and_is_the_record_of_the_phone(machine, entrant):
    opened(machine, entrant)
    assert reverse(CAUSE) in text(machine.get(reverse("kiosk_choose", args=["decline"])))
    page = text(machine.get(reverse(CAUSE)))
    assert page.index("放弃以后") < page.index("是哪一种理由") and "inaccessible" in page
    for _tap in range(2):
        answer = machine.post(reverse(CAUSE), {"code": "inaccessible"})
        assert answer.url in (reverse("kiosk_slip"), reverse("kiosk_home"))
    offer = entrant.offers.get()
    assert (offer.state, offer.answered_via) == (states.O_DECLINED, "KIOSK-T")
    cause = JustCause.objects.get(offer=offer)
    assert (cause.code, cause.text, cause.state) == ("inaccessible", "", states.J_CLAIMED)
    assert offers.times_declined(offer) == 0
    slip = text(machine.get(reverse("kiosk_slip")))
    assert "核实以前不计次数" in slip and "行动不便" not in slip


def test_without_a_cause_or_with_one_of_no_list_nothing_is_declined(machine, entrant):
    opened(machine, entrant)
    for sent in ({}, {"code": "whatever"}):
        assert machine.post(reverse(CAUSE), sent).status_code == 422
    assert entrant.offers.get().state == states.O_OPEN and not JustCause.objects.exists()


def test_who_declined_first_may_still_name_it_there(machine, entrant):
    opened(machine, entrant)
    machine.post(reverse("kiosk_choose", args=["decline"]))
    assert reverse(CAUSE) in text(machine.get(reverse("kiosk_home")))
    machine.post(reverse(CAUSE), {"code": "defect"})
    assert JustCause.objects.get().offer == entrant.offers.get()
    assert machine.get(reverse(CAUSE)).url == reverse("kiosk_home")


def test_a_second_screen_that_declined_before_keeps_the_cause_of_the_other():
    offer = make.opened()
    offers.decline(offer, by=offers.SYSTEM, via="KIOSK-1")
    said = causes.Claim("illness", brief=True)
    offers.decline(offer, by=offers.SYSTEM, via="KIOSK-2", cause=said)
    offers.decline(offer, by=offers.SYSTEM, via="KIOSK-2", cause=said)
    assert JustCause.objects.get().code == "illness"


def test_what_another_machine_accepted_is_not_declined_from_an_old_screen(machine, entrant):
    opened(machine, entrant)
    machine.get(reverse(CAUSE))  # this screen stands there while the family answers elsewhere
    offers.accept(entrant.offers.get(), by=offers.SYSTEM, via="KIOSK-2")
    assert machine.post(reverse(CAUSE), {"code": "defect"}).url == reverse("kiosk_home")
    answer = machine.post(reverse("kiosk_choose", args=["decline"]))
    assert answer.status_code == 422 and "已经有了选择结果" in text(answer)
    assert entrant.offers.get().state == states.O_ACCEPTED and not JustCause.objects.exists()


def test_after_the_visit_the_back_button_opens_neither_cause_nor_list_nor_way(machine, entrant):
    opened(machine, entrant)
    machine.post(reverse("kiosk_end"))
    for page in (CAUSE, "kiosk_choice", "kiosk_place"):
        assert machine.get(reverse(page)).url == reverse("kiosk_start")
    assert machine.post(reverse(CAUSE), {"code": "defect"}).url == reverse("kiosk_start")
    assert entrant.offers.get().state == states.O_OPEN


def test_neither_an_attendant_nor_a_helper_who_may_only_look_declines(machine, entrant):
    call = called(machine, entrant)
    code = attending.take(call, by=accounts.staff("attendant").user)
    typed(machine, code)
    machine.post(reverse("kiosk_result"))
    assert machine.post(reverse(CAUSE), {"code": "defect"}).url == reverse("kiosk_code")
    helper, _mandate = helper_of(entrant, scopes=["follow"])
    to_the_home(machine, helper, entrant)
    answer = machine.post(reverse(CAUSE), {"code": "defect"})
    assert answer.status_code == 422 and "不包括代为选房" in text(answer)
    assert entrant.offers.get().state == states.O_OPEN


def test_the_sentence_and_a_paper_follow_on_the_phone(client):
    offer = after.declined(cause=causes.Claim("defect", brief=True))
    client.force_login(citizen_of(offer.entrant.application))
    page = text(client.get(reverse("my_cause")))
    assert "没有另写说明" in page and "补一句说明" in page
    assert client.post(reverse("my_cause"), {}).status_code == 422
    paper = SimpleUploadedFile("a.jpg", photo(), content_type="image/jpeg")
    client.post(reverse("my_cause"), {"text": "厨房漏水，地板都泡了", "paper": paper})
    cause = JustCause.objects.get()
    assert cause.text == "厨房漏水，地板都泡了" and causes.why_not_words(cause)
    assert materials.pages_of(offer.entrant.application, cause.papers).count() == 1


def test_a_paper_that_is_brought_lies_with_the_cause(client):
    cause = after.declined(cause=causes.Claim("defect", brief=True)).cause
    client.force_login(after.district().user)
    address = reverse("office_cause_paper", args=[cause.pk])
    assert address in text(client.get(reverse("office_cause", args=[cause.pk])))
    client.post(address, {"paper": SimpleUploadedFile("a.jpg", photo(), "image/jpeg")})
    client.post(address)
    assert materials.pages_of(cause.offer.entrant.application, cause.papers).count() == 1


def test_an_attendant_chooses_no_home_on_a_choice_day(machine):
    turn = after.called(after.open_day(after.ordered(2, 6)))
    call = called(machine, turn.entrant)
    typed(machine, attending.take(call, by=accounts.staff("attendant").user))
    home = turn.day.round.homes.first()
    answer = machine.post(reverse("kiosk_choice_home", args=[home.pk]))
    assert answer.url == reverse("kiosk_code")
    turn.refresh_from_db()
    assert turn.home is None


def test_homes_stand_four_on_a_screen(machine):
    turn = after.called(after.open_day(after.ordered(2, 9)))
    stand_before(machine, turn.entrant)
    seen = []
    for number, others in ((1, ["?page=2"]), (2, ["?page=1", "?page=3"]), (3, ["?page=2"])):
        page = text(machine.get(reverse("kiosk_choice"), {"page": number}))
        for other in others:
            assert f'href="{other}"' in page
        assert f"第{number}页，共3页" in page and "共9套" in page
        seen.append(page.count("<li>"))
    assert seen == [4, 4, 1]
    last = turn.day.round.homes.order_by("code").last()
    assert "?page=3" in text(machine.get(reverse("kiosk_choice_home", args=[last.pk])))
    assert machine.get(reverse("kiosk_place"), {"home": last.pk}).status_code == 200
    assert machine.get(reverse("kiosk_place"), {"home": make.home().pk}).status_code == 404

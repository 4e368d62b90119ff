"""The self-service machine: one household after another, and nothing of the last one left."""

import pytest
from django.urls import reverse

from allocation import kiosks, leases, offers, states
from allocation.models import Kiosk, Offer
from core import clock
from core.models import AuditEntry
from tests.allocation.test_appointments import told, wrong
from tests.factories import accounts
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
TOKEN = "token-of-a-test-kiosk"
START = "/kiosk/"


@pytest.fixture
def machine(client):
    """A browser that is paired with a machine."""
    make.kiosk(token=TOKEN)
    client.post(reverse("kiosk_pair"), {"token": TOKEN})
    return client


def stand_before(machine, entrant, *, code=""):
    """Identifies a household; the answer to the code."""
    number = entrant.application.applicant.id_number
    machine.post(reverse("kiosk_identify"), {"id_number": number})
    return machine.post(reverse("kiosk_code"), {"code": code or told(entrant)})


def drawn(round_):
    return Offer.objects.filter(entrant__round=round_)[0].entrant


def text(answer) -> str:
    return answer.content.decode()


def test_another_browser_is_refused_and_a_wrong_token_pairs_nothing(client):
    assert client.get(START).status_code == 403
    make.kiosk(token=TOKEN)
    assert client.post(reverse("kiosk_pair"), {"token": "guess"}).status_code == 422
    assert client.get(START).status_code == 403
    Kiosk.objects.update(active=False)
    client.post(reverse("kiosk_pair"), {"token": TOKEN})
    assert client.get(START).status_code == 403


def test_the_stored_token_cannot_be_used(client):
    row = make.kiosk(token=TOKEN)
    client.cookies[kiosks.COOKIE] = row.token_hash
    assert client.get(START).status_code == 403


def test_the_whole_path_from_the_first_screen_to_the_slip(machine):
    entrant = drawn(make.revealed(3, 2))
    assert machine.get(START).status_code == 200
    assert stand_before(machine, entrant).url == reverse("kiosk_ticket")
    assert entrant.ticket in text(machine.get(reverse("kiosk_ticket")))
    assert machine.post(reverse("kiosk_result")).url == reverse("kiosk_result")
    offer = entrant.offers.get()
    assert (offer.state, offer.opened_via) == (states.O_OPEN, "KIOSK-T")
    first = text(machine.get(reverse("kiosk_result")))
    assert offer.home.code in first and "data-drum" in first
    assert "55.20平方米" in text(machine.get(reverse("kiosk_home")))
    page = text(machine.get(reverse("kiosk_choose", args=["accept"])))
    assert "不能再换成另一套" in page
    assert machine.post(reverse("kiosk_choose", args=["accept"])).url == reverse("kiosk_slip")
    slip = text(machine.get(reverse("kiosk_slip")))
    assert "下一步签约" in slip and f"{entrant.round.code}-{entrant.ticket}-" in slip
    assert machine.get(reverse("kiosk_slip_pdf")).content.startswith(b"%PDF")


def test_the_second_look_shows_the_same_result_without_the_animation(machine):
    entrant = drawn(make.revealed(2, 1))
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    machine.get(reverse("kiosk_result"))
    machine.post(reverse("kiosk_end"))
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    again = text(machine.get(reverse("kiosk_result")))
    assert entrant.offers.get().home.code in again and "data-drum" not in again


def test_a_double_tap_on_accept_makes_one_lease(machine):
    entrant = drawn(make.revealed(2, 1))
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    for _n in range(2):
        machine.post(reverse("kiosk_choose", args=["accept"]))
    assert entrant.application.leases.count() == 1


def test_walking_away_decides_nothing(machine):
    entrant = drawn(make.revealed(2, 1))
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    machine.get(reverse("kiosk_choose", args=["decline"]))
    machine.get(reverse("kiosk_end"))
    assert entrant.offers.get().state == states.O_OPEN


def test_the_next_person_finds_nothing_of_the_last(machine, settings):
    entrant = drawn(make.revealed(2, 1))
    stand_before(machine, entrant)
    machine.post(reverse("preferences"), {"language": "en", "size": "large", "next": START})
    machine.post(reverse("kiosk_result"))
    machine.get(reverse("kiosk_end"))
    kept = {name for name, morsel in machine.cookies.items() if morsel.value}
    assert kept <= {kiosks.COOKIE, settings.CSRF_COOKIE_NAME}
    for name in ("kiosk_code", "kiosk_ticket", "kiosk_result", "kiosk_home", "kiosk_slip"):
        assert machine.get(reverse(name)).url == reverse("kiosk_start")


def test_another_id_number_ends_the_visit_before_it(machine):
    round_ = make.revealed(2, 2)
    one, other = (offer.entrant for offer in Offer.objects.filter(entrant__round=round_))
    stand_before(machine, one)
    number = other.application.applicant.id_number
    machine.post(reverse("kiosk_identify"), {"id_number": number})
    assert machine.get(reverse("kiosk_ticket")).url == reverse("kiosk_start")


def test_the_server_ends_a_silent_visit_by_itself(machine, monkeypatch):
    entrant = drawn(make.revealed(2, 1))
    stand_before(machine, entrant)
    later = clock.real_seconds() + 200
    monkeypatch.setattr(clock, "real_seconds", lambda: later)
    assert machine.get(reverse("kiosk_ticket")).url == reverse("kiosk_start")


def test_who_reads_for_long_and_touches_the_screen_keeps_the_visit(machine, monkeypatch):
    entrant = drawn(make.revealed(2, 1))
    stand_before(machine, entrant)
    began, beat = clock.real_seconds(), reverse("kiosk_beat")
    for later in (100, 200):
        monkeypatch.setattr(clock, "real_seconds", lambda later=later: began + later)
        machine.get(beat, {"here": "1"})
    assert machine.get(reverse("kiosk_ticket")).status_code == 200
    monkeypatch.setattr(clock, "real_seconds", lambda: began + 400)
    machine.get(beat)  # a sign of life of the machine is nobody's touch
    assert machine.get(reverse("kiosk_ticket")).url == reverse("kiosk_start")


def test_no_page_is_kept_and_none_holds_the_id_number(machine):
    entrant = drawn(make.revealed(2, 1))
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    number = entrant.application.applicant.id_number
    name = entrant.application.applicant.name
    for page in (
        "kiosk_start",
        "kiosk_identify",
        "kiosk_code",
        "kiosk_ticket",
        "kiosk_home",
        "kiosk_slip",
    ):
        answer = machine.get(reverse(page))
        assert answer.headers["Cache-Control"] == "no-store"
        assert number not in text(answer) and name not in text(answer)
    assert number not in str(dict(machine.session))


def test_a_wrong_number_or_code_is_answered_on_the_same_page(machine):
    entrant = drawn(make.revealed(2, 1))
    answer = machine.post(reverse("kiosk_identify"), {"id_number": "33021219580312991"})
    assert answer.status_code == 422 and "18位" in text(answer)
    answer = stand_before(machine, entrant, code=wrong(told(entrant)))
    assert answer.status_code == 422 and "有一处不对" in text(answer)
    assert stand_before(machine, entrant, code="12").status_code == 422


def test_before_the_reveal_the_ticket_is_shown_and_no_result(machine):
    entrant = make.frozen(2, 1).entrants.all()[0]
    stand_before(machine, entrant)
    assert "还没有到揭晓的时候" in text(machine.get(reverse("kiosk_ticket")))
    assert machine.post(reverse("kiosk_result")).url == reverse("kiosk_ticket")


def test_a_household_of_the_reserve_reads_its_place(machine):
    round_ = make.revealed(2, 1)
    entrant = round_.assignments.get(home=None).entrant
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    assert "候补第1位" in text(machine.get(reverse("kiosk_result")))
    assert machine.get(reverse("kiosk_home")).url == reverse("kiosk_start")


def test_after_the_deadline_the_machine_says_why_nothing_can_be_chosen(machine):
    entrant = drawn(make.revealed(2, 1))
    offer = entrant.offers.get()
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    make.wait_for(offer.due_at)
    answer = machine.post(reverse("kiosk_choose", args=["accept"]))
    assert answer.status_code == 422 and "期限已过" in text(answer)


def test_the_attendant_gives_a_new_code_and_it_is_logged(machine, client):
    entrant = make.frozen(1, 1).entrants.get()
    client.force_login(accounts.staff("attendant").user)
    number = entrant.application.applicant.id_number
    answer = client.post(reverse("kiosk_new_code"), {"id_number": number})
    new = answer.context["code"]
    assert len(new) == 6 and new in text(answer)
    entry = AuditEntry.objects.get(verb="appointment.code_renewed")
    assert new not in str(entry.detail)
    answer = client.post(reverse("kiosk_new_code"), {"id_number": accounts.id_number()})
    assert answer.status_code == 422 and number not in text(answer)


def test_a_token_is_given_once_and_only_its_hash_is_kept(client):
    token = kiosks.register("KIOSK-9", "街道", by=offers.SYSTEM)
    assert Kiosk.objects.get(name="KIOSK-9").token_hash == kiosks.digest(token)
    client.post(reverse("kiosk_pair"), {"token": token})
    assert client.get(START).status_code == 200


def test_what_the_kiosk_accepted_is_signed_on_the_phone():
    lease = make.to_sign()
    assert leases.sign(lease, by=offers.SYSTEM).state == states.L_SIGNED

"""People around the machine: attendant, helper with a mandate, children, everybody in the hall."""

from datetime import timedelta

import pytest
from django.urls import reverse

from allocation import attending, hall, kiosks, offers, states
from allocation.models import Appointment, HelpCall, Kiosk, Offer
from applications import mandates
from applications.models import Member
from core import clock
from core.models import AuditEntry, Notice
from tests.allocation.test_appointments import told, wrong
from tests.allocation.test_kiosk import stand_before
from tests.factories import accounts, applications
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


@pytest.fixture
def machine(client):
    """A browser that is paired with a machine."""
    make.kiosk(token="setup")
    client.post(reverse("kiosk_pair"), {"token": "setup"})
    return client


@pytest.fixture
def entrant():
    """A household that drew a home and has not seen it."""
    return Offer.objects.get(entrant__round=make.revealed(2, 1)).entrant


@pytest.fixture
def attendant():
    return accounts.staff("attendant")


def text(answer) -> str:
    return answer.content.decode()


def called(machine, entrant):
    """Somebody typed their number and asks for help."""
    number = entrant.application.applicant.id_number
    machine.post(reverse("kiosk_identify"), {"id_number": number})
    assert machine.post(reverse("kiosk_call", args=["code"])).url == reverse("kiosk_attendant")
    return HelpCall.objects.get(closed_at=None)


def typed(machine, code, **changes):
    return machine.post(reverse("kiosk_attendant"), {"code": code, "reason": "forgot", **changes})


# -- The attendant ----------------------------------------------------------------------------


def test_the_attendant_opens_the_result_and_cannot_answer_for_the_household(
    machine, entrant, attendant
):
    code = attending.take(called(machine, entrant), by=attendant.user)
    assert typed(machine, code).url == reverse("kiosk_ticket")
    machine.post(reverse("kiosk_result"))
    assert entrant.offers.get().home.code in text(machine.get(reverse("kiosk_result")))
    for choice in ("accept", "think", "decline"):
        page = reverse("kiosk_choose", args=[choice])
        assert machine.post(page).url == reverse("kiosk_code")
    assert entrant.offers.get().state == states.O_OPEN
    assert "值守人员不能代选" in text(machine.get(reverse("kiosk_code")))
    answer = machine.post(reverse("kiosk_code"), {"code": told(entrant)})
    assert answer.url == reverse("kiosk_home")
    machine.post(reverse("kiosk_choose", args=["accept"]))
    assert entrant.offers.get().state == states.O_ACCEPTED


def test_who_opened_it_why_and_where_is_logged_and_the_household_is_told(
    machine, entrant, attendant
):
    code = attending.take(called(machine, entrant), by=attendant.user)
    typed(machine, code, reason="locked")
    entry = AuditEntry.objects.get(verb="kiosk.vouched")
    assert entry.actor_id == attendant.user.pk and entry.case_no == entrant.case_no
    assert (entry.detail["reason"], entry.detail["machine"]) == ("locked", "KIOSK-T")
    applicant = entrant.application.applicant
    assert Notice.objects.filter(person_index=applicant.id_index, code="kiosk_vouched").exists()
    assert not AuditEntry.objects.filter(detail__icontains=code).exists()


def test_the_digits_are_good_once_for_that_machine_and_some_minutes(machine, entrant, attendant):
    row = called(machine, entrant)
    old = attending.take(row, by=attendant.user)
    clock.advance(attending.PASS_FOR + timedelta(seconds=1))
    assert typed(machine, old).status_code == 422
    code = attending.take(row, by=attendant.user)
    other = make.kiosk("KIOSK-U", "another")
    index = entrant.application.applicant.id_index
    with pytest.raises(attending.PassRefused):
        attending.vouch(other, index, code, reason="forgot")
    assert typed(machine, code).status_code == 302
    assert typed(machine, code).status_code == 422


def test_three_wrong_digits_end_them_and_the_reason_must_be_chosen(machine, entrant, attendant):
    code = attending.take(called(machine, entrant), by=attendant.user)
    assert "请选择「原因」" in text(typed(machine, code, reason=""))
    for _n in range(attending.PASS_TRIES):
        assert typed(machine, wrong(code)).status_code == 422
    answer = typed(machine, code)
    assert answer.status_code == 422 and "值守码不对或已过期" in text(answer)
    assert AuditEntry.objects.filter(verb="kiosk.wrong_pass").count() == attending.PASS_TRIES
    assert not AuditEntry.objects.filter(verb="kiosk.vouched").exists()


def test_nobody_attends_their_own_household(machine, entrant, attendant, client):
    attendant.id_index = entrant.application.applicant.id_index
    attendant.save()
    code = attending.take(called(machine, entrant), by=attendant.user)
    assert typed(machine, code).status_code == 422
    assert entrant.offers.get().state == states.O_UNOPENED
    client.force_login(attendant.user)
    number = entrant.application.applicant.id_number
    assert client.post(reverse("kiosk_new_code"), {"id_number": number}).status_code == 422
    entrant.appointment.refresh_from_db()
    assert entrant.appointment.reprints == 0


def test_calls_machines_and_log_stand_on_one_page_without_anybodys_data(
    machine, entrant, attendant
):
    called(machine, entrant)
    machine.post(reverse("kiosk_call", args=["code"]))  # twice it is one call
    row = HelpCall.objects.get()
    machine.force_login(attendant.user)
    page = text(machine.get(reverse("kiosk_attend")))
    assert "没有摇号码" in page and "KIOSK-T" in page and "呼叫值守" in page
    applicant = entrant.application.applicant
    for secret in (applicant.name, applicant.id_number, entrant.ticket, entrant.case_no):
        assert secret not in page
    taken = machine.post(reverse("kiosk_take", args=[row.pk]))
    assert len(taken.context["code"]) == 6 and taken.context["code"] in text(taken)
    machine.post(reverse("kiosk_close", args=[row.pk]))
    assert "没有人在等" in text(machine.get(reverse("kiosk_attend")))
    again = machine.post(reverse("kiosk_take", args=[row.pk]))
    assert again.url == reverse("kiosk_attend")


def test_without_paper_the_choice_stands_and_the_attendant_ends_it(machine, entrant, attendant):
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    machine.post(reverse("kiosk_choose", args=["accept"]))
    assert machine.post(reverse("kiosk_call", args=["paper"])).url == reverse("kiosk_slip")
    page = text(machine.get(reverse("kiosk_slip")))
    assert "没有纸了" in page and "data-print" not in page
    machine.post(reverse("kiosk_end"))
    assert "没有纸" in text(machine.get(reverse("kiosk_start")))
    (standing,) = attending.standings()
    assert str(standing.word) == "没有纸"
    attending.close(HelpCall.objects.get(), by=attendant.user)
    assert "没有纸" not in text(machine.get(reverse("kiosk_start")))
    assert entrant.offers.get().state == states.O_ACCEPTED


def test_a_machine_that_says_nothing_counts_as_not_connected(machine):
    machine.get(reverse("kiosk_beat"))
    assert [str(one.word) for one in attending.standings()] == ["正常"]
    clock.advance(attending.GONE_AFTER + timedelta(seconds=1))
    assert [str(one.word) for one in attending.standings()] == ["没有联网"]
    machine.get(reverse("kiosk_beat"))
    assert [str(one.word) for one in attending.standings()] == ["正常"]


# -- Who may stand there ----------------------------------------------------------------------


def test_a_child_of_the_household_opens_nothing(machine, entrant):
    child = applications.person("30", child=True)
    Member.objects.create(
        application=entrant.application, name=child.name, id_number=child.id_number,
        relation=child.relation, position=9,
    )  # fmt: skip
    machine.post(reverse("kiosk_identify"), {"id_number": child.id_number})
    assert machine.post(reverse("kiosk_code"), {"code": told(entrant)}).status_code == 422


def helper_of(entrant, **changes):
    """Somebody outside the household with the applicant's mandate."""
    applicant = entrant.application.applicant
    principal = accounts.citizen(name=applicant.name, number=applicant.id_number)
    helper = accounts.citizen()
    return helper, mandates.give(principal, helper, by=principal.user, **changes)


def to_the_home(machine, helper, entrant):
    machine.post(reverse("kiosk_identify"), {"id_number": helper.id_number})
    answer = machine.post(reverse("kiosk_code"), {"code": told(entrant)})
    machine.post(reverse("kiosk_result"))
    return answer


def test_a_helper_with_a_mandate_opens_and_answers_and_the_principal_is_told(machine, entrant):
    helper, mandate = helper_of(entrant)
    assert to_the_home(machine, helper, entrant).url == reverse("kiosk_ticket")
    assert "您在代" in text(machine.get(reverse("kiosk_ticket")))
    for _tap in range(2):
        machine.post(reverse("kiosk_choose", args=["accept"]))
    offer = entrant.offers.get()
    assert (offer.state, offer.answered_via) == (states.O_ACCEPTED, "KIOSK-T · 代办")
    told_of = Notice.objects.filter(
        person_index=mandate.principal_index, code="offer_answered_by_helper"
    )
    assert told_of.count() == 1 and helper.name not in told_of.get().text
    entry = AuditEntry.objects.get(verb="offer.answered_by_mandate")
    assert entry.detail["mandate"] == mandate.pk


def test_a_mandate_to_look_or_one_taken_back_carries_no_answer(machine, entrant):
    helper, mandate = helper_of(entrant, scopes=["follow"])
    to_the_home(machine, helper, entrant)
    answer = machine.post(reverse("kiosk_choose", args=["accept"]))
    assert answer.status_code == 422 and "您的委托不包括代为选房" in text(answer)
    mandates.revoke(mandate, by=helper.user)
    assert to_the_home(machine, helper, entrant).status_code == 422
    assert entrant.offers.get().state == states.O_OPEN


def test_without_a_mandate_the_code_alone_opens_nothing(machine, entrant):
    machine.post(reverse("kiosk_identify"), {"id_number": accounts.id_number()})
    assert machine.post(reverse("kiosk_code"), {"code": told(entrant)}).status_code == 422


# -- The machine itself -------------------------------------------------------------------------


def test_a_setup_code_binds_one_browser_and_a_new_one_makes_it_a_stranger(machine, client):
    row = Kiosk.objects.get()
    fresh = type(client)()
    assert fresh.post(reverse("kiosk_pair"), {"token": "setup"}).status_code == 422
    fresh.cookies[kiosks.COOKIE] = "setup"
    assert fresh.get(reverse("kiosk_start")).status_code == 403
    assert machine.get(reverse("kiosk_start")).status_code == 200
    token = kiosks.reissue(row, by=kiosks.actor(row))
    assert machine.get(reverse("kiosk_start")).status_code == 403
    fresh.cookies.clear()
    fresh.post(reverse("kiosk_pair"), {"token": token})
    assert fresh.get(reverse("kiosk_start")).status_code == 200
    kiosks.stop(row, by=kiosks.actor(row))
    assert fresh.get(reverse("kiosk_start")).status_code == 403


def test_early_late_seen_and_lapsed_are_said_and_the_result_stays(machine, entrant):
    stand_before(machine, entrant)
    assert "您来早了" in text(machine.get(reverse("kiosk_ticket")))
    machine.post(reverse("kiosk_result"))
    assert "结果已经看过" in text(machine.get(reverse("kiosk_ticket")))
    Appointment.objects.filter(entrant=entrant).update(starts_at=clock.now() - timedelta(days=2))
    assert "照样可以办" in text(machine.get(reverse("kiosk_ticket")))
    Offer.objects.filter(entrant=entrant).update(state=states.O_LAPSED)
    assert "选房期限已过" in text(machine.get(reverse("kiosk_ticket")))
    page = text(machine.get(reverse("kiosk_result")))
    assert "选房期限已过" in page and "摇到房源了" not in page


def test_what_is_held_for_a_lost_network_names_nobody(machine, entrant):
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    held = machine.get(reverse("kiosk_result")).context["held"]
    assert held["registered"] is False and held["home"] == entrant.offers.get().home.code
    for member in entrant.application.members.all():
        assert member.name not in str(held) and member.id_number not in str(held)
    page = text(machine.get(reverse("kiosk_offline")))
    assert entrant.ticket not in page and "选择未登记" in page
    assert "不确定" in text(machine.get(reverse("kiosk_offline"), {"unsure": 1}))
    worker = machine.get(reverse("kiosk_worker"))
    assert "self.YZ" in text(worker) and worker["Content-Type"].startswith("text/javascript")


def test_no_sum_stands_open_on_the_screen(machine, entrant):
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    rent = f"{entrant.offers.get().rent_monthly:.2f}"
    for page in (reverse("kiosk_home"), reverse("kiosk_choose", args=["accept"])):
        before, _more, _rest = text(machine.get(page)).partition("<details")
        assert rent not in before
    assert 'class="yz-paper-only"' in text(machine.get(reverse("kiosk_slip")))


# -- The hall ---------------------------------------------------------------------------------


def test_the_hall_sees_what_was_opened_here_and_nobody_can_be_found_by_it(machine, client):
    round_ = make.revealed(4, 3)
    here, elsewhere, _unopened = Offer.objects.filter(entrant__round=round_).order_by("pk")
    stand_before(machine, here.entrant)
    machine.post(reverse("kiosk_result"))
    Offer.objects.filter(pk=elsewhere.pk).update(
        state=states.O_OPEN, opened_at=clock.now(), opened_via="phone"
    )
    page = text(machine.get(reverse("kiosk_hall")))
    name = here.entrant.application.applicant.name
    assert "<table" in page and here.home.estate.name in page
    for secret in (name, here.entrant.ticket, here.home.code, here.entrant.case_no):
        assert secret not in page
    board = hall.board(Kiosk.objects.get())
    assert (board.homes, board.opened, board.unopened, len(board.lines)) == (3, 2, 1, 1)
    part = text(machine.get(reverse("kiosk_hall"), headers={"HX-Request": "true"}))
    assert "<table" in part and "<html" not in part


def test_the_hall_goes_on_where_one_households_result_is_missing(
    machine, entrant, django_assert_num_queries
):
    stand_before(machine, entrant)
    machine.post(reverse("kiosk_result"))
    Member.objects.filter(application=entrant.application).update(is_applicant=False)
    assert "正在核对" in text(machine.get(reverse("kiosk_hall")))
    screen = Kiosk.objects.get()
    with django_assert_num_queries(6):
        hall.board(screen)


def test_a_screen_of_the_hall_goes_to_its_board_and_waits_without_a_round(client):
    token = kiosks.register("HALL-1", "大厅", kind="hall", by=offers.SYSTEM)
    client.post(reverse("kiosk_pair"), {"token": token})
    assert client.get(reverse("kiosk_start")).url == reverse("kiosk_hall")
    assert "还没有公布的摇号结果" in text(client.get(reverse("kiosk_hall")))

"""Pages of the choice day: phone, machine, desk, hall."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import choice_days, choice_line, states
from allocation.models import ChoiceDay, Offer, Round
from tests.allocation.test_appointments import told
from tests.allocation.test_pages import citizen_of, text
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import declining as after

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


def signed_in(client, turn):
    client.force_login(citizen_of(turn.entrant.application))


def test_a_household_chooses_on_its_phone_when_it_is_called(client):
    day = after.open_day()
    turn = after.called(day)
    signed_in(client, turn)
    assert reverse("my_choice") in text(client.get(reverse("my_draw")))
    home = choice_line.fitting(turn)[0]
    one = reverse("my_choice_home", args=[home.pk])
    listed = text(client.get(reverse("my_choice")))
    assert "轮到您家选房" in listed and one in listed and "966.00元/月" in listed
    before = text(client.get(one))
    assert "选定以后不能再换成另一套" in before
    client.post(one)
    assert "已选定" in text(client.get(reverse("my_choice")))
    assert Offer.objects.get(entrant=turn.entrant).answered_via == "phone"


def test_the_case_says_that_the_order_is_drawn_and_when_it_is_the_households_turn(client):
    day = after.open_day()
    turn = after.called(day)
    waits = day.turns.filter(state=states.T_WAITING).order_by("place")[0]
    for one, tag in ((turn, "请选房"), (waits, "等选房日")):
        signed_in(client, one)
        assert tag in text(client.get(reverse("my_case", args=[one.entrant.case_no])))
    frozen = make.frozen(1, 1).entrants.get()
    client.force_login(citizen_of(frozen.application))
    assert "待摇号" in text(client.get(reverse("my_case", args=[frozen.case_no])))


def test_who_waits_reads_its_place_and_cannot_choose(client):
    day = after.open_day()
    turn = day.turns.filter(state=states.T_WAITING).order_by("place")[0]
    signed_in(client, turn)
    page = text(client.get(reverse("my_choice")))
    assert "前面还有1户" in page
    home = choice_line.free_homes(day)[0]
    answer = client.post(reverse("my_choice_home", args=[home.pk]))
    assert answer.status_code == 422 and "还没有叫到" in text(answer)
    assert not Offer.objects.exists()


def test_none_of_them_is_said_to_be_no_decline_before_the_button(client):
    day = after.open_day()
    turn = after.called(day)
    signed_in(client, turn)
    page = reverse("my_choice_none")
    assert "这不算放弃" in text(client.get(page))
    client.post(page)
    turn.refresh_from_db()
    assert turn.state == states.T_NONE
    assert "这次没有选到房" in text(client.get(reverse("my_choice")))


def test_a_household_of_another_round_finds_nothing_here(client):
    client.force_login(accounts.citizen().user)
    assert "还没有选房日" in text(client.get(reverse("my_choice")))
    assert client.get(reverse("my_choice_none")).status_code == 404


def test_a_household_chooses_at_the_machine(client):
    day = after.open_day()
    turn = after.called(day)
    make.kiosk()
    client.post(reverse("kiosk_pair"), {"token": "token-of-a-test-kiosk"})
    assert client.get(reverse("kiosk_choice")).url == reverse("kiosk_start")
    number = turn.entrant.application.applicant.id_number
    client.post(reverse("kiosk_identify"), {"id_number": number})
    client.post(reverse("kiosk_code"), {"code": told(turn.entrant)})
    assert client.get(reverse("kiosk_result")).url == reverse("kiosk_choice")
    home = choice_line.fitting(turn)[0]
    assert home.code in text(client.get(reverse("kiosk_choice")))
    one = reverse("kiosk_choice_home", args=[home.pk])
    assert "选定以后" in text(client.get(one))
    client.post(one)
    assert "已选定" in text(client.get(reverse("kiosk_choice")))
    assert Offer.objects.get().answered_via == "KIOSK-T"


def test_the_hall_shows_tickets_and_free_homes_and_nobody_by_name(client):
    day = after.open_day()
    turn = after.called(day)
    page = reverse("public_choice", args=[day.round.code])
    shown = text(client.get(page))
    assert turn.entrant.ticket in shown
    for home in day.round.homes.all():
        assert home.code in shown
    for entrant in day.round.entrants.all():
        assert entrant.case_no not in shown
        assert entrant.application.applicant.name not in shown
    assert "Refresh" not in client.get(page)
    assert client.get(page, {"wall": ""})["Refresh"] == "10"
    chosen = choice_days.choose(turn, day.round.homes.first(), by=after.choice_by(), via="desk")
    free = text(client.get(page)).partition("还有的房源")[2]
    assert chosen.home.code not in free
    assert client.get(reverse("public_choice", args=["NOPE"])).status_code == 404


def test_the_public_page_of_the_round_says_how_it_goes(client):
    day = after.open_day()
    page = text(client.get(reverse("public_draw", args=[day.round.code])))
    assert "摇的是选房顺序" in page and reverse("public_choice", args=[day.round.code]) in page
    assert "叫号" in page and "候补。" not in page


class TestOffice:
    def test_a_day_is_planned_opened_paused_resumed_and_ended(self, client):
        round_ = after.ordered()
        client.force_login(round_.created_by)
        page = reverse("office_choice", args=[round_.code])
        assert page in text(client.get(reverse("office_round", args=[round_.code])))
        assert page in text(client.get(reverse("office_choice_days")))
        assert client.post(page, {"step": "plan", "time": "09:00"}).status_code == 422
        on = after.first_day()
        plan = {"step": "plan", "on": on.isoformat(), "time": "09:00", "place": "三楼"}
        client.post(page, plan)
        day = ChoiceDay.objects.get()
        client.post(page, {"step": "open"})
        day.refresh_from_db()
        assert day.state == states.D_PLANNED  # not before the time the households were told
        make.wait_for(day.starts_at)
        client.post(page, {"step": "open"})
        assert client.post(page, {"step": "pause", "pause-reason": ""}).status_code == 422
        client.post(page, {"step": "pause", "pause-reason": "停电"})
        assert "停电" in text(client.get(reverse("public_choice", args=[round_.code])))
        client.post(page, {"step": "resume"})
        client.post(page, {"step": "next"})
        assert client.post(page, {"step": "end", "end-reason": ""}).status_code == 422
        client.post(page, {"step": "end", "end-reason": "场地停用"})
        day.refresh_from_db()
        assert day.state == states.D_ENDED

    def test_a_household_chooses_at_the_desk(self, client):
        day = after.open_day()
        turn = after.called(day)
        home = choice_line.fitting(turn)[0]
        client.force_login(accounts.staff(Role.ATTENDANT).user)
        page = reverse("office_choice", args=[day.round.code])
        assert home.code in text(client.get(page)) and "提前结束" not in text(client.get(page))
        desk = reverse("office_choice_desk", args=[day.round.code])
        client.post(desk, {"turn": turn.pk})
        assert "请先在房源里选一套" in text(client.get(page))
        client.post(desk, {"turn": turn.pk, "home": home.code})
        turn.refresh_from_db()
        assert (turn.state, turn.home, turn.chosen_via) == (states.T_CHOSEN, home, "desk")

    def test_an_attendant_does_not_run_the_day(self, client):
        day = after.open_day()
        client.force_login(accounts.staff(Role.ATTENDANT).user)
        page = reverse("office_choice", args=[day.round.code])
        assert client.post(page, {"step": "pause", "pause-reason": "x"}).status_code == 404
        day.refresh_from_db()
        assert day.state == states.D_OPEN

    def test_a_round_that_draws_homes_has_no_choice_day(self, client):
        round_ = make.revealed(2, 1)
        client.force_login(round_.created_by)
        assert client.get(reverse("office_choice", args=[round_.code])).status_code == 404
        assert round_.mode == Round.Mode.HOME

    def test_the_page_asks_a_steady_number_of_questions(
        self, client, django_assert_max_num_queries
    ):
        day = after.open_day(after.ordered(6, 4))
        client.force_login(day.round.created_by)
        page = reverse("office_choice", args=[day.round.code])
        client.get(page)
        with django_assert_max_num_queries(24):
            client.get(page)

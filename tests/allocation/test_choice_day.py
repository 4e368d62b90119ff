"""选房日: the households of a round choose in the order that was drawn."""

import json
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from allocation import choice_days, choice_line, ledger, ledgers, offers, rounds, states, verify
from allocation.models import ChoiceDay, ChoiceTurn, Lease, Offer, Round
from applications import periods
from applications import states as application_states
from core import clock, workdays
from core.models import Notice, OutboxMessage
from tests.factories import allocation as make
from tests.factories import declining as after

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
BY = offers.SYSTEM


def events(round_):
    return [json.loads(line.text) for line in round_.ledger.order_by("number")]


def line_of(day):
    """The places as they stand: ticket and state."""
    return [(one.entrant.ticket, one.state) for one in day.turns.order_by("place")]


def order_of(round_):
    return [one.entrant.ticket for one in round_.assignments.order_by("position")]


def run_out(day):
    """Lets the time of who is called end."""
    make.wait_for(after.called(day).due_at)
    return choice_days.go_on(day, by=BY)


def pick(day, n=0):
    """Who is called takes the n-th home it may have."""
    turn = after.called(day)
    return choice_days.choose(turn, choice_line.fitting(turn)[n], by=BY, via="phone")


def drawn(**wishes):
    """A household that is on the list."""
    return make.waiting(**wishes)


# -- the draw -------------------------------------------------------------------------------


def test_a_round_in_drawn_order_draws_places_only_and_its_bundle_verifies(tmp_path):
    round_ = after.ordered(3, 2)
    files = rounds.files(round_)
    assert verify.passed(verify.verify_files(files))
    assert json.loads(round_.roster)["homes"] == []
    result = json.loads(round_.result)["assignments"]
    assert [one["position"] for one in result] == [1, 2, 3]
    assert all(one["home"] is None for one in result)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    alone = subprocess.run(
        [sys.executable, "static/draw/yz_draw_verify.py", str(tmp_path)],
        capture_output=True, check=False,
    )  # fmt: skip
    assert alone.returncode == 0, alone.stdout.decode()


def test_the_public_line_names_the_homes_before_the_draw():
    round_ = make.frozen(2, 2, mode=Round.Mode.ORDER)
    line = next(one for one in events(round_) if one["event"] == "homes")
    assert line["homes"] == sorted(round_.homes.values_list("code", flat=True))


def test_households_and_homes_stay_in_the_round_until_the_day():
    round_ = after.ordered(3, 2)
    assert not Offer.objects.exists()
    assert {one.application.state for one in round_.entrants.all()} == {application_states.IN_ROUND}
    assert set(round_.homes.values_list("state", flat=True)) == {states.H_IN_ROUND}
    assert Notice.objects.filter(code="choice_order").count() == 3
    assert not Notice.objects.filter(code="round_reserve").exists()


# -- the plan -------------------------------------------------------------------------------


def test_every_household_gets_its_slot_in_drawn_order_and_is_told():
    day = after.planned_day()
    slots = list(day.turns.order_by("place").values_list("slot_at", flat=True))
    step = timedelta(minutes=periods.of("choice_turn").value)
    assert slots == [day.starts_at, day.starts_at + step, day.starts_at + 2 * step]
    assert [ticket for ticket, _state in line_of(day)] == order_of(day.round)
    assert Notice.objects.filter(code="choice_slot").count() == 3


def test_slots_go_on_on_the_next_working_day(monkeypatch):
    round_ = after.ordered(3, 1)
    on = workdays.add_workdays(clock.today(), 3)
    late = clock.local_midnight(on) + timedelta(hours=16, minutes=30)
    day = choice_days.plan(round_, by=round_.created_by, starts_at=late, place="三楼")
    last = day.turns.order_by("place").last().slot_at.astimezone(clock.LOCAL)
    assert last.date() == workdays.add_workdays(on, 1)
    assert (last.hour, last.minute) == (9, 0)


def test_a_day_is_planned_once_after_the_draw_and_told_in_time():
    home_round = make.revealed(2, 1)
    soon = clock.now() + timedelta(days=30)
    with pytest.raises(choice_days.ChoiceRefused, match="摇出顺序以后"):
        choice_days.plan(home_round, by=home_round.created_by, starts_at=soon, place="三楼")
    round_ = after.ordered()
    with pytest.raises(choice_days.ChoiceRefused, match="提前通知"):
        choice_days.plan(round_, by=round_.created_by, starts_at=clock.now(), place="三楼")
    day = after.planned_day(round_)
    with pytest.raises(choice_days.ChoiceRefused, match="已经排定"):
        after.planned_day(day.round)
    with pytest.raises(choice_days.ChoiceRefused, match="不能提前开始"):
        choice_days.open_day(day, by=round_.created_by)


# -- the line -------------------------------------------------------------------------------


def test_the_first_of_the_drawn_order_is_called_on_screen_and_by_sms():
    households = [make.waiting() for _n in range(3)]
    for one in households:
        one.members.filter(is_applicant=True).update(phone="13700009050")
    day = after.open_day(after.ordered(households, 2))
    turn = after.called(day)
    assert turn.entrant.ticket == order_of(day.round)[0]
    assert turn.due_at == turn.called_at + timedelta(minutes=day.minutes)
    sent = OutboxMessage.objects.filter(destination="sms", kind="choice_called").get()
    assert len(sent.payload["text"]) <= 70
    assert events(day.round)[-1]["event"] == "called"


def test_a_choice_prepares_the_lease_and_the_next_is_called_by_itself():
    day = after.open_day()
    make.wait_for(day.turns.order_by("place")[1].slot_at - timedelta(minutes=3))
    turn = pick(day)
    assert turn.state == states.T_CHOSEN
    offer = Offer.objects.get(entrant=turn.entrant)
    assert (offer.origin, offer.state, offer.home) == ("choice", states.O_ACCEPTED, turn.home)
    assert Lease.objects.filter(offer=offer).exists()
    turn.entrant.application.refresh_from_db()
    assert turn.entrant.application.state == application_states.ALLOTTED
    assert not day.turns.filter(state=states.T_CALLED).exists()  # its slot has not come
    make.wait_for(day.turns.order_by("place")[1].slot_at)
    assert choice_days.go_on_everywhere() == 1
    assert after.called(day).entrant.ticket == order_of(day.round)[1]
    assert ledger.verify_ledger(ledgers.file(day.round)) == []


def test_a_second_tap_finds_the_choice_done_and_another_home_is_refused():
    day = after.open_day()
    turn = after.called(day)
    first, second = choice_line.fitting(turn)
    choice_days.choose(turn, first, by=BY, via="phone")
    assert choice_days.choose(turn, first, by=BY, via="phone").home == first
    with pytest.raises(choice_days.ChoiceRefused, match="已经有了结果"):
        choice_days.choose(turn, second, by=BY, via="phone")
    assert Lease.objects.count() == 1


def test_who_does_not_answer_goes_to_the_end_once_and_then_out_and_neither_is_a_decline():
    day = after.open_day(after.ordered(2, 2))
    first, second = order_of(day.round)
    make.wait_for(day.turns.order_by("place")[1].slot_at)
    run_out(day)
    assert line_of(day) == [(second, states.T_CALLED), (first, states.T_WAITING)]
    run_out(day)
    assert line_of(day) == [(first, states.T_CALLED), (second, states.T_WAITING)]
    run_out(day)
    missed = day.turns.get(entrant__ticket=first)
    assert missed.state == states.T_MISSED
    missed.entrant.application.refresh_from_db()
    assert missed.entrant.application.state == application_states.WAITLISTED
    assert not Offer.objects.exists()
    said = [one["event"] for one in events(day.round)]
    assert said.count("passed_over") == 2 and said.count("missed") == 1
    pick(day)
    day.refresh_from_db()
    assert day.state == states.D_ENDED


def test_nobody_chooses_out_of_turn_or_too_late():
    day = after.open_day()
    waiting = day.turns.filter(state=states.T_WAITING).order_by("place")[0]
    home = choice_line.free_homes(day)[0]
    with pytest.raises(choice_days.ChoiceRefused, match="还没有叫到"):
        choice_days.choose(waiting, home, by=BY, via="phone")
    turn = after.called(day)
    make.wait_for(turn.due_at)
    with pytest.raises(choice_days.ChoiceRefused, match="时间已过"):
        choice_days.choose(turn, home, by=BY, via="phone")
    home.refresh_from_db()
    assert home.state == states.H_IN_ROUND and not Offer.objects.exists()


def test_a_home_of_another_type_or_already_chosen_is_refused():
    small = make.home(unit_type="1R")
    day = after.open_day(after.ordered(2, [small, make.home(), make.home()]))
    with pytest.raises(choice_days.ChoiceRefused, match="不适合"):
        choice_days.choose(after.called(day), small, by=BY, via="phone")
    make.wait_for(day.turns.order_by("place")[1].slot_at - timedelta(minutes=1))
    gone = pick(day).home
    make.wait_for(day.turns.order_by("place")[1].slot_at)
    choice_days.go_on(day, by=BY)
    with pytest.raises(choice_days.ChoiceRefused, match="选走"):
        choice_days.choose(after.called(day), gone, by=BY, via="phone")


def test_accessible_homes_wait_for_who_needs_them():
    needy, other = make.waiting(draw_tier=2), make.waiting(draw_tier=1)
    easy = make.home(accessible=True)
    row = make.planned([], [easy, make.home()], mode=Round.Mode.ORDER)
    make.joined(other, row, by=row.created_by)
    make.joined(needy, row, by=row.created_by, needs_accessible=True)
    make.freeze(row, by=row.created_by)
    make.wait_for(row.entropy_at)
    day = after.open_day(rounds.reveal(row, by=row.created_by, entropy=make.ENTROPY))
    turn = after.called(day)
    assert turn.entrant.application == other
    assert easy not in choice_line.fitting(turn)
    pick(day)
    make.wait_for(day.turns.order_by("place")[1].slot_at)
    choice_days.go_on(day, by=BY)
    assert choice_line.fitting(after.called(day)) == [easy]


def test_who_finds_nothing_that_fits_stays_on_the_waiting_list_without_being_called():
    small = make.waiting(unit_types=["1R"], draw_tier=2)
    fits = make.waiting(draw_tier=1)
    day = after.open_day(after.ordered([small, fits], 2))
    make.wait_for(day.turns.order_by("place")[1].slot_at - timedelta(minutes=1))
    pick(day)
    assert day.turns.get(entrant__application=small).state == states.T_NONE
    small.refresh_from_db()
    assert small.state == application_states.WAITLISTED
    day.refresh_from_db()
    assert day.state == states.D_ENDED  # nobody is left
    assert set(day.round.homes.values_list("state", flat=True)) == {
        states.H_OFFERED, states.H_AVAILABLE,
    }  # fmt: skip


def test_wanting_none_of_them_is_no_decline():
    day = after.open_day()
    turn = choice_days.choose_none(after.called(day), by=BY)
    assert turn.state == states.T_NONE
    turn.entrant.application.refresh_from_db()
    assert turn.entrant.application.state == application_states.WAITLISTED
    assert not Offer.objects.exists()


# -- pause, end, void -----------------------------------------------------------------------


def test_a_pause_needs_a_reason_stops_the_clock_and_keeps_the_order():
    day = after.open_day()
    by = day.round.created_by
    turn = after.called(day)
    clock.advance(timedelta(minutes=2))
    with pytest.raises(choice_days.ChoiceRefused, match="原因"):
        choice_days.pause(day, by=by, reason=" ")
    day = choice_days.pause(day, by=by, reason="停电")
    clock.advance(timedelta(hours=3))
    assert choice_days.go_on_everywhere() == 0
    with pytest.raises(choice_days.ChoiceRefused, match="暂停"):
        pick(day)
    left = turn.due_at - day.paused_at
    day = choice_days.resume(day, by=by)
    again = after.called(day)
    assert again.pk == turn.pk
    assert abs(again.due_at - clock.now() - left) < timedelta(seconds=5)
    said = [one["event"] for one in events(day.round)]
    assert "choice_paused" in said and "choice_resumed" in said


def test_a_day_ended_early_keeps_every_place_and_frees_the_homes():
    day = after.open_day()
    day = choice_days.end(day, by=day.round.created_by, reason="场地停用")
    assert set(day.turns.values_list("state", flat=True)) == {states.T_RELEASED}
    assert set(day.round.homes.values_list("state", flat=True)) == {states.H_AVAILABLE}
    assert {one.application.state for one in day.round.entrants.all()} == {
        application_states.WAITLISTED
    }
    assert rounds.close(day.round, by=day.round.created_by).state == states.R_CLOSED


def test_a_round_is_not_closed_before_its_choice_day_is_over():
    day = after.planned_day()
    with pytest.raises(choice_days.ChoiceRefused, match="选房日还没有结束"):
        rounds.close(day.round, by=day.round.created_by)


def test_a_void_round_takes_its_day_with_it():
    day = after.planned_day()
    rounds.propose_void(day.round, by=make.administrator(), reason="名单有误")
    rounds.void(day.round, by=make.administrator())
    day.refresh_from_db()
    assert day.state == states.D_ENDED
    assert set(day.round.homes.values_list("state", flat=True)) == {states.H_AVAILABLE}
    assert {one.application.state for one in day.round.entrants.all()} == {
        application_states.WAITLISTED
    }


def test_who_is_related_to_a_household_keeps_out_of_the_day():
    day = after.open_day()
    kin = make.administrator()
    rounds.exclude(day.round, kin, reason="亲属", by=kin.user)
    turn, home = after.called(day), choice_line.free_homes(day)[0]
    for act in (
        lambda: choice_days.pause(day, by=kin.user, reason="停电"),
        lambda: choice_days.end(day, by=kin.user, reason="停电"),
        lambda: choice_days.choose(turn, home, by=kin.user, via="desk"),
    ):
        with pytest.raises(choice_days.ChoiceRefused, match="回避"):
            act()
    day.refresh_from_db()
    assert day.state == states.D_OPEN and not Offer.objects.exists()


# -- two at once ----------------------------------------------------------------------------


def at_once(*acts):
    """Runs each act in a thread of its own; returns what they gave or raised."""
    start = threading.Barrier(len(acts))
    given = []

    def run(act):
        try:
            start.wait()
            given.append(act())
        except Exception as error:
            given.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return given


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_get_the_same_home_and_two_workers_call_one():
    day = after.open_day(after.ordered(3, 3))
    turn = after.called(day)
    homes = choice_line.fitting(turn)
    given = at_once(
        lambda: choice_days.choose(turn, homes[0], by=BY, via="phone"),
        lambda: choice_days.choose(turn, homes[1], by=BY, via="KIOSK-1"),
    )
    assert len([one for one in given if isinstance(one, ChoiceTurn)]) == 1
    assert len([one for one in given if isinstance(one, choice_days.ChoiceRefused)]) == 1
    assert Offer.objects.count() == 1 and Lease.objects.count() == 1
    make.wait_for(day.turns.order_by("place")[2].slot_at)
    at_once(*[lambda: choice_days.go_on(day, by=BY)] * 2)
    make.wait_for(after.called(day).due_at)
    at_once(*[lambda: choice_days.go_on(day, by=BY)] * 2)
    assert day.turns.filter(state=states.T_CALLED).count() == 1
    said = [one["event"] for one in events(day.round)]
    assert said.count("called") == 3 and said.count("passed_over") == 1


def test_the_database_refuses_a_home_twice_and_two_called():
    day = after.open_day()
    home = pick(day).home
    other = day.turns.filter(state=states.T_WAITING).order_by("place")[0]
    with pytest.raises(IntegrityError, match="home_chosen_once"), transaction.atomic():
        ChoiceTurn.objects.filter(pk=other.pk).update(state=states.T_CHOSEN, home=home)
    waiting = day.turns.filter(state=states.T_WAITING)
    with pytest.raises(IntegrityError, match="one_household_called"), transaction.atomic():
        waiting.update(state=states.T_CALLED, due_at=clock.now())


def test_a_worker_killed_in_the_middle_leaves_the_line_as_it_was(monkeypatch):
    day = after.open_day()
    before = (line_of(day), day.round.ledger.count())

    def killed(*_args, **_kwargs):
        raise SystemExit

    make.wait_for(after.called(day).due_at)
    monkeypatch.setattr(choice_line, "_call", killed)
    make.wait_for(day.turns.order_by("place")[1].slot_at)
    with pytest.raises(SystemExit), transaction.atomic():
        choice_days.go_on(day, by=BY)
    monkeypatch.undo()
    assert (line_of(day), day.round.ledger.count()) == before
    assert choice_days.go_on(ChoiceDay.objects.get(pk=day.pk), by=BY) is not None

"""A drawn home in the household's hands."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from allocation import ledger, ledgers, offers, states
from allocation.models import BanProposal, Lease, Offer
from applications import states as application_states
from applications.models import Ban
from core import clock, workdays
from core.models import AuditEntry, Notice, OutboxMessage
from core.workflow import TransitionRefused, advance_held, history
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
BY = offers.SYSTEM


def first_reserve(round_):
    return round_.assignments.filter(home=None).order_by("position")[0].entrant


def events(round_):
    return [json.loads(line.text)["event"] for line in round_.ledger.all()]


def test_the_answer_is_due_at_the_end_of_a_working_day():
    offer = make.opened()
    drawn_on = offer.entrant.round.revealed_at.astimezone(clock.LOCAL).date()
    assert offers.last_day(offer) == workdays.add_workdays(drawn_on, 3)


def test_the_first_opening_is_recorded_and_later_ones_change_nothing():
    offer = Offer.objects.filter(entrant__round=make.revealed())[0]
    first = offers.open_result(offer, by=BY, via="KIOSK-1")
    clock.advance(timedelta(minutes=5))
    again = offers.open_result(offer, by=BY, via="phone")
    assert (again.opened_via, again.opened_at) == ("KIOSK-1", first.opened_at)
    assert again.home == first.home


def test_an_opening_takes_one_lock_and_three_writes():
    offer = Offer.objects.filter(entrant__round=make.revealed())[0]
    with CaptureQueriesContext(connection) as queries:
        offers.open_result(offer, by=BY, via="KIOSK-1")
    said = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert [one.split()[0] for one in said] == ["SELECT", "UPDATE", "INSERT", "INSERT"]
    row = Offer.objects.get(pk=offer.pk)
    assert (row.state, row.opened_via) == (states.O_OPEN, "KIOSK-1") and row.opened_at
    assert AuditEntry.objects.filter(verb="offer.state", case_no=row.case_no).exists()
    assert history(row).get().case_no == row.case_no


def test_a_held_row_moves_only_inside_the_transaction_that_holds_it(monkeypatch):
    offer = Offer.objects.filter(entrant__round=make.revealed())[0]
    with pytest.raises(TransitionRefused):
        advance_held(offer, states.O_ACCEPTED, by=BY)  # nobody has seen it yet
    assert not history(offer).exists()
    with monkeypatch.context() as outside:
        outside.setattr(
            transaction, "get_connection", lambda: SimpleNamespace(in_atomic_block=False)
        )
        with pytest.raises(RuntimeError, match="inside a transaction"):
            advance_held(offer, states.O_OPEN, by=BY)


def test_nobody_answers_unseen():
    offer = Offer.objects.filter(entrant__round=make.revealed())[0]
    for answer in (offers.accept, offers.decline):
        with pytest.raises(offers.OfferRefused, match="先查看结果"):
            answer(offer, by=BY, via="phone")
    with pytest.raises(offers.OfferRefused, match="先查看结果"):
        offers.think(offer, by=BY)


def test_a_second_tap_on_accept_finds_it_done():
    offer = make.opened()
    offers.accept(offer, by=BY, via="KIOSK-1")
    clock.advance(timedelta(seconds=1))
    again = offers.accept(offer, by=BY, via="KIOSK-1")
    assert again.state == states.O_ACCEPTED
    assert Lease.objects.count() == 1
    assert events(offer.entrant.round).count("accepted") == 1


def test_a_second_tap_on_decline_declines_once():
    offer = make.opened()
    offers.decline(offer, by=BY, via="phone")
    offers.decline(offer, by=BY, via="phone")
    assert offers.times_declined(offer) == 1
    assert events(offer.entrant.round).count("declined") == 1


def test_thinking_it_over_keeps_the_home_until_the_same_day():
    offer = make.opened()
    thinking = offers.think(offers.think(offer, by=BY), by=BY)
    assert (thinking.state, thinking.due_at) == (states.O_THINKING, offer.due_at)
    assert offers.accept(thinking, by=BY, via="phone").state == states.O_ACCEPTED


def test_what_was_answered_is_not_answered_otherwise():
    offer = make.opened()
    offers.accept(offer, by=BY, via="phone")
    with pytest.raises(offers.OfferRefused, match="已经有了选择结果"):
        offers.decline(offer, by=BY, via="phone")
    with pytest.raises(offers.OfferRefused, match="已经有了选择结果"):
        offers.think(offer, by=BY)


def test_a_declined_home_goes_to_the_first_of_the_reserve_as_a_public_line():
    offer = make.opened(make.revealed(4, 2))
    round_ = offer.entrant.round
    heir = first_reserve(round_)
    offers.decline(offer, by=BY, via="phone")
    passed_on = Offer.objects.get(entrant=heir)
    assert (passed_on.home, passed_on.origin) == (offer.home, "reserve")
    assert passed_on.state == states.O_UNOPENED
    heir.application.refresh_from_db()
    assert heir.application.state == application_states.ALLOTTED
    assert events(round_)[-2:] == ["declined", "reserve_offer"]
    assert json.loads(round_.ledger.last().text)["ticket"] == heir.ticket
    assert ledger.verify_ledger(ledgers.file(round_)) == []


def test_the_reserve_is_asked_in_order_and_nobody_twice():
    round_ = make.revealed(4, 1)
    asked = []
    for _n in range(3):
        offer = Offer.objects.get(entrant__round=round_, state=states.O_UNOPENED)
        asked.append(offer.entrant.ticket)
        offers.decline(offers.open_result(offer, by=BY, via="phone"), by=BY, via="phone")
    order = [row.entrant.ticket for row in round_.assignments.all()]
    assert asked == order[:3]


def test_the_reserve_is_passed_over_where_the_home_does_not_fit():
    small = make.waiting(unit_types=["1R"], draw_tier=2)
    drawn, fitting = make.waiting(draw_tier=1), make.waiting(draw_tier=3)
    round_ = make.revealed([small, drawn, fitting], 1)
    offers.decline(make.opened(round_), by=BY, via="phone")
    heir = Offer.objects.get(state=states.O_UNOPENED).entrant.application
    assert heir == fitting


def test_without_a_reserve_the_home_returns_to_stock():
    offer = make.opened(make.revealed(1, 1))
    offers.decline(offer, by=BY, via="phone")
    offer.home.refresh_from_db()
    assert offer.home.state == states.H_AVAILABLE


def test_the_second_decline_bars_nobody_by_itself_and_is_put_before_a_person():
    household = make.waiting()
    for expected in (0, 1):
        round_ = make.revealed([household], 1)
        offers.decline(make.opened(round_), by=BY, via="phone")
        household.refresh_from_db()
        assert BanProposal.objects.count() == expected
    proposal = BanProposal.objects.get()
    assert (proposal.state, proposal.years) == (states.B_PROPOSED, 2)
    assert proposal.declines.count() == 2
    assert not Ban.objects.exists()
    assert household.state == application_states.WAITLISTED


def test_silence_is_no_decline_and_the_home_moves_on():
    round_ = make.revealed(2, 1)
    offer = Offer.objects.get(entrant__round=round_)
    assert offers.lapse_due() == 0
    make.wait_for(offer.due_at)
    assert offers.lapse_due() == 1
    assert offers.lapse_due() == 0
    offer.refresh_from_db()
    assert offer.state == states.O_LAPSED
    assert offers.times_declined(offer) == 0
    assert events(round_)[-2:] == ["lapsed", "reserve_offer"]
    applicant = offer.entrant.application.applicant
    assert Notice.objects.filter(person_index=applicant.id_index, code="offer_lapsed").exists()


def test_after_the_last_day_nothing_is_accepted():
    offer = make.opened()
    make.wait_for(offer.due_at)
    with pytest.raises(offers.OfferRefused, match="期限已过"):
        offers.accept(offer, by=BY, via="phone")


def test_the_notice_names_the_home_and_the_short_message_does_not():
    household = make.waiting()
    household.members.filter(is_applicant=True).update(phone="13700009050")
    round_ = make.revealed([household], 1)
    offer = Offer.objects.get(entrant__round=round_)
    notice = Notice.objects.get(code="offer_made")
    assert offer.home.code in notice.text and "966.00" in notice.text
    for message in OutboxMessage.objects.filter(destination="sms"):
        text = message.payload["text"]
        assert len(text) <= 70, text
        assert offer.home.code not in text and household.applicant.name not in text

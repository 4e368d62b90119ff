"""Seeing the home before choosing."""

import json
from datetime import timedelta

import pytest

from allocation import offering, offers, states, viewings
from allocation.models import Viewing
from applications import periods
from core import clock, workdays
from core.models import Notice
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
BY = offers.SYSTEM


def asked(offer=None) -> Viewing:
    offer = offer or make.opened()
    day = workdays.add_workdays(clock.today(), 1)
    return viewings.ask(offer, by=BY, wanted_on=day, part="am")


def test_a_booked_viewing_is_confirmed_and_the_household_is_told():
    row = asked()
    at = make.noon(row.wanted_on)
    row = viewings.confirm(row, by=BY, at=at, meet="小区东门，找王师傅")
    assert (row.state, row.at) == (states.V_CONFIRMED, at)
    notice = Notice.objects.get(code="viewing_confirmed")
    assert "小区东门" in notice.text and row.offer.home.code in notice.text
    row.offer.refresh_from_db()
    assert row.offer.extended_at is None


def test_one_viewing_at_a_time_and_a_cancelled_one_may_be_booked_anew():
    row = asked()
    with pytest.raises(viewings.ViewingRefused, match="已经约过"):
        asked(row.offer)
    viewings.withdraw(row, by=BY)
    assert asked(row.offer).state == states.V_ASKED


def test_the_day_must_be_a_working_day_within_the_time_to_choose():
    offer = make.opened()
    late = workdays.add_workdays(offering.last_day(offer), 1)
    with pytest.raises(viewings.ViewingRefused, match="选房期限之间"):
        viewings.ask(offer, by=BY, wanted_on=late, part="am")
    assert not Viewing.objects.exists()


def test_no_time_to_offer_extends_the_time_to_choose_once_as_a_public_line():
    row = asked()
    before = row.offer.due_at
    viewings.cannot(row, by=BY, reason="钥匙在维修队")
    offer = row.offer
    offer.refresh_from_db()
    first = periods.of("viewing_extension").after(clock.today())
    assert offering.last_day(offer) == max(first, offering.last_day(offer))
    assert offer.due_at >= before and offer.extended_at is not None
    line = json.loads(offer.entrant.round.ledger.last().text)
    assert line["event"] == "extended" and line["home"] == offer.home.code
    assert Notice.objects.filter(code="offer_extended").exists()
    again = offer.due_at
    viewings.cannot(asked(offer), by=BY, reason="还是不行")
    offer.refresh_from_db()
    assert offer.due_at == again


def test_a_time_after_the_last_day_extends_to_after_it():
    row = asked()
    late = make.noon(workdays.add_workdays(offering.last_day(row.offer), 1))
    viewings.confirm(row, by=BY, at=late, meet="东门")
    row.offer.refresh_from_db()
    assert row.offer.due_at > late


def test_an_unanswered_wish_keeps_the_home_from_lapsing_once():
    row = asked(make.opened(make.revealed(1, 1)))
    offer = row.offer
    make.wait_for(offer.due_at)
    assert offers.lapse_due() == 0
    offer.refresh_from_db()
    assert offer.state == states.O_OPEN and offer.due_at > clock.now()
    make.wait_for(offer.due_at)
    assert offers.lapse_due() == 1


def test_a_wish_of_the_last_minute_extends_nothing():
    offer = make.opened(make.revealed(1, 1))
    make.wait_for(make.noon(offering.last_day(offer)))
    viewings.ask(offer, by=BY, wanted_on=clock.today(), part="pm")
    make.wait_for(offer.due_at)
    assert offers.lapse_due() == 1


def test_the_company_answers_once_with_words():
    row = asked()
    with pytest.raises(viewings.ViewingRefused, match="见面"):
        viewings.confirm(row, by=BY, at=clock.now() + timedelta(days=1), meet=" ")
    with pytest.raises(viewings.ViewingRefused, match="已经过去"):
        viewings.confirm(row, by=BY, at=clock.now() - timedelta(hours=1), meet="东门")
    viewings.confirm(row, by=BY, at=make.noon(row.wanted_on), meet="东门")
    with pytest.raises(viewings.ViewingRefused, match="答复或取消"):
        viewings.confirm(row, by=BY, at=make.noon(row.wanted_on), meet="西门")

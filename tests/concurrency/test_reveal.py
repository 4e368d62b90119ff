"""Rounds, offers and leases when everybody acts in the same instant, on a real database."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from allocation import intentions, ledger, ledgers, offers, rounds, states, verify
from allocation.models import Assignment, Lease, Offer, Reveal
from core import clock, locks
from core.refusals import Refusal
from tests.factories import allocation as make

pytestmark = pytest.mark.django_db(transaction=True)
BY = offers.SYSTEM


@pytest.fixture(autouse=True)
def _checked(monkeypatch):
    monkeypatch.setattr(intentions, "settle", lambda *_args, **_kwargs: "eligible")


def at_once(*acts, workers=None):
    """Runs every act in its own thread and connection, all from one signal; errors are returned."""
    ready = Barrier(workers or len(acts))

    def run(act):
        try:
            ready.wait(timeout=30)
            return act()
        except (Refusal, IntegrityError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(workers or len(acts)) as pool:
        return list(pool.map(run, acts))


def refused(results):
    return [one for one in results if isinstance(one, Exception)]


def test_fifty_reveals_at_once_give_one_reveal_and_49_refusals():
    round_ = make.frozen(6, 3)
    make.wait_for(round_.entropy_at)
    by = round_.created_by
    # each with a value of its own, so that a second one could not hide behind the first
    values = [f"{n:02d}{make.ENTROPY[2:]}" for n in range(50)]
    results = at_once(*(lambda v=v: rounds.reveal(round_, by=by, entropy=v) for v in values))
    assert len(refused(results)) == 49
    assert all(isinstance(one, rounds.RoundRefused) for one in refused(results))
    assert Reveal.objects.count() == 1
    assert (Assignment.objects.count(), Offer.objects.count()) == (6, 3)
    round_.refresh_from_db()
    assert verify.passed(verify.verify_files(rounds.files(round_)))
    assert ledger.verify_ledger(ledgers.file(round_)) == []


def test_two_freezes_at_once_publish_one_roster():
    round_ = make.closed(make.planned(4, 2))
    results = at_once(*([lambda: rounds.freeze(round_, by=round_.created_by)] * 2))
    assert len(refused(results)) == 1
    round_.refresh_from_db()
    assert round_.entrants.count() == 4
    assert round_.ledger.count() == 1


def test_two_homes_declined_at_once_go_to_two_of_the_reserve():
    round_ = make.revealed(4, 2)
    drawn = [offers.open_result(one, by=BY, via="phone") for one in Offer.objects.all()]
    results = at_once(*(lambda o=o: offers.decline(o, by=BY, via="phone") for o in drawn))
    assert refused(results) == []
    passed_on = Offer.objects.filter(origin="reserve")
    assert {one.home_id for one in passed_on} == {one.home_id for one in drawn}
    assert len({one.entrant_id for one in passed_on}) == 2
    assert ledger.verify_ledger(ledgers.file(round_)) == []


def test_accept_and_decline_at_once_leave_one_answer():
    offer = make.opened(make.revealed(2, 1))
    results = at_once(
        lambda: offers.accept(offer, by=BY, via="phone"),
        lambda: offers.decline(offer, by=BY, via="KIOSK-1"),
    )
    assert len(refused(results)) == 1
    events = [json.loads(line.text)["event"] for line in offer.entrant.round.ledger.all()]
    assert len({"accepted", "declined"} & set(events)) == 1


def test_ten_taps_on_accept_make_one_lease():
    offer = make.opened(make.revealed(1, 1))
    results = at_once(*([lambda: offers.accept(offer, by=BY, via="phone")] * 10))
    assert refused(results) == []
    assert Lease.objects.count() == 1


def test_a_void_and_an_accept_at_once_never_both_happen():
    offer = make.opened(make.revealed(2, 1))
    round_ = offer.entrant.round
    one, other = make.administrator(), make.administrator()
    rounds.propose_void(round_, by=one, reason="x")
    results = at_once(
        lambda: rounds.void(round_, by=other), lambda: offers.accept(offer, by=BY, via="phone")
    )
    assert len(refused(results)) == 1
    round_.refresh_from_db()
    offer.refresh_from_db()
    assert (round_.state == states.R_VOID) != (offer.state == states.O_ACCEPTED)


def test_two_leases_of_one_home_at_once_leave_one():
    let = make.signed(make.revealed(1, 1))
    home, households = make.home(), [make.waiting(), make.waiting()]
    now = clock.now()

    def lease(number, household):
        with transaction.atomic():
            locks.advisory("lease of home", home.pk)  # as the verb does
            return Lease.objects.create(
                number=number, application=household, home=home, tier="ZPX", term=let.term,
                rent_monthly=1, deposit=1, state_since=now, created_at=now,
            )  # fmt: skip

    results = at_once(
        lambda: lease("A", households[0]),
        lambda: lease("B", households[1]),
    )
    (error,) = refused(results)
    assert "one_lease_per_home" in str(error)
    assert Lease.objects.filter(home=home).count() == 1

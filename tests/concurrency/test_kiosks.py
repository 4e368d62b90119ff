"""Fifty machines at once, the last seat of a time, one setup code: on a real database."""

from threading import Barrier

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from allocation import appointment_times, intentions, kiosks, ledger, ledgers, offers, slots, states
from allocation.models import Appointment, Kiosk, Lease, Offer
from tests.concurrency.test_reveal import at_once, refused
from tests.factories import allocation as make

pytestmark = pytest.mark.django_db(transaction=True)
BY = offers.SYSTEM
MACHINES = 50


@pytest.fixture(autouse=True)
def _checked(monkeypatch):
    monkeypatch.setattr(intentions, "settle", lambda *_args, **_kwargs: "eligible")


def test_fifty_households_open_and_accept_at_once_and_none_waits_for_another(monkeypatch):
    """Each stops before the public line until all fifty stand there with everything else done.

    Were any row or lock shared before it, the forty-nine others could never arrive.
    """
    round_ = make.revealed(MACHINES, MACHINES)
    arrived, write = Barrier(MACHINES), ledgers.append

    def append(*args, **fields):
        arrived.wait(timeout=60)
        return write(*args, **fields)

    monkeypatch.setattr(ledgers, "append", append)

    def visit(offer, number):
        opened = offers.open_result(offer, by=BY, via=f"KIOSK-{number}")
        return offers.accept(opened, by=BY, via=f"KIOSK-{number}")

    rows = list(Offer.objects.filter(entrant__round=round_))
    results = at_once(*(lambda o=o, n=n: visit(o, n) for n, o in enumerate(rows)))
    assert refused(results) == []
    assert {one.state for one in Offer.objects.all()} == {states.O_ACCEPTED}
    assert Lease.objects.count() == MACHINES
    assert ledger.verify_ledger(ledgers.file(round_)) == []


def test_the_public_line_is_the_last_thing_an_acceptance_does():
    """Its lock is the one thing shared: it is held for reading the last line and writing one."""
    offer = make.opened(make.revealed(1, 1))
    with CaptureQueriesContext(connection) as queries:
        offers.accept(offer, by=BY, via="KIOSK-1")
    done = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    last = max(n for n, sql in enumerate(done) if "pg_advisory_xact_lock" in sql)
    after = [sql for sql in done[last + 1 :] if sql not in ("COMMIT", "BEGIN")]
    assert len(after) == 2 and all("allocation_ledgerline" in sql for sql in after)


def test_the_last_seat_of_a_time_is_given_once():
    make.kiosk()
    one, other = (row.appointment for row in make.frozen(2, 1).entrants.all())
    free = next(slot for slot in appointment_times.choices(one) if slot.left)
    assert free.left == 1
    wanted = {"place": free.place, "starts_at": free.starts_at, "by": BY}
    results = at_once(
        lambda: appointment_times.change(one, **wanted),
        lambda: appointment_times.change(other, **wanted),
    )
    (refusal,) = refused(results)
    assert isinstance(refusal, appointment_times.AppointmentRefused)
    assert Appointment.objects.filter(starts_at=free.starts_at).count() == 1
    assert slots.first_free(free.place, free.starts_at, free.starts_at.date()) is not None


def test_one_setup_code_typed_on_two_machines_binds_one():
    make.kiosk(token="setup")
    results = at_once(*([lambda: kiosks.pair(HttpResponse(), "setup")] * 2))
    assert len(refused(results)) == 1
    assert Kiosk.objects.get().bound_at is not None

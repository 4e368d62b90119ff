"""Swaps, renewals and signatures when everybody acts in the same instant."""

import pytest

from allocation import intentions, leases, states
from allocation.leases import moving, renewing
from allocation.models import Lease
from core.models import OutboxMessage
from tests.concurrency.test_reveal import at_once, refused
from tests.factories import allocation as make_round
from tests.factories import leases as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _checked(monkeypatch):
    monkeypatch.setattr(intentions, "settle", lambda *_args, **_kwargs: "eligible")


def test_one_swap_carried_out_twice_at_once_happens_once():
    one, other = make.running(number="SWAP-A"), make.running(number="SWAP-B")
    row, officer = make.swap(one, other), make.officer()
    results = at_once(*([lambda: moving.carry_out(row, by=officer, note="交接单")] * 4))
    assert refused(results) == []
    assert Lease.objects.filter(previous__isnull=False).count() == 2
    homes = Lease.objects.filter(state__in=states.L_IN_FORCE).values_list("home_id", flat=True)
    assert sorted(homes) == sorted([one.home_id, other.home_id])


def test_two_households_that_ask_each_other_at_once_make_one_swap():
    one, other = make.running(number="SWAP-C"), make.running(number="SWAP-D")
    results = at_once(
        lambda: moving.ask_swap(one, other.number, by="x"),
        lambda: moving.ask_swap(other, one.number, by="x"),
    )
    assert len(refused(results)) == 1


def test_two_approvals_of_one_renewal_at_once_make_one_lease():
    lease = make.running(left=60)
    asked, people = renewing.ask(lease, by="x"), [make.officer(), make.officer()]
    results = at_once(
        *(lambda who=who: renewing.approve(asked, by=who, months=12, tier="ZPX") for who in people)
    )
    assert len(refused(results)) == 1
    assert Lease.objects.filter(previous=lease).count() == 1


def test_five_signatures_at_once_begin_one_lease():
    lease = make_round.to_sign(make_round.revealed(1, 1))
    results = at_once(*([lambda: leases.sign(lease, by="x")] * 5))
    assert refused(results) == []
    lease.refresh_from_db()
    assert lease.state == states.L_SIGNED
    assert OutboxMessage.objects.filter(destination="access").count() == 1

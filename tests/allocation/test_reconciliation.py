"""Both sides' lists are compared every day; what is owed is given, what would be taken waits."""

from datetime import date, timedelta

import pytest

from accounts.roles import Role
from allocation import access_ends, comparing, handover, leases, offers, reconciliation
from allocation.comparing import Held, differences
from allocation.models import Difference, Reconciliation
from core import clock, outbox
from core.models import OutboxMessage
from tests.factories import accounts, tenancies
from tests.factories import allocation as make

D1, D2, D3 = date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1)


@pytest.mark.parametrize(
    ("ours", "theirs", "ended", "kinds"),
    [
        ([Held("A", "p", D1, D2)], [Held("A", "p", D1, D2)], set(), []),
        ([Held("A", "p", D1, D2)], [], set(), ["missing_there"]),
        ([], [Held("A", "p", D1, D2)], set(), ["missing_here"]),
        ([], [Held("A", "p", D1, D2)], {"A"}, ["should_be_gone"]),
        ([Held("A", "p", D1, D3)], [Held("A", "p", D1, D2)], set(), ["shorter_there"]),
        ([Held("A", "p", D1, D3)], [Held("A", "p", D2, D3)], set(), ["shorter_there"]),
        ([Held("A", "p", D1, D3)], [Held("A", "p", D1, None)], set(), ["shorter_there"]),
        ([Held("A", "p", D1, D2)], [Held("A", "p", D1, D3)], set(), ["longer_there"]),
    ],
)
def test_each_difference_has_its_kind(ours, theirs, ended, kinds):
    assert [one.kind for one in differences(ours, theirs, ended)] == kinds


@pytest.mark.parametrize("rows", [None, {}, "x", [1]])
def test_what_is_no_list_is_never_taken_for_an_empty_one(rows):
    with pytest.raises(ValueError, match="not a list"):
        comparing.read(rows)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


@pytest.fixture
def housed(mocks):
    """A household of two whom both systems know."""
    lease = tenancies.lease(2)
    handover.push(lease)
    outbox.deliver_due()
    handover.note_receipts()
    return lease


def person(lease):
    return lease.application.members.get(is_applicant=False).id_index


def tomorrow():
    clock.advance(timedelta(days=1))
    outbox.deliver_due()
    reconciliation.run_due()
    outbox.deliver_due()


def alter(mocks, lease, **wish):
    mocks.holdings["access"].alter({"contract": lease.number, "person": person(lease), **wish})


def operator():
    return accounts.staff(Role.OPERATOR).user


def test_lists_that_agree_leave_nothing_to_do_and_are_compared_once_a_day(housed):
    assert reconciliation.run_due() == 2
    assert reconciliation.run_due() == 0
    assert not Difference.objects.exists()
    assert set(Reconciliation.objects.values_list("state", "ours", "theirs")) == {("done", 2, 2)}


@pytest.mark.parametrize("wish", [{"drop": True}, {"validTo": "2026-01-01"}])
def test_what_somebody_lacks_is_given_by_itself_and_found_right_the_next_day(housed, mocks, wish):
    alter(mocks, housed, **wish)
    tomorrow()
    row = Difference.objects.get()
    assert (row.state, row.settled_by) == ("sent", "入住联动")
    assert len(mocks.holdings["access"].listed()) == 2
    tomorrow()
    row.refresh_from_db()
    assert row.state == "repaired"


def test_what_would_take_something_away_waits_for_a_person(housed, mocks):
    alter(mocks, housed, validTo="2099-01-01")
    tomorrow()
    row = Difference.objects.get()
    assert (row.kind, row.state) == ("longer_there", "open")
    before = OutboxMessage.objects.count()
    tomorrow()
    assert Difference.objects.count() == 1  # the same work, not another
    assert OutboxMessage.objects.count() == before
    reconciliation.repair(row, by=operator())
    tomorrow()
    row.refresh_from_db()
    assert row.state == "repaired"


def test_a_list_that_would_also_shorten_somebody_is_not_sent_by_itself(housed, mocks):
    alter(mocks, housed, drop=True)
    tenant = housed.application.applicant.id_index
    mocks.holdings["access"].alter(
        {"contract": housed.number, "person": tenant, "validTo": "2099-01-01"}
    )
    tomorrow()
    assert set(Difference.objects.values_list("state", flat=True)) == {"open"}


def test_who_should_be_gone_is_told_gone_on_the_recorded_ground_alone(housed, mocks):
    make.handed_back(housed)
    leases.end(housed, on=clock.today(), by=offers.SYSTEM)
    outbox.deliver_due()
    alter(mocks, housed, validTo="2099-01-01", validFrom="2026-01-01")
    tomorrow()
    row = Difference.objects.get()
    assert (row.kind, row.state) == ("should_be_gone", "open")
    reconciliation.repair(row, by=operator())
    tomorrow()
    assert mocks.holdings["access"].listed() == []


def test_a_lease_without_a_ground_is_never_told_gone(housed, mocks):
    mocks.holdings["access"].alter(
        {"contract": housed.number, "person": "stranger", "validTo": "2099-01-01"}
    )
    tomorrow()
    row = Difference.objects.get(kind="missing_here")
    type(housed).objects.filter(pk=housed.pk).update(
        state="ended", ended_by="hand_back", ended_at=clock.now()
    )
    with pytest.raises(access_ends.AccessKept):
        reconciliation.repair(row, by=operator())


def test_a_contract_that_nobody_here_knows_is_a_question_for_the_other_side(mocks):
    mocks.holdings["operator"].alter({"contract": "X-1", "person": "p", "validTo": "2027-01-01"})
    tomorrow()
    row = Difference.objects.get()
    with pytest.raises(reconciliation.RepairRefused, match="没有这份合同"):
        reconciliation.repair(row, by=operator())
    with pytest.raises(reconciliation.RepairRefused, match="写明"):
        reconciliation.keep(row, by=operator(), reason=" ")
    reconciliation.keep(row, by=operator(), reason="对方的测试数据")
    tomorrow()
    assert Difference.objects.get().state == "kept"  # not brought up again


@pytest.mark.parametrize("mode", ["down", "http_500", "garbage"])
def test_a_list_that_cannot_be_had_is_a_failed_run_and_tried_again(housed, mocks, mode):
    mocks.modes["access"] = mode
    reconciliation.run_due()
    row = Reconciliation.objects.get(destination="access")
    assert (row.state, Difference.objects.count()) == ("failed", 0)
    mocks.modes["access"] = "ok"
    assert reconciliation.run_due() == 1
    row.refresh_from_db()
    assert row.state == "done"


def test_what_still_travels_is_no_difference(housed, mocks):
    alter(mocks, housed, drop=True)
    handover.tell_again(housed, "access")  # on its way
    reconciliation.run_due()
    assert not Difference.objects.exists()


def test_a_household_of_before_the_platform_is_left_as_it_was_registered(housed, mocks):
    tenancies.lease(2)
    reconciliation.run_due()
    assert not Difference.objects.exists()


def test_when_a_whole_list_is_missing_a_person_looks_at_the_rest(housed, mocks, monkeypatch):
    monkeypatch.setattr(reconciliation, "_MOST_GIVEN", 0)
    mocks.holdings["access"].contracts.clear()
    reconciliation.run_due()
    assert set(Difference.objects.values_list("state", flat=True)) == {"open"}
    assert not OutboxMessage.objects.filter(state="pending").exists()

"""Homes when two people act in the same second, on a real database."""

import pytest

from allocation import holds, home_imports, inspections, offers, retirements, states
from allocation.models import Home, HomeHold, HomeImport, Inspection
from core.refusals import Refusal
from core.workflow import advance
from tests.concurrency.test_changes import at_once
from tests.factories import allocation as make
from tests.factories import homes as stock

pytestmark = pytest.mark.django_db(transaction=True)


def refused(results):
    return [one for one in results if isinstance(one, Refusal)]


def test_one_file_confirmed_by_two_and_two_files_with_one_address_are_imported_once():
    make.estate()
    people = [make.administrator() for _n in range(2)]
    row = home_imports.check(stock.sheet(stock.line()), file_name="a.xlsx", by=people[0])
    again = home_imports.check(stock.sheet(stock.line()), file_name="b.xlsx", by=people[1])
    other = home_imports.check(
        stock.sheet(stock.line(), stock.line(室="502")), file_name="c.xlsx", by=people[1]
    )
    results = at_once(
        lambda: home_imports.take_in(row, by=people[0]),
        lambda: home_imports.take_in(row, by=people[1]),
        lambda: home_imports.take_in(again, by=people[1]),
        lambda: home_imports.take_in(other, by=people[1]),
    )
    done = HomeImport.objects.filter(state=states.I_IMPORTED)
    assert done.count() == 1 and done.get().row_count == Home.objects.count()
    assert len(refused(results)) >= 2


def test_a_home_is_held_once_or_drawn_but_not_both():
    home, people = make.home(), [make.administrator() for _n in range(3)]
    results = at_once(
        *(lambda who=who: stock.held(home, by=who) for who in people),
        lambda: advance(home, states.H_IN_ROUND, by=offers.SYSTEM),
    )
    state = Home.objects.get(pk=home.pk).state
    held = HomeHold.objects.filter(home=home, ended_at=None).count()
    assert (state, held) in ((states.H_HELD, 1), (states.H_IN_ROUND, 0))
    assert len(refused(results)) == 3


def test_a_home_that_begins_to_be_used_is_not_taken_back():
    make.estate()
    by = make.administrator()
    row = home_imports.check(stock.sheet(stock.line()), file_name="a.xlsx", by=by)
    home_imports.take_in(row, by=by)
    home = Home.objects.get()

    def inspect():
        try:
            return inspections.inspect(home, by=by, passed=inspections.ITEMS)
        except Home.DoesNotExist as gone:
            return gone

    at_once(inspect, lambda: home_imports.undo(row, by=by, reason="填错了"))
    row.refresh_from_db()
    undone = row.state == states.I_UNDONE
    assert (Home.objects.count(), Inspection.objects.count()) == ((0, 0) if undone else (1, 1))


def test_two_proposals_and_two_confirmations_retire_a_home_once():
    home, people = make.home(), [make.administrator() for _n in range(3)]
    results = at_once(
        *(lambda who=who: retirements.propose(home, by=who, reason="拆除") for who in people[:2])
    )
    assert len(refused(results)) == 1
    row = home.retirements.get()
    seconds = [one for one in people if one.pk != row.proposed_by_id]
    at_once(*(lambda who=who: retirements.confirm(row, by=who) for who in seconds))
    assert Home.objects.get(pk=home.pk).state == states.H_RETIRED
    assert home.retirements.get().decided_by_id != row.proposed_by_id


def test_a_hold_ended_by_a_person_and_by_its_day_ends_once():
    by = make.administrator()
    row = stock.held(by=by)
    after = row.until.replace(year=row.until.year + 1)
    at_once(
        lambda: holds.end(row, by=by, reason="安置取消"),
        lambda: holds.look_after(after),
        lambda: holds.look_after(after),
    )
    row.refresh_from_db()
    assert row.ended_at is not None
    assert Home.objects.get(pk=row.home_id).state == states.H_AVAILABLE

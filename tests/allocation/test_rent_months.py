"""Parts of a month, instalments and the order of payment: true for every sum and every cut."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import months, rent_account, rent_rules
from allocation.models import Lease, Reduction, RentTerm
from allocation.rent_account import Item
from allocation.rent_basis import Basis

yuan = st.decimals(min_value=0, max_value=9999, places=2)
some_month = st.dates(date(2020, 1, 1), date(2032, 12, 31)).map(months.first)


@given(yuan, some_month, st.data())
def test_however_a_month_is_cut_its_parts_add_up_to_the_rent(rent, month, data):
    end = months.last(month)
    cuts = sorted(set(data.draw(st.lists(st.integers(1, end.day - 1), max_size=5))))
    starts = [1, *[cut + 1 for cut in cuts]]
    stops = [*cuts, end.day]
    parts = [
        months.part(rent, month.replace(day=a), month.replace(day=b))
        for a, b in zip(starts, stops, strict=True)
    ]
    assert sum(parts) == rent
    assert all(part >= 0 and part == part.quantize(months.FEN) for part in parts)


@given(yuan, some_month, st.integers(1, 31))
def test_a_part_is_within_a_fen_of_its_days(rent, month, day):
    day = min(day, months.last(month).day)
    part = months.part(rent, month.replace(day=day), months.last(month))
    exact = rent * (months.last(month).day - day + 1) / months.last(month).day
    assert abs(part - exact) <= months.FEN


@given(yuan, st.integers(1, 60))
def test_instalments_add_up_and_differ_by_a_fen_at_most(total, parts):
    found = months.share(total, parts)
    assert sum(found) == total and len(found) == parts
    assert max(found) - min(found) <= months.FEN


items = st.lists(
    st.builds(
        lambda month, late, amount: Item(month, month + timedelta(days=late), amount),
        some_month, st.integers(19, 60), st.decimals(-500, 2000, places=2),
    ),
    max_size=12,
)  # fmt: skip
sums = st.lists(st.decimals(min_value="0.01", max_value=4000, places=2), max_size=12)


@settings(max_examples=300)
@given(items, sums)
def test_charges_less_payments_is_what_is_open_less_credit(owed, paid):
    found = rent_account.spread(owed, paid)
    balance = sum((one.amount for one in owed), Decimal()) - sum(paid, Decimal())
    assert sum((one.left for one in found.items), Decimal()) - found.credit == balance
    assert all(0 <= one.paid <= one.amount for one in found.items)


@settings(max_examples=300)
@given(items, sums)
def test_money_goes_to_the_oldest_open_charge_and_only_the_rest_is_credit(owed, paid):
    found = rent_account.spread(owed, paid)
    open_ = [one.left > 0 for one in found.items]
    if True in open_:
        first = open_.index(True)
        assert not any(one.paid for one in found.items[first + 1 :])
        assert found.credit == 0
    assert [(one.due_on, one.month) for one in found.items] == sorted(
        (one.due_on, one.month) for one in owed
    )
    for place, amount in enumerate(paid):
        assert sum((part for _m, part in found.parts[place]), Decimal()) <= amount


def test_a_month_is_first_and_last_day_and_a_text():
    assert months.of_text("2026-12") == date(2026, 12, 1)
    assert months.last(date(2028, 2, 3)) == date(2028, 2, 29)
    assert months.after(date(2026, 12, 31)) == date(2027, 1, 1)
    assert list(months.through(date(2026, 11, 30), date(2027, 1, 1))) == [
        date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1),
    ]  # fmt: skip
    with pytest.raises(ValueError):
        months.of_text("december")


def test_a_month_begun_is_charged_whole_where_the_rule_says_so():
    rent = Decimal("310.00")
    assert months.part(rent, date(2026, 12, 22), date(2026, 12, 31)) == Decimal("100.00")
    assert months.part(rent, date(2026, 12, 22), date(2026, 12, 31), "whole") == rent


def test_every_rule_of_the_rent_has_a_source_or_its_mark():
    table = rent_rules.table()
    assert table["arrears_line"].verified and table["arrears_line"].value == 6
    assert not table["due_day"].verified
    with pytest.raises(ValueError, match="needs either"):
        rent_rules._rule("x", {"text": "x", "value": 1})


def total(start, end, terms):
    """What the days from ``start`` up to ``end`` cost under these terms."""
    lease = Lease(term=DateRange(start, end))
    basis = Basis(lease, terms, [])
    dues = [basis.due_in(month) for month in months.through(start, end)]
    return sum((one.rent for one in dues if one), Decimal())


@given(
    st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(2, 900), st.data(),
    st.dictionaries(some_month, yuan, max_size=6), yuan,
)  # fmt: skip
def test_a_term_cut_into_two_leases_costs_the_same_to_the_fen(start, days, data, changes, rent):
    end = start + timedelta(days=days)
    cut = start + timedelta(days=data.draw(st.integers(1, days - 1)))
    first = RentTerm(from_month=date(2000, 1, 1), rent=rent)
    later = [RentTerm(from_month=month, rent=sum_) for month, sum_ in sorted(changes.items())]
    terms = [first, *later]
    assert total(start, end, terms) == total(start, cut, terms) + total(cut, end, terms)


@given(some_month, st.integers(1, 24), st.integers(0, 23), yuan, yuan)
def test_a_change_of_rent_splits_a_term_at_its_month(start, number, at, before, after):
    end = months.after(start, number)
    change = months.after(start, min(at, number))
    terms = [RentTerm(from_month=start, rent=before), RentTerm(from_month=change, rent=after)]
    assert total(start, end, terms) == before * min(at, number) + after * max(number - at, 0)


@given(yuan, st.lists(st.one_of(
    st.tuples(st.decimals("0.01", 1, places=2), st.none()),
    st.tuples(st.none(), st.decimals("0.01", 5000, places=2)),
), max_size=4))  # fmt: skip
def test_reductions_together_take_no_more_than_the_rent_and_whole_fen(rent, granted):
    month = date(2026, 12, 1)
    lease = Lease(term=DateRange(month, months.after(month)))
    rows = [
        Reduction(pk=pk, from_month=month, to_month=month, share=share, amount=amount)
        for pk, (share, amount) in enumerate(granted, start=1)
    ]
    due = Basis(lease, [RentTerm(from_month=month, rent=rent)], rows).due_in(month)
    taken = list(due.reduced.values())
    assert sum(taken) <= rent and all(one == one.quantize(months.FEN) >= 0 for one in taken)

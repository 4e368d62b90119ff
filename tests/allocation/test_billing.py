"""月租金账单: once a month and lease, by days at both ends, corrected by lines of their own."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.utils import InternalError
from django.test.utils import CaptureQueriesContext

from allocation import (
    billing,
    leases,
    months,
    rent_account,
    rent_basis,
    rent_corrections,
    rent_terms,
    states,
    tasks_rent,
)
from allocation.models import BillingMonth, Lease, RentCharge, RentTerm
from core import clock
from core.models import Notice
from tests.factories import allocation as allotted
from tests.factories import rents as make
from tests.factories import tenancies

pytestmark = pytest.mark.django_db
BY = rent_basis.SYSTEM


def sums(lease, **only):
    return list(
        RentCharge.objects.filter(lease=lease, **only)
        .order_by("month", "id")
        .values_list("amount", flat=True)
    )


def set_term(lease, lower, upper):
    Lease.objects.filter(pk=lease.pk).update(term=DateRange(lower, upper))
    lease.refresh_from_db()


def test_a_month_is_charged_once_however_often_it_runs():
    lease = tenancies.lease(rent="962.50")
    (month,) = make.billed(1)
    assert billing.bill(month) == 0 and billing.bill_due() == 0
    (line,) = RentCharge.objects.all()
    assert (line.lease, line.month, line.amount, line.kind) == (
        lease, month, Decimal("962.50"), "month",
    )  # fmt: skip
    assert line.due_on == month.replace(day=20) and not line.part


def test_the_database_refuses_a_second_charge_and_every_change_of_one():
    lease = tenancies.lease()
    make.billed(1)
    line = RentCharge.objects.get(lease=lease)
    line.pk = None
    with pytest.raises(IntegrityError, match="rent_charged_once_a_month"), transaction.atomic():
        line.save(force_insert=True)
    rows = RentCharge.objects.filter(lease=lease)
    with pytest.raises(InternalError, match="append-only"), transaction.atomic():
        rows.update(amount=1)
    with pytest.raises(InternalError, match="append-only"), transaction.atomic():
        rows.delete()


def test_the_first_and_the_last_month_are_charged_by_days():
    lease = tenancies.lease(rent="310.00")
    this = months.first(clock.today())
    start = months.after(this, -2).replace(day=11)
    set_term(lease, start, months.after(this, -1).replace(day=16))
    make.billed(3)
    first, last = RentCharge.objects.filter(lease=lease).order_by("month")
    days = months.last(start).day
    assert first.starts_on == start and first.part
    assert first.amount == Decimal("310.00") - months.part(
        Decimal("310.00"), months.first(start), start - timedelta(days=1)
    )
    assert abs(first.amount - Decimal(310) * (days - 10) / days) <= months.FEN
    assert last.ends_on == months.after(this, -1).replace(day=15)
    assert first.due_on >= start + timedelta(days=10)


def test_missed_months_are_caught_up_and_what_is_over_is_closed():
    lease = tenancies.lease()
    this = months.first(clock.today())
    billing.opened(months.after(this, -3))
    tasks_rent.bill_rents()
    assert RentCharge.objects.filter(lease=lease).count() == 4
    closed = BillingMonth.objects.filter(closed_at__isnull=False)
    assert list(closed.values_list("month", flat=True)) == [
        months.after(this, back) for back in (-3, -2, -1)
    ]
    # billed late by us: the household still gets its days
    late = RentCharge.objects.filter(lease=lease).earliest("month")
    assert late.due_on >= clock.today() + timedelta(days=10)


def test_a_run_that_was_killed_is_gone_on_with(monkeypatch):
    for _n in range(3):
        tenancies.lease()
    month = months.first(clock.today())
    monkeypatch.setattr(billing, "BATCH", 1)
    charge, calls = billing._charge, []

    def killed(*args):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return charge(*args)

    monkeypatch.setattr(billing, "_charge", killed)
    billing.opened(month)
    with pytest.raises(KeyboardInterrupt):
        billing.bill(month)
    assert RentCharge.objects.count() == 1
    monkeypatch.setattr(billing, "_charge", charge)
    assert billing.bill(month) == 2
    assert RentCharge.objects.count() == 3


def test_a_closed_month_takes_nothing_and_is_never_opened_again():
    lease = tenancies.lease()
    before, _this = make.billed(2)
    row = BillingMonth.objects.get(month=before)
    assert row.closed_at is not None
    fields = {
        "month": before, "kind": "manual", "amount": 1, "starts_on": before, "ends_on": before,
        "due_on": before, "words": "x", "by": "x", "at": clock.now(),
    }  # fmt: skip
    with pytest.raises(InternalError, match="closed"), transaction.atomic():
        RentCharge.objects.create(lease=lease, booked=row, **fields)
    with pytest.raises(InternalError, match="never opened"), transaction.atomic():
        BillingMonth.objects.filter(pk=row.pk).update(closed_at=None)
    empty = BillingMonth.objects.create(
        month=months.after(before, -9), opened_at=clock.now(), closed_at=clock.now()
    )
    with pytest.raises(InternalError, match="never opened"), transaction.atomic():
        empty.delete()


def test_this_month_is_not_closed_and_not_one_with_a_lease_uncharged():
    before, this = make.billed(2)
    assert not billing.close(this)
    month = months.after(before, -1)
    billing.opened(month)
    tenancies.lease()
    assert not billing.close(month)


def test_a_new_rent_counts_from_its_month_and_not_before():
    lease = tenancies.lease(rent="900.00")
    this = make.billed(1)[0]
    term = rent_terms.change(
        lease, from_month=months.after(this).replace(day=17), rent=Decimal("450.50"),
        reason="年度复核", tier="DSR", by=BY,
    )  # fmt: skip
    assert term.from_month == months.after(this) and term.tier == "DSR"
    assert sums(lease) == [Decimal("900.00")]
    make.go_on()
    billing.bill_due()
    assert sums(lease) == [Decimal("900.00"), Decimal("450.50")]
    lease.refresh_from_db()
    assert lease.rent_monthly == Decimal("900.00")  # the contract stands as it was signed
    assert rent_basis.term_in_force(lease, clock.today()).rent == Decimal("450.50")


def test_a_change_into_billed_months_is_a_line_of_its_own_for_each():
    lease = tenancies.lease(rent="900.00")
    first, _second, third = make.billed(3)
    rent_terms.change(
        lease, from_month=months.after(first), rent=Decimal("800.10"), reason="收入减少", by=BY
    )
    lines = RentCharge.objects.filter(lease=lease, kind="correction").order_by("month")
    assert [(one.month, one.amount) for one in lines] == [
        (months.after(first), Decimal("-99.90")), (third, Decimal("-99.90")),
    ]  # fmt: skip
    assert {one.booked.month for one in lines} == {third} and lines[0].words == "收入减少"
    assert sums(lease, kind="month") == [Decimal("900.00")] * 3
    account = rent_account.of([lease])[lease.pk]
    assert account.balance == Decimal("900.00") + 2 * Decimal("800.10")


def test_the_same_change_again_changes_nothing_and_is_told_once():
    lease = tenancies.lease(rent="900.00")
    make.billed(1)
    for _n in range(2):
        rent_terms.change(
            lease, from_month=clock.today(), rent=Decimal("800"), reason="复核", by=BY
        )
    assert RentTerm.objects.filter(lease=lease).count() == 2  # the contract's and the new one
    assert sums(lease) == [Decimal("900.00"), Decimal("-100.00")]
    notice = Notice.objects.get(code="rent_changed")
    assert "800.00" in notice.text


@pytest.mark.parametrize(
    ("rent", "months_on", "reason", "why"),
    [
        ("-1", 0, "x", "负数"), ("1.001", 0, "x", "两位小数"), ("1", 0, " ", "原因"),
        ("1", 600, "x", "租期"), ("1", -600, "x", "租期"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused_and_changes_nothing(rent, months_on, reason, why):
    lease = tenancies.lease()
    make.billed(1)
    with pytest.raises(rent_terms.TermRefused, match=why):
        rent_terms.change(
            lease, from_month=months.after(clock.today(), months_on), rent=Decimal(rent),
            reason=reason, by=BY,
        )  # fmt: skip
    assert RentTerm.objects.filter(lease=lease).count() == 1
    assert RentCharge.objects.count() == 1 and not Notice.objects.exists()


def test_no_rent_after_the_hand_back():
    lease = tenancies.lease(rent="310.00")
    before, this = make.billed(2)
    on = max(before.replace(day=10), before)
    Lease.objects.filter(pk=lease.pk).update(state=states.L_ENDING)
    lease.refresh_from_db()
    allotted.handed_back(lease)
    leases.end(lease, on=on, by=BY)
    assert rent_corrections.true_up_changed() == 2
    assert rent_corrections.true_up_changed() == 0
    account = rent_account.of([lease])[lease.pk]
    assert account.balance == months.part(Decimal("310.00"), before, on)
    assert sum(one.amount for one in account.lines if one.month == this) == 0
    assert billing.bill_due() == 0


def test_a_lease_that_a_closed_month_missed_is_charged_by_a_line_of_this_month():
    before, this = make.billed(2)
    lease = tenancies.lease(rent="500.00")
    assert rent_corrections.true_up_changed() == 1
    line = RentCharge.objects.get(lease=lease)
    assert (line.month, line.booked.month, line.kind) == (before, this, "correction")
    assert billing.bill_due() == 1 and rent_corrections.true_up_changed() == 0


def test_a_lease_to_be_signed_or_cancelled_is_not_charged():
    for state in (states.L_TO_SIGN, states.L_CANCELLED):
        lease = tenancies.lease()
        Lease.objects.filter(pk=lease.pk).update(state=state)
    make.billed(1)
    assert not RentCharge.objects.exists()


def test_a_person_corrects_with_words_and_a_month_that_was_billed():
    lease = tenancies.lease(rent="900.00")
    (month,) = make.billed(1)
    correct = rent_corrections.correct
    for changes, why in (
        ({"words": " "}, "原因"), ({"amount": Decimal(0)}, "不能是0"),
        ({"month": date(2001, 1, 1)}, "没有账单"),
    ):  # fmt: skip
        with pytest.raises(rent_corrections.CorrectionRefused, match=why):
            correct(lease, **{"month": month, "amount": Decimal("-50"), "words": "水损", "by": BY,
                              **changes})  # fmt: skip
    assert RentCharge.objects.count() == 1
    correct(lease, month=month, amount=Decimal("-50"), words="水损", by=BY)
    # what a person wrote is not taken back by the next comparison
    rent_terms.change(lease, from_month=month, rent=Decimal("800"), reason="复核", by=BY)
    assert rent_account.of([lease])[lease.pk].balance == Decimal("750.00")


def test_why_this_rent_is_kept_where_the_sum_is_that_of_the_tier():
    lease = tenancies.lease(rent="962.50", tier="ZPX")  # 55 ㎡ × 25 × 0.7
    make.billed(1)
    assert RentTerm.objects.get(lease=lease).basis == {
        "area": "55.00", "market": "25.00", "share": "0.7"
    }  # fmt: skip
    other = tenancies.lease(rent="1.00")
    billing.bill_due()
    assert RentTerm.objects.get(lease=other).basis == {}


def test_many_leases_are_billed_in_a_few_queries():
    month = months.first(clock.today())
    counts = []
    for number in (2, 7):
        for _n in range(number):
            tenancies.lease()
        with CaptureQueriesContext(connection) as queries:
            billing.bill(month)
        counts.append(len(queries))
    assert RentCharge.objects.count() == 9
    assert counts[0] == counts[1]

"""Two workers bill one month; two people import one file, or one serial in two files."""

from datetime import timedelta
from decimal import Decimal

import pytest

from allocation import arrears, billing, months, payments, rent_account, rent_terms
from allocation.models import Arrangement, BankFile, RentCharge, RentPayment
from core import clock
from tests.concurrency.racing import at_once
from tests.factories import rents as make
from tests.factories import tenancies

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_workers_billing_a_month_charge_each_lease_once(monkeypatch):
    monkeypatch.setattr(billing, "BATCH", 2)
    for _n in range(7):
        tenancies.lease()
    this = months.first(clock.today())
    billing.opened(months.after(this, -1))
    results = at_once(*[billing.bill_due] * 3)
    assert sum(results) == 14, results
    assert RentCharge.objects.count() == 14
    assert RentCharge.objects.values("lease", "month").distinct().count() == 14


def test_a_bill_and_a_change_of_the_rent_leave_the_right_sum_whoever_is_first():
    lease = tenancies.lease(rent="900.00")
    by, this = make.operator().user, months.first(clock.today())

    def change():
        return rent_terms.change(
            lease, from_month=this, rent=Decimal("450.00"), reason="复核", by=by
        )

    results = at_once(billing.bill_due, change)
    assert not [one for one in results if isinstance(one, Exception)], results
    assert rent_account.of([lease])[lease.pk].balance == Decimal("450.00")


def test_two_imports_of_the_same_file_count_once():
    lease, by = tenancies.lease(), make.operator()
    content = make.content(make.line("100", lease.number), make.line("5", "?"))

    def import_():
        return payments.take_in(payments.check(content, name="a.csv", by=by), by=by)

    at_once(import_, import_, import_)
    assert BankFile.objects.count() == 1
    assert RentPayment.objects.count() == 2
    assert rent_account.of([lease])[lease.pk].balance == Decimal("-100.00")


def test_a_serial_in_two_files_counted_at_once_counts_once():
    lease, by = tenancies.lease(), make.operator()
    shared = make.line("100", lease.number)
    rows = [
        payments.check(make.content(shared, make.line("1", lease.number)), name=name, by=by)
        for name in ("a.csv", "b.csv")
    ]
    results = at_once(*[lambda row=row: payments.take_in(row, by=by) for row in rows])
    assert all(isinstance(one, BankFile) for one in results), results
    assert rent_account.of([lease])[lease.pk].balance == Decimal("-102.00")


def test_two_people_put_one_payment_to_one_lease():
    one, two, by = tenancies.lease(), tenancies.lease(), make.operator()
    make.imported(make.line("5", "?"), by=by)
    payment = payments.suspense().get()
    results = at_once(
        *[lambda lease=lease: payments.match(payment, lease, by=by) for lease in (one, two)]
    )
    assert sum(isinstance(one, payments.MatchRefused) for one in results) == 1
    assert sum(rent_account.of([lease])[lease.pk].paid for lease in (one, two)) == Decimal(5)


def test_of_two_arrangements_proposed_at_once_one_stands():
    lease, by = tenancies.lease(), make.operator()
    make.billed(4)
    first = clock.today() + timedelta(days=9)
    results = at_once(*[lambda: arrears.propose(lease, parts=3, first_due=first, by=by)] * 2)
    assert sum(isinstance(one, arrears.ArrearsRefused) for one in results) == 1
    assert Arrangement.objects.count() == 1

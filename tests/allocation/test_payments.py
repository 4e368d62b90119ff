"""租金收款: a bank file is looked at, counted once, undone or reconciled to the fen."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from allocation import bank_file, billing, months, payments, rent_account, rent_terms, states
from allocation.models import BankFile, RentCharge, RentPayment
from applications.employer_file import UnreadableFile
from core import clock
from tests.factories import rents as make
from tests.factories import tenancies, workbooks

pytestmark = pytest.mark.django_db


def read(*rows, head=bank_file.COLUMNS):
    return bank_file.read(workbooks.of([head, *rows]))


def balance(lease):
    return rent_account.of([lease])[lease.pk].balance


# -- Reading ---------------------------------------------------------------------------------------


def test_dates_numbers_other_heads_and_totals_of_banks_are_read():
    when = clock.today() - timedelta(days=3)
    receipts, problems = read(
        [when, "A-1", 962.5, "甲", "TEST-1"],
        [f"{when:%Y/%m/%d} 10:22:01", 20260001, "1,000.10", "", ""],
        [f"{when:%Y%m%d}", "a-3", "¥12", "乙", ""],
        ["合计", "", 1974.6, "", ""],
        head=["日期", "交易流水号", "收入金额", "对方户名", "摘要"],
    )
    assert not problems
    assert [(one.day, one.serial, one.amount) for one in receipts] == [
        (when.isoformat(), "A-1", "962.50"), (when.isoformat(), "20260001", "1000.10"),
        (when.isoformat(), "A-3", "12.00"),
    ]  # fmt: skip


@pytest.mark.parametrize("coding", ["utf-8-sig", "gb18030"])
def test_text_files_of_both_codings_are_read(coding):
    text = make.content(make.line("5", "TEST")).decode().encode(coding)
    receipts, problems = bank_file.read(text)
    assert receipts[0].payer == "付款人" and not problems


@pytest.mark.parametrize(
    ("cells", "column", "what", "mend"),
    [
        (["2026-02-30", "A", "1"], "交易日期", "没有这一天", "2026-12-03"),
        (["2999-01-01", "A", "1"], "交易日期", "今天以后", "银行回单"),
        (["2026-01-05", "", "1"], "流水号", "没有填", "银行回单"),
        (["2026-01-05", 1.2345678901234567e19, "1"], "流水号", "数字格式", "文本"),
        (["2026-01-05", "a b", "1"], "流水号", "字母", "银行回单"),
        (["2026-01-05", "A", ""], "金额", "没有金额", "137.50"),
        (["2026-01-05", "A", "-5"], "金额", "大于0", "人工更正"),
        (["2026-01-05", "A", "0.001"], "金额", "两位小数", "137.50"),
        (["2026-01-05", "A", "NaN"], "金额", "大于0", "人工更正"),
    ],
)
def test_a_wrong_cell_is_named_with_row_column_and_the_way_out(cells, column, what, mend):
    _receipts, (wrong,) = read(["2026-01-05", "OK", "1"], cells)
    assert (wrong.row, wrong.column) == (3, column)
    assert what in wrong.what and mend in wrong.mend


def test_a_serial_that_stands_twice_in_a_file_is_named():
    _receipts, (wrong,) = read(["2026-01-05", "A", "1"], ["2026-01-05", "a", "1"])
    assert wrong.row == 3 and "第2行" in wrong.what


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"nonsense", "a.xlsx", "没有找到表头"), (b"PK\x03\x04nonsense", "a.xlsx", "打不开"),
        (b"\xff\xfe\x00", "a.csv", "打不开"),
        (make.content(head="a,b,c"), "a.csv", "没有找到表头"),
        (make.content(), "a.csv", "没有流水"),
        (b"x" * 5_000_001, "a.csv", "文件太大"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused(content, name, why):
    with pytest.raises(UnreadableFile, match=why):
        payments.check(content, name=name, by=make.operator())
    assert not BankFile.objects.exists()


def test_the_template_reads_as_an_empty_list_of_the_layout():
    with pytest.raises(UnreadableFile, match="没有流水"):
        bank_file.read(bank_file.template())


# -- Counting --------------------------------------------------------------------------------------


def test_looking_counts_nothing_and_tells_what_would_be():
    lease, by = tenancies.lease(number="TEST-A00001"), make.operator()
    make.imported(make.line("5", lease.number, serial="OLD"))
    row = payments.check(
        make.content(
            make.line("100", "房租 test-a00001谢谢"), make.line("7", "谁的"),
            make.line("5", lease.number, serial="OLD"),
        ), name="b.csv", by=by,
    )  # fmt: skip
    found = [(one.lease, one.counted) for one in payments.seen(row)]
    assert found == [(lease, False), (None, False), (lease, True)]
    assert RentPayment.objects.count() == 1 and row.total == Decimal("112.00")


def test_a_file_with_a_fault_counts_nothing():
    by = make.operator()
    row = payments.check(make.content(make.line("5", ""), make.line("x", "")), name="a.csv", by=by)
    with pytest.raises(payments.ImportRefused, match="1处要改"):
        payments.take_in(row, by=by)
    assert not RentPayment.objects.exists()


def test_the_same_file_and_the_same_serial_count_once():
    lease, by = tenancies.lease(), make.operator()
    content = make.content(make.line("100", lease.number, serial="X1"))
    row = payments.check(content, name="a.csv", by=by)
    assert payments.check(content, name="again.csv", by=by) == row
    payments.take_in(row, by=by)
    assert payments.take_in(row, by=by).state == states.B_IMPORTED
    with pytest.raises(payments.ImportRefused, match="不会计第二次"):
        payments.check(content, name="a.csv", by=by)
    make.imported(make.line("100", lease.number, serial="x1"), make.line("3", lease.number), by=by)
    assert balance(lease) == Decimal("-103.00")
    known = RentPayment.objects.get(serial="X1")
    known.pk = None
    with pytest.raises(IntegrityError, match="bank_serial_counts_once"), transaction.atomic():
        known.save(force_insert=True)


def test_an_undone_file_leaves_no_trace_and_its_receipts_may_count_again():
    lease, by = tenancies.lease(), make.operator()
    content = make.content(make.line("100", lease.number))
    row = payments.take_in(payments.check(content, name="a.csv", by=by), by=by)
    with pytest.raises(payments.ImportRefused, match="为什么"):
        payments.undo(row, by=by, reason=" ")
    assert balance(lease) == Decimal("-100.00")
    payments.undo(row, by=by, reason="传错了")
    assert balance(lease) == 0
    payments.take_in(payments.check(content, name="a.csv", by=by), by=by)
    assert balance(lease) == Decimal("-100.00")


def test_what_a_later_file_holds_too_counts_from_there_when_the_first_is_undone():
    lease, by = tenancies.lease(), make.operator()
    shared = make.line("100", lease.number)
    first = make.imported(shared, make.line("1", lease.number), by=by)
    later = make.imported(shared, make.line("10", lease.number), by=by)
    payments.undo(first, by=by, reason="传错了")
    assert balance(lease) == Decimal("-110.00")
    assert later.payments.filter(undone_at=None).count() == 2


def test_a_file_is_reconciled_to_the_fen_and_then_stands():
    lease, by = tenancies.lease(), make.operator()
    row = make.paid(lease, "100.10", day=clock.today())
    with pytest.raises(payments.ImportRefused, match=r"差0\.01元"):
        payments.reconcile(row, bank_total=Decimal("100.11"), by=by)
    row.refresh_from_db()
    assert row.state == states.B_IMPORTED and row.bank_total is None
    payments.reconcile(row, bank_total=Decimal("100.10"), by=by)
    with pytest.raises(payments.ImportRefused, match="对过账"):
        payments.undo(row, by=by, reason="x")
    assert balance(lease) == Decimal("-100.10")


def test_a_file_put_aside_is_forgotten_and_may_come_again():
    by = make.operator()
    content = make.content(make.line("100", "?"))
    row = payments.discard(payments.check(content, name="a.csv", by=by), by=by)
    assert row.rows == [] and row.state == states.B_DISCARDED
    assert payments.check(content, name="a.csv", by=by) != row


# -- Waiting for a person --------------------------------------------------------------------------


def test_what_names_no_lease_or_two_waits_for_a_person():
    one, two, by = tenancies.lease(), tenancies.lease(), make.operator()
    make.imported(make.line("5", ""), make.line("6", f"{one.number} {two.number}"), by=by)
    waiting = list(payments.suspense())
    assert [row.amount for row in waiting] == [Decimal(5), Decimal(6)]
    payments.match(waiting[0], one, by=by)
    assert balance(one) == Decimal("-5.00") and payments.suspense().count() == 1
    with pytest.raises(payments.MatchRefused, match="已经认领"):
        payments.match(waiting[0], two, by=by)
    with pytest.raises(payments.MatchRefused, match="为什么"):
        payments.release(waiting[0], by=by, reason="")
    payments.release(waiting[0], by=by, reason="认错了")
    assert balance(one) == 0 and payments.suspense().count() == 2


def test_a_lease_that_was_not_signed_takes_no_money():
    lease, by = tenancies.lease(), make.operator()
    make.imported(make.line("5", ""), by=by)
    lease.state = states.L_CANCELLED
    lease.save()
    with pytest.raises(payments.MatchRefused, match="没有签"):
        payments.match(payments.suspense()[0], lease, by=by)


# -- The account -----------------------------------------------------------------------------------


def test_a_payment_goes_to_the_oldest_month_and_the_rest_stays_as_credit():
    lease = tenancies.lease(rent="100.00")
    first, second, third = make.billed(3)
    make.paid(lease, "250")
    account = rent_account.of([lease])[lease.pk]
    assert [(one.month, one.paid) for one in account.spread.items] == [
        (first, Decimal(100)), (second, Decimal(100)), (third, Decimal(50)),
    ]  # fmt: skip
    make.paid(lease, "80")
    account = rent_account.of([lease])[lease.pk]
    assert (account.credit, account.balance) == (Decimal(30), Decimal(-30))
    make.go_on()
    billing.bill_due()
    account = rent_account.of([lease])[lease.pk]
    assert (account.credit, account.balance) == (0, Decimal(70))


def test_the_balance_is_that_of_the_raw_rows_to_the_fen():
    leases = [tenancies.lease(rent=rent) for rent in ("962.50", "333.33", "0.01")]
    make.billed(4)
    by = make.operator()
    for lease, amount in zip(leases, ("1500.77", "33.34", "5"), strict=True):
        make.paid(lease, amount)
    gone = make.paid(leases[0], "99")
    payments.undo(gone, by=by, reason="传错了")
    rent_terms.change(
        leases[1], from_month=months.after(clock.today(), -2), rent=Decimal("111.11"),
        reason="复核", by=by.user,
    )  # fmt: skip
    for key, account in rent_account.of(leases).items():
        lines = RentCharge.objects.filter(lease=key)
        charged = lines.filter(reduction=None).aggregate(sum=Sum("amount"))["sum"] or 0
        reduced = lines.exclude(reduction=None).aggregate(sum=Sum("amount"))["sum"] or 0
        rows = RentPayment.objects.filter(lease=key, undone_at=None)
        paid = rows.aggregate(sum=Sum("amount"))["sum"] or 0
        assert charged + reduced - paid == account.balance
        open_ = sum(one.left for one in account.spread.items)
        assert open_ - account.credit == account.balance

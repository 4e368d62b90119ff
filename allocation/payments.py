"""租金收款: a bank file is looked at, counted once, undone or reconciled; what no lease is named
for waits for a person (待认领).

The same file and the same bank serial count once, whoever imports them: locks say so first, the
database says so last.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from allocation import bank_file, months, states
from allocation.bank_file import Receipt
from allocation.models import BankFile, Lease, RentPayment
from allocation.models.payment import COUNTED
from applications import permissions
from applications.table_file import Problem
from core import audit, clock, display, locks
from core.refusals import Refusal
from core.workflow import advance

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]{4,29}")
_SYSTEM_WORD = "流水附言"


class ImportRefused(Refusal):
    """The file cannot be taken, counted, undone or reconciled now."""


class MatchRefused(Refusal):
    """The payment cannot be put to this lease."""


@dataclass(frozen=True)
class Seen:
    """One receipt of a file before it is counted: whose it is, or that it counts already."""

    receipt: Receipt
    lease: Lease | None
    counted: bool


# -- A file ----------------------------------------------------------------------------------------


def check(content: bytes, *, name: str, by: Staff) -> BankFile:
    """Reads a file and keeps it with its report; nothing is counted by that.

    A file that waits already is returned. Raises UnreadableFile, and ImportRefused for one that
    was counted before.
    """
    digest = sha256(content).hexdigest()
    receipts, problems = bank_file.read(content)
    total = sum((Decimal(one.amount) for one in receipts), months.ZERO)
    with transaction.atomic():
        locks.advisory("bank file", digest)
        if known := BankFile.objects.filter(digest=digest, state__in=COUNTED).first():
            return _known(known)
        now = clock.now()
        row = BankFile.objects.create(
            name=name[-120:], digest=digest, rows=[asdict(one) for one in receipts],
            row_count=len(receipts), total=total, problems=[asdict(one) for one in problems],
            problem_count=len(problems), state_since=now, uploaded_by=by, uploaded_at=now,
        )  # fmt: skip
        audit.record(
            "rent.file_checked", by=by.user, thing=row, digest=digest, rows=len(receipts),
            total=f"{total:.2f}", problems=len(problems),
        )  # fmt: skip
        return row


def seen(row: BankFile) -> list[Seen]:
    """What counting the file would do, line by line."""
    receipts = receipts_of(row)
    known = _serials([one.serial for one in receipts])
    leases = named(receipts)
    return [Seen(one, leases.get(one.row), one.serial in known) for one in receipts]


def take_in(row: BankFile, *, by: Staff) -> BankFile:
    """Counts the file; counted before, it is returned. Raises ImportRefused; then nothing was."""
    try:
        with transaction.atomic():
            row = locks.fresh(row)
            if row.state in (states.B_IMPORTED, states.B_RECONCILED):
                return row
            if why := why_not_take_in(row):
                raise ImportRefused(why)
            _count(row, by)
            return advance(row, states.B_IMPORTED, by=by.user)
    except IntegrityError as error:
        if "bank_serial_counts_once" in str(error):
            raise ImportRefused(_("有流水刚由别的文件计入，请刷新页面再看一遍。")) from error
        raise


def why_not_take_in(row: BankFile) -> str:
    """Why the file cannot be counted. Button and verb ask this."""
    if row.state != states.B_CHECKED:
        return str(row.STATES[row.state].line)
    if row.problem_count:
        return _("文件里还有%(n)d处要改，一笔都没有入账。") % {"n": row.problem_count}
    return ""


def undo(row: BankFile, *, by: Staff, reason: str) -> BankFile:
    """Takes a counted file back; its serials may count anew. Not after it was reconciled."""
    with transaction.atomic():
        row = locks.fresh(row)
        if row.state == states.B_UNDONE:
            return row
        if row.state != states.B_IMPORTED:
            raise ImportRefused(_("对过账的文件不能撤销，请做人工更正。"))
        if not reason.strip():
            raise ImportRefused(_("请写明为什么撤销。"), field="reason")
        locks.advisory("bank serials")
        number = row.payments.filter(undone_at=None).update(undone_at=clock.now())
        row = _settled(row, states.B_UNDONE, by, reason)
        _count_overlaps(row, by)
        audit.record("rent.file_undone", by=by.user, thing=row, payments=number, reason=reason)
        return row


def discard(row: BankFile, *, by: Staff) -> BankFile:
    """Puts a file aside that was not counted; what was read of it is forgotten."""
    with transaction.atomic():
        row = locks.fresh(row)
        if row.state == states.B_DISCARDED:
            return row
        row.rows, row.problems = [], []
        row.save(update_fields=["rows", "problems"])
        return _settled(row, states.B_DISCARDED, by, "")


def reconcile(row: BankFile, *, bank_total: Decimal, by: Staff) -> BankFile:
    """Closes a file whose sum is the bank's, to the fen. Raises ImportRefused otherwise."""
    with transaction.atomic():
        row = locks.fresh(row)
        if row.state == states.B_RECONCILED:
            return row
        if row.state != states.B_IMPORTED:
            raise ImportRefused(_("先入账，再对账。"))
        if difference := row.total - bank_total:
            raise ImportRefused(
                _("和银行合计差%(sum)s：文件里共%(total)s。请对照银行回单，找到少的或多的那一笔。")
                % {"sum": display.money(abs(difference)), "total": display.money(row.total)},
                field="bank_total",
            )
        row.bank_total = bank_total
        row.save(update_fields=["bank_total"])
        return _settled(row, states.B_RECONCILED, by, "")


# -- 待认领 --------------------------------------------------------------------------------------


def suspense() -> QuerySet[RentPayment]:
    """Payments that no lease is named for, the oldest first."""
    return RentPayment.objects.filter(lease=None, undone_at=None).select_related("file")


def match(payment: RentPayment, lease: Lease, *, by: Staff) -> RentPayment:
    """Puts a waiting payment to a lease, by a person. Raises MatchRefused."""
    with transaction.atomic():
        row = locks.fresh(payment)
        if row.lease_id == lease.pk:
            return row
        if row.undone_at is not None or row.lease_id is not None:
            raise MatchRefused(_("这笔款已经认领或者撤销了，请刷新页面。"))
        if lease.state in (states.L_TO_SIGN, states.L_CANCELLED):
            raise MatchRefused(_("这份租约没有签，不能记到它名下。"), field="number")
        return _put(row, lease, "rent.matched", by)


def why_not_release(payment: RentPayment, staff: Staff) -> str:
    """Why this person may not take the payment from the household it stands with."""
    if payment.lease is None or payment.undone_at is not None:
        return _("这笔款没有记到哪一户，请刷新页面。")
    return permissions.why_not_free(staff, payment.lease.application)


def release(payment: RentPayment, *, by: Staff, reason: str) -> RentPayment:
    """Puts a payment that was matched wrongly back among the waiting ones. Raises MatchRefused."""
    with transaction.atomic():
        row = locks.fresh(payment)
        if why := why_not_release(row, by):
            raise MatchRefused(why)
        if not reason.strip():
            raise MatchRefused(_("请写明为什么退回待认领。"), field="reason")
        return _put(row, None, "rent.released", by, reason=reason)


def named(receipts: Iterable[Receipt]) -> dict[int, Lease]:
    """The lease that a receipt's remark names, by row; none where it names none or several."""
    tokens = {one.row: _tokens(one.remark) for one in receipts}
    wanted = {token for some in tokens.values() for token in some}
    unsigned = (states.L_TO_SIGN, states.L_CANCELLED)
    leases = Lease.objects.exclude(state__in=unsigned).select_related("home__estate")
    known = {one.number: one for one in leases.filter(number__in=wanted)}
    found = {
        row: {known[token] for token in some if token in known} for row, some in tokens.items()
    }
    return {row: leases.pop() for row, leases in found.items() if len(leases) == 1}


def receipts_of(row: BankFile) -> list[Receipt]:
    """The lines as they were read."""
    return [Receipt(**one) for one in row.rows]


def problems_of(row: BankFile) -> list[Problem]:
    """What is to be mended."""
    return [Problem(**one) for one in row.problems]


# -- Parts -----------------------------------------------------------------------------------------


def _known(row: BankFile) -> BankFile:
    if row.state == states.B_CHECKED:
        return row
    raise ImportRefused(
        _("这个文件已于%(when)s入账，不会计第二次。") % {"when": display.day_time(row.imported_at)},
        field="file",
    )


def _count(row: BankFile, by: Staff) -> None:
    # one import after the other: two with a serial in common would wait crosswise
    locks.advisory("bank serials")
    fresh = [one for one in seen(row) if not one.counted]
    now = clock.now()
    payments = RentPayment.objects.bulk_create(
        RentPayment(
            file=row, row=one.receipt.row, serial=one.receipt.serial,
            paid_on=date.fromisoformat(one.receipt.day), amount=Decimal(one.receipt.amount),
            payer=one.receipt.payer, remark=one.receipt.remark, lease=one.lease,
            matched_by=_SYSTEM_WORD if one.lease else "", matched_at=now if one.lease else None,
        )
        for one in fresh
    )  # fmt: skip
    audit.record(
        "rent.file_counted", by=by.user, thing=row, payments=len(payments),
        total=f"{sum((one.amount for one in payments), months.ZERO):.2f}",
        waiting=sum(one.lease_id is None for one in payments), known=row.row_count - len(payments),
    )  # fmt: skip


def _count_overlaps(undone: BankFile, by: Staff) -> None:
    """Receipts of the undone file that a later file holds, too, count from there now."""
    later = BankFile.objects.filter(
        state__in=(states.B_IMPORTED, states.B_RECONCILED), imported_at__gte=undone.imported_at
    )
    for other in later.exclude(pk=undone.pk).order_by("imported_at"):
        _count(other, by)


def _settled(row: BankFile, to: str, by: Staff, reason: str) -> BankFile:
    row.settled_by = by
    row.save(update_fields=["settled_by"])
    return advance(row, to, by=by.user, reason=reason)


def _put(
    row: RentPayment, lease: Lease | None, verb: str, by: Staff, reason: str = ""
) -> RentPayment:
    before = row.lease
    row.lease, row.matched_by = lease, by.name if lease else ""
    row.matched_at = clock.now() if lease else None
    row.save(update_fields=["lease", "matched_by", "matched_at"])
    audit.record(
        verb, by=by.user, thing=row, amount=f"{row.amount:.2f}", reason=reason,
        case_no=(lease or before).case_no if lease or before else "",  # type: ignore[union-attr]
    )  # fmt: skip
    return row


def _serials(serials: list[str]) -> set[str]:
    counted = RentPayment.objects.filter(serial__in=serials, undone_at=None)
    return set(counted.values_list("serial", flat=True))


def _tokens(remark: str) -> set[str]:
    return {token.upper() for token in _TOKEN.findall(remark)}

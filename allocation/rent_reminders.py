"""租金提醒: before the last day and once after it, without a sum, a name or a link.

Who keeps to an agreed arrangement is not reminded of what it covers.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from allocation import arrears, rent_account, rent_basis, rent_rules
from allocation.models import Lease, RentCharge, RentReminder
from allocation.rent_account import Account, Open
from applications.letters import PHONE
from core import clock, display, locks
from core.notices import Template, tell

DUE = Template(
    "rent_due",
    gettext_lazy("这个月的租金快到期了"),
    gettext_lazy(
        "请在{due}前付这个月的租金。要付多少、怎么付，在「我的租金」里；有困难可以申请减免或者分期。"
    ),
    gettext_lazy(
        "请在{due_short}前付租金，详见浙里办—住房保障—我的租金。我们不会在短信里要您转账或点链接。"
    ),
)
OVERDUE = Template(
    "rent_overdue",
    gettext_lazy("有租金还没有付"),
    gettext_lazy(
        "有一笔租金过了{due}还没有付。已经付过的，不用理会这条消息。"
        "有困难可以商量分期、申请减免，请拨{line}。"
    ),
    gettext_lazy(
        "有租金还没有付，有困难可以分期，请看浙里办—住房保障—我的租金。"
        "我们不会在短信里要您转账或点链接。"
    ),
)


def remind() -> int:
    """Reminds whose rent is due soon, and whose was due lately; how many. Safe to repeat."""
    today = clock.today()
    return sum(_tell(*one) for one in _soon(today)) + sum(_tell(*one) for one in _late(today))


def _soon(today: date) -> Iterator[tuple[Lease, Open, str]]:
    until = today + timedelta(days=rent_rules.of("remind_before"))
    due = RentCharge.objects.filter(kind="month", due_on__gte=today, due_on__lte=until)
    for lease, account in _accounts(due.values("lease"), RentReminder.Kind.DUE):
        for item in account.spread.items:
            if item.left > 0 and today <= item.due_on <= until:
                yield lease, item, RentReminder.Kind.DUE
                break


def _late(today: date) -> Iterator[tuple[Lease, Open, str]]:
    """The newest overdue item alone: older ones were told of in their month."""
    passed = today - timedelta(days=rent_rules.of("remind_after"))
    since = passed - timedelta(days=rent_rules.of("due_day"))
    due = RentCharge.objects.filter(kind="month", due_on__lt=passed, due_on__gte=since)
    for lease, account in _accounts(due.values("lease"), RentReminder.Kind.OVERDUE):
        open_ = [one for one in account.overdue(today) if since <= one.due_on < passed]
        if open_:
            yield lease, open_[-1], RentReminder.Kind.OVERDUE


def _accounts(leases: Any, kind: str) -> Iterator[tuple[Lease, Account]]:
    """Leases with their accounts, without those that keep to an arrangement."""
    today = clock.today()
    rows = list(Lease.objects.filter(pk__in=leases).select_related("application").order_by("pk"))
    accounts, agreed = rent_account.of(rows), arrears.arrangements(rows)
    for row in rows:
        kept = row.pk in agreed and arrears.is_kept(agreed[row.pk], accounts[row.pk], today)
        if not (kept and kind == RentReminder.Kind.OVERDUE):
            yield row, accounts[row.pk]


def _tell(lease: Lease, item: Open, kind: str) -> bool:
    with transaction.atomic():
        locks.fresh(lease)
        _row, made = RentReminder.objects.get_or_create(
            lease=lease, month=item.month, kind=kind, defaults={"at": clock.now()}
        )
        if not made:
            return False
        applicant = lease.application.applicant
        tell(
            applicant.id_index, DUE if kind == RentReminder.Kind.DUE else OVERDUE,
            by=rent_basis.SYSTEM, case_no=lease.case_no, phone=applicant.phone or "",
            due=item.due_on, due_short=partial(display.day_short, item.due_on), line=PHONE,
        )  # fmt: skip
        return True

"""欠租: who owes and since when, the flag at the line of the law, contacts and instalments.

令11号 §29 names six months. Here it is a flag for a person and nothing else: no verb of this
module ends a lease, an access or a benefit, and none calls one that does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import aid, months, rent_account, rent_rules, states
from allocation.models import (
    Arrangement,
    ArrearsFlag,
    Instalment,
    Lease,
    RentCharge,
    RentContact,
    RentPayment,
)
from allocation.rent_account import Account
from applications.letters import PHONE
from core import audit, clock, locks
from core.notices import Template, tell
from core.refusals import Refusal
from core.workflow import advance

SYSTEM = audit.System("租金")
_SUM: Any = DecimalField(max_digits=12, decimal_places=2)
_MOST_WORDS = 400

PROPOSED = Template(
    "rent_instalments",
    gettext_lazy("请看租金分期"),
    gettext_lazy(
        "给您家准备了一份租金分期，共{n}期。请在「我的租金」里看过，再答复同意或者不同意。"
    ),
    gettext_lazy(
        "给您家准备了一份租金分期，请看浙里办—住房保障—我的租金。我们不会在短信里要您转账或点链接。"
    ),
)


AGREED = Template(
    "rent_instalments_agreed",
    gettext_lazy("租金分期已按您当面签字记下"),
    gettext_lazy("租金分期已按您当面签字记下，按约定的日期付就可以。不是您签的，请拨{line}。"),
    gettext_lazy(
        "租金分期已按您当面签字记下，不是您签的请拨12345。我们不会在短信里要您转账或点链接。"
    ),
)


class ArrearsRefused(Refusal):
    """Nothing can be noted or agreed about these arrears like this."""


@dataclass(frozen=True)
class Owing:
    """A household in arrears: whole months overdue, and the overdue sum in yuan."""

    lease: Lease
    account: Account
    months: int
    amount: Decimal
    since: date

    @property
    def at_the_line(self) -> bool:
        """Whether the months have come to the line of the law: a person looks."""
        return self.months >= rent_rules.of("arrears_line")


# -- Who -------------------------------------------------------------------------------------------


def owing(leases: QuerySet[Lease] | None = None) -> list[Owing]:
    """Households with overdue rent, the most months first. A constant number of queries."""
    today = clock.today()
    rows = list(_candidates(Lease.objects.all() if leases is None else leases, today))
    accounts = rent_account.of(rows)
    found = [_owing(row, accounts[row.pk], today) for row in rows]
    return sorted(
        (one for one in found if one is not None),
        key=lambda one: (-one.months, -one.amount, one.lease.pk),
    )


def owing_of(lease: Lease, account: Account) -> Owing | None:
    """What this household owes today, None if nothing is overdue."""
    return _owing(lease, account, clock.today())


def _owing(lease: Lease, account: Account, today: date) -> Owing | None:
    open_ = account.overdue(today)
    if not open_:
        return None
    sum_ = account.overdue_sum(today)
    return Owing(lease, account, account.overdue_months(today), sum_, open_[0].month)


def _candidates(leases: QuerySet[Lease], today: date) -> QuerySet[Lease]:
    """Whose charges with a day that is over exceed what was paid; the account says the rest."""
    due = _total(RentCharge.objects.filter(lease=OuterRef("pk"), due_on__lt=today))
    paid = _total(RentPayment.objects.filter(lease=OuterRef("pk"), undone_at=None))
    summed = leases.annotate(due_sum=due, paid_sum=paid).filter(due_sum__gt=F("paid_sum"))
    return summed.select_related("home__estate", "application")


def _total(rows: QuerySet[Any]) -> Any:
    summed = rows.order_by().values("lease").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(summed), Value(Decimal(0)), output_field=_SUM)


# -- The flag --------------------------------------------------------------------------------------


def raise_flags() -> int:
    """Flags households whose arrears came to the line, clears those that paid; how many of both."""
    now_owing = {one.lease.pk: one for one in owing()}
    at_line = {pk: one for pk, one in now_owing.items() if one.at_the_line}
    open_ = ArrearsFlag.objects.filter(state=states.F_RAISED)
    below = [flag for flag in open_ if flag.lease_id not in at_line]
    return sum(map(_flag, at_line.values())) + sum(map(_clear, below))


def settle_flag(flag: ArrearsFlag, *, words: str, by: Staff) -> ArrearsFlag:
    """A person says what they found and how the household is helped; nothing else follows."""
    with transaction.atomic():
        row = locks.fresh(flag)
        if row.state != states.F_RAISED:
            raise ArrearsRefused(_("这条提示已经有人核对过，请刷新页面。"))
        if not words.strip():
            raise ArrearsRefused(_("请写下了解到的情况和怎么帮，一句话就够。"), field="words")
        row.settled_by, row.words = by.name, words.strip()[:_MOST_WORDS]
        row.save(update_fields=["settled_by", "words"])
        return advance(row, states.F_SETTLED, by=by.user)


def _flag(one: Owing) -> bool:
    with transaction.atomic():
        lease = locks.fresh(one.lease)
        newest = lease.arrears_flags.first()
        # looked at by a person: flagged again only when yet another month is owed
        if newest is not None and newest.months >= one.months and newest.state != states.F_CLEARED:
            return False
        if newest is not None and newest.state == states.F_RAISED:
            newest.months, newest.amount = one.months, one.amount
            newest.save(update_fields=["months", "amount"])
            return False
        now = clock.now()
        made = ArrearsFlag.objects.create(
            lease=lease, months=one.months, amount=one.amount, state_since=now, raised_at=now
        )
        audit.record("rent.flagged", by=SYSTEM, thing=made, months=one.months)
        return True


def _clear(flag: ArrearsFlag) -> bool:
    with transaction.atomic():
        row = locks.fresh(flag)
        if row.state != states.F_RAISED:
            return False
        row.settled_by = SYSTEM.name
        row.save(update_fields=["settled_by"])
        advance(row, states.F_CLEARED, by=SYSTEM)
        return True


# -- Contacts --------------------------------------------------------------------------------------


def note_contact(
    lease: Lease, *, way: str, reached: bool, words: str, helps: Sequence[str], by: Staff
) -> RentContact:
    """Notes an attempt to reach the household, and the help that was offered.

    Aid is not only written down: the household's street is asked to call (`aid.refer`).
    """
    if not reached and not words.strip():
        raise ArrearsRefused(_("没有联系上的，请写一句情况，例如无人接听。"), field="words")
    with transaction.atomic():
        made = RentContact.objects.create(
            lease=lease, at=clock.now(), way=way, reached=reached,
            words=words.strip()[:_MOST_WORDS], helps=list(helps), by=by,
        )  # fmt: skip
        audit.record("rent.contacted", by=by.user, thing=lease, way=way, reached=reached)
        if RentContact.Help.AID in made.helps:
            aid.refer(made, by=by)
        return made


# -- Instalments -----------------------------------------------------------------------------------


def propose(lease: Lease, *, parts: int, first_due: date, by: Staff) -> Arrangement:
    """Proposes today's arrears in monthly parts, equal to a fen. Raises ArrearsRefused."""
    most = rent_rules.of("instalments_most")
    with transaction.atomic():
        row = locks.fresh(lease)
        debt = owing_of(row, rent_account.of([row])[row.pk])
        if debt is None:
            raise ArrearsRefused(_("这一户现在没有过期的租金，不用分期。"))
        if not 1 < parts <= most:
            raise ArrearsRefused(_("分期在2期到%(n)s期之间。") % {"n": most}, field="parts")
        if first_due <= clock.today():
            raise ArrearsRefused(_("第一期的日期要在今天以后。"), field="first_due")
        if row.rent_arrangements.filter(state__in=states.ARRANGEMENT.open_ids).exists():
            raise ArrearsRefused(_("这一户已经有一份分期，请先结束那一份。"))
        made = _arranged(row, debt.amount, parts, first_due, by)
        _tell(row, parts, by)
        return made


def answer(row: Arrangement, *, agreed: bool, by: Any) -> Arrangement:
    """The household agrees or not; only agreement makes it count."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        wanted = states.G_AGREED if agreed else states.G_DECLINED
        if fresh.state == wanted:
            return fresh
        if fresh.state != states.G_PROPOSED:
            raise ArrearsRefused(_("这份分期已经答复过了，请刷新页面。"))
        fresh.answered_by = audit.label(by)[:80]
        fresh.save(update_fields=["answered_by"])
        return advance(fresh, wanted, by=by)


def agreed_on_paper(lease: Lease, *, by: Staff) -> Arrangement:
    """The household agreed in person and signed: nobody depends on a phone. Told to them, too."""
    row = lease.rent_arrangements.filter(state=states.G_PROPOSED).first()
    if row is None:
        raise ArrearsRefused(_("没有等住户答复的分期，请刷新页面。"))
    with transaction.atomic():
        row = answer(row, agreed=True, by=by.user)
        _tell_agreed(lease, by)
        return row


def end_open(lease: Lease, *, by: Staff, reason: str) -> Arrangement:
    """Ends the lease's arrangement by a person: another is to be agreed."""
    row = lease.rent_arrangements.filter(state__in=states.ARRANGEMENT.open_ids).first()
    if row is None:
        raise ArrearsRefused(_("这一户没有分期，请刷新页面。"))
    if not reason.strip():
        raise ArrearsRefused(_("请写明为什么结束分期。"), field="reason")
    return advance(row, states.G_ENDED, by=by.user, reason=reason.strip())


def end_paid() -> int:
    """Ends arrangements whose parts are all due and nothing is overdue any more; how many."""
    today = clock.today()
    rows = Arrangement.objects.filter(state=states.G_AGREED).exclude(instalments__due_on__gte=today)
    found = list(rows.select_related("lease"))
    accounts = rent_account.of([one.lease for one in found])
    paid = [one for one in found if not accounts[one.lease_id].overdue(today)]
    return len([advance(one, states.G_ENDED, by=SYSTEM) for one in paid])


def is_kept(row: Arrangement, account: Account, today: date) -> bool:
    """Whether what is overdue is no more than the parts that are still to come."""
    to_come = sum((one.amount for one in row.instalments.all() if one.due_on >= today), months.ZERO)
    return row.state == states.G_AGREED and account.overdue_sum(today) <= to_come


def arrangements(leases: Iterable[Lease]) -> dict[int, Arrangement]:
    """The open arrangement of each lease that has one, with its parts."""
    rows = Arrangement.objects.filter(
        lease__in=list(leases), state__in=states.ARRANGEMENT.open_ids
    ).prefetch_related("instalments")
    return {one.lease_id: one for one in rows}


def _arranged(lease: Lease, total: Decimal, parts: int, first_due: date, by: Staff) -> Arrangement:
    now = clock.now()
    made = Arrangement.objects.create(
        lease=lease, total=total, state_since=now, proposed_by=by, proposed_at=now
    )
    day = first_due.day
    Instalment.objects.bulk_create(
        Instalment(
            arrangement=made, amount=amount,
            due_on=_same_day(months.after(first_due, number), day),
        )
        for number, amount in enumerate(months.share(total, parts))
    )  # fmt: skip
    audit.record(
        "rent.instalments_proposed", by=by.user, thing=made, total=f"{total:.2f}", parts=parts
    )
    return made


def _same_day(month: date, day: int) -> date:
    return month.replace(day=min(day, months.last(month).day))


def _tell(lease: Lease, parts: int, by: Staff) -> None:
    applicant = lease.application.applicant
    tell(
        applicant.id_index, PROPOSED, by=by.user, case_no=lease.case_no,
        phone=applicant.phone or "", n=parts,
    )  # fmt: skip


def _tell_agreed(lease: Lease, by: Staff) -> None:
    applicant = lease.application.applicant
    tell(
        applicant.id_index, AGREED, by=by.user, case_no=lease.case_no,
        phone=applicant.phone or "", line=PHONE,
    )  # fmt: skip

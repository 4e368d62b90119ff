"""How the rent is told: the statement line by line, why this sum, how to pay. Decides nothing."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from allocation import facts, months, rent_account, rent_basis
from allocation.models import Lease, RentCharge, RentTerm
from allocation.rent_account import Account
from applications import letters
from core import clock, display
from core.identity import masking

Pair = tuple[Any, str]


@dataclass
class MonthLine:
    """One month of a statement: what was charged, what was paid on it, what is left."""

    month: date
    due_on: date
    charged: Decimal = months.ZERO
    off: Decimal = months.ZERO  # reductions, positive
    paid: Decimal = months.ZERO
    left: Decimal = months.ZERO
    over: bool = False  # the last day has passed with something left
    notes: list[str] = field(default_factory=list)

    @property
    def owed(self) -> Decimal:
        return self.charged - self.off


def statement(account: Account) -> list[MonthLine]:
    """The account by month, the newest first."""
    found: dict[date, MonthLine] = {}
    for line in account.lines:
        row = found.setdefault(line.month, MonthLine(line.month, line.due_on))
        if line.reduction_id:
            row.off -= line.amount
        else:
            row.charged += line.amount
        row.notes += _note(line)
    for item in account.spread.items:
        found[item.month].paid += item.paid
        found[item.month].left += item.left
        found[item.month].due_on = max(found[item.month].due_on, item.due_on)
        found[item.month].over |= item.left > 0 and item.due_on < clock.today()
    return sorted(found.values(), key=lambda one: one.month, reverse=True)


def _note(line: RentCharge) -> list[str]:
    """What of a line is not the plain rent of a whole month."""
    days = {"first": display.day_short(line.starts_on), "last": display.day_short(line.ends_on)}
    if line.kind == RentCharge.Kind.MONTH:
        return [_("从%(first)s到%(last)s，按天算") % days] if line.part else []
    sum_ = display.money(line.amount)
    if line.reduction_id:
        return []  # in a column of its own; its decision stands below
    return [_("更正%(sum)s：%(words)s") % {"sum": sum_, "words": line.words}]


def payments_of(account: Account) -> list[tuple[Any, str]]:
    """Each payment with the months it went to, the newest first."""
    told = []
    for place, row in enumerate(account.payments):
        went: dict[date, Decimal] = defaultdict(lambda: months.ZERO)
        for month, amount in account.spread.parts[place]:
            went[month] += amount
        words = [f"{display.month(month)} {display.money(sum_)}" for month, sum_ in went.items()]
        if rest := row.amount - sum(went.values(), months.ZERO):
            words.append(_("余%(sum)s，抵以后的租金") % {"sum": display.money(rest)})
        told.append((row, display.listed(words)))
    return told[::-1]


def why(term: RentTerm) -> list[Pair]:
    """Why the rent is this sum: area × market rent × share (令11号 §19–20)."""
    rows: list[Pair] = []
    if term.basis:
        share = display.percent(Decimal(term.basis["share"]))
        market = display.money(term.basis["market"])
        rows = [
            (_("建筑面积"), display.area(term.basis["area"])),
            (_("市场租金"), _("%(sum)s每平方米每月") % {"sum": market}),
            (_("您家的租金档次"), _("市场租金的%(share)s") % {"share": share}),
        ]
    return [
        *rows,
        (_("每月租金"), display.rent(term.rent)),
        (_("从哪个月起"), display.month(term.from_month)),
        (_("依据"), term.reason),
    ]


def coming(lease: Lease, today: date) -> list[RentTerm]:
    """Changes of the rent that are decided and not begun."""
    return list(lease.rent_terms.filter(from_month__gt=today))


def ways_to_pay(lease: Lease) -> list[str]:
    """How the rent is paid; never in a message."""
    phone = lease.home.estate.phone
    return [
        _(
            "银行转账：附言写合同编号%(number)s，会自动记到您家。收款账户请拨%(phone)s问小区服务中心。"
        )
        % {"number": lease.number, "phone": phone},
        _("到小区服务中心当面付，请带上合同编号。"),
        _("家人代付也可以，附言同样写合同编号。"),
    ]


def sums(account: Account) -> list[Pair]:
    """The balance as a sum of four lines."""
    word = _("还要付") if account.balance >= 0 else _("多付的，抵以后的租金")
    return [
        (_("租金合计"), display.money(account.charged)),
        (_("减免合计"), display.money(account.reduced)),
        (_("已付合计"), display.money(account.paid)),
        (word, display.money(abs(account.balance))),
    ]


def pdf(lease: Lease) -> bytes:
    """租金对账单 as a PDF in large print."""
    account = rent_account.of([lease])[lease.pk]
    applicant = lease.application.applicant
    term = rent_basis.term_in_force(lease, clock.today())
    data = {
        "number": lease.number,
        "parties": [
            [_("承租人"), masking.mask_name(applicant.name)],
            [_("房屋"), facts.address(lease.home)],
            [_("截至"), display.day(clock.today())],
        ],
        "sums": [list(map(str, pair)) for pair in sums(account)],
        "head": [_("月份"), _("租金"), _("减免"), _("已付"), _("还差")],
        "months": [
            [display.month(one.month), *map(_plain, (one.charged, one.off, one.paid, one.left))]
            for one in statement(account)
        ],
        "why": [list(map(str, pair)) for pair in why(term)],
        "ways": ways_to_pay(lease),
        "words": {
            "title": _("租金对账单"), "number": _("合同编号"), "why": _("为什么是这个租金"),
            "months": _("逐月明细（元）"), "ways": _("怎么付"),
        },
    }  # fmt: skip
    return letters.pdf("rent", data, check=letters.check_code(lease.number))


def _plain(value: Decimal) -> str:
    return f"{value:,.2f}"

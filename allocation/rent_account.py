"""A household's account (租金账户): charges, payments and what is open. Computed, never stored.

A payment goes to the oldest open charge first; what is left over is credit and goes to the next
charge by itself. Because nothing is stored, an undone import or a moved payment leaves no trace.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from allocation import months, rent_rules
from allocation.models import Lease, RentCharge, RentPayment


@dataclass(frozen=True)
class Item:
    """Lines of one month that are due on one day, taken together; may be negative."""

    month: date
    due_on: date
    amount: Decimal


@dataclass
class Open:
    """An item with what was paid on it."""

    month: date
    due_on: date
    amount: Decimal
    paid: Decimal = months.ZERO

    @property
    def left(self) -> Decimal:
        return self.amount - self.paid


@dataclass(frozen=True)
class Spread:
    """How money went to items: every payment's parts, and what is left over."""

    items: tuple[Open, ...]
    parts: dict[int, list[tuple[date, Decimal]]]  # payment's place → (month, yuan)
    credit: Decimal


@dataclass
class Account:
    """Lines, payments and open items of one lease; sums in yuan."""

    lines: list[RentCharge] = field(default_factory=list)
    payments: list[RentPayment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spread = spread(items_of(self.lines), [one.amount for one in self.payments])

    @property
    def charged(self) -> Decimal:
        """Rent and its corrections, without reductions."""
        return sum((one.amount for one in self.lines if not one.reduction_id), months.ZERO)

    @property
    def reduced(self) -> Decimal:
        """What reductions took off, as a positive sum."""
        return -sum((one.amount for one in self.lines if one.reduction_id), months.ZERO)

    @property
    def paid(self) -> Decimal:
        return sum((one.amount for one in self.payments), months.ZERO)

    @property
    def balance(self) -> Decimal:
        """Charges − reductions − payments: positive is owed, negative is credit."""
        return self.charged - self.reduced - self.paid

    @property
    def credit(self) -> Decimal:
        return self.spread.credit

    def overdue(self, today: date) -> list[Open]:
        """Items whose last day is over with something left, the oldest first."""
        return [one for one in self.spread.items if one.left > 0 and one.due_on < today]

    def overdue_sum(self, today: date) -> Decimal:
        return sum((one.left for one in self.overdue(today)), months.ZERO)

    def overdue_months(self, today: date) -> int:
        """In how many months rent is overdue; those paid in part as the rule has it."""
        counts_part = rent_rules.of("part_paid_month_counts")
        found = self.overdue(today)
        return len({one.month for one in found if counts_part or not one.paid})


def spread(items: Sequence[Item], payments: Sequence[Decimal]) -> Spread:
    """Payments in their order to items by due day, then month; negative items pay for others."""
    ordered = sorted(items, key=lambda one: (one.due_on, one.month))
    owed = [Open(one.month, one.due_on, max(one.amount, months.ZERO)) for one in ordered]
    pool = -sum((one.amount for one in items if one.amount < 0), months.ZERO)
    pool = _pay(owed, pool, [])
    parts: dict[int, list[tuple[date, Decimal]]] = {}
    credit = pool
    for place, amount in enumerate(payments):
        parts[place] = []
        credit += _pay(owed, amount, parts[place])
    return Spread(tuple(owed), parts, credit)


def items_of(lines: Iterable[RentCharge]) -> list[Item]:
    """The lines by month and last day to pay."""
    sums: dict[tuple[date, date], Decimal] = defaultdict(lambda: months.ZERO)
    for line in lines:
        sums[line.month, line.due_on] += line.amount
    return [Item(month, due, amount) for (month, due), amount in sums.items()]


def of(leases: Iterable[Lease | int]) -> dict[int, Account]:
    """The account of each lease by its key, in two queries."""
    keys = [one if isinstance(one, int) else one.pk for one in leases]
    lines: dict[int, list[RentCharge]] = defaultdict(list)
    for line in RentCharge.objects.filter(lease__in=keys).order_by("month", "id"):
        lines[line.lease_id].append(line)
    payments: dict[int, list[RentPayment]] = defaultdict(list)
    # payer and remark stay encrypted: sums need neither
    counted = RentPayment.objects.filter(lease__in=keys, undone_at=None).defer("payer", "remark")
    for one in counted.order_by("paid_on", "id"):
        payments[one.lease_id or 0].append(one)
    return {key: Account(lines[key], payments[key]) for key in keys}


def _pay(owed: list[Open], amount: Decimal, parts: list[tuple[date, Decimal]]) -> Decimal:
    """Pays the oldest open ones; what is left over."""
    for one in owed:
        if amount <= 0:
            break
        if (given := min(one.left, amount)) > 0:
            one.paid += given
            amount -= given
            parts.append((one.month, given))
    return amount

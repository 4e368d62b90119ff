"""更正: what was charged and is not right any more gets a line of its own; none is rewritten."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from allocation import billing, months, rent_basis, rent_rules
from allocation.models import BillingMonth, Lease, RentCharge
from allocation.rent_basis import Basis
from core import audit, clock, locks
from core.refusals import Refusal

_MOST_WORDS = 200
_COMPUTED = ("month", "reduction", "correction")
Key = tuple[date, int | None]  # month, and the reduction, or None for the rent itself


class CorrectionRefused(Refusal):
    """The line cannot be written like this."""


def true_up(lease: Lease, *, words: str, by: Any) -> list[RentCharge]:
    """Compares what was charged for each billed month with what it costs now; writes differences.

    A month that is still open and not charged yet is left to the bill.
    """
    with transaction.atomic():
        row = _locked(lease)
        rent_basis.seed([row])
        basis = rent_basis.of([row])[row.pk]
        charged = _charged(row)
        made = []
        for month in _billed_months(row, charged):
            made += _differences(basis, month, charged, words, by)
        RentCharge.objects.bulk_create(made)
        if made:
            audit.record(
                "rent.corrected", by=by, thing=row, words=words,
                total=f"{sum(one.amount for one in made):.2f}",
            )  # fmt: skip
        return made


def correct(lease: Lease, *, month: date, amount: Decimal, words: str, by: Any) -> RentCharge:
    """A person's line for a month, in yuan, with words the household reads; negative takes off.

    Raises CorrectionRefused.
    """
    with transaction.atomic():
        row = _locked(lease)
        if not words.strip():
            raise CorrectionRefused(_("请写明更正的原因，住户看得到。"), field="words")
        if not amount:
            raise CorrectionRefused(_("更正的金额不能是0。"), field="amount")
        month = months.first(month)
        known = RentCharge.objects.filter(lease=row, month=month).order_by("pk").first()
        if known is None:
            raise CorrectionRefused(_("这一户这个月没有账单，没有可以更正的。"), field="month")
        booked = billing.opened(months.first(clock.today()))
        line = RentCharge.objects.create(
            lease=row, month=month, booked=booked, kind=RentCharge.Kind.MANUAL, amount=amount,
            starts_on=known.starts_on, ends_on=known.ends_on, part=known.part,
            due_on=_due(amount, known.due_on, booked.month), words=words.strip()[:_MOST_WORDS],
            by=audit.label(by)[:80], at=clock.now(),
        )  # fmt: skip
        audit.record(
            "rent.corrected", by=by, thing=row, words=words, month=month.isoformat(),
            total=f"{amount:.2f}",
        )  # fmt: skip
        return line


def true_up_changed() -> int:
    """Finds leases whose dates changed after they were charged, and those that a closed month
    missed; how many lines were written."""
    with translation.override("zh-hans"):
        words = _("租期有变化，按实际居住的天数重新计算")
        late = _("上次出账时还没有这份租约，补记")
    made = sum(len(true_up(one, words=words, by=rent_basis.SYSTEM)) for one in _changed())
    return made + sum(len(true_up(one, words=late, by=rent_basis.SYSTEM)) for one in _missed())


def _locked(lease: Lease) -> Lease:
    locks.fresh(lease)
    return Lease.objects.select_related("home__estate", "application").get(pk=lease.pk)


def _charged(lease: Lease) -> dict[Key, list[RentCharge]]:
    found: dict[Key, list[RentCharge]] = defaultdict(list)
    for line in RentCharge.objects.filter(lease=lease, kind__in=_COMPUTED).order_by("pk"):
        found[line.month, line.reduction_id].append(line)
    return found


def _billed_months(lease: Lease, charged: dict[Key, list[RentCharge]]) -> list[date]:
    """Months with a bill, and closed ones that this lease has a day in."""
    closed = BillingMonth.objects.filter(
        closed_at__isnull=False,
        month__gte=months.first(lease.term.lower),
        month__lt=lease.term.upper,
    )
    return sorted({month for month, _r in charged} | set(closed.values_list("month", flat=True)))


def _differences(
    basis: Basis, month: date, charged: dict[Key, list[RentCharge]], words: str, by: Any
) -> list[RentCharge]:
    due = basis.due_in(month)
    wanted: dict[int | None, Decimal] = {None: due.rent if due else months.ZERO}
    wanted |= {pk: -off for pk, off in (due.reduced if due else {}).items()}
    known = {reduction for at, reduction in charged if at == month}
    days = (due.starts_on, due.ends_on) if due else (month, month)
    made = []
    for reduction in sorted(known | set(wanted), key=lambda one: one or 0):
        before = charged[month, reduction]
        sum_ = wanted.get(reduction, months.ZERO) - sum(one.amount for one in before)
        if sum_:
            made.append(_line(basis.lease, month, days, sum_, reduction, charged, words, by))
    return made


def _line(
    lease: Lease, month: date, days: tuple[date, date], amount: Decimal, reduction: int | None,
    charged: dict[Key, list[RentCharge]], words: str, by: Any,
) -> RentCharge:  # fmt: skip
    booked = billing.opened(months.first(clock.today()))
    first = charged[month, None][:1]
    return RentCharge(
        lease=lease, month=month, booked=booked, kind=RentCharge.Kind.CORRECTION, amount=amount,
        starts_on=days[0], ends_on=days[1], part=days != (month, months.last(month)),
        due_on=_due(amount, first[0].due_on if first else month, booked.month),
        reduction_id=reduction, words=words[:_MOST_WORDS], by=audit.label(by)[:80], at=clock.now(),
    )  # fmt: skip


def _due(amount: Decimal, before: date, booked: date) -> date:
    """What is taken off counts at once; what is added gets its own time."""
    return before if amount < 0 else billing.due_on(booked, before, clock.today())


def _changed() -> list[Lease]:
    """Leases whose last day is not the one that was charged."""
    back = months.after(clock.today(), -rent_rules.of("look_back"))
    lines = RentCharge.objects.filter(kind="month", month__gte=back).annotate(
        until=F("lease__term__endswith")
    )
    shorter = Q(until__lte=F("ends_on"))
    # cut short at its end: from the first day, and still a part
    longer = Q(part=True, starts_on=F("month"), until__gt=F("ends_on") + timedelta(days=1))
    found = lines.filter(shorter | longer).values("lease")
    return list(Lease.objects.filter(pk__in=found).order_by("pk"))


def _missed() -> list[Lease]:
    """Leases that have a day in a closed month and nothing charged for it."""
    back = months.after(clock.today(), -rent_rules.of("look_back"))
    closed = BillingMonth.objects.filter(closed_at__isnull=False, month__gte=back)
    found: dict[int, Lease] = {}
    for month in closed.values_list("month", flat=True):
        known = RentCharge.objects.filter(month=month).values("lease")
        found |= {one.pk: one for one in billing.unbilled(month).exclude(pk__in=known)}
    return [found[pk] for pk in sorted(found)]

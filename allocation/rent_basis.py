"""What each month of a lease costs by its terms, dates and reductions. Writes no charge.

The lease stands as it was signed; what changes afterwards are its ``RentTerm`` rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from allocation import months, rent_rules, rents, states
from allocation.models import Lease, Reduction, RentTerm
from core import audit, clock
from core.refusals import Refusal

SYSTEM = audit.System("租金")
Standards = dict[tuple[int, str], tuple[Decimal, Decimal] | None]  # estate and tier
_REDUCES = (states.D_GRANTED, states.D_OVER)


@dataclass(frozen=True)
class Due:
    """What one month of one lease comes to: the rent, and what each reduction takes off."""

    month: date
    rent: Decimal
    starts_on: date
    ends_on: date
    part: bool
    reduced: dict[int, Decimal] = field(default_factory=dict)  # Reduction → yuan, not negative


@dataclass
class Basis:
    """The terms and reductions of one lease."""

    lease: Lease
    terms: list[RentTerm]
    reductions: list[Reduction]

    def term_in(self, month: date) -> RentTerm:
        """The terms in force in a month: the latest start, of two the newer; at first the first."""
        begun = [term for term in self.terms if term.from_month <= month]
        return begun[-1] if begun else self.terms[0]

    def due_in(self, month: date) -> Due | None:
        """What the month costs; None where the lease has no day in it."""
        start, end = self.lease.term.lower, months.day_before(self.lease.term.upper)
        days = months.in_month(month, start, end)
        if days is None:
            return None
        part = days != (month, months.last(month))
        rent = self.term_in(month).rent
        sum_ = months.part(rent, *days, rent_rules.of("part_month")) if part else rent
        return Due(month, sum_, *days, part, self._reduced(month, sum_))

    def _reduced(self, month: date, sum_: Decimal) -> dict[int, Decimal]:
        """Each takes its part of what the earlier ones left; together never more than the rent."""
        taken, left = {}, sum_
        for one in self.reductions:
            if one.from_month <= month <= one.to_month:
                off = (left * one.share).quantize(months.FEN, ROUND_HALF_UP) if one.share else (
                    one.amount or months.ZERO
                )  # fmt: skip
                taken[one.pk] = min(off, left)
                left -= taken[one.pk]
        return taken


def of(leases: Sequence[Lease]) -> dict[int, Basis]:
    """The basis of each lease by its key, in two queries. Every lease has terms by then."""
    terms: dict[int, list[RentTerm]] = defaultdict(list)
    for term in RentTerm.objects.filter(lease__in=leases).order_by("from_month", "id"):
        terms[term.lease_id].append(term)
    reductions: dict[int, list[Reduction]] = defaultdict(list)
    granted = Reduction.objects.filter(lease__in=leases, state__in=_REDUCES)
    for one in granted.order_by("from_month", "id"):
        reductions[one.lease_id].append(one)
    return {
        lease.pk: Basis(lease, terms[lease.pk] or [_first(lease)], reductions[lease.pk])
        for lease in leases
    }


def seed(leases: Iterable[Lease]) -> None:
    """Writes the first terms of leases that have none: those that were signed."""
    leases = list(leases)
    known = set(RentTerm.objects.filter(lease__in=leases).values_list("lease", flat=True))
    standards: Standards = {}  # looked up once an estate and tier
    RentTerm.objects.bulk_create(_first(one, standards) for one in leases if one.pk not in known)


def term_in_force(lease: Lease, on: date) -> RentTerm:
    """The terms of a lease in the month of a day; unsaved ones where nothing was billed yet."""
    return of([lease])[lease.pk].term_in(months.first(on))


def explain(
    lease: Lease, tier: str, rent: Decimal, on: date, standards: Standards | None = None
) -> dict[str, Any]:
    """Area, market rent and share that give this rent, as text; empty where they do not."""
    standards = {} if standards is None else standards
    key = lease.home.estate_id, tier
    if key not in standards:
        standards[key] = _standard(lease, tier, on)
    market, share = standards[key] or (months.ZERO, months.ZERO)
    if (lease.home.area * market * share).quantize(months.FEN, ROUND_HALF_UP) != rent:
        return {}
    return {"area": f"{lease.home.area:.2f}", "market": f"{market:.2f}", "share": str(share)}


def _standard(lease: Lease, tier: str, on: date) -> tuple[Decimal, Decimal] | None:
    """Market rent and share on a day; None where one of them is not known."""
    try:
        share = rents.policy_on(on).value("rent.coefficient", on)[tier]
        return rents.market_rent(lease.home, on), Decimal(str(share))
    except (Refusal, LookupError, ValueError):
        return None


def _first(lease: Lease, standards: Standards | None = None) -> RentTerm:
    on = clock.today()
    with translation.override("zh-hans"):
        reason = _("租赁合同约定的租金")
    return RentTerm(
        lease=lease, from_month=months.first(lease.term.lower), rent=lease.rent_monthly,
        tier=lease.tier, reason=reason,
        basis=explain(lease, lease.tier, lease.rent_monthly, on, standards),
        by=SYSTEM.name, at=clock.now(),
    )  # fmt: skip

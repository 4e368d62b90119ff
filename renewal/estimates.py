"""The dry run (试算): calls, hours at the quotas and cost of a campaign, register by register.

Nothing is asked. Which registers apply to a person follows from age, role and category alone; it is
looked up for a part of the people, spread evenly, and scaled, so that it costs the same for any
number of households.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Mod
from redis import RedisError

from accounts.models import Bureau
from allocation.models import Lease
from applications import authority, evaluation, reports
from applications.models import Evidence, Member
from applications.models.evidence import RECHECK_ROUND
from core import clock
from datashare import catalogue, queries
from renewal import call_costs, populations
from renewal.models import Campaign

MOST_READ = 600  # people whose registers are looked up
_TWICE = 2  # a report is ordered by one call and fetched by another, and costs once


@dataclass(frozen=True)
class Part:
    """What one register will be asked. ``seconds`` at its pace; ``days`` at its daily quota."""

    source: str
    calls: int
    rate: float  # calls a second
    daily: int  # calls a day that a campaign may use
    left: int  # of them today
    cost: Decimal  # yuan
    verified: bool  # whether the price is known

    @property
    def seconds(self) -> float:
        return self.calls / self.rate if self.rate else math.inf

    @property
    def days(self) -> int:
        """Calendar days on which it is asked; 1: it is done today."""
        over = self.calls - self.left
        return 1 if over <= 0 else 1 + math.ceil(over / max(1, self.daily))

    @property
    def weight(self) -> tuple[int, float]:
        """The register with the greatest one sets the pace."""
        return self.days, self.seconds


@dataclass(frozen=True)
class Estimate:
    """What a campaign will ask, before anything is asked."""

    households: int  # that would be taken in
    in_force: int
    ever: int
    people: int
    read: int  # people who were looked at one by one; the rest is scaled from them
    parts: tuple[Part, ...]
    live: bool  # whether the quotas are those left now, or the granted ones

    @property
    def questions(self) -> int:
        return sum(one.calls for one in self.parts)

    @property
    def cost(self) -> Decimal:
        return sum((one.cost for one in self.parts), Decimal(0))

    @property
    def limiting(self) -> Part | None:
        """The register that sets the pace: the others are done before it."""
        return max(self.parts, key=lambda one: one.weight, default=None)

    @property
    def hours(self) -> float:
        """Hours of asking at the pace of the slowest register, daily quotas aside."""
        return max((one.seconds for one in self.parts), default=0.0) / 3600

    @property
    def days(self) -> int:
        return max((one.days for one in self.parts), default=0)

    def to_record(self) -> dict[str, Any]:
        """As it is kept with the campaign, for the report at its end."""
        return {
            "households": self.households, "people": self.people, "questions": self.questions,
            "hours": round(self.hours, 2), "days": self.days, "cost": f"{self.cost:.2f}",
            "limiting": self.limiting.source if self.limiting else "",
            "calls": {one.source: one.calls for one in self.parts},
        }  # fmt: skip


def of(
    population: str = Campaign.Population.IN_FORCE,
    *,
    street: Bureau | None = None,
    category: str = "",
    limit: int | None = None,
) -> Estimate:
    """The dry run of a campaign planned now. Reads the quotas that are left; outside transactions.

    Some statements, however many households there are.
    """
    leases = populations.leases(population, street=street, category=category)
    numbers = populations.counts(street=street, category=category)
    total = numbers[population]
    taken = total if limit is None else min(limit, total)
    share = taken / total if total else 0.0
    people = _people(leases)
    count = people.count()
    calls, read = _calls(people, count)
    for source in reports.sources() & set(calls):
        calls[source] -= min(calls[source], _valid_reports(leases, source))
        calls[source] *= _TWICE
    quotas, live = _quotas()
    parts = [_part(code, math.ceil(n * share), quotas[code]) for code, n in calls.items() if n]
    parts.sort(key=lambda one: one.weight, reverse=True)
    return Estimate(
        households=taken, in_force=numbers[Campaign.Population.IN_FORCE],
        ever=numbers[Campaign.Population.EVER], people=math.ceil(count * share), read=read,
        parts=tuple(parts), live=live,
    )  # fmt: skip


def _people(leases: QuerySet[Lease]) -> QuerySet[Member]:
    return Member.objects.filter(application__in=leases.values("application"), excluded=False)


def _calls(people: QuerySet[Member], count: int) -> tuple[Counter[str], int]:
    """Calls by register, and of how many people they were read."""
    step = max(1, math.ceil(count / MOST_READ))
    rows = people.annotate(place=Mod(F("pk"), step)).filter(place=0) if step > 1 else people
    found: Counter[str] = Counter()
    read = 0
    for member, alone in _with_company(rows):
        read += 1
        if authority.may_be_asked(member):
            found.update(
                evaluation.sources_about(member.application, member, RECHECK_ROUND, alone=alone)
            )
    scale = count / read if read else 0
    return Counter({code: round(n * scale) for code, n in found.items()}), read


def _with_company(rows: QuerySet[Member]) -> Iterable[tuple[Member, bool]]:
    """Each of these people, and whether the household is that person alone."""
    people = list(rows.select_related("application").prefetch_related("consents")[: 2 * MOST_READ])
    cases = {one.application_id for one in people}
    sizes = Counter(
        Member.objects.filter(application__in=cases, excluded=False).values_list(
            "application_id", flat=True
        )
    )
    return [(one, sizes[one.application_id] == 1) for one in people]


def _valid_reports(leases: QuerySet[Lease], source: str) -> int:
    """People whose report is still valid: it is taken over and not ordered again."""
    rows = Evidence.objects.filter(
        application__in=leases.values("application"), source=source, status="found",
        valid_to__gte=clock.today(), member__excluded=False,
    )  # fmt: skip
    return rows.values("member").distinct().count()


def _quotas() -> tuple[dict[str, tuple[float, int, int]], bool]:
    """Pace, share of the day and what is left of it, by register; and whether it is today's."""
    granted = {one.code: (float(one.rate), one.quota, one.quota) for one in catalogue.entries()}
    try:
        now = queries.allowances()
    except (RedisError, OSError, TimeoutError):
        now = {}
    for code, row in now.items():
        granted[code] = (float(row["rate"]), int(row["daily"]), int(row["left"]))
    return {code: _bulk(*one) for code, one in granted.items()}, bool(now)


def _bulk(rate: float, daily: int, left: int) -> tuple[float, int, int]:
    """What a campaign may use of a day: a part is left to the citizens who wait."""
    share = round(daily * queries.BULK_DAY)
    return rate, share, max(0, left - (daily - share))


def _part(code: str, calls: int, quota: tuple[float, int, int]) -> Part:
    rate, daily, left = quota
    price = call_costs.of(code)
    paid = math.ceil(calls / _TWICE) if code in reports.sources() else calls
    return Part(code, calls, rate, daily, left, paid * price.yuan, price.verified)

"""How long a household may still wait (轮候预计): 估计，不是承诺.

Two things stand between a household and a home. Those of better tiers go first, in the pace of the
homes given less those who come into better tiers. Then the draw decides by chance within the tier,
so that a wait is a matter of luck: of a pool of S households r are housed each month. The range
names the months between which the promised share of such households would be housed, from what was
given and who came in whole months of the past. Where that is too little, nothing is guessed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log, sqrt
from statistics import NormalDist, fmean, pstdev, stdev
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from applications import periods
from applications.models import WaitEntry, WaitMove
from core import clock

Kind, Reason = WaitMove.Kind, WaitMove.Reason


@dataclass(frozen=True)
class Estimate:
    """How many months more, from the homes given in whole months: an estimate, not a promise."""

    lo: int
    hi: int
    months: int
    first: date  # of the first month looked at
    last: date  # of the last month looked at
    homes: int  # given in those months, of the kinds that the household may have


@dataclass(frozen=True)
class Past:
    """What happened in each of the months looked back on, for one tier and its kinds of home."""

    homes: Sequence[int]  # given
    better: Sequence[int]  # households that came into better tiers, less those who left unhoused
    same: Sequence[int]  # the same for the household's own tier


def of(entry: WaitEntry, today: date) -> Estimate | None:
    """The range for a household on a day; None where it is not known: two queries."""
    first, months = _first_month(today), periods.of("wait_history").value
    past = _past(entry, first, today)
    if sum(past.homes) < periods.of("wait_fewest").value:
        return None
    ahead, pool = _households(entry)
    found = months_range(
        ahead, pool, past,
        share=periods.of("wait_share").value / 100, longest=periods.of("wait_longest").value,
    )  # fmt: skip
    if found is None:
        return None
    last = periods.months_later(first, months - 1)
    return Estimate(*found, months=months, first=first, last=last, homes=sum(past.homes))


# -- The range: plain numbers ----------------------------------------------------------------------


def months_range(
    ahead: int, pool: int, past: Past, *, share: float, longest: int
) -> tuple[int, int] | None:
    """From and to how many months for ``share`` of such households; None where nothing is known.

    ``ahead`` households of better tiers stand before it, ``pool`` in its own tier, itself included.
    """
    low, high = (1 - share) / 2, (1 + share) / 2
    sure = NormalDist().inv_cdf(high)
    drained = [homes - came for homes, came in zip(past.homes, past.better, strict=True)]
    until = _drain(ahead, drained, sure * _spread(drained, past.homes), longest)
    growth = fmean(past.same)
    error = sure * _spread(drained, past.homes) / sqrt(len(drained))
    pace = fmean(drained)
    if until is None or pace - error <= 0:
        return None
    soonest = _drawn(low, pool, pace + error, growth, until[0])
    latest = _drawn(high, pool, pace - error, growth, until[1])
    hi = ceil(until[1] + latest + _longest_gap(past.homes))
    return (floor(until[0] + soonest), hi) if hi <= longest else None


def _drain(ahead: int, drained: Sequence[int], sure: float, longest: int) -> tuple[int, int] | None:
    """Months until the better tiers are housed, at the soonest and at the latest."""
    if not ahead:
        return 0, 0
    mean, known = fmean(drained), len(drained)

    def gone(month: int, side: int) -> float:
        return month * mean + side * sure * sqrt(month * (1 + month / known))

    soonest = _first(lambda month: gone(month, 1) >= ahead, longest)
    latest = _first(lambda month: gone(month, -1) >= ahead, longest)
    return None if soonest is None or latest is None else (max(0, soonest - 1), latest)


def _first(reached: Callable[[int], bool], longest: int) -> int | None:
    return next((month for month in range(1, longest + 1) if reached(month)), None)


def _drawn(share: float, pool: int, pace: float, growth: float, waited: float) -> float:
    """Months by which ``share`` of today's pool is drawn, by chance, ``pace`` households a month.

    The pool changes by newcomers less those housed: its survivors are (S / (S + g·t)) ^ (pace / g).
    """
    size = max(1.0, pool + growth * waited)
    change = growth - pace
    left = 1 - share
    if abs(change) < 1e-9:
        return -log(left) * size / pace
    months: float = size / change * (left ** (-change / pace) - 1)
    return months


def _spread(drained: Sequence[int], homes: Sequence[int]) -> float:
    """How much a month differs from another, beyond the rhythm of the rounds: homes that come every
    third month are no surprise, so whole stretches between rounds are compared."""
    length = _longest_gap(homes) + 1
    sums = [sum(drained[at : at + length]) for at in range(0, len(drained) - length + 1, length)]
    return stdev(sums) / sqrt(length) if len(sums) > 1 else pstdev(drained)


def _longest_gap(homes: Sequence[int]) -> int:
    """The most months in a row without a home: the next round may just have passed."""
    longest = gap = 0
    for given in homes:
        gap = 0 if given else gap + 1
        longest = max(longest, gap)
    return longest


# -- What it is counted from -----------------------------------------------------------------------


def _first_month(today: date) -> date:
    """The first of the months looked back on; this month is not over and does not count."""
    return periods.months_later(today.replace(day=1), -periods.of("wait_history").value)


def _past(entry: WaitEntry, first: date, today: date) -> Past:
    tier = entry.draw_tier
    came, left = Q(kind__in=(Kind.REGISTERED, Kind.RETURNED)), Q(kind=Kind.LEFT)
    housed = left & Q(reason=Reason.HOUSED)
    gone = left & ~Q(reason=Reason.HOUSED)
    mine = Q(unit_type__in=entry.unit_types) | Q(unit_type="") & _kinds(entry, "entry__")
    rows = (
        WaitMove.objects.filter(
            at__gte=clock.local_midnight(first), at__lt=clock.local_midnight(today.replace(day=1))
        )
        .order_by()
        .annotate(month=TruncMonth("at", tzinfo=clock.LOCAL))
        .values("month")
        .annotate(
            homes=Count("pk", filter=housed & mine),
            better_in=Count("pk", filter=(came & Q(to_draw_tier__lt=tier) | _rose(tier)) & mine),
            better_out=Count("pk", filter=gone & Q(from_draw_tier__lt=tier) & mine),
            same_in=Count("pk", filter=came & Q(to_draw_tier=tier) & mine),
            same_out=Count("pk", filter=(gone & Q(from_draw_tier=tier) | _rose(tier)) & mine),
        )
    )
    found = {row["month"].astimezone(clock.LOCAL).date(): row for row in rows}
    months = [periods.months_later(first, n) for n in range(periods.of("wait_history").value)]
    nothing: dict[str, Any] = {}
    lines: list[Any] = [found.get(month, nothing) for month in months]
    return Past(
        homes=[row.get("homes", 0) for row in lines],
        better=[row.get("better_in", 0) - row.get("better_out", 0) for row in lines],
        same=[row.get("same_in", 0) - row.get("same_out", 0) for row in lines],
    )


def _rose(tier: int) -> Q:
    return Q(kind=Kind.MOVED_UP, from_draw_tier__gte=tier, to_draw_tier__lt=tier)


def _kinds(entry: WaitEntry, path: str = "") -> Q:
    """Households that wait for a kind of home that this one may have."""
    found = Q(pk__in=[])
    for unit_type in entry.unit_types:
        found |= Q(**{f"{path}unit_types__contains": [unit_type]})
    return found


def _households(entry: WaitEntry) -> tuple[int, int]:
    """Households of better tiers, and of the same tier with this one itself."""
    rows = WaitEntry.objects.filter(_kinds(entry), ended_at=None)
    counts = rows.aggregate(
        ahead=Count("pk", filter=Q(draw_tier__lt=entry.draw_tier)),
        pool=Count("pk", filter=Q(draw_tier=entry.draw_tier)),
    )
    return counts["ahead"], max(1, counts["pool"])

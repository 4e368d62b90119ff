"""自查 Do drawn positions depend on anything they should not (docs/draw-protocol.md, section 6)?

Pure: the standard library alone. Positions are ranked anew within each tier, so that tiers
themselves are no bias. Submission time is compared by a stratified Spearman test; street, last
digit of the ticket and channel by a stratified Kruskal-Wallis test (van Elteren's weights).
Both compare with what every order being equally likely would give, and report a p-value: the
share of honest draws that look at least as uneven. The values stay inside; only counts,
statistics and p-values are printed.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

MINIMUM = 20  # entrants that can be compared; with fewer a p-value says nothing
ALERT = 0.001  # one honest draw in 250 raises one of the four


@dataclass(frozen=True)
class Row:
    """One entrant: position in the result and what it must not depend on.

    `submitted` is any comparable value (a datetime or ISO text of one zone).
    """

    position: int
    tier: int
    ticket: str
    submitted: object
    street: str
    channel: str


@dataclass(frozen=True)
class Finding:
    """One test: `p` is None where too few entrants, or only one group, can be compared."""

    name: str  # submission_time | street | last_digit | channel
    entrants: int
    statistic: float | None
    p: float | None

    @property
    def verdict(self) -> str:
        """`independent`, `unusual` (a person should look) or `too_few`."""
        if self.p is None:
            return "too_few"
        return "unusual" if self.p < ALERT else "independent"


def check(rows: Iterable[Row]) -> list[Finding]:
    """The four findings printed with each result (section 6)."""
    rows = list(rows)
    return [
        by_rank("submission_time", rows, lambda row: row.submitted),
        by_group("street", rows, lambda row: row.street),
        by_group("last_digit", rows, lambda row: row.ticket[-1:]),
        by_group("channel", rows, lambda row: row.channel),
    ]


# --- Ordered values -------------------------------------------------------------------


def by_rank(name: str, rows: Sequence[Row], value: Callable[[Row], object]) -> Finding:
    """Do positions rise or fall with an ordered value? Normal approximation, two-sided."""
    covariance = variance = 0.0
    compared = 0
    for tier in _tiers(rows):
        values = _ranks([value(row) for row in tier])
        spread = _squares(values) * _squares(range(1, len(tier) + 1))
        if spread == 0:
            continue
        compared += len(tier)
        weight = 1 / (len(tier) + 1)
        covariance += weight * _products(values, range(1, len(tier) + 1))
        variance += weight**2 * spread / (len(tier) - 1)
    if compared < MINIMUM:
        return Finding(name, compared, None, None)
    z = covariance / math.sqrt(variance)
    return Finding(name, compared, z, math.erfc(abs(z) / math.sqrt(2)))


def _tiers(rows: Sequence[Row]) -> list[list[Row]]:
    tiers: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.position):
        tiers[row.tier].append(row)
    return [tier for tier in tiers.values() if len(tier) > 1]


def _ranks(values: Sequence[object]) -> list[float]:
    """Rank of each value from 1, equal values sharing their mean rank."""
    places: dict[object, list[int]] = defaultdict(list)
    for place, value in enumerate(sorted(values), start=1):  # type: ignore[type-var]
        places[value].append(place)
    return [sum(places[value]) / len(places[value]) for value in values]


def _products(left: Sequence[float], right: Sequence[float]) -> float:
    a, b = sum(left) / len(left), sum(right) / len(right)
    return sum((x - a) * (y - b) for x, y in zip(left, right, strict=True))


def _squares(values: Sequence[float]) -> float:
    return _products(values, values)


# --- Groups ---------------------------------------------------------------------------


def by_group(name: str, rows: Sequence[Row], group: Callable[[Row], Hashable]) -> Finding:
    """Do some groups sit higher than others? Chi-square approximation."""
    sums: dict[Hashable, float] = defaultdict(float)
    spread: dict[tuple[Hashable, Hashable], float] = defaultdict(float)
    compared = 0
    for tier in _tiers(rows):
        places: dict[Hashable, list[int]] = defaultdict(list)
        for place, row in enumerate(tier, start=1):
            places[group(row)].append(place)
        if len(places) > 1:
            compared += len(tier)
            _add_tier(places, len(tier), sums, spread)
    if compared < MINIMUM:
        return Finding(name, compared, None, None)
    statistic, freedom = _quadratic_form(sums, spread)
    return Finding(name, compared, statistic, chi_square_tail(statistic, freedom))


def _add_tier(
    places: Mapping[Hashable, list[int]],
    n: int,
    sums: dict[Hashable, float],
    spread: dict[tuple[Hashable, Hashable], float],
) -> None:
    """Add a tier's rank sums and their covariance when every order is equally likely."""
    weight = 1 / (n + 1)
    for one, ranks in places.items():
        sums[one] += weight * (sum(ranks) - len(ranks) * (n + 1) / 2)
        for other, others in places.items():
            pairs = len(ranks) * ((n if one == other else 0) - len(others))
            spread[one, other] += weight**2 * pairs * (n + 1) / 12


def _quadratic_form(
    sums: Mapping[Hashable, float], spread: Mapping[tuple[Hashable, Hashable], float]
) -> tuple[float, int]:
    """x' V⁻ x and the rank of V, by elimination that leaves dependent rows out."""
    names = sorted(sums, key=str)
    matrix = [[spread.get((a, b), 0.0) for b in names] + [sums[a]] for a in names]
    scale = max(matrix[i][i] for i in range(len(names)))
    statistic, freedom = 0.0, 0
    for pivot in range(len(names)):
        head = matrix[pivot][pivot]
        if head <= 1e-9 * scale:
            continue
        statistic += matrix[pivot][-1] ** 2 / head
        freedom += 1
        for row in matrix[pivot + 1 :]:
            factor = row[pivot] / head
            for column in range(pivot, len(row)):
                row[column] -= factor * matrix[pivot][column]
    return statistic, freedom


def chi_square_tail(statistic: float, freedom: int) -> float:
    """Probability that chi-square with that many degrees of freedom exceeds `statistic`."""
    if statistic <= 0 or freedom < 1:
        return 1.0
    a, x = freedom / 2, statistic / 2
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        return max(0.0, 1.0 - scale * _gamma_series(a, x))
    return min(1.0, scale * _gamma_fraction(a, x))


def _gamma_series(a: float, x: float) -> float:
    term = total = 1 / a
    while term > total * 1e-15:
        a += 1
        term *= x / a
        total += term
    return total


def _gamma_fraction(a: float, x: float) -> float:
    """Lentz's method for the continued fraction of the upper incomplete gamma function."""
    b = x + 1 - a
    c, d = 1e300, 1 / b
    result = d
    for i in range(1, 1000):
        b += 2
        d = 1 / (b - i * (i - a) * d)
        c = b - i * (i - a) / c
        result *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return result

"""A hundred thousand households: columns prepared by two workers, and one value moved on them.

The workers do what the platform's do with stored assessments, in parts of the same size: JSON text
→ case → the full engine → columns. Making the invented households is not in the time.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from multiprocessing import get_context
from typing import Any

from applications.eligibility import policy
from applications.eligibility.assessment import assess
from applications.eligibility.cast import Case
from applications.eligibility.facts import Facts
from applications.eligibility.policy import Policy
from applications.eligibility.whatif import again, movable, parts, trial
from applications.eligibility.whatif.columns import Columns
from benchmarks.figures import Figure
from benchmarks.many import ON, household

MANY, PART, WORKERS = 100_000, 500, 2
FIVE = ("INCOME", "HOUSING_AREA", "TRANSFER_LOOKBACK", "SINGLE_AGE", "EMPLOYMENT")
# One of each kind: a limit of income, of area, a look-back, an age, a rent.
MOVED = (
    ("income.ratio_lower_middle", "0.9"),
    ("housing.area_per_person", "20"),
    ("housing.transfer_lookback_months", "60"),
    ("single.min_age", "30"),
    ("rent.market", "27.5"),
)


def figures(judge_as_peer: Any) -> Iterator[Figure]:
    """Preparation, memory, the slowest trial and its equality with the full engine.

    ``judge_as_peer(count)`` lets openfisca-core judge the same households by its five rules.
    """
    kept, seconds, processor = prepared()
    yield Figure(
        "prepare_100000", seconds, "s", 60.0, seconds / 60, 1.0, "low",
        f"full engine and columns, {WORKERS} workers, {processor:.1f} s of processor the longer; "
        "reference: the goal",
    )  # fmt: skip
    started = time.perf_counter()
    columns = Columns.joined(map(Columns.from_bytes, kept))
    loading = time.perf_counter() - started
    per_household = columns.nbytes / len(columns)
    yield Figure(
        "columns_memory", columns.nbytes / 2**20, "MiB", sum(map(len, kept)) / 2**20,
        columns.nbytes / 2**20 / 64, 1.0, "low",
        f"{per_household:.0f} bytes a household, read in {loading:.2f} s; reference: as kept",
    )  # fmt: skip
    base = movable.pinned(policy.default_for(ON), ON)
    yield from five_rules(columns, base, judge_as_peer)
    times = {name: tried(columns, base, name, to) for name, to in MOVED}
    slowest = max(times, key=lambda name: times[name][0])
    peer = min(used(lambda: judge_as_peer(MANY)) for _ in range(3))
    yield Figure(
        "what_if_100000", times[slowest][0], "s", peer, times[slowest][0] / 5, 1.0, "low",
        f"{slowest} moved, counted, cost, 1 % by the full engine, {times[slowest][3]:.2f} s of "
        "processor; reference: openfisca-core, "
        "five rules on ready numbers of the same households; goal 5 s",
    )  # fmt: skip
    compared = sum(one[1] for one in times.values())
    wrong = sum(one[2] for one in times.values())
    yield Figure(
        "what_if_equal", float(compared - wrong), "equal", float(compared),
        (compared - wrong) / compared, 1.0, "high",
        f"households judged by columns and by the full engine, {len(MOVED)} moved values",
    )  # fmt: skip


def five_rules(columns: Columns, base: Policy, judge_as_peer: Any) -> Iterator[Figure]:
    """Income with its tier, area, look-back, single age and insured months, on all columns."""
    ours = min(used(lambda: _five(columns, base)) for _ in range(10))
    peer = min(used(lambda: judge_as_peer(len(columns))) for _ in range(10))
    yield Figure(
        "five_rules_100000", ours * 1000, "ms", peer * 1000, ours / peer, 1.0, "low",
        "of processor, on prepared columns; reference: openfisca-core, same rules and households",
    )  # fmt: skip


def used(work: Callable[[], Any]) -> float:
    """Seconds of processor: the work itself, whatever else runs on the machine."""
    started = time.process_time()
    work()
    return time.process_time() - started


def _five(columns: Columns, base: Policy) -> None:
    at = again.Lines(columns, base)
    again.tier(at)
    for name in FIVE:
        again.RULES[name](at)


def prepared() -> tuple[list[bytes], float, float]:
    """The parts, and the seconds of the worker that was longest at work: by the wall clock, and of
    the processor, which is what counts where other programs run on the machine."""
    shares = [range(first, MANY, WORKERS * PART) for first in range(0, WORKERS * PART, PART)]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as pool:
        done = list(pool.map(_worker, shares))
    kept = [one for made, _wall, _processor in done for one in made]
    return kept, max(wall for _made, wall, _ in done), max(used for _made, _wall, used in done)


def _worker(firsts: range) -> tuple[list[bytes], float, float]:
    base, made = movable.pinned(policy.default_for(ON), ON), []
    wall = processor = 0.0
    for first in firsts:
        texts = [household(first + at)[0] for at in range(PART)]
        started, used = time.perf_counter(), time.process_time()
        made.append(part(texts, first, base))
        wall += time.perf_counter() - started
        processor += time.process_time() - used
    return made, wall, processor


def part(texts: list[str], first: int, base: Policy) -> bytes:
    """Some households' columns, as a worker of the platform makes and keeps them."""
    households = (
        parts.Household(Case.from_dict(json.loads(text)), ON, first + at)
        for at, text in enumerate(texts)
    )
    return parts.made(households, base).to_bytes()


def tried(columns: Columns, base: Policy, name: str, to: str) -> tuple[float, int, int, float]:
    """Seconds of one trial with its count, cost and sample; how many compared, how many differ; and
    seconds of processor."""
    from applications import what_if

    places = what_if.sample(columns, columns.cases["key"][:0], "bench")
    texts = {one: household(int(columns.cases["key"][one]))[0] for one in places}
    started, processor = time.perf_counter(), time.process_time()
    lever = movable.lever(name, base)
    found = trial.run(columns, movable.moved(base, lever, to), lever)
    alone = {int(one) for one in found.for_engine}
    for one in alone:
        result, facts = _judged(household(int(columns.cases["key"][one]))[0], found.policy)
        found.settle(one, result, facts)
    what_if.kinds_of(found)
    for outcomes, pack in ((found.before, base), (found.after, found.policy)):
        paid, waived = trial.yearly_cost(columns, outcomes, pack)
        Decimal(int(paid.sum() + waived.sum()))
    places = what_if.sample(columns, found.for_engine, "bench")
    wrong = sum(bool(_differs(found, one, texts)) for one in places)
    spent = time.perf_counter() - started
    return spent, len(places), wrong, time.process_time() - processor


def _differs(found: trial.Trial, place: int, texts: dict[int, str]) -> list[str]:
    text = texts.get(place) or household(int(found.columns.cases["key"][place]))[0]
    return found.differs(place, *_judged(text, found.policy))


def _judged(text: str, pack: Policy) -> tuple[Any, Facts]:
    case = Case.from_dict(json.loads(text))
    return assess(case, on=ON, policy=pack), Facts(case, ON, pack)

"""How long a household may still wait: a range that holds, or nothing."""

import random
from dataclasses import dataclass
from datetime import timedelta

import pytest

from applications import states, wait_forecast, waiting
from applications.models import WaitEntry, WaitMove
from applications.wait_forecast import Past
from core import clock
from tests.factories import applications
from tests.factories import review as desk

SHARE, LONGEST, KNOWN = 0.8, 120, 12


# -- The range against invented histories ---------------------------------------------------------


@dataclass
class District:
    """An invented list: households come every month, homes go by tier and, within it, by lot."""

    chance: random.Random
    homes: tuple[int, ...]  # of each month of a year, about
    comes: dict[int, int]  # households a month and tier, about
    leaves: float = 0.002  # share a month that gives up

    def __post_init__(self):
        self.month = 0
        self.waits: list[tuple[int, int]] = []  # tier, number
        self.housed: dict[int, int] = {}  # number: month
        self.given: list[int] = []
        self.moved: list[dict[int, int]] = []  # per month: net newcomers by tier
        self.count = 0

    def about(self, number: int) -> int:
        return sum(self.chance.random() < 0.5 for _n in range(2 * number))

    def step(self) -> None:
        net = dict.fromkeys(self.comes, 0)
        for tier, number in self.comes.items():
            for _n in range(self.about(number)):
                self.count += 1
                self.waits.append((tier, self.count))
                net[tier] += 1
        for one in [one for one in self.waits if self.chance.random() < self.leaves]:
            self.waits.remove(one)
            net[one[0]] -= 1
        homes = self.about(self.homes[self.month % 12])
        order = sorted(self.waits, key=lambda one: (one[0], self.chance.random()))
        for one in order[:homes]:
            self.waits.remove(one)
            self.housed[one[1]] = self.month
        self.given.append(min(homes, len(order)))
        self.moved.append(net)
        self.month += 1

    def past(self, tier: int) -> Past:
        years = slice(-KNOWN, None)
        return Past(
            homes=self.given[years],
            better=[sum(n for t, n in net.items() if t < tier) for net in self.moved[years]],
            same=[net[tier] for net in self.moved[years]],
        )


REGIMES = {
    "even months": ((10,) * 12, {1: 1, 2: 2, 3: 6}),
    "rounds a quarter": ((0, 0, 30) * 4, {1: 1, 2: 2, 3: 6}),
    "two rounds a year": ((0, 0, 0, 0, 0, 60) * 2, {1: 1, 2: 1, 3: 8}),
    "more come than homes are given": ((9,) * 12, {1: 1, 2: 1, 3: 8}),
    "many of better tiers in front": ((8,) * 12, {1: 2, 2: 4, 3: 2}),
}


def _first(name: str) -> int:
    return 300 if "front" in name else 90


@pytest.mark.parametrize("name", REGIMES)
def test_the_true_wait_lies_in_the_range_for_eight_of_ten_households(name):
    homes, comes = REGIMES[name]
    inside = asked = 0
    for seed in range(9):
        city = District(random.Random(seed), homes, comes)
        city.waits = [(1 + n % 3, -1 - n) for n in range(_first(name))]
        for _month in range(24):
            city.step()
        chosen = city.chance.sample(city.waits, 30)
        now = city.month
        guesses = {
            number: wait_forecast.months_range(
                sum(one[0] < tier for one in city.waits),
                sum(one[0] == tier for one in city.waits),
                city.past(tier), share=SHARE, longest=LONGEST,
            )
            for tier, number in chosen
        }  # fmt: skip
        for _month in range(LONGEST + 1):
            city.step()
        for number, guess in guesses.items():
            if guess is None:
                continue
            left = city.housed.get(number)
            gave_up = left is None and all(one[1] != number for one in city.waits)
            if gave_up:
                continue
            asked += 1
            inside += left is not None and guess[0] <= left - now + 1 <= guess[1]
    assert asked > 100
    assert inside / asked >= 0.8, (name, inside / asked)


def test_more_homes_never_make_the_range_later():
    base = Past(homes=[10] * 12, better=[2] * 12, same=[6] * 12)
    more = Past(homes=[14] * 12, better=[2] * 12, same=[6] * 12)
    ranges = [
        wait_forecast.months_range(20, 60, past, share=SHARE, longest=LONGEST)
        for past in (base, more)
    ]
    assert ranges[1][0] <= ranges[0][0]
    assert ranges[1][1] < ranges[0][1]


def test_nothing_is_guessed_where_better_tiers_take_every_home():
    past = Past(homes=[5] * 12, better=[5] * 12, same=[1] * 12)
    assert wait_forecast.months_range(30, 20, past, share=SHARE, longest=LONGEST) is None


def test_a_range_beyond_what_may_be_named_is_not_known():
    past = Past(homes=[1] * 12, better=[0] * 12, same=[1] * 12)
    assert wait_forecast.months_range(0, 400, past, share=SHARE, longest=LONGEST) is None


# -- From the moves --------------------------------------------------------------------------------


def household(unit_types: list[str], *, priority: list[str] | None = None) -> WaitEntry:
    case = applications.application(state=states.PUBLICITY)
    applications.assessment(case, priority=priority or [], unit_types=unit_types)
    return waiting.register(case, by=desk.WORKER)


def given(unit_type: str, months_ago: int, number: int = 1) -> None:
    """Homes given in a month of the past to households that had come long before."""
    day = clock.today().replace(day=1) - timedelta(days=30 * months_ago - 14)
    with clock.held_at(clock.local_midnight(day).replace(hour=12) - timedelta(days=900)):
        entries = [household([unit_type]) for _n in range(number)]
    with clock.held_at(clock.local_midnight(day).replace(hour=12)):
        for entry in entries:
            waiting.end(entry, by=desk.WORKER, unit_type=unit_type)


@pytest.mark.django_db
def test_homes_of_another_kind_count_for_nothing():
    for months in range(1, 13):
        given("1R", months)
    small, large = household(["1R"]), household(["3R"])
    guess = waiting.estimate_of(small, clock.today())
    assert guess is not None and guess.homes == 12
    assert waiting.estimate_of(large, clock.today()) is None


@pytest.mark.django_db
def test_few_homes_are_not_known_rather_than_guessed():
    for months in range(1, 12):
        given("2R", months)
    entry = household(["2R"])
    assert waiting.estimate_of(entry, clock.today()) is None
    given("2R", 12)
    guess = waiting.estimate_of(entry, clock.today())
    assert (guess.homes, guess.months) == (12, 12)
    assert 0 <= guess.lo < guess.hi


@pytest.mark.django_db
def test_the_range_says_from_which_months_it_was_taken():
    for months in range(1, 13):
        given("2R", months)
    guess = waiting.estimate_of(household(["2R"]), clock.today())
    this_month = clock.today().replace(day=1)
    assert guess.first == this_month.replace(year=this_month.year - 1)
    assert guess.last == (this_month - timedelta(days=1)).replace(day=1)


@pytest.mark.django_db
def test_who_goes_first_waits_less_than_who_goes_after():
    for months in range(1, 13):
        given("2R", months, 2)
    for _n in range(10):
        household(["2R"], priority=["AGE_70"])
    aged, plain = household(["2R"], priority=["AGE_70"]), household(["2R"])
    guesses = [waiting.estimate_of(one, clock.today()) for one in (aged, plain)]
    assert guesses[0].lo <= guesses[1].lo
    assert guesses[0].hi < guesses[1].hi


@pytest.mark.django_db
def test_an_estimate_is_two_queries_however_long_the_list(django_assert_num_queries):
    for months in range(1, 13):
        given("2R", months)
    entry = household(["2R"])
    assert WaitMove.objects.count() > 20
    with django_assert_num_queries(2):
        waiting.estimate_of(entry, clock.today())

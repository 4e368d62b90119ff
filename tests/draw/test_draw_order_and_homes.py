"""What the draw promises (docs/draw-protocol.md, sections 2 to 4)."""

import hashlib
import json
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import draw
from allocation.selfcheck import chi_square_tail
from tests.draw import bundles, reference
from tests.draw.bundles import entrant, home, roster

SEED = bytes(range(32))
ESTATES = ("EST-A", "EST-B", "EST-C")
TYPES = ("1R", "2R")


def seeds(count):
    return [hashlib.sha256(b"fixed seed %d" % n).digest() for n in range(count)]


people = st.builds(
    entrant,
    st.integers(0, 999999),
    tier=st.integers(-1, 2),
    types=st.lists(st.sampled_from(TYPES), min_size=1, max_size=2, unique=True),
    accessible=st.booleans(),
    wants=st.lists(st.sampled_from(ESTATES), max_size=3, unique=True),
    anywhere=st.booleans(),
)
flats = st.builds(
    home,
    st.sampled_from(ESTATES),
    st.integers(0, 9999),
    type=st.sampled_from(TYPES),
    accessible=st.booleans(),
)
rosters = st.builds(
    roster,
    st.lists(people, max_size=14, unique_by=lambda row: row["ticket"]),
    st.lists(flats, max_size=12, unique_by=lambda row: row["home"]),
)
any_seed = st.binary(min_size=32, max_size=32)


@given(rosters, any_seed)
@settings(max_examples=300, deadline=None)
def test_the_draw_is_what_the_protocol_says_word_for_word(roster, seed):
    assert list(draw.assign(roster, seed).items()) == reference.draw(roster, seed)


@given(rosters, any_seed, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_rows_is_irrelevant(roster, seed, chance):
    shuffled = {**roster, "entrants": list(roster["entrants"]), "homes": list(roster["homes"])}
    chance.shuffle(shuffled["entrants"])
    chance.shuffle(shuffled["homes"])
    assert list(draw.assign(shuffled, seed).items()) == list(draw.assign(roster, seed).items())


@given(rosters.filter(lambda r: r["entrants"]), any_seed, st.data())
@settings(max_examples=100, deadline=None)
def test_without_one_entrant_the_others_keep_their_order(roster, seed, data):
    gone = data.draw(st.sampled_from(roster["entrants"]))
    fewer = {**roster, "entrants": [row for row in roster["entrants"] if row is not gone]}
    rest = [ticket for ticket in draw.order(roster, seed) if ticket != gone["ticket"]]
    assert draw.order(fewer, seed) == rest


@given(rosters, any_seed)
@settings(max_examples=100, deadline=None)
def test_no_home_is_given_twice_and_each_is_of_a_permitted_type(roster, seed):
    kinds = {row["home"]: row["unit_type"] for row in roster["homes"]}
    given_homes = draw.assign(roster, seed)
    taken = [name for name in given_homes.values() if name is not None]
    assert len(taken) == len(set(taken))
    for row in roster["entrants"]:
        name = given_homes[row["ticket"]]
        assert name is None or kinds[name] in row["unit_types"]


@given(rosters, any_seed)
@settings(max_examples=100, deadline=None)
def test_nobody_is_in_reserve_while_a_home_that_they_accept_is_free(roster, seed):
    given_homes = draw.assign(roster, seed)
    free = [row for row in roster["homes"] if row["home"] not in given_homes.values()]
    for row in roster["entrants"]:
        if given_homes[row["ticket"]] is None:
            assert not [
                left
                for left in free
                if left["unit_type"] in row["unit_types"]
                and (row["any_estate"] or left["estate"] in row["preferences"])
            ]


def test_a_smaller_tier_always_goes_first():
    crowd = roster([entrant(n, tier=n % 3) for n in range(60)], [])
    tiers = {row["ticket"]: row["tier"] for row in crowd["entrants"]}
    for seed in seeds(20):
        drawn = [tiers[ticket] for ticket in draw.order(crowd, seed)]
        assert drawn == sorted(drawn)


def test_every_place_within_a_tier_is_equally_likely():
    crowd = roster([entrant(n, tier=n % 2) for n in range(10)], [])
    places = Counter()
    for seed in seeds(4000):
        places.update(enumerate(draw.order(crowd, seed)))
    for tier in (0, 1):
        counts = [places[place, f"T{n:06d}"] for place in range(tier * 5, tier * 5 + 5)
                  for n in range(tier, 10, 2)]  # fmt: skip
        assert sum(counts) == 4000 * 5
        statistic = sum((count - 800) ** 2 / 800 for count in counts)
        assert 0.001 < chi_square_tail(statistic, 16) < 0.999


def test_every_order_of_three_is_equally_likely():
    crowd = roster([entrant(n) for n in range(3)], [])
    orders = Counter(tuple(draw.order(crowd, seed)) for seed in seeds(6000))
    assert len(orders) == 6
    statistic = sum((count - 1000) ** 2 / 1000 for count in orders.values())
    assert 0.001 < chi_square_tail(statistic, 5) < 0.999


def test_every_home_is_equally_likely_to_be_the_first():
    flats = roster([], [home("EST-A", n) for n in range(5)])
    firsts = Counter(draw.home_order(flats, seed)[0] for seed in seeds(5000))
    statistic = sum((count - 1000) ** 2 / 1000 for count in firsts.values())
    assert 0.001 < chi_square_tail(statistic, 4) < 0.999


def test_the_first_in_order_gets_the_first_estate_of_their_wishes():
    flats = [home(estate, n) for estate in ESTATES for n in range(3)]
    for seed in seeds(30):
        crowd = roster([entrant(n, wants=("EST-B", "EST-C")) for n in range(9)], flats)
        homes = [name.split("/")[0] for name in draw.assign(crowd, seed).values()]
        assert homes == ["EST-B"] * 3 + ["EST-C"] * 3 + ["EST-A"] * 3


def test_within_an_estate_the_home_of_the_smallest_rank_is_taken():
    flats = [home("EST-A", n) for n in range(8)]
    for seed in seeds(10):
        crowd = roster([entrant(n) for n in range(8)], flats)
        assert list(draw.assign(crowd, seed).values()) == draw.home_order(crowd, seed)


@given(rosters.map(lambda r: {**r, "homes": [h | {"accessible": False} for h in r["homes"]]}),
       any_seed, st.data())  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_among_ordinary_homes_ranking_ones_true_wishes_is_safe(roster, seed, data):
    """Serial dictatorship: no other ranking of the estates gives a home ranked higher."""
    if not roster["entrants"]:
        return
    me = data.draw(st.sampled_from(roster["entrants"]))
    truth = data.draw(st.permutations(ESTATES))
    lie = data.draw(st.permutations(ESTATES))

    def rank(wishes):
        rows = [r | {"preferences": wishes} if r is me else r for r in roster["entrants"]]
        mine = draw.assign({**roster, "entrants": rows}, seed)[me["ticket"]]
        return len(truth) if mine is None else truth.index(mine.split("/")[0])

    assert rank(truth) <= rank(lie)


def test_who_needs_an_accessible_home_gets_it_even_when_drawn_last():
    crowd = roster(
        [entrant(1, tier=2, accessible=True, wants=("EST-B",)), entrant(2, tier=1)],
        [home("EST-A", 1, accessible=True), home("EST-A", 2)],
    )
    assert draw.assign(crowd, SEED) == {"T000002": "EST-A/1-1-2", "T000001": "EST-A/1-1-1"}


def test_who_needs_an_accessible_home_takes_another_when_there_is_none():
    crowd = roster([entrant(1, accessible=True)], [home("EST-A", 2)])
    assert draw.assign(crowd, SEED) == {"T000001": "EST-A/1-1-2"}


def test_an_accessible_home_outside_the_wishes_yields_to_an_ordinary_one_within():
    crowd = roster(
        [entrant(1, accessible=True, wants=("EST-B",), anywhere=False)],
        [home("EST-A", 1, accessible=True), home("EST-B", 2)],
    )
    assert draw.assign(crowd, SEED) == {"T000001": "EST-B/1-1-2"}


def test_accessible_homes_that_are_left_go_to_others_in_the_second_phase():
    crowd = roster(
        [entrant(n) for n in range(3)],
        [home("EST-A", 1, accessible=True), home("EST-A", 2)],
    )
    first, second, third = draw.order(crowd, SEED)
    assert draw.assign(crowd, SEED) == {
        first: "EST-A/1-1-2",
        second: "EST-A/1-1-1",
        third: None,
    }


def test_the_second_phase_takes_nothing_from_who_chose_in_the_first():
    crowd = roster(
        [entrant(1, tier=1, wants=("EST-B",), anywhere=False), entrant(2, tier=2)],
        [home("EST-A", 1), home("EST-B", 2, accessible=True)],
    )
    assert draw.assign(crowd, SEED) == {"T000001": "EST-B/1-1-2", "T000002": "EST-A/1-1-1"}


def test_the_reserve_list_keeps_the_drawn_order():
    files = bundles.golden()["long_reserve"]
    rows = json.loads(files["result.json"])["assignments"]
    reserve = [row["ticket"] for row in rows if row["home"] is None]
    whole = json.loads(files["roster.json"])
    seed = bytes.fromhex(json.loads(files["reveal.json"])["seed"])
    assert len(reserve) == 26
    assert reserve == [ticket for ticket in draw.order(whole, seed) if ticket in reserve]


def test_the_seed_changes_with_each_of_its_three_parts():
    base = draw.seed(b"{}", SEED, "1")
    assert base == reference.seed_of(b"{}", SEED, "1")
    others = {draw.seed(b"{ }", SEED, "1"), draw.seed(b"{}", SEED[::-1], "1"),
              draw.seed(b"{}", SEED, "2")}  # fmt: skip
    assert len(others | {base}) == 4


def test_a_key_is_the_hmac_of_kind_zero_and_id():
    assert draw.key(SEED, "entrant", "T1") == reference.key(SEED, "entrant", "T1")
    assert draw.key(SEED, "entrant", "T1") != draw.key(SEED, "home", "T1")


def test_a_result_needs_the_secret_that_was_committed_to():
    files = bundles.golden()["three_households"]
    reveal = draw.reveal(files["roster.json"], SEED, bundles.ENTROPY)
    with pytest.raises(ValueError, match="committed"):
        draw.result(files["roster.json"], reveal)


def test_a_result_needs_the_seed_of_its_own_roster():
    files = bundles.golden()["three_households"]
    reveal = json.loads(files["reveal.json"]) | {"seed": "0" * 64}
    with pytest.raises(ValueError, match="seed"):
        draw.result(files["roster.json"], reveal)


def test_a_short_secret_cannot_be_committed_to():
    with pytest.raises(ValueError, match="32 bytes"):
        draw.commitment(b"short")


def test_a_large_round_agrees_with_the_literal_reading():
    crowd = bundles.crowd(400, 300, chance=random.Random(11))
    assert list(draw.assign(crowd, SEED).items()) == reference.draw(crowd, SEED)

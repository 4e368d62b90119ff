"""The labelled set, small: what the table of likeness finds in it, without any database."""

from collections import defaultdict
from itertools import combinations

from applications import addresses, likeness, likeness_keys, likeness_table
from benchmarks import likeness_set
from core import clock


def test_the_table_keeps_its_precision_and_recall_on_the_labelled_set():
    labelled = likeness_set.make(2_400, scale=0.15)
    people, holders = {}, defaultdict(set)
    for case, home in enumerate(labelled.households):
        named = frozenset(one.id_number for one in home)
        for one in home:
            if not one.excluded:
                me = (case, one.id_number)
                people[me] = sketch(one, named)
                for key in likeness_keys.keys_of(people[me]):
                    holders[key].add(me)
    table = likeness_table.on(clock.today())
    pairs = {
        pair
        for held in holders.values()
        if len(held) <= table.block_limit
        for pair in combinations(sorted(held), 2)
        if pair[0][0] != pair[1][0]
    }
    found = set()
    for one, other in pairs:
        made = likeness.compare(people[one], people[other], table.levels)
        if made is not None and made.score >= table.ask_at:
            found.add(frozenset((one[1], other[1])))
    right = len(found & labelled.same)
    assert right / len(found) >= 0.95, "precision"
    assert right / len(labelled.same) >= 0.85, "recall"


def test_the_set_is_the_same_for_one_seed():
    one, other = (likeness_set.make(120, scale=0.01) for _time in range(2))
    assert one == other and one != likeness_set.make(120, scale=0.01, seed=8)


def sketch(one, named):
    place = addresses.parse(one.address)
    return likeness.Sketch(
        one.id_number, one.name, one.id_number, one.phone,
        addresses=(place,) if place else (), company=named - {one.id_number},
    )  # fmt: skip

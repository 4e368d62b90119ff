"""The self-check printed with each result sees a planted bias, and little else (section 6)."""

import hashlib
import random

import pytest

from allocation import draw, selfcheck
from allocation.selfcheck import Row, chi_square_tail
from tests.draw.bundles import entrant, roster

STREETS = ("东柳", "百丈", "下应", "潘火", "首南")
CHANNELS = ("online", "window")


def rows_of(tickets, tiers, *, chance):
    return [
        Row(
            position=position,
            tier=tiers[ticket],
            ticket=ticket,
            submitted=f"2026-0{chance.randint(1, 9)}-01T{chance.randint(10, 23)}:00:00",
            street=chance.choice(STREETS),
            channel=chance.choice(CHANNELS),
        )
        for position, ticket in enumerate(tickets, start=1)
    ]


def honest(number, size=200):
    """A draw by the protocol, with particulars that have nothing to do with it."""
    crowd = roster([entrant(n, tier=n % 3) for n in range(size)], [])
    tiers = {row["ticket"]: row["tier"] for row in crowd["entrants"]}
    seed = hashlib.sha256(b"honest %d" % number).digest()
    return rows_of(draw.order(crowd, seed), tiers, chance=random.Random(number))


def planted(favour, size=300):
    """An order in which the favoured tend to come first within their tier."""
    chance = random.Random(5)
    rows = rows_of([f"T{n:06d}" for n in range(size)],
                   {f"T{n:06d}": n % 2 for n in range(size)}, chance=chance)  # fmt: skip
    rows.sort(key=lambda row: (row.tier, chance.random() - (0.35 if favour(row) else 0)))
    return [Row(**(vars(row) | {"position": n})) for n, row in enumerate(rows, start=1)]


def verdicts(rows):
    return {finding.name: finding.verdict for finding in selfcheck.check(rows)}


@pytest.mark.parametrize(("name", "favour"), [
    ("submission_time", lambda row: row.submitted < "2026-05"),
    ("street", lambda row: row.street == STREETS[0]),
    ("last_digit", lambda row: row.ticket[-1] in "68"),
    ("channel", lambda row: row.channel == "window"),
])  # fmt: skip
def test_a_planted_bias_is_seen_and_only_where_it_was_planted(name, favour):
    found = verdicts(planted(favour))
    assert found.pop(name) == "unusual"
    assert set(found.values()) == {"independent"}


def test_an_order_by_submission_is_seen():
    rows = sorted(honest(1), key=lambda row: (row.tier, row.submitted))
    rows = [Row(**(vars(row) | {"position": n})) for n, row in enumerate(rows, start=1)]
    assert verdicts(rows)["submission_time"] == "unusual"


def test_honest_draws_are_flagged_about_as_often_as_chance_says():
    """400 draws, four tests each: p-values spread evenly, so about 5 % lie below 0.05."""
    values = {}
    for number in range(400):
        for finding in selfcheck.check(honest(number, size=90)):
            values.setdefault(finding.name, []).append(finding.p)
    for ps in values.values():
        assert 6 <= sum(p < 0.05 for p in ps) <= 38
        assert 160 <= sum(p < 0.5 for p in ps) <= 240


def test_tiers_themselves_are_no_bias():
    """Streets that sit in one tier each are compared with nobody else's tier."""
    rows = [Row(n, n // 50, f"T{n:06d}", f"{(n * 7) % 50:03d}", STREETS[n // 50], "online")
            for n in range(150)]  # fmt: skip
    found = {finding.name: finding for finding in selfcheck.check(rows)}
    assert found["street"].verdict == "too_few"
    assert found["channel"].p is None


def test_a_handful_of_entrants_says_nothing():
    assert set(verdicts(honest(1, size=12)).values()) == {"too_few"}
    assert set(verdicts([]).values()) == {"too_few"}


def test_equal_values_share_their_rank():
    assert selfcheck._ranks(["b", "a", "b", "c"]) == [2.5, 1.0, 2.5, 4.0]


@pytest.mark.parametrize(("statistic", "freedom", "tail"), [
    (3.841459, 1, 0.05), (5.991465, 2, 0.05), (16.918978, 9, 0.05), (29.588298, 10, 0.001),
    (0.0, 3, 1.0), (1.0, 9, 0.999438), (200.0, 4, 3.7572e-42),
])  # fmt: skip
def test_the_tail_of_chi_square_agrees_with_the_tables(statistic, freedom, tail):
    assert chi_square_tail(statistic, freedom) == pytest.approx(tail, rel=1e-4)


def test_p_values_of_honest_draws_are_uniform():
    """600 draws: ten classes of p, each as full as the next, for each of the four."""
    classes = {}
    for number in range(600):
        for finding in selfcheck.check(honest(1000 + number, size=240)):
            classes.setdefault(finding.name, [0] * 10)[min(int(finding.p * 10), 9)] += 1
    assert len(classes) == 4
    for counts in classes.values():
        statistic = sum((count - 60) ** 2 / 60 for count in counts)
        assert chi_square_tail(statistic, 9) > 0.001, counts


@pytest.mark.parametrize("name", ["submission_time", "street", "last_digit", "channel"])
def test_a_bias_is_found_in_whatever_draw_it_is_planted(name):
    """Thirty draws by the protocol in which some are let through first: all thirty are seen."""
    favoured = {
        "submission_time": lambda row: row.submitted < "2026-04",
        "street": lambda row: row.street == STREETS[2],
        "last_digit": lambda row: row.ticket[-1] in "08",
        "channel": lambda row: row.channel == "online",
    }[name]
    for number in range(30):
        rows = honest(5000 + number, size=300)
        rows.sort(key=lambda row: (row.tier, not favoured(row)))
        rows = [Row(**(vars(row) | {"position": n})) for n, row in enumerate(rows, start=1)]
        assert verdicts(rows)[name] == "unusual"

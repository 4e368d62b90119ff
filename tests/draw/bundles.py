"""Rosters and bundles for the tests; run as a program it writes the golden folders anew."""

import copy
import hashlib
import json
import random
from pathlib import Path

from allocation import draw

GOLDEN = Path(__file__).with_name("golden")
NAMES = ("roster.json", "reveal.json", "result.json")
SECRET = hashlib.sha256(b"a secret for tests").digest()
ENTROPY = "3141592653589793238462643383279502884197"


def entrant(number, *, tier=1, types=("2R",), accessible=False, wants=("EST-A",), anywhere=True):
    return {
        "ticket": f"T{number:06d}",
        "tier": tier,
        "unit_types": list(types),
        "needs_accessible": accessible,
        "preferences": list(wants),
        "any_estate": anywhere,
    }


def home(estate, number, *, type="2R", accessible=False, floor=5):
    return {
        "home": f"{estate}/1-1-{number}",
        "estate": estate,
        "unit_type": type,
        "accessible": accessible,
        "area": "55.20",
        "floor": floor,
    }


def roster(entrants, homes, *, secret=SECRET, **changes):
    whole = {
        "protocol": "YZ-DRAW-1",
        "round": "YZ-2026-03",
        "entrants": sorted(entrants, key=lambda row: row["ticket"]),
        "homes": sorted(homes, key=lambda row: row["home"]),
        "policy": "YZ-DEMO-2026 " + "ab" * 32,
        "entropy_source": {
            "name": "彩票开奖号码",
            "at": "2026-12-01T10:00:00+08:00",
            "format": "^[0-9]{40}$",
            "example": "0123456789" * 4,
        },
        "secret_commitment": draw.commitment(secret),
    }
    whole.update(copy.deepcopy(changes))
    return whole


def bundle(roster, *, secret=SECRET, entropy=ENTROPY):
    """{name: bytes} of the three files."""
    roster_bytes = draw.canonical(roster)
    reveal = draw.reveal(roster_bytes, secret, entropy)
    result = draw.result(roster_bytes, reveal)
    return dict(
        zip(NAMES, (roster_bytes, draw.canonical(reveal), draw.canonical(result)), strict=True)
    )


def edited(files, name, change):
    """The files with one of them parsed, changed in place and written canonically again."""
    value = json.loads(files[f"{name}.json"])
    change(value)
    return {**files, f"{name}.json": draw.canonical(value)}


def save(files, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def crowd(entrants, homes, *, chance, estates=5, types=("1R", "2R", "3R"), tiers=3):
    """A varied roster of that size, the same for the same `chance` (random.Random)."""
    places = [f"EST-{chr(65 + i)}" for i in range(estates)]
    people = [
        entrant(
            number,
            tier=chance.randint(1, tiers),
            types=chance.sample(types, chance.randint(1, len(types))),
            accessible=chance.random() < 0.1,
            wants=chance.sample(places, chance.randint(0, estates)),
            anywhere=chance.random() < 0.6,
        )
        for number in range(entrants)
    ]
    flats = [
        home(
            chance.choice(places),
            number,
            type=chance.choice(types),
            accessible=chance.random() < 0.15,
            floor=chance.randint(-1, 30),
        )
        for number in range(homes)
    ]
    return roster(people, flats)


ODD_TEXT = '引号" 反斜\\ 换行\n 制表\t \b\f\r \u0001\u001f \u007f \u2028 é 𠮷 / <&>'


def golden():
    """{name: files} of every golden bundle."""
    a, b = "EST-A", "EST-B"
    odd = roster([entrant(1), entrant(2)], [home(a, 501)], policy=ODD_TEXT, round="第三轮·2026")
    odd["entropy_source"] |= {
        "name": ODD_TEXT,
        "format": r"^ab-[\-x/]{2}:[0-9A-F-]{3} \$[a]{2}$",
        "example": "ab-x/:0-F $aa",
    }
    return {
        "three_households": bundle(
            roster(
                [entrant(1), entrant(2, wants=(b,)), entrant(3, anywhere=False)],
                [home(a, 501), home(b, 301)],
            )
        ),
        "tiers_go_first": bundle(
            roster(
                [entrant(n, tier=(-1, 0, 7)[n % 3]) for n in range(12)],
                [home(a, 100 + n) for n in range(7)],
            )
        ),
        "accessible_homes": bundle(
            roster(
                [entrant(n, accessible=n % 3 == 0, wants=(b, a)) for n in range(12)],
                [home(a, 100 + n, accessible=n < 6) for n in range(8)]
                + [home(b, 200 + n, accessible=n < 1) for n in range(2)],
            )
        ),
        "long_reserve": bundle(
            roster([entrant(n) for n in range(30)], [home(a, 100 + n) for n in range(4)])
        ),
        "ids_at_the_limits": bundle(
            roster(
                [{**entrant(1), "ticket": t} for t in ("-", ".", "0", "A" * 64, "_", "a", "z/z")],
                [{**home(a, 1), "home": h} for h in ("/", "Z" * 64, "a")],
            )
        ),
        "odd_texts": bundle(odd, entropy="ab-/-:A-9 $aa"),
        "nobody": bundle(roster([], [home(a, 501)])),
        "no_homes": bundle(roster([entrant(1), entrant(2)], [])),
        "whole_round": bundle(crowd(60, 40, chance=random.Random(7))),
    }


if __name__ == "__main__":
    for golden_name, golden_files in golden().items():
        save(golden_files, GOLDEN / golden_name)

"""Every way a bundle can be wrong, made from a sound one; with the check that names it."""

import json
import random

from allocation import draw
from tests.draw import bundles
from tests.draw.bundles import bundle, edited, entrant, home, roster


def sound():
    return bundles.golden()["whole_round"]


def result(change):
    return edited(sound(), "result", change)


def reveal(**fields):
    return edited(sound(), "reveal", lambda value: value.update(fields))


def raw(name, change):
    files = sound()
    return {**files, name: change(files[name])}


def rows(value):
    return value["assignments"]


def housed(value):
    return [row for row in rows(value) if row["home"] is not None]


def swap(value, field, a, b):
    a[field], b[field] = b[field], a[field]


def resealed(change, **arguments):
    """A roster spoilt before the freeze, and all else computed from it as if nothing were."""
    whole = json.loads(sound()["roster.json"])
    change(whole)
    return bundle(whole, **arguments)


def other_round():
    return bundle(bundles.crowd(60, 40, chance=random.Random(8)))


def consistent_forgery():
    """Someone else's order, with everything that can be adjusted adjusted, but the secret."""
    files = sound()
    forged = json.loads(files["reveal.json"])
    secret = bytes(32)
    forged = draw.reveal(files["roster.json"], secret, forged["entropy"])
    seed = bytes.fromhex(forged["seed"])
    homes = draw.assign(json.loads(files["roster.json"]), seed)
    value = json.loads(files["result.json"]) | {
        "seed": forged["seed"],
        "assignments": [
            {"position": n, "ticket": t, "home": h} for n, (t, h) in enumerate(homes.items(), 1)
        ],
    }
    return {
        **files,
        "reveal.json": draw.canonical(forged),
        "result.json": draw.canonical(value),
    }


def without(name):
    files = sound()
    del files[name]
    return files


def duplicated_key():
    return raw("reveal.json", lambda data: data.replace(b"{", b'{"entropy":"1",', 1))


# name: (how to make it, the check that must be among the failing ones)
VARIANTS = {
    "a file is missing": (lambda: without("reveal.json"), "files"),
    "an extra file": (lambda: {**sound(), "ledger.jsonl": b""}, "files"),
    "a line feed at the end": (lambda: raw("roster.json", lambda d: d + b"\n"), "canonical_roster"),
    "a space": (
        lambda: raw("result.json", lambda d: d.replace(b":", b": ", 1)),
        "canonical_result",
    ),
    "a byte order mark": (
        lambda: raw("reveal.json", lambda d: b"\xef\xbb\xbf" + d),
        "canonical_reveal",
    ),
    "a key twice": (duplicated_key, "canonical_reveal"),
    "an escaped letter": (
        lambda: raw("roster.json", lambda d: d.replace(b"T0000", rb"\u00540000", 1)),
        "canonical_roster",
    ),
    "a float": (
        lambda: raw("roster.json", lambda d: d.replace(b'"floor":', b'"floor":1.', 1)),
        "canonical_roster",
    ),
    "a whole number as a float": (
        lambda: raw("result.json", lambda d: d.replace(b'"position":1,', b'"position":1.0,', 1)),
        "canonical_result",
    ),
    "an exponent": (
        lambda: raw("result.json", lambda d: d.replace(b'"position":10,', b'"position":1e1,', 1)),
        "canonical_result",
    ),
    "UTF-16": (
        lambda: raw("reveal.json", lambda d: d.decode().encode("utf-16")),
        "canonical_reveal",
    ),
    "cut off": (lambda: raw("result.json", lambda d: d[:-1]), "canonical_result"),
    "empty": (lambda: raw("roster.json", lambda d: b""), "canonical_roster"),
    "another kind of value": (lambda: raw("reveal.json", lambda d: b"[]"), "fields_reveal"),
    "an unknown key in the reveal": (lambda: reveal(protocol="YZ-DRAW-1"), "fields_reveal"),
    "upper-case hex": (lambda: reveal(secret=bundles.SECRET.hex().upper()), "fields_reveal"),
    "an unknown key in the result": (lambda: result(lambda v: v.update(note="")), "fields_result"),
    "an unknown key in a row": (
        lambda: result(lambda v: rows(v)[3].update(note="")),
        "fields_result",
    ),
    "a missing key in a row": (lambda: result(lambda v: rows(v)[3].pop("home")), "fields_result"),
    "a home that is no text": (
        lambda: result(lambda v: rows(v)[3].update(home=1)),
        "fields_result",
    ),
    "an unknown key in the roster": (
        lambda: edited(sound(), "roster", lambda v: v.update(x=1)),
        "fields_roster",
    ),
    "entrants out of order": (lambda: resealed(lambda v: v["entrants"].reverse()), "fields_roster"),
    "homes out of order": (lambda: resealed(lambda v: v["homes"].reverse()), "fields_roster"),
    "an entrant twice in the roster": (
        lambda: resealed(lambda v: v["entrants"].insert(0, dict(v["entrants"][0]))),
        "fields_roster",
    ),
    "a home twice in the roster": (
        lambda: resealed(lambda v: v["homes"].insert(0, dict(v["homes"][0]))),
        "fields_roster",
    ),
    "no unit type": (
        lambda: resealed(lambda v: v["entrants"][0].update(unit_types=[])),
        "fields_roster",
    ),
    "a format that allows choice": (
        lambda: resealed(lambda v: v["entropy_source"].update(format="^[0-9]*$")),
        "entropy_format",
    ),
    "another protocol": (lambda: result(lambda v: v.update(protocol="YZ-DRAW-2")), "fields_result"),
    "another round": (lambda: result(lambda v: v.update(round="YZ-2026-04")), "same_round"),
    "the roster of another round": (
        lambda: {**sound(), "roster.json": other_round()["roster.json"]},
        "roster_digest",
    ),
    "the result of another round": (
        lambda: {**sound(), "result.json": other_round()["result.json"]},
        "roster_digest",
    ),
    "another digest": (lambda: result(lambda v: v.update(roster_sha256="0" * 64)), "roster_digest"),
    "an entrant added later": (
        lambda: edited(sound(), "roster", lambda v: v["entrants"].append(entrant(999999))),
        "roster_digest",
    ),
    "a wish changed later": (
        lambda: edited(
            sound(),
            "roster",
            lambda v: v["entrants"][5].update(any_estate=True, preferences=["EST-Z"]),
        ),
        "roster_digest",
    ),
    "entropy of another form": (lambda: reveal(entropy=bundles.ENTROPY + " "), "entropy_format"),
    "a line feed after the entropy": (
        lambda: reveal(entropy=bundles.ENTROPY[:39] + "\n"),
        "entropy_format",
    ),
    "wide digits": (lambda: reveal(entropy="１" + bundles.ENTROPY[1:]), "entropy_format"),
    "other entropy": (lambda: reveal(entropy="2" + bundles.ENTROPY[1:]), "seed"),
    "another secret": (lambda: reveal(secret="00" * 32), "commitment"),
    "another secret, all else recomputed": (consistent_forgery, "commitment"),
    "another seed in the reveal": (lambda: reveal(seed="0" * 64), "seed"),
    "another seed in the result": (lambda: result(lambda v: v.update(seed="0" * 64)), "seed"),
    "two positions exchanged": (
        lambda: result(lambda v: swap(v, "ticket", rows(v)[0], rows(v)[1])),
        "order",
    ),
    "two rows exchanged": (lambda: result(lambda v: rows(v).reverse()), "order"),
    "positions from nought": (
        lambda: result(lambda v: [row.update(position=row["position"] - 1) for row in rows(v)]),
        "order",
    ),
    "two homes exchanged": (
        lambda: result(lambda v: swap(v, "home", housed(v)[0], housed(v)[1])),
        "assignment",
    ),
    "a home withheld": (lambda: result(lambda v: housed(v)[0].update(home=None)), "assignment"),
    "a home given twice": (
        lambda: result(lambda v: housed(v)[1].update(home=housed(v)[0]["home"])),
        "no_home_twice",
    ),
    "a ticket drawn twice": (
        lambda: result(lambda v: rows(v)[1].update(ticket=rows(v)[0]["ticket"])),
        "no_ticket_twice",
    ),
    "a home from nowhere": (
        lambda: result(lambda v: housed(v)[0].update(home="EST-Z/1")),
        "homes_permitted",
    ),
    "a home of the wrong type": (lambda: wrong_type(), "homes_permitted"),
    "an entrant left out": (lambda: result(lambda v: rows(v).pop()), "entrants_complete"),
    "an entrant from nowhere": (
        lambda: result(lambda v: rows(v).append({"position": 61, "ticket": "X", "home": None})),
        "entrants_complete",
    ),
}


def wrong_type():
    files = bundle(roster([entrant(1, types=("1R",)), entrant(2)],
                          [home("EST-A", 1), home("EST-A", 2, type="1R")]))  # fmt: skip
    return edited(files, "result", lambda v: swap(v, "home", *housed(v)))

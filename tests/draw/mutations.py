"""Thousands of ways to spoil a bundle, the same for the same number: bytes, values, spellings."""

import io
import json
import random
import stat
import warnings
import zipfile

from allocation import bundle, draw
from tests.draw import bundles

ODD = [
    0, 1, -1, 7, 2**53, -(2**53), 10**30, 1.5, 0.0, True, False, None, "", "x", "EST-A", "T000001",
    "EST-A/1-1-1", "2R", "1R", "号", "a b", "\u0000", "\ud800", "A" * 65, "0" * 64, [], {}, [[]],
    ["2R"], ["EST-B", "EST-A"], {"a": 1}, "^[0-9]{40}$", "^.{40}$", "1.0", "00",
]  # fmt: skip
SPELLINGS = [
    (b":", b": "), (b",", b",\r\n"), (b"{", b"{\n"), (b"}", b" }"), (b"T", rb"\u0054"),
    (b"E", rb"\u0045"), (b"/", rb"\/"), (b'":', b'":0'), (b":5", b":5.0"), (b":5", b":5e0"),
    (b":1", b":-0"), (b":1", b":01"), (b":1", b":9007199254740993"), (b":1", b":" + b"9" * 40),
    (b"true", b"True"), (b"false", b"1"), (b"null", b"NaN"), (b'"ticket"', b'"Ticket"'),
    (b'"tier"', b'"ticket"'), (b"{", b'{"protocol":"YZ-DRAW-1",'), (b"[", b"[null,"),
    (b'"2R"', b'"2R","2R"'), (b"]", b",]"), (b'"3', b'"\\ud800'), (b'"3', b'"\xed\xa0\x80'),
    (b"null", b"[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]"), (b"5", "５".encode()), (b'"', b"'"),
]  # fmt: skip
WHOLE = [
    lambda d: b"\xef\xbb\xbf" + d, lambda d: d + b"\n", lambda d: d[:-1], lambda d: d + d,
    lambda d: b"", lambda d: b" " + d, lambda d: d.decode().encode("utf-16"), lambda d: d + b"\0",
    lambda d: d.replace(b",", b",\r\n"), lambda d: b"[" + d + b"]",
    lambda d: b"[" * 400 + b"]" * 400,
    lambda d: json.dumps(json.loads(d), indent=1).encode(), lambda d: b"null", lambda d: b"{}",
    lambda d: json.dumps(json.loads(d), ensure_ascii=True, separators=(",", ":")).encode(),
]  # fmt: skip


def mutated(number):
    """A bundle {name: bytes} with one thing, sometimes two things, other than they should be."""
    chance = random.Random(number)
    files = dict(SOUND[number % len(SOUND)])
    for _n in range(1 + (chance.random() < 0.2)):
        name = chance.choice(bundles.NAMES)
        kind = chance.choice([flip, value, value, value, spelling, whole, resealed])
        files = kind(files, name, chance)
    return files


def flip(files, name, chance):
    data = bytearray(files[name])
    if data:
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
    return {**files, name: bytes(data)}


def spelling(files, name, chance):
    """One of the places where the piece occurs, written otherwise."""
    old, new = chance.choice(SPELLINGS)
    pieces = files[name].split(old)
    if len(pieces) < 2:
        return flip(files, name, chance)
    at = chance.randrange(1, len(pieces))
    return {**files, name: old.join(pieces[:at]) + new + old.join(pieces[at:])}


def whole(files, name, chance):
    try:
        return {**files, name: chance.choice(WHOLE)(files[name])}
    except ValueError:
        return flip(files, name, chance)


def value(files, name, chance):
    """A value changed somewhere in the tree, in canonical bytes again."""
    try:
        tree = json.loads(files[name])
    except ValueError:
        return files
    spoil(tree, chance)
    return {**files, name: written(tree)}


def resealed(files, _name, chance):
    """A roster changed before the freeze, everything after it computed as if nothing were."""
    try:
        roster = json.loads(files["roster.json"])
        spoil(roster, chance)
        data = written(roster)
        reveal = draw.reveal(data, bundles.SECRET, json.loads(files["reveal.json"])["entropy"])
        result = draw.result(data, reveal)
    except (ValueError, TypeError, KeyError, AttributeError):
        return files
    return dict(zip(bundles.NAMES, (data, written(reveal), written(result)), strict=True))


def written(tree):
    return json.dumps(
        tree, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode("utf-8", "surrogatepass")  # fmt: skip


def spoil(tree, chance):
    """Changes one member of one object or list of the tree, in place."""
    places = list(containers(tree))
    if not places:
        return
    where = chance.choice(places)
    at = chance.choice(list(where) if isinstance(where, dict) else range(len(where)))
    act = chance.randrange(6)
    if act == 0:
        del where[at]
    elif act == 1 and isinstance(where, dict):
        where[chance.choice(["note", "", "__proto__", "Ticket", "é"])] = chance.choice(ODD)
    elif act == 1:
        where.insert(at, where[chance.randrange(len(where))])
    elif act == 2 and isinstance(where, list):
        other = chance.randrange(len(where))
        where[at], where[other] = where[other], where[at]
    elif act == 3 and isinstance(where[at], str) and where[at]:
        where[at] = where[at][:-1] + chance.choice("0a1-_Z .")
    elif act == 4 and type(where[at]) in (int, bool):
        where[at] = (not where[at]) if type(where[at]) is bool else where[at] + 1
    else:
        where[at] = chance.choice(ODD)


def containers(tree):
    if isinstance(tree, dict | list):
        if tree:
            yield tree
        for member in tree.values() if isinstance(tree, dict) else tree:
            yield from containers(member)


SOUND = [bundles.golden()[name] for name in ("three_households", "accessible_homes", "odd_texts")]
SOUND.append(bundles.bundle(bundles.crowd(20, 14, chance=random.Random(5))))


# -- Zips -------------------------------------------------------------------------------------


def zipped(entries, method=zipfile.ZIP_STORED, comment=b""):
    """A zip of these (name or ZipInfo, bytes) as Python writes it."""
    held = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(held, "w", method) as box:
        warnings.simplefilter("ignore")  # a name twice
        box.comment = comment
        for name, data in entries:
            box.writestr(name, data)
    return held.getvalue()


PACKED = [bundle.pack(SOUND[0]), zipped(SOUND[0].items()), zipped(SOUND[0].items(), 8)]


def mutated_zip(number):
    """A sound zip with one byte changed; most often one of its own, not of the files in it."""
    chance = random.Random(number)
    data = bytearray(PACKED[number % len(PACKED)])
    at = chance.randrange(len(data)) if chance.random() < 0.3 else -chance.randint(1, 300)
    data[at] ^= chance.randrange(1, 256)
    return bytes(data)


def odd_zips():
    """{what it is: bytes}: names that climb out, folders, links, bombs, comments, repetitions."""
    files = SOUND[0]
    three = list(files.items())
    rest = three[:2]

    def named(name):
        return zipped([*rest, (name, three[2][1])])

    link = zipfile.ZipInfo(three[2][0])
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    zeros = bytes(70 * 2**20)
    return {
        "climbs out": named("../" + three[2][0]),
        "from the root": named("/" + three[2][0]),
        "of Windows": named("..\\" + three[2][0]),
        "in a folder": zipped([(f"bundle/{name}", data) for name, data in three]),
        "in folders of folders": zipped([(f"a/b/{name}", data) for name, data in three]),
        "with its folder": zipped([("bundle/", b""), *three]),
        "a link": zipped([*rest, (link, b"/etc/passwd")]),
        "a link with the right content": zipped([*rest, (link, three[2][1])]),
        "a name twice": zipped([*rest, rest[0]]),
        "four files": zipped([*three, ("README", b"")]),
        "two files": zipped(rest),
        "no file": zipped([]),
        "with a comment": zipped(three, comment=b"look here"),
        "other letters": named(three[2][0].upper()),
        "a bomb": zipped([*rest, (three[2][0], zeros)], zipfile.ZIP_DEFLATED),
        "by LZMA": zipped(three, zipfile.ZIP_LZMA),
        "something before it": b"#!/bin/sh\n" + PACKED[0],
        "something after it": PACKED[0] + b"\n",
        "twice": PACKED[0] * 2,
    }


PIECES = ["^", "$", "a", "0", "-", ".", "[", "]", "{", "}", "{2}", "{10}", "[0-9]", "[a-c]", "\\",
          "\\.", "\\d", "[^a]", "*", "+", "|", "(", ")", "_", " ", "é", "/", ",", "z-a",
          "[-a]", "[a-]"]  # fmt: skip

"""A whole verifier read off docs/draw-protocol.md, sections 1 to 5, and nothing else.

Slow and short: brute force over every choice, no quick paths, no code of the three that ship.
`sound(files)` is True only for a bundle of which every sentence of the protocol holds.
"""

import hashlib
import hmac
import json
import re

NAME = re.compile(r"[A-Za-z0-9/_.-]{1,64}")
HEX = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
ROSTER = "entrants entropy_source homes policy protocol round secret_commitment"
ENTRANT = "any_estate needs_accessible preferences ticket tier unit_types"
HOME = "accessible area estate floor home unit_type"
RESULT = "assignments protocol roster_sha256 round seed"


class No(Exception):
    """A sentence of the protocol does not hold."""


def hold(truth):
    if not truth:
        raise No


def sound(files):
    """Does the bundle {name: bytes} prove its result?"""
    try:
        check(files)
    except (No, ValueError, RecursionError):
        return False
    return True


# -- 1 ----------------------------------------------------------------------------------------


def canonical(value):
    if isinstance(value, dict):
        pairs = sorted(value.items())
        return "{" + ",".join(canonical(k) + ":" + canonical(v) for k, v in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(map(escaped, value)) + '"'
    if type(value) is int:
        return str(value)
    hold(value is None or type(value) is bool)
    return {None: "null", True: "true", False: "false"}[value]


def escaped(character):
    short = {"\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}
    if character in short:
        return "\\" + short[character]
    return f"\\u{ord(character):04x}" if character < " " else character


def read(data):
    def once(pairs):
        hold(len(dict(pairs)) == len(pairs))
        return dict(pairs)

    value = json.loads(data.decode("utf-8"), object_pairs_hook=once)
    hold(canonical(value).encode("utf-8") == data)
    return value


def keys(value, names):
    hold(type(value) is dict and sorted(value) == sorted(names.split()))


def name(*values):
    for value in values:
        hold(type(value) is str and NAME.fullmatch(value))


def text(*values):
    for value in values:
        hold(type(value) is str and value)


def whole(*values):
    for value in values:
        hold(type(value) is int and abs(value) < 2**53)


def hexes(*values):
    for value in values:
        hold(type(value) is str and HEX.fullmatch(value))


def ascending(rows, field):
    names = [row[field] for row in rows]
    hold(names == sorted(set(names)))


def check_roster(roster):
    keys(roster, ROSTER)
    hold(roster["protocol"] == "YZ-DRAW-1")
    text(roster["round"], roster["policy"])
    hexes(roster["secret_commitment"])
    source = roster["entropy_source"]
    keys(source, "at example format name")
    text(*source.values())
    hold(TIME.fullmatch(source["at"]))
    hold(fits(source["format"], source["example"]))
    hold(type(roster["entrants"]) is list and type(roster["homes"]) is list)
    for row in roster["entrants"]:
        keys(row, ENTRANT)
        hold(type(row["unit_types"]) is list and row["unit_types"])
        hold(type(row["preferences"]) is list)
        name(row["ticket"], *row["unit_types"], *row["preferences"])
        whole(row["tier"])
        hold(type(row["any_estate"]) is bool and type(row["needs_accessible"]) is bool)
    for row in roster["homes"]:
        keys(row, HOME)
        name(row["home"], row["estate"], row["unit_type"])
        whole(row["floor"])
        hold(type(row["accessible"]) is bool)
        hold(type(row["area"]) is str and NUMBER.fullmatch(row["area"]))
    ascending(roster["entrants"], "ticket")
    ascending(roster["homes"], "home")


def fits(form, value):
    """An anchored expression of literals, classes and {n} only; it must match the whole value."""
    text(form, value)
    member = r"(?:[^\\\[\]^-]|\\[^\w\s])"
    one = rf"(?:\[-?(?:{member}(?:-{member})?)*-?\](?<!\[\])|[^\\^$.|?*+()\[\]{{}}]|\\[^\w\s])"
    # an underscore is a mark that \w knows
    one = one.replace(r"[^\w\s]", r"(?:[^\w\s]|_)")
    hold(form.isascii() and form.isprintable())
    hold(re.fullmatch(rf"\^(?:{one}(?:\{{[1-9][0-9]{{0,3}}\}})?)*\$", form))
    try:
        return re.fullmatch(form[1:-1], value, re.ASCII) is not None
    except re.error:
        raise No from None


def check_rest(reveal, result):
    keys(reveal, "entropy secret seed")
    text(reveal["entropy"])
    hexes(reveal["secret"], reveal["seed"])
    keys(result, RESULT)
    hold(result["protocol"] == "YZ-DRAW-1")
    text(result["round"])
    hexes(result["seed"], result["roster_sha256"])
    hold(type(result["assignments"]) is list)
    for row in result["assignments"]:
        keys(row, "home position ticket")
        whole(row["position"])
        name(row["ticket"], *([] if row["home"] is None else [row["home"]]))


# -- 2 to 5 -----------------------------------------------------------------------------------


def check(files):
    hold(set(files) == {"roster.json", "reveal.json", "result.json"})
    roster, reveal = read(files["roster.json"]), read(files["reveal.json"])
    result = read(files["result.json"])
    check_roster(roster)
    check_rest(reveal, result)
    digest = hashlib.sha256(files["roster.json"])
    hold(result["roster_sha256"] == digest.hexdigest())
    hold(result["round"] == roster["round"])
    secret = bytes.fromhex(reveal["secret"])
    hold(hashlib.sha256(secret).hexdigest() == roster["secret_commitment"])
    hold(fits(roster["entropy_source"]["format"], reveal["entropy"]))
    message = b"YZ-DRAW-1" + b"\x00" + digest.digest() + secret + reveal["entropy"].encode()
    seed = hashlib.sha256(message).digest()
    hold(reveal["seed"] == result["seed"] == seed.hex())
    expected = [
        {"position": position, "ticket": ticket, "home": home}
        for position, (ticket, home) in enumerate(drawn(roster, seed), 1)
    ]
    hold(result["assignments"] == expected)


def drawn(roster, seed):
    """[(ticket, home or None)] by trying, for each entrant in turn, every home there is."""

    def key(kind, identity):
        return hmac.new(seed, f"{kind}\x00{identity}".encode(), hashlib.sha256).hexdigest()

    people = {(row["tier"], key("entrant", row["ticket"]), row["ticket"]): row
              for row in roster["entrants"]}  # fmt: skip
    left = {(key("home", row["home"]), row["home"]): row for row in roster["homes"]}
    got = dict.fromkeys(sorted(people))

    def choose(person, wanted):
        allowed = {rank: row for rank, row in left.items()
                   if row["unit_type"] in person["unit_types"] and wanted(row)}  # fmt: skip
        for estate in person["preferences"]:
            there = [rank for rank, row in allowed.items() if row["estate"] == estate]
            if there:
                return min(there)
        return min(allowed, default=None) if person["any_estate"] else None

    def ordinary(row):
        return not row["accessible"]

    for phase in (1, 2):
        for place in got:
            if got[place] is not None:
                continue
            person, rank = people[place], None
            if phase == 2:
                rank = choose(person, lambda row: True)
            elif person["needs_accessible"]:
                rank = choose(person, lambda row: row["accessible"]) or choose(person, ordinary)
            else:
                rank = choose(person, ordinary)
            if rank is not None:
                got[place] = left.pop(rank)["home"]
    return [(people[place]["ticket"], home) for place, home in got.items()]

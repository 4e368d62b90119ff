"""摇号文件格式 What the three files of a draw may contain, and nothing else (section 1).

Pure. Used before a freeze (a roster that would not verify must not be published) and by the
verifier. Every refusal is a `Malformed` that names the place.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any, NoReturn

from allocation.draw import PROTOCOL, SAFE_INTEGER, NotCanonical, encode

MAX_FILE = 64 * 1024 * 1024  # bytes; 100,000 entrants need about 30 MB
MAX_BRACKETS = 2_000_000  # opening brackets in one file; keeps rubbish from filling memory
MAX_DEPTH = 16  # levels of nesting; a bundle has four
MAX_UNIT_TYPES = 64  # per entrant
MAX_TEXT = 4096  # characters of free text and of the public value

ID = re.compile(r"[A-Za-z0-9/_.-]{1,64}", re.ASCII)
HEX64 = re.compile(r"[0-9a-f]{64}", re.ASCII)
AREA = re.compile(r"(0|[1-9][0-9]{0,5})(\.[0-9]{1,4})?", re.ASCII)
MOMENT = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])",
    re.ASCII,
)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, written as an escape


class Malformed(ValueError):
    """A file of the bundle is not what section 1 says; the message names the place."""


# --- Bytes ----------------------------------------------------------------------------


def parse(data: bytes) -> Any:
    """The JSON value in `data`: UTF-8, no BOM, integers up to 2^53 - 1 alone; else Malformed.

    Repeated keys and other spellings are found by `refuse_if_not_canonical`.
    """
    try:
        return json.loads(
            _text(data), parse_float=_no_float, parse_constant=_no_float, parse_int=_integer
        )
    except Malformed:
        raise
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except MemoryError:
        raise Malformed("too large to hold") from None
    except ValueError as error:
        raise Malformed(f"not JSON: {str(error)[:80]}") from None


def _text(data: bytes) -> str:
    if len(data) > MAX_FILE:
        raise Malformed(f"larger than {MAX_FILE} bytes")
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS:
        raise Malformed("too many values")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from None
    if text.startswith("\ufeff"):
        raise Malformed("starts with a byte order mark")
    return text


def _no_float(text: str) -> NoReturn:
    raise Malformed(f"the number {text[:40]} is not an integer")


def _integer(text: str) -> int:
    """Refused by its length before it is read: a number of a million digits takes for ever."""
    if len(text) > 17 or abs(number := int(text)) > SAFE_INTEGER:
        raise Malformed(f"the number {text[:40]} is beyond 2^53 - 1")
    return number


def refuse_if_too_deep(data: bytes) -> None:
    """Malformed if the bytes nest deeper than any bundle: parsers differ in what they bear."""
    depth = deepest = 0
    for bracket in _STRING.sub(b"", data):
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in b"]}":
            depth -= 1
    if deepest > MAX_DEPTH:
        raise Malformed("nested too deeply")


def refuse_if_not_canonical(value: Any, data: bytes) -> None:
    """Malformed unless `data` is the one canonical spelling of `value` (section 1)."""
    try:
        expected = encode(value)
    except NotCanonical as error:
        raise Malformed(str(error)) from None
    if expected == data:
        return
    json.loads(data, object_pairs_hook=_object)  # names a repeated key, if that is the fault
    at = next((i for i, (a, b) in enumerate(zip(expected, data, strict=False)) if a != b), None)
    at = min(len(expected), len(data)) if at is None else at
    raise Malformed(f"not the canonical spelling, first at byte {at}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise Malformed(f"the key {_show(twice)} appears twice")
    return seen


# --- Fields ---------------------------------------------------------------------------

Rule = Callable[[Any], bool]


def _show(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _matches(pattern: re.Pattern[str]) -> Rule:
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None


def _bool(value: Any) -> bool:
    return value is True or value is False


def _int(value: Any) -> bool:
    return type(value) is int and -SAFE_INTEGER <= value <= SAFE_INTEGER


def _line(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= MAX_TEXT and not _SURROGATE.search(value)


def _ids(value: Any) -> bool:
    return type(value) is list and all(map(_id, value))


def _unit_types(value: Any) -> bool:
    return _ids(value) and 0 < len(value) <= MAX_UNIT_TYPES


_id = _matches(ID)
_hex = _matches(HEX64)

ENTRANT: dict[str, Rule] = {
    "ticket": _id,
    "tier": _int,
    "unit_types": _unit_types,
    "needs_accessible": _bool,
    "preferences": _ids,
    "any_estate": _bool,
}
HOME: dict[str, Rule] = {
    "home": _id,
    "estate": _id,
    "unit_type": _id,
    "accessible": _bool,
    "area": _matches(AREA),
    "floor": _int,
}
SOURCE: dict[str, Rule] = {
    "name": _line,
    "at": _matches(MOMENT),
    "format": _line,
    "example": _line,
}
ROSTER: dict[str, Rule] = {
    "protocol": lambda value: value == PROTOCOL,
    "round": _line,
    "entrants": lambda value: type(value) is list,
    "homes": lambda value: type(value) is list,
    "policy": _line,
    "entropy_source": lambda value: type(value) is dict,
    "secret_commitment": _hex,
}
REVEAL: dict[str, Rule] = {"entropy": _line, "secret": _hex, "seed": _hex}
RESULT: dict[str, Rule] = {
    "protocol": lambda value: value == PROTOCOL,
    "roster_sha256": _hex,
    "round": _line,
    "seed": _hex,
    "assignments": lambda value: type(value) is list,
}
ASSIGNMENT: dict[str, Rule] = {
    "position": _int,
    "ticket": _id,
    "home": lambda value: value is None or _id(value),
}


def _check(where: str, value: Any, rules: dict[str, Rule]) -> None:
    if type(value) is not dict:
        raise Malformed(f"{where} is not an object")
    if value.keys() != rules.keys():
        _complain_of_keys(where, value.keys(), rules.keys())
    for name, rule in rules.items():
        if not rule(value[name]):
            raise Malformed(f"{where}.{name} may not be {_show(value[name])}")


def _complain_of_keys(where: str, found: Collection[str], wanted: Collection[str]) -> NoReturn:
    unknown = sorted(set(found) - set(wanted))
    if unknown:
        raise Malformed(f"{where} has the unknown key {_show(unknown[0])}")
    raise Malformed(f"{where} lacks the key {min(set(wanted) - set(found))!r}")


def _check_rows(where: str, rows: list[Any], rules: dict[str, Rule]) -> None:
    if not _all_fine(rows, rules):
        for index, row in enumerate(rows):
            _check(f"{where}[{index}]", row, rules)


def _all_fine(rows: list[Any], rules: dict[str, Rule]) -> bool:
    """The quick look at a large table, column by column; it need not say what is wrong."""
    if any(type(row) is not dict or row.keys() != rules.keys() for row in rows):
        return False
    return all(all(map(rule, [row[name] for row in rows])) for name, rule in rules.items())


def _check_order(where: str, rows: list[Any], sorted_by: str) -> None:
    last = ""
    for index, row in enumerate(rows):
        if row[sorted_by] < last:
            raise Malformed(f"{where}[{index}] is out of order: {row[sorted_by]} after {last}")
        if row[sorted_by] == last:
            raise Malformed(f"{where}[{index}] repeats {last}")
        last = row[sorted_by]


def refuse_bad_roster(value: Any) -> None:
    """Malformed unless `value` is a complete, sorted roster (section 1)."""
    _check("roster", value, ROSTER)
    source = value["entropy_source"]
    _check("roster.entropy_source", source, SOURCE)
    if not entropy_matches(source["format"], source["example"]):
        raise Malformed("roster.entropy_source.example does not match its own format")
    _check_rows("entrants", value["entrants"], ENTRANT)
    _check_rows("homes", value["homes"], HOME)
    _check_order("entrants", value["entrants"], "ticket")
    _check_order("homes", value["homes"], "home")


def refuse_bad_reveal(value: Any) -> None:
    """Malformed unless `value` has the three fields of reveal.json (section 1)."""
    _check("reveal", value, REVEAL)


def refuse_bad_result(value: Any) -> None:
    """Malformed unless `value` has the fields of result.json (section 1)."""
    _check("result", value, RESULT)
    _check_rows("assignments", value["assignments"], ASSIGNMENT)


# --- The format of the public event (section 1) ---------------------------------------

_PUNCTUATION = re.escape(r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~""")
_ESCAPE = rf"\\[{_PUNCTUATION}]"
_LITERAL = rf"(?:[ -~](?<![\\^$.|?*+()\[\]{{}}])|{_ESCAPE})"
_MEMBER = rf"(?:[ -~](?<![\\^\[\]-])|{_ESCAPE})"
_CLASS = rf"\[-?(?:{_MEMBER}(?:-{_MEMBER})?)*-?\](?<!\[\])"
_ITEM = re.compile(rf"({_CLASS}|{_LITERAL})(?:\{{([1-9][0-9]{{0,3}})\}})?")
_SPAN = re.compile(rf"({_MEMBER})-({_MEMBER})|({_ESCAPE}|[ -~])")


def format_items(text: str) -> list[tuple[frozenset[str], int]]:
    """`^[0-9]{40}$` → [({'0'…'9'}, 40)]: the only regular expressions allowed; else Malformed.

    Anchored at both ends; between them literals, [classes] without negation, and {n} with n
    from 1 to 9999. A punctuation mark after a backslash is that mark; there is no backslash d.
    """
    if len(text) < 2 or text[0] != "^" or text[-1] != "$":
        raise Malformed("the format is not anchored by ^ and $")
    items, at = [], 1
    while at < len(text) - 1:
        found = _ITEM.match(text, at, len(text) - 1)
        if found is None:
            raise Malformed(f"the format is not permitted at character {at}")
        items.append((_members(found[1]), int(found[2] or 1)))
        at = found.end()
    return items


def _members(atom: str) -> frozenset[str]:
    if not atom.startswith("["):
        return frozenset(atom[-1])
    members: set[str] = set()
    for first, last, single in _SPAN.findall(atom[1:-1]):
        low, high = (single or first)[-1], (single or last)[-1]
        if low > high:
            raise Malformed(f"the format has the empty range {low}-{high}")
        members.update(map(chr, range(ord(low), ord(high) + 1)))
    return frozenset(members)


def entropy_matches(format: str, entropy: str) -> bool:
    """Does the public value match the whole format (section 1)? Malformed for a bad format."""
    at = 0
    for members, count in format_items(format):
        if len(entropy) - at < count or not members.issuperset(entropy[at : at + count]):
            return False
        at += count
    return at == len(entropy)


def entropy_bits(format: str) -> int:
    """Whole bits that a value of this format can carry at most; 128 are wanted (section 1)."""
    choices = 1
    for members, count in format_items(format):
        choices *= len(members) ** count
    return choices.bit_length() - 1

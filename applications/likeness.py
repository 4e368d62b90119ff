"""Likeness of two people (疑似重复的比对). Plain Python, no database, decides nothing.

Two entries under different ID numbers may be one person: a digit was mistyped, a rare character
was written by its sound, somebody carries an old number. Each feature is compared to a *level*;
the table of the day says what a level counts. The sum only decides whether a person is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from applications import addresses
from applications.addresses import Address
from core.identity import names

SAME, DIFFERENT, UNKNOWN, NEAR = "same", "different", "unknown", "near"
SOUND, NEAR_SOUND, PARTLY, ONE_DIFFERS = "sound", "near_sound", "partly", "one_differs"
OLD_FORM, SLIP, AREA = "old_form", "slip", "area"
SHARED, NONE = "shared", "none"
_SPELLINGS = 6  # readings of a whole name that are tried; the commonest first
_SLIPPABLE = frozenset({SAME, SOUND, NEAR_SOUND, PARTLY})


@dataclass(frozen=True, slots=True)
class Sketch:
    """One person as far as likeness goes; ``index`` and ``company`` are blind indexes.

    ``company`` are the others of the household, also those who do not apply with it.
    """

    index: str
    name: str
    id_number: str
    phone: str = ""
    former_names: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    company: frozenset[str] = field(default_factory=frozenset)

    @property
    def birth(self) -> str:
        """yyyymmdd as the number says; a number of 15 digits belongs to the last century."""
        return _long(self.id_number)[6:14]

    @property
    def spoken_names(self) -> tuple[str, ...]:
        """The name and those carried before."""
        return (self.name, *self.former_names)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two people are: points by a table, and the level of each feature."""

    score: int
    levels: Mapping[str, str]


def compare(one: Sketch, other: Sketch, levels: Mapping[str, Mapping[str, int]]) -> Likeness | None:
    """What two people have in common; None for one number, or for two who stand side by side.

    Who is named in the other's own household, by a register or by the family, is a second person:
    twins of one address differ in a character and a digit, and everybody knows both.
    """
    if one.index == other.index or one.index in other.company or other.index in one.company:
        return None
    found = {
        "name": name_level(one.spoken_names, other.spoken_names),
        "birth": birth_level(one.birth, other.birth),
        "sex": SAME if _sex(one.id_number) == _sex(other.id_number) else DIFFERENT,
        "phone": _phone_level(one.phone, other.phone),
        "address": _address_level(one.addresses, other.addresses),
        "company": SHARED if one.company & other.company else NONE,
    }
    found["id"] = id_level(one.id_number, other.id_number)
    if found["name"] not in _SLIPPABLE:
        # under another name, a neighbouring number and common parents are a sibling's
        found |= {"id": DIFFERENT, "company": NONE}
    return Likeness(sum(levels[key][level] for key, level in found.items()), found)


# -- Names ---------------------------------------------------------------------------------------


def name_level(mine: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    """The best level at which any of one person's names meets any of the other's."""
    found = {_name_level(names.parts(a), names.parts(b)) for a, b in product(mine, theirs)}
    return next((level for level in _NAME_ORDER if level in found), DIFFERENT)


_NAME_ORDER = (SAME, SOUND, NEAR_SOUND, PARTLY, ONE_DIFFERS)


def _name_level(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    if one == other:
        return SAME
    if len(one) != len(other):
        return DIFFERENT
    steps = [_part_level(a, b) for a, b in zip(one, other, strict=True)]
    if DIFFERENT in steps:
        alone = steps.count(DIFFERENT) == 1 and len(one) > 1
        return ONE_DIFFERS if alone else DIFFERENT
    worst = max(steps, key=_NAME_ORDER.index)
    return DIFFERENT if steps.count(PARTLY) == len(steps) else worst


@lru_cache(maxsize=65536)
def _part_level(one: str, other: str) -> str:
    if one == other and one not in names.UNREADABLE:
        return SAME
    if one in names.UNREADABLE or other in names.UNREADABLE:
        return PARTLY
    mine, theirs = set(names.readings(one)), set(names.readings(other))
    if mine & theirs:
        return SOUND
    return NEAR_SOUND if _fold(mine) & _fold(theirs) else DIFFERENT


def _fold(syllables: set[str]) -> set[str]:
    return {names.folded(one) for one in syllables}


def spellings(name: str) -> list[str]:
    """The sounds under which a name is looked for: folded, for each likely reading."""
    heard = [
        list(dict.fromkeys(names.folded(one) for one in names.readings(part)[:3]))
        for part in names.parts(name)
    ]
    found = product(*heard)
    return [" ".join(one) for one, _n in zip(found, range(_SPELLINGS), strict=False)]


# -- Numbers -------------------------------------------------------------------------------------


def birth_level(one: str, other: str) -> str:
    """Two dates as yyyymmdd: the same, a slip of the pen apart, or different."""
    if one == other:
        return SAME
    swapped = one[:4] == other[:4] and one[4:6] == other[6:8] and one[6:8] == other[4:6]
    return NEAR if swapped or is_slip(one, other) else DIFFERENT


def id_level(one: str, other: str) -> str:
    """Two different ID numbers: old and new form of one, a slip apart, moved area, or different."""
    if old_form(one) == old_form(other):
        return OLD_FORM
    mine, theirs = _long(one)[:17], _long(other)[:17]
    if mine[6:] == theirs[6:]:  # also where the two areas are one digit apart
        return AREA
    return SLIP if is_slip(mine, theirs) else DIFFERENT


def is_slip(one: str, other: str) -> bool:
    """Whether one digit differs, or two neighbours are swapped."""
    if len(one) != len(other):
        return False
    places = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) == 1:
        return True
    if len(places) != 2 or places[1] != places[0] + 1:
        return False
    first, second = places
    return one[first] == other[second] and one[second] == other[first]


def old_form(number: str) -> str:
    """The fifteen digits of before 1999: no century, no check character."""
    return number if len(number) == 15 else number[:6] + number[8:17]


def _long(number: str) -> str:
    """Eighteen characters; the check character of an old number is left open."""
    return f"{number[:6]}19{number[6:]}?" if len(number) == 15 else number


def _sex(number: str) -> str:
    digit = _long(number)[16:17]
    return str(int(digit) % 2) if digit.isdigit() else ""


def _phone_level(one: str, other: str) -> str:
    if not (one and other):
        return UNKNOWN
    return SAME if one == other else DIFFERENT


def _address_level(mine: tuple[Address, ...], theirs: tuple[Address, ...]) -> str:
    found = {addresses.compare(a, b) for a, b in product(mine, theirs)}
    order = (addresses.SAME, addresses.BUILDING, addresses.DIFFERENT)
    return next((level for level in order if level in found), UNKNOWN)

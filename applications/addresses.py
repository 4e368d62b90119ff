"""Addresses made comparable (地址归一). Pure Python.

One home is written in many ways: 海创路198号3幢2单元501室, 海创路198-3-2-501. What is kept is the
road, estate or village and the numbers after it; the words for house, stairway and room are not.
"""

import re
import unicodedata
from dataclasses import dataclass

SAME, BUILDING, DIFFERENT = "same", "building", "different"
_ADMIN = (
    re.compile(r"^中国"),
    re.compile(r"^[^\d省]{1,8}(省|自治区)"),
    re.compile(r"^[^\d市]{1,8}?市(?![路街巷弄])"),
    re.compile(r"^[^\d]{1,6}?[区县](?![路街巷弄])"),
    re.compile(r"^[^\d]{1,8}?(街道|镇|乡)(?![路街巷弄明])"),
    re.compile(r"^[^\d]{1,8}?(社区|居委会)(?=[^\d])"),
)
_NUMBER_WORDS = re.compile(
    r"[〇零一二三四五六七八九十百]+(?=(号|弄|幢|栋|座|单元|室|房|楼|组|户|层|村民小组))"
)
_UNITS = re.compile(r"(?<=[0-9a-z])(号楼|号院|号|弄|幢|栋|座|楼|单元|室|房间|房|户|组|层)")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0}
_TOKEN = re.compile(r"[0-9]+[a-z]?|[a-z]+|[^0-9a-z\s]+")


@dataclass(frozen=True, slots=True)
class Address:
    """地址: its last name (road, estate, village), the numbers after it, and the names before."""

    place: str
    numbers: tuple[str, ...]
    before: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same text for every spelling; '' where no number tells one home from the next.

        The stairway is left out by many, so only the first number and the last one count.
        """
        return f"{self.place}:{self.numbers[0]}-{self.numbers[-1]}" if self.numbers else ""


def parse(text: str) -> Address | None:
    """The comparable form of an address as a register or a person writes it; None for nothing."""
    clean = _without_admin(_narrow(text))
    tokens = _TOKEN.findall(_UNITS.sub(" ", _NUMBER_WORDS.sub(_as_digits, clean)))
    names: list[str] = []
    numbers: list[str] = []
    for token in tokens:
        if _is_number(token):
            numbers.append(token.lstrip("0") or "0")
        else:
            names, numbers = [*names, token], []
    if not names:
        return None
    return Address(names[-1], tuple(numbers), tuple(names[:-1]))


def compare(one: Address, other: Address) -> str:
    """``same`` down to the room, ``building`` for neighbours in one, else ``different``."""
    if one.place != other.place or not (one.numbers and other.numbers):
        return DIFFERENT
    shorter, longer = sorted((one.numbers, other.numbers), key=len)
    if shorter == longer or (len(shorter) > 1 and _leaves_out(shorter, longer)):
        return SAME
    if longer[: len(shorter)] == shorter or (
        len(shorter) == len(longer) > 1 and shorter[:-1] == longer[:-1]
    ):
        return BUILDING
    return DIFFERENT


def _leaves_out(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether the one is the other without a number in its middle, such as the stairway."""
    rest = iter(longer)
    inside = all(number in rest for number in shorter)
    return inside and shorter[0] == longer[0] and shorter[-1] == longer[-1]


def _narrow(text: str) -> str:
    clean = unicodedata.normalize("NFKC", text).lower()
    clean = re.sub(r"[—–_/#、,，。;；()（）\[\]]", "-", clean)
    return re.sub(r"\s+", "", clean)


def _without_admin(text: str) -> str:
    """Without province, city, district, street and neighbourhood: people leave them out."""
    for pattern in _ADMIN:
        text = pattern.sub("", text, count=1)
    return re.sub(r"-+", " ", text)


def _is_number(token: str) -> bool:
    return token[0].isdigit() or token.isascii()


def _as_digits(found: re.Match[str]) -> str:
    """十二 → 12, 一百零三 → 103, 五〇一 → 501."""
    word = found[0]
    if not set(word) & set("十百"):
        return "".join(str(_DIGITS[c]) for c in word)
    total, digit = 0, 0
    for c in word:
        if c in _DIGITS:
            digit = _DIGITS[c]
        else:
            total += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
    return str(total + digit)

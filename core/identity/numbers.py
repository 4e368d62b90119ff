"""ID numbers (公民身份号码) by GB 11643-1999. Pure Python.

The area code is only a warning: real people of Yinzhou carry numbers whose code did not exist in
the year of their birth, so a check of codes by year refuses people who are in front of us.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_PROVINCES = frozenset(
    str(code)
    for block in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55),
                  range(61, 66), range(71, 72), range(81, 84))
    for code in block
)  # fmt: skip
MALE, FEMALE = "1", "2"
ADULT = 18  # 民法典 §17


class IdNumberError(ValueError):
    """Not an ID number. ``reason`` is one of length, characters, date, check_digit."""

    def __init__(self, reason: str, length: int = 0) -> None:
        super().__init__(reason)  # never the number itself: exceptions end in logs
        self.reason = reason
        self.length = length


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A checked number. ``sex`` by GB/T 2261.1 (1 male, 2 female)."""

    text: str
    area: str
    birth_date: date
    sex: str
    warnings: tuple[str, ...] = ()


def normalise(text: str) -> str:
    """As typed → as stored: full-width to ASCII, separators dropped, x to X."""
    narrow = unicodedata.normalize("NFKC", str(text))
    return re.sub(r"[\s\-·.]", "", narrow).upper()


def parse(text: str) -> IdNumber:
    """The checked number in ``text``. Raises IdNumberError."""
    number = normalise(text)
    if len(number) != 18:
        raise IdNumberError("length", len(number))
    if not _SHAPE.fullmatch(number):
        raise IdNumberError("characters")
    born = _birth_date(number[6:14])
    if check_character(number[:17]) != number[17]:
        raise IdNumberError("check_digit")
    warnings = () if number[:2] in _PROVINCES else ("province",)
    return IdNumber(number, number[:6], born, MALE if int(number[16]) % 2 else FEMALE, warnings)


def is_valid(text: str) -> bool:
    """Whether ``text`` is an ID number with a real date and the right check character."""
    try:
        parse(text)
    except IdNumberError:
        return False
    return True


def check_character(first17: str) -> str:
    """The 18th character for the first seventeen digits (mod 11)."""
    return _CHECKS[sum(w * int(d) for w, d in zip(_WEIGHTS, first17, strict=True)) % 11]


def eighteen(number: str) -> str:
    """The 18 characters of a 15-digit number of the last century; any other number as it is."""
    if len(number) != 15 or not (number.isascii() and number.isdigit()):
        return number
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + check_character(first17)


def is_adult_on(birth_date: date, on: date) -> bool:
    """Whether somebody born that day is of age (成年) on a day."""
    return age_on(birth_date, on) >= ADULT


def age_on(birth_date: date, on: date) -> int:
    """Completed years on a day; a 29 February birthday counts from 1 March in common years."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def _birth_date(digits: str) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise IdNumberError("date") from None
    if born.year < 1850:
        raise IdNumberError("date")
    return born

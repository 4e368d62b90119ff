"""What an ID card reader types (读卡器): a name and a number out of its raw line. Pure Python.

Readers act as keyboards and send anything from the bare number to the whole face of the card. Only
name and number are taken; address, nation and the rest of the card are dropped unread. The formats
are written down in docs/runbooks/id-reader.md.
"""

import re
import unicodedata
from dataclasses import dataclass

from core.identity import numbers

MISSING_SIGN = "〓"  # stands for a character nobody can type here
_NUMBER = re.compile(r"(?<![0-9])([1-9][0-9]{5} ?[0-9]{8} ?[0-9]{3}[0-9X])(?![0-9A-Z])", re.I)
_NUMBER_LABELS = re.compile(
    r"(公民身份号码|公民身份证号码|身份证号码|身份证号|证件号码|号码|\bIDNUM|\bID)\s*[:=]\s*", re.I
)
_NAMED = re.compile(r"(?:姓名|名字|NAME)\s*[:=]\s*([^|,;\t\n#]+)", re.I)
_SEPARATORS = re.compile(r"[|,;\t\n\r#、，；]+")
_CORPORATE = range(0xE000, 0xF900)  # a character that only one machine knows


@dataclass(frozen=True)
class Card:
    """Name and number as read; either is empty where the line did not hold it."""

    name: str = ""
    number: str = ""


def read(raw: str) -> Card:
    """The card in a reader's raw line; a line without an 18-character number has number ``""``."""
    text = _narrow(raw)
    hit = _NUMBER.search(text)
    number = numbers.normalise(hit[1]) if hit else ""
    return Card(_name_in(text, hit), number)


def clean_name(text: str) -> str:
    """A name as it is kept: outer space gone, the dot of a minority's name one and the same."""
    text = unicodedata.normalize("NFC", str(text))
    text = re.sub(r"[•‧∙・･.．●]", "·", text)
    return re.sub(r"\s+", " ", text).strip().strip("·")


def is_name(text: str) -> bool:
    """Whether it can be a name: letters and the dot alone, no digit and no address."""
    bare = re.sub(r"[·•‧∙・･. ]", "", text)
    return 0 < len(bare) <= 30 and all(sign.isalpha() or sign == MISSING_SIGN for sign in bare)


def unknown_signs(name: str) -> list[str]:
    """Characters of a name that no other office can read (造字): private code points."""
    return [sign for sign in name if ord(sign) in _CORPORATE or 0xF0000 <= ord(sign) <= 0x10FFFD]


def rare_signs(name: str) -> list[str]:
    """Characters outside the basic plane (𠮷), and 〓 in place of one."""
    return [sign for sign in name if ord(sign) > 0xFFFF or sign == MISSING_SIGN]


def _narrow(raw: str) -> str:
    """Full-width digits, letters and marks as ASCII; names keep their characters."""
    text = "".join(
        unicodedata.normalize("NFKC", sign) if "\uff01" <= sign <= "\uff5e" else sign
        for sign in str(raw).replace("\u3000", " ")
    )
    return text.strip(" \t\r\n\0\ufeff")


def _name_in(text: str, hit: re.Match[str] | None) -> str:
    rest = text if hit is None else text[: hit.start()] + "|" + text[hit.end() :]
    rest = _NUMBER_LABELS.sub("|", rest)
    if named := _NAMED.search(rest):
        return clean_name(named[1])
    parts = [part.strip() for part in _SEPARATORS.split(rest)]
    first = next((part for part in parts if part), "")
    return clean_name(first) if is_name(first) else ""

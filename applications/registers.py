"""What pages call a register (数据源): its name and its owner, in the language of the page."""

from django.utils.translation import get_language

from applications.eligibility import wording
from core import display
from datashare import catalogue

_STORED = "、"  # between the names that a pause keeps


def name_of(code: str) -> str:
    """不动产登记; a code that no register has stays a code."""
    if _english():
        words = wording.SOURCES_EN.get(code, code).partition(" (")[0]
        return words[:1].upper() + words[1:]
    return _chinese().get(code, code)


def owner_of(code: str) -> str:
    """Who keeps the register. Raises KeyError for a code that no register has."""
    if _english():
        return wording.SOURCES_EN[code].partition(" (")[2].rstrip(")")
    return catalogue.entry(code).owner


def names_in(stored: str) -> str:
    """Names kept in Chinese, as a page lists them."""
    codes = {name: code for code, name in _chinese().items()}
    words = stored.split(_STORED)
    return display.listed(name_of(codes[one]) if one in codes else one for one in words)


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _chinese() -> dict[str, str]:
    return {entry.code: entry.name for entry in catalogue.entries()}

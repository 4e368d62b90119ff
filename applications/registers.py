"""What pages call a register (数据源): its name and its owner, in the language of the page."""

from django.utils.translation import get_language

from core import display
from datashare import catalogue

_STORED = "、"  # between the names that a pause keeps


def name_of(code: str) -> str:
    """不动产登记; a code that no register has stays a code."""
    try:
        entry = catalogue.entry(code)
    except KeyError:
        return code
    return entry.english[:1].upper() + entry.english[1:] if _english() else entry.name


def owner_of(code: str) -> str:
    """Who keeps the register. Raises KeyError for a code that no register has."""
    entry = catalogue.entry(code)
    return entry.owner_english if _english() else entry.owner


def names_in(stored: str) -> str:
    """Names kept in Chinese, as a page lists them."""
    codes = {entry.name: entry.code for entry in catalogue.entries()}
    words = stored.split(_STORED)
    return display.listed(name_of(codes[one]) if one in codes else one for one in words)


def _english() -> bool:
    return (get_language() or "").startswith("en")

"""What others may know of a source (数据源名录): its name, its owner, what silence means."""

from dataclasses import dataclass

from datashare.sources import CATALOGUE
from datashare.sources.source import UNKNOWN


@dataclass(frozen=True, slots=True)
class Entry:
    """One source as pages and letters name it."""

    code: str
    name: str
    owner: str
    silence_is_unknown: bool  # an answered, empty list leaves the fact open
    basis: str
    ttl: int  # days an answer counts as fresh


def entries() -> tuple[Entry, ...]:
    """Every source, in the order of the published list."""
    return tuple(map(entry, CATALOGUE))


def entry(code: str) -> Entry:
    """One source. Raises KeyError for a code that no source has."""
    spec = CATALOGUE[code]
    return Entry(code, spec.name, spec.owner, spec.empty == UNKNOWN, spec.basis, spec.ttl)

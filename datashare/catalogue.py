"""What others may know of a source (数据源名录): its name, its owner, what silence means."""

from dataclasses import dataclass

from datashare.sources import CATALOGUE
from datashare.sources.laws import Law
from datashare.sources.source import UNKNOWN, Field


@dataclass(frozen=True, slots=True)
class Entry:
    """One source as pages and letters name it."""

    code: str
    name: str
    owner: str
    silence_is_unknown: bool  # an answered, empty list leaves the fact open
    basis: str  # every clause, as cited in Chinese
    ttl: int  # days an answer counts as fresh
    english: str
    owner_english: str
    laws: tuple[Law, ...]
    purposes: tuple[str, ...]  # codes
    quota: int  # calls a day
    rate: int  # calls a second
    batch: int  # persons a call, as the interface allows
    latency: str  # instant, slow (seconds), ordered (days)
    sensitivity: str  # general, sensitive (个人信息保护法第28条)
    fields: tuple[Field, ...]  # what facts are made of
    dropped: tuple[str, ...]  # what is thrown away before anything is stored
    path: str

    @property
    def ordered(self) -> bool:
        """Whether the first question only places an order."""
        return self.latency == "ordered"

    @property
    def verified(self) -> bool:
        """Whether each clause was read in public material."""
        return all(law.verified for law in self.laws)

    def named_in(self, language: str) -> str:
        """The register's name in the reader's language."""
        return self.english if _is_english(language) else self.name

    def basis_in(self, language: str) -> str:
        """Every clause in the reader's language; says of each that is still to be compared."""
        if _is_english(language):
            return "; ".join(
                law.english_text + ("" if law.verified else " (not verified)") for law in self.laws
            )
        return "；".join(law.text + ("" if law.verified else "（未核实）") for law in self.laws)


def entries() -> tuple[Entry, ...]:
    """Every source, in the order of the published list."""
    return tuple(map(entry, CATALOGUE))


def entry(code: str) -> Entry:
    """One source. Raises KeyError for a code that no source has."""
    spec = CATALOGUE[code]
    return Entry(
        code=code,
        name=spec.name,
        owner=spec.owner,
        silence_is_unknown=spec.empty == UNKNOWN,
        basis=spec.basis,
        ttl=spec.ttl,
        english=spec.english,
        owner_english=spec.owner_english,
        laws=spec.laws,
        purposes=spec.purposes,
        quota=spec.quota,
        rate=spec.rate,
        batch=spec.batch,
        latency=spec.latency,
        sensitivity=spec.sensitivity,
        fields=spec.fields,
        dropped=spec.dropped,
        path=spec.path,
    )


def _is_english(language: str) -> bool:
    return language.startswith("en")

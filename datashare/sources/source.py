"""What a source is: who owns it, on what authority, how it is asked, how a row is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from datashare.cells import Row, fold
from datashare.sources.laws import Law

NONE, UNKNOWN = "none", "unknown"
CHECK, RECHECK, DRAFT = "eligibility_check", "annual_recheck", "household_draft"
COMMITMENT, DECEASED = "commitment_check", "deceased_check"
DISCOVERY = "proactive_discovery"
USUAL = (CHECK, RECHECK, COMMITMENT)


@dataclass(frozen=True, slots=True)
class Asked:
    """One person asked about on a day. ``params``: office, operator, spouse …, as text."""

    name: str
    id_number: str
    on: date
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """What is known of a person before asking, to leave needless questions out."""

    age: int
    applicant: bool = False
    category: str = ""
    alone: bool = False


def everyone(member: Member) -> bool:
    return True


def adults(member: Member) -> bool:
    """From 16: who can work, own a licence or be a partner; children are not asked about."""
    return member.age >= 16


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody a row is about: the ID number as it stands there, perhaps masked, and the name."""

    number: str
    name: str = ""


Subjects = Callable[[Row], tuple[Subject, ...]]


def subjects_by(*numbers: str, name: tuple[str, ...] = ("xm",)) -> Subjects:
    """The people a row is about, from the first of these fields that is filled.

    Several people in one cell go with as many names, in their order.
    """

    def subjects(row: Row) -> tuple[Subject, ...]:
        found = row.ids(*numbers)
        names = row.names(*name) if found else ()
        if len(names) != len(found):
            names = (names[0] if len(found) == 1 and names else "",) * len(found)
        return tuple(map(Subject, found, names))

    return subjects


@dataclass(frozen=True, slots=True)
class Field:
    """字段 one field of a row that is read. ``also``: other spellings that are accepted.

    ``assumed``: no public source shows the name; it was invented here (docs/records.md).
    """

    name: str
    words: str
    english: str
    also: tuple[str, ...] = ()
    assumed: bool = False


def seen(name: str, words: str, english: str, *also: str) -> Field:
    """A field that was seen in public code."""
    return Field(name, words, english, also)


def assumed(name: str, words: str, english: str, *also: str) -> Field:
    """A field whose name was invented here."""
    return Field(name, words, english, also, assumed=True)


GENERAL, SENSITIVE = "general", "sensitive"  # 个人信息保护法第28条


@dataclass(frozen=True, slots=True)
class Source:
    """数据源: one interface of the gateway.

    ``empty`` says what an answered, empty list means; ``read`` turns a row into a typed record or
    None for a row that states nothing; ``newest`` marks registers that keep one current row.
    ``fields`` are those that facts are made of; ``dropped`` are thrown away before anything is
    stored: no purpose needs them (个人信息保护法第6条).
    ``quota`` calls a day and ``rate`` calls a second are what the gateway grants (a site says
    otherwise in DATASHARE_INTERFACES); ``ttl`` days, ``batch`` persons a call. ``ordered``: the
    first question places an order, the report comes days later; ``slow``: an answer may take
    seconds.
    """

    code: str
    name: str
    owner: str
    english: str
    owner_english: str
    path: str
    empty: str
    laws: tuple[Law, ...]
    fields: tuple[Field, ...]
    request: Callable[[Asked], dict[str, str]]
    read: Callable[[Row], Any | None]
    subjects: Subjects
    dropped: tuple[str, ...] = ()
    purposes: tuple[str, ...] = USUAL
    ttl: int = 7
    quota: int = 200_000
    rate: int = 50
    batch: int = 1
    sensitivity: str = GENERAL
    applies_to: Callable[[Member], bool] = everyone
    newest: Callable[[Any], date | None] | None = None
    ordered: bool = False
    slow: bool = False
    known: frozenset[str] = field(init=False, repr=False)  # every spelling of every field
    unwanted: frozenset[str] = field(init=False, repr=False)  # dropped, as fields are compared

    def __post_init__(self) -> None:
        spellings = {fold(name) for one in self.fields for name in (one.name, *one.also)}
        object.__setattr__(self, "known", frozenset(spellings))
        object.__setattr__(self, "unwanted", frozenset(map(fold, self.dropped)))

    @property
    def basis(self) -> str:
        """All clauses as cited in Chinese."""
        return "；".join(law.text for law in self.laws)

    @property
    def latency(self) -> str:
        """How soon an answer comes: instant, slow (seconds) or ordered (days)."""
        return "ordered" if self.ordered else "slow" if self.slow else "instant"

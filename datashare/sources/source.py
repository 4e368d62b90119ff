"""What a source is: who owns it, on what authority, how it is asked, how a row is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from datashare.cells import Row

NONE, UNKNOWN = "none", "unknown"
CHECK, RECHECK, DRAFT = "eligibility_check", "annual_recheck", "household_draft"


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


def subjects_by(*names: str) -> Callable[[Row], tuple[str, ...]]:
    """The ID numbers a row is about, from the first of these fields that is filled."""
    return lambda row: row.ids(*names)


@dataclass(frozen=True, slots=True)
class Source:
    """数据源: one interface of the gateway.

    ``empty`` says what an answered, empty list means; ``read`` turns a row into a typed record or
    None for a row that states nothing; ``newest`` marks registers that keep one current row;
    ``quota`` calls a day and ``rate`` calls a second are what the gateway grants (a site says
    otherwise in DATASHARE_INTERFACES); ``ttl`` days, ``batch`` persons a call. ``ordered``: the
    first question places an order, the report comes days later.
    """

    code: str
    name: str
    owner: str
    path: str
    empty: str
    request: Callable[[Asked], dict[str, str]]
    read: Callable[[Row], Any | None]
    subjects: Callable[[Row], tuple[str, ...]]
    basis: str = "《公共租赁住房管理办法》第8、9条；《社会救助暂行办法》第58条"
    purposes: tuple[str, ...] = (CHECK, RECHECK)
    ttl: int = 7
    quota: int = 200_000
    rate: int = 50
    batch: int = 1
    sensitivity: str = "general"
    applies_to: Callable[[Member], bool] = everyone
    newest: Callable[[Any], date | None] | None = None
    ordered: bool = False

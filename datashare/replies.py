"""Typed replies (答复): what a register said, that it said nothing, or that it could not be used.

A reply is one of three and they never stand for one another:
``found``: rows about the person asked; ``no_record``: an answered, empty list (what that means is
a property of the source: ``Source.empty``); ``unavailable``: a fault, garbage, not delivered yet,
or an answer about somebody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

FOUND, NO_RECORD, UNAVAILABLE = "found", "no_record", "unavailable"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of one source about one person. ``error`` names the fault, never the person.

    ``fresh_until``: the answer counts as fresh up to then (the source's TTL, or earlier where the
    rows themselves lapse). ``receipt`` and ``expected`` belong to a report under way (`ordered`).
    """

    source: str
    person_id: str
    status: str
    records: tuple[Any, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    fetched_at: datetime | None = None
    error: str = ""
    request_id: str = ""  # the gateway's own number of the call
    asked_at: datetime | None = None
    fresh_until: datetime | None = None
    receipt: str = ""
    expected: date | None = None

    @property
    def found(self) -> bool:
        return self.status == FOUND

    @property
    def silent(self) -> bool:
        return self.status == NO_RECORD

    @property
    def unavailable(self) -> bool:
        return self.status == UNAVAILABLE

    @property
    def ordered(self) -> bool:
        """Whether a report was ordered and is still being made: an answer, and yet no facts."""
        return self.found and all(
            getattr(record, "delivered", True) is False for record in self.records
        )


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody named inside another person's row; ``relation`` by GB/T 4761, to the head."""

    name: str
    id_number: str
    relation: str = ""


@dataclass(frozen=True, slots=True)
class IdentityCard:
    """居民身份证."""

    name: str
    id_number: str
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """居民户口: one person's entry. ``district`` has six digits; '' where the row does not say."""

    name: str
    former_name: str = ""
    marital: str = ""
    district: str = ""
    address: str = ""
    household_no: str = ""
    relation: str = ""
    moved_in: date | None = None
    moved_out: date | None = None
    cancelled: bool = False
    cancelled_on: date | None = None
    death_entry: bool = False
    died: date | None = None
    updated: date | None = None
    members: tuple[Relative, ...] = ()
    children: tuple[Relative, ...] = ()


@dataclass(frozen=True, slots=True)
class PopulationEntry:
    """人口信息 (legacy)."""

    name: str
    address: str = ""
    synced: date | None = None


@dataclass(frozen=True, slots=True)
class Permit:
    """居住证. ``state``: True in force, False lapsed, None not said."""

    number: str
    district: str
    since: date | None
    until: date | None
    cancelled_on: date | None
    state: bool | None


MARRIED, DIVORCED, ANNULLED, NEVER = "married", "divorced", "annulled", "never"


@dataclass(frozen=True, slots=True)
class MarriageEvent:
    """婚姻登记: one event of a couple."""

    kind: str
    on: date | None
    man: Relative
    woman: Relative


@dataclass(frozen=True, slots=True)
class MarriageCheck:
    """民政部核验. ``verdict``: married, divorced, never, or differs (不一致)."""

    verdict: str
    man: Relative
    woman: Relative
    on: date | None = None


@dataclass(frozen=True, slots=True)
class OrphanEntry:
    """孤儿."""

    since: date | None
    until: date | None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class AidStatus:
    """救助身份: 特困 TK, 低保 DB, 低保边缘 DBBY. ``month``: the only month the row speaks of."""

    kind: str
    head_id: str = ""
    member_ids: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    month: date | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Disability:
    """残疾人证. ``level`` 1 (severest) to 4."""

    level: int | None
    kind: str = ""
    since: date | None = None
    valid: bool = True
    synced: date | None = None


@dataclass(frozen=True, slots=True)
class DeathEntry:
    """死亡或火化. ``on`` None: the row states no date."""

    on: date | None


@dataclass(frozen=True, slots=True)
class Course:
    """学历学籍: one course. ``rank`` 0 below secondary … 3 大专, 4 本科, 5 硕士, 6 博士."""

    level: str
    rank: int | None
    entered: date | None
    graduated: date | None
    full_time: bool
    state: str


@dataclass(frozen=True, slots=True)
class Home:
    """不动产: one home as one owner's row shows it. Areas ㎡ of the whole home; ``share`` None =
    the whole; ``share_open``: owned in shares (按份共有) of which no row says how much.
    ``left``: transferred away on; ``way``: how (买卖 …)."""

    location: str
    certificate: str
    unit: str
    area: Decimal | None
    share: Decimal | None
    district: str
    housing: bool
    acquired: date | None
    acquired_by: str
    left: date | None
    way: str
    to_ids: tuple[str, ...] = ()
    historic: bool = False
    share_open: bool = False


@dataclass(frozen=True, slots=True)
class Tenancy:
    """直管公房承租."""

    contract: str
    location: str
    area: Decimal | None
    district: str
    since: date | None
    until: date | None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """A buyer or seller; ``share`` None = the whole."""

    name: str
    id_number: str
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class HomeContract:
    """商品房合同 or 存量房合同. ㎡ of the whole home."""

    number: str
    location: str
    buyers: tuple[Party, ...]
    sellers: tuple[Party, ...]
    area: Decimal | None
    on: date | None
    district: str
    housing: bool
    cancelled: bool
    cancelled_on: date | None


@dataclass(frozen=True, slots=True)
class DeedTax:
    """契税. Area ㎡."""

    item: str
    on: date | None
    area: Decimal | None
    location: str


@dataclass(frozen=True, slots=True)
class Insured:
    """参保月份: months ``first`` to ``last`` (first days), one kind of insurance."""

    kind: str
    employer: str
    first: date | None
    last: date | None
    received: bool
    received_in: date | None


@dataclass(frozen=True, slots=True)
class FundAccount:
    """公积金账户. Yuan."""

    employer: str
    base: Decimal | None
    opened: date | None
    closed: date | None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """机动车. ``value`` yuan; ``use``: ordinary, disabled, livelihood; ``counted``: a motor car."""

    plate: str
    make: str
    since: date | None
    until: date | None
    held: bool
    value: Decimal | None
    use: str
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Interest:
    """投资任职 in one company. Capital in yuan."""

    company: str
    code: str
    state: str
    role: str
    subscribed: Decimal | None
    registered: Decimal | None
    since: date | None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """核对报告: one line. Income: ``kind``, months ``first``–``last``, ``amount`` in all;
    property: ``asset``, ``balance``. Yuan. Not ``delivered``: only ordered, under ``receipt``.
    ``partial``: some who were asked (banks) did not answer. ``valid_to`` inclusive."""

    report: str
    dated: date | None
    delivered: bool
    covers_from: date | None
    covers_to: date | None
    kind: str = ""
    first: date | None = None
    last: date | None = None
    amount: Decimal | None = None
    asset: str = ""
    balance: Decimal | None = None
    valid_to: date | None = None
    partial: bool = False
    receipt: str = ""
    ordered_on: date | None = None
    expected: date | None = None


@dataclass(frozen=True, slots=True)
class Benefit:
    """在保住房保障: one person's part in a home or a subsidy."""

    kind: str
    contract: str
    role: str
    since: date | None
    until: date | None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Faulted:
    """A fault instead of rows (故障): quota, timeout, http_500, garbage, empty, stale …"""

    mode: str
    detail: Mapping[str, Any] = field(default_factory=dict)


_DEGREES = (  # the first word that stands in the text decides: 大学专科 is no 大学
    ("博士", 6), ("硕士", 5), ("研究生", 5), ("本科", 4), ("学士", 4), ("专升本", 4), ("大专", 3),
    ("专科", 3), ("高职", 3), ("高专", 3), ("大学", 4), ("中专", 2), ("中职", 2), ("职高", 2),
    ("职业高中", 2), ("高中", 2), ("技校", 2), ("技工", 2), ("中技", 2), ("中师", 2), ("中等", 2),
    ("初中", 1), ("小学", 0), ("文盲", 0), ("PHD", 6), ("DOCTOR", 6), ("MASTER", 5),
    ("BACHELOR", 4), ("UNDERGRADUATE", 4),
)  # fmt: skip
# GB/T 4658-2006: 11 博士研究生, 14 硕士研究生, 2x 本科, 3x 专科, 4x 中职, 6x 高中, 7x 初中, 8x 小学
_DEGREE_CODES = {"2": 4, "3": 3, "4": 2, "6": 2, "7": 1, "8": 0}


def degree_rank(level: str) -> int | None:
    """How high a degree is (大专 3, 本科 4 …), by word or code; None for one that is not known."""
    written = level.strip().upper()
    if len(written) == 2 and written.isascii() and written.isdigit():
        if written[0] == "1":
            return 6 if "11" <= written <= "13" else 5
        return _DEGREE_CODES.get(written[0])
    return next((rank for word, rank in _DEGREES if word in written), None)

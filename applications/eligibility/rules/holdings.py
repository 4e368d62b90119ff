"""Homes of a household on a day (家庭住房): held, contracted, given away; each counted once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from applications.eligibility.calendar import add_months, within
from applications.eligibility.facts import Facts, Look
from applications.eligibility.rules.family import Divorce, marriage_of
from datashare.replies import Home, HomeContract

_NO_TRANSFER = (
    "离婚",
    "析产",
    "继承",
    "征收",
    "拆迁",
    "灭失",
    "法院",
    "司法",
    "更正",
    "换证",
    "变更登记",
)
_DIVORCE = ("离婚", "析产")  # fmt: skip
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Holding:
    """One home of the household: area ㎡ counted, why, since or until when, and by which source."""

    source: str
    keys: frozenset[str]
    whole_area: Decimal | None
    share: Decimal
    district: str
    day: date | None
    person: str
    location: str = ""
    ends: date | None = None
    share_open: bool = False  # how much of it is theirs no row says: at most ``share``

    @property
    def area(self) -> Decimal:
        return (self.whole_area or Decimal(0)) * self.share

    @property
    def is_measured(self) -> bool:
        return self.whole_area is not None

    def same_as(self, other: "Holding") -> bool:
        """The same home: a common certificate, unit, contract or address; of two people also one
        of the same street and area, where the address has no number."""
        return bool(self.keys & other.keys) or (
            self.person != other.person
            and self.source == other.source == "property"
            and bool(self.location)
            and (self.location, self.whole_area) == (other.location, other.whole_area)
            and self.whole_area is not None
        )


@dataclass
class Holdings:
    """Every home by how it counts."""

    current: list[Holding] = field(default_factory=list)
    offplan: list[Holding] = field(default_factory=list)
    transferred: list[Holding] = field(default_factory=list)
    divorced: list[Holding] = field(default_factory=list)
    undated: list[Holding] = field(default_factory=list)
    former: list[Holding] = field(default_factory=list)


def keys_of(*names: str, location: str = "") -> frozenset[str]:
    """What identifies a home. An address without a number names a street, not a home."""
    exact = re.search(r"\d", location) is not None
    return frozenset(name for name in (*names, location if exact else "") if name)


class _Index:
    """Places of homes by what may make two of them the same: a key, or a spot and an area."""

    def __init__(self) -> None:
        self._places: dict[object, list[int]] = {}

    def put(self, one: Holding, place: int) -> None:
        for sign in self._signs(one):
            places = self._places.setdefault(sign, [])
            if place not in places[-1:]:
                places.append(place)

    def near(self, one: Holding) -> list[int]:
        """Places, in order, at which the same home may stand."""
        return sorted({at for sign in self._signs(one) for at in self._places.get(sign, ())})

    @staticmethod
    def _signs(one: Holding) -> list[object]:
        return [*one.keys, (one.location, one.whole_area)]


def merged(holdings: Iterable[Holding]) -> list[Holding]:
    """Equal homes once, the household's shares added up to at most the whole."""
    found: list[Holding] = []
    index = _Index()
    for one in holdings:
        place = next((at for at in index.near(one) if found[at].same_as(one)), None)
        if place is None:
            place = len(found)
            found.append(one)
        else:
            found[place] = _joined(found[place], one)
        index.put(found[place], place)
    return found


def _joined(one: Holding, other: Holding) -> Holding:
    """Two rows of one home: of two people the shares add up, of one person they are one share."""
    several = one.person != other.person
    share = min(ONE, one.share + other.share) if several else max(one.share, other.share)
    return replace(
        one,
        share=share,
        keys=one.keys | other.keys,
        whole_area=one.whole_area if one.whole_area is not None else other.whole_area,
        district=one.district or other.district,
        share_open=one.share_open or other.share_open,
        ends=max(one.ends, other.ends) if one.ends and other.ends else one.ends,
    )


# -- Registered homes --------------------------------------------------------------------------


def registered(facts: Facts, look: Look) -> Holdings:
    """Homes in the property register, by their state on the day. Raises SourcePending."""
    return look.once("registered", lambda own: _by_state(facts, own))


def _by_state(facts: Facts, look: Look) -> Holdings:
    found = Holdings()
    counts = facts.value("housing.counts")
    for person, home in look.records("property", facts.members):
        if not home.housing or (home.acquired and home.acquired > facts.on):
            continue
        if _kind(home) not in counts:
            continue
        holding = _registered(home, person.id_number)
        if home.left and home.left <= facts.on:
            holding = replace(holding, day=home.left)
            found.former.append(holding)
            _file_former(facts, home, holding, found)
        elif home.historic and home.left is None:
            found.undated.append(holding)
        else:
            look.saw("property", person.id_number, home.location, home.acquired)
            found.current.append(holding)
    found.current = merged(found.current)
    for group in ("transferred", "divorced", "undated"):
        setattr(found, group, not_held(merged(getattr(found, group)), found.current))
    return found


def _kind(home: Home) -> str:
    """What a row of the register is, as the policy lists what counts (计入住房的情形)."""
    if any(word in home.acquired_by for word in ("征收", "拆迁", "安置")):
        return "RELOCATION"
    return "INHERITED_SHARE" if "继承" in home.acquired_by else "REGISTERED"


def _registered(home: Home, person: str) -> Holding:
    return Holding(
        source="property",
        keys=keys_of(home.certificate, home.unit, location=home.location),
        whole_area=home.area,
        share=ONE if home.share is None else home.share,
        district=home.district or outside_by_name(home.location),
        day=home.acquired,
        person=person,
        location=home.location,
        share_open=home.share_open,
    )


def _file_former(facts: Facts, home: Home, holding: Holding, found: Holdings) -> None:
    """A home that left: divided at divorce, given away, or neither (to a member, taken, lost)."""
    if any(facts.is_member(one) for one in home.to_ids):
        return
    if any(word in home.way for word in _DIVORCE):
        found.divorced.append(holding)
    elif not any(word in home.way for word in _NO_TRANSFER):
        found.transferred.append(holding)


def not_held(gone: list[Holding], held: list[Holding]) -> list[Holding]:
    """Without what the household holds (again, still in part, or by another member)."""
    rest = []
    index = _Index()
    for place, other in enumerate(held):
        index.put(other, place)
    for one in gone:
        near = [held[at] for at in index.near(one)]
        kept = sum((other.share for other in near if one.same_as(other)), Decimal(0))
        share = min(one.share, max(ONE - kept, Decimal(0)))
        if share > 0:
            rest.append(one if share == one.share else replace(one, share=share))
    return rest


_ELSEWHERE = re.compile(
    r"(?!浙江)\w{2,3}省|\w{2,5}自治区|(北京|上海|天津|重庆)市?|"
    r"(杭州|温州|嘉兴|湖州|绍兴|金华|衢州|舟山|台州|丽水)市"
)
OUTSIDE = "000000"


def outside_by_name(location: str) -> str:
    """A code of no district for an address that names another city or province, else ''."""
    return OUTSIDE if _ELSEWHERE.match(location) else ""


# -- Contracts and tenancies -------------------------------------------------------------------


def tenancies(facts: Facts, look: Look) -> list[Holding]:
    """直管公房承租 in force on the day."""
    if "PUBLIC_TENANCY" not in facts.value("housing.counts"):
        return []
    found = []
    for person, one in look.records("public_tenancy", facts.members):
        stopped = one.ended and one.until is None
        if stopped or not within(one.since, facts.on, one.until):
            continue
        look.saw("public_tenancy", person.id_number, one.location, one.since)
        keys = keys_of(one.contract, location=one.location)
        found.append(
            Holding("public_tenancy", keys, one.area, ONE, one.district, one.since,
                    person.id_number, one.location)
        )  # fmt: skip
    return merged(found)


def bought(facts: Facts, look: Look, source: str) -> list[Holding]:
    """Uncancelled contracts of the household as a buyer, not sold on since."""
    sold = contracts(facts, look, source, "sellers")
    return [
        one
        for one in contracts(facts, look, source, "buyers")
        if not any(_later(other, one) and one.same_as(other) for other in sold)
    ]


def contracts(facts: Facts, look: Look, source: str, side: str) -> list[Holding]:
    """Contracts in force on the day in which a member stands on one side."""
    return look.once(f"{source} {side}", lambda own: _contracts(facts, own, source, side))


def _contracts(facts: Facts, look: Look, source: str, side: str) -> list[Holding]:
    found = []
    for person, one in look.records(source, facts.members):
        parties = getattr(one, side)
        if one.housing and stands(one, facts.on) and _share(facts, parties) > 0:
            look.saw(source, person.id_number, one.number or one.location, one.on)
            found.append(_contracted(source, one, person.id_number, _share(facts, parties)))
        elif not one.buyers and not one.sellers and side == "buyers" and stands(one, facts.on):
            # A row without parties answers about the person asked, as the buyer.
            found.append(_contracted(source, one, person.id_number, ONE))
    return _once(found)


def _contracted(source: str, one: HomeContract, person: str, share: Decimal) -> Holding:
    parties = "".join(sorted(party.id_number for party in (*one.buyers, *one.sellers)))
    content = f"{one.on} {one.area} {one.location} {parties}" if parties else ""
    district = one.district or outside_by_name(one.location)
    keys = keys_of(one.number, content, location=one.location)
    return Holding(source, keys, one.area, share, district, one.on, person, one.location)


def _once(found: list[Holding]) -> list[Holding]:
    """One contract under several buyers: the share is the household's already."""
    distinct: list[Holding] = []
    for one in found:
        if not any(one.same_as(other) for other in distinct):
            distinct.append(one)
    return distinct


def stands(contract: HomeContract, on: date) -> bool:
    """Signed by the day and not cancelled by the day."""
    if contract.on is not None and contract.on > on:
        return False
    if contract.cancelled_on is not None:
        return contract.cancelled_on > on
    return not contract.cancelled


def _share(facts: Facts, parties: Iterable[Any]) -> Decimal:
    """The household's part; a party without a stated share stands for the whole."""
    own = [
        one.share if one.share is not None else ONE
        for one in parties
        if facts.is_member(one.id_number, one.name)
        or (not one.id_number and any(member.name == one.name for member in facts.members))
    ]
    return min(ONE, sum(own, Decimal(0)))


def _later(one: Holding, other: Holding) -> bool:
    return (one.day or date.max) >= (other.day or date.min)


def matches_registered(contract: Holding, homes: Iterable[Holding]) -> bool:
    """Whether a contract's home has been registered: the same home, or one of the same area that
    was registered after the contract."""
    return any(
        contract.same_as(home)
        or (
            contract.whole_area is not None
            and contract.whole_area == home.whole_area
            and contract.day is not None
            and home.day is not None
            and home.day >= contract.day
        )
        for home in homes
    )


# -- Divorce -----------------------------------------------------------------------------------


def of_former_couples(
    facts: Facts, look: Look, divided: list[Holding], months: int
) -> list[Holding]:
    """Homes that a divorced couple held: divided, or the former spouse's; each ends ``months``
    after the divorce."""
    found = []
    for person in facts.members:
        divorces = marriage_of(facts, look, person).divorces
        own = [one for one in divided if one.person == person.id_number]
        found += [_ending(one, _divorced_on(divorces, one.day) or one.day, months) for one in own]
        for divorce in divorces:
            found += _of_former_spouse(facts, look, divorce, months)
    return merged(found)


def _ending(holding: Holding, since: date | None, months: int) -> Holding:
    return replace(holding, ends=add_months(since, months) if since else None)


def _divorced_on(divorces: Iterable[Divorce], divided_on: date | None) -> date | None:
    """The divorce at which a home was divided: the last one before that day, else the last."""
    days = [one.on for one in divorces if one.on is not None]
    before = [day for day in days if divided_on is not None and day <= divided_on]
    return max(before or days, default=None)


def _of_former_spouse(facts: Facts, look: Look, divorce: Divorce, months: int) -> list[Holding]:
    """Homes the former spouse held on the day of the divorce, where they are known."""
    former, on = divorce.former, divorce.on
    if former is None or on is None or not former.id_number or facts.is_member(former.id_number):
        return []
    records = look.glance("property", former.id_number).records
    homes = [one for one in records if one.housing and _held_in_marriage(one, on)]
    for home in homes:
        look.saw("property", former.id_number, home.location, home.acquired)
    return [_ending(_registered(home, former.id_number), on, months) for home in homes]


def _held_in_marriage(home: Home, divorced_on: date) -> bool:
    """Held on the day of the divorce, or got by the division that followed it."""
    before = home.acquired is None or home.acquired <= divorced_on
    divided = any(word in home.acquired_by for word in _DIVORCE)
    return (before or divided) and (home.left is None or home.left >= divorced_on)

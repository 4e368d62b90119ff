"""Homes by two routes (住房登记): the register beside taxes and contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain

from applications.eligibility.calendar import add_months
from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts
from applications.eligibility.routes.parts import (
    AGREE,
    ALONE,
    AWAITED,
    DISAGREE,
    HOME,
    LONG_AGO,
    NO_ANSWER,
    NOT,
    PAIRS,
    SAYS,
    SILENT,
    UNAVAILABLE,
    UNDATED,
    Confirmation,
    Fact,
    Lags,
    Side,
    in_order,
    order,
    sources_of,
)
from applications.eligibility.rules.holdings import stands
from datashare.replies import HomeContract

_NO_HOME = ("车位", "车库", "非住宅", "非住房", "商业", "办公", "土地")
_MEASURED = Decimal("0.03")  # 预测面积 against 实测面积 (商品房销售管理办法 §20)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A home that a tax or a contract tells of."""

    source: str
    fact: Fact


def confirm(facts: Facts, lags: Lags) -> Confirmation:
    """The homes of a household: entered, taxed, contracted.

    A home that the register knows without a tax is no disagreement: it may have been inherited,
    allotted or bought before the tax was shared.
    """
    claims = list(_claims(facts))
    entered = list(_entered(facts))
    open_ = [group for group in _grouped(claims) if not _is_known(group, entered)]
    borne = len(open_) < len(_grouped(claims))
    disputed, reasons = [], []
    for group in open_:
        why = _excuse(facts, lags, group)
        reasons += [why] if why else []
        disputed += [] if why else [(one.source, one.fact) for one in group]
    sides = [_home_side(facts, source, claims, entered) for source in sources_of(HOME)]
    alone = [one for one in entered if not any(_same(c.source, c.fact, one) for c in claims)]
    result, reason = _home_result(sides, bool(disputed), reasons, bool(alone), borne)
    split = len(PAIRS[HOME][0])
    return Confirmation(
        HOME, "", result, tuple(sides[:split]), tuple(sides[split:]), reason,
        in_order(disputed) if result == DISAGREE else (),
    )  # fmt: skip


def _home_result(
    sides: list[Side], disputed: bool, reasons: list[str], alone: bool, borne: bool
) -> tuple[str, str]:
    missing = {one.source for one in sides if one.state == UNAVAILABLE}
    if "property" in missing:
        return SILENT, NO_ANSWER
    if disputed:
        return DISAGREE, ""
    if reasons:
        return SILENT, sorted(reasons)[0]
    if missing and not borne:
        return SILENT, NO_ANSWER
    return (SILENT, ALONE) if alone else (AGREE, "")


def _claims(facts: Facts) -> Iterator[_Claim]:
    for person in facts.members:
        for tax in facts.reply("deed_tax", person.id_number).records:
            home = not any(word in tax.item for word in _NO_HOME)
            if home and (tax.on is None or tax.on <= facts.on):
                yield _Claim("deed_tax", _fact(person, tax.on, tax.area, tax.location))
        for source in ("resale_contract", "presale_contract"):
            for one in facts.reply(source, person.id_number).records:
                if _is_ours(facts, one, source):
                    yield _Claim(source, _fact(person, one.on, one.area, one.location))


def _is_ours(facts: Facts, one: HomeContract, source: str) -> bool:
    """An uncancelled contract with a member as a buyer, not sold on by a later one."""
    if not (one.housing and stands(one, facts.on)):
        return False
    bought = any(facts.is_member(party.id_number, party.name) for party in one.buyers)
    unnamed = not one.buyers and not one.sellers
    return (bought or unnamed) and not any(
        _sold_later(facts, one, other)
        for kind in ("resale_contract", source)
        for person in facts.members
        for other in facts.reply(kind, person.id_number).records
    )


def _sold_later(facts: Facts, one: HomeContract, other: HomeContract) -> bool:
    sells = any(facts.is_member(party.id_number, party.name) for party in other.sellers)
    later = (other.on or date.max) >= (one.on or date.min) and other is not one
    same = _alike(one.location, one.area, other.location, other.area)
    return sells and later and same and stands(other, facts.on)


def _entered(facts: Facts) -> Iterator[Fact]:
    """Homes in the register, also those that left: they were known."""
    for person in facts.members:
        for one in facts.reply("property", person.id_number).records:
            if one.acquired is None or one.acquired <= facts.on:
                yield _fact(person, one.acquired, one.area, one.location)


def _fact(person: Person, dated: date | None, area: Decimal | None, place: str) -> Fact:
    return Fact("home", person.id_number, dated, area, place)


def _grouped(claims: list[_Claim]) -> list[list[_Claim]]:
    """Claims by home: a tax belongs to the contract of the same place or area."""
    groups: list[list[_Claim]] = []
    for one in sorted(claims, key=lambda claim: (claim.source, order(claim.fact))):
        mine = [group for group in groups if any(_alike_facts(one.fact, two.fact) for two in group)]
        groups = [group for group in groups if group not in mine]
        groups.append([*chain.from_iterable(mine), one])
    return groups


def _is_known(group: list[_Claim], entered: list[Fact]) -> bool:
    return any(_same(claim.source, claim.fact, home) for claim in group for home in entered)


def _same(source: str, claim: Fact, home: Fact) -> bool:
    if _alike_facts(claim, home):
        return True
    if source != "presale_contract" or claim.area is None or home.area is None:
        return False
    after = claim.dated is None or home.dated is None or home.dated >= claim.dated
    return after and abs(claim.area - home.area) <= claim.area * _MEASURED


def _alike_facts(one: Fact, two: Fact) -> bool:
    return _alike(one.place, one.area, two.place, two.area)


def _alike(place: str, area: Decimal | None, other: str, other_area: Decimal | None) -> bool:
    return bool(place and place == other) or (area is not None and area == other_area)


def _excuse(facts: Facts, lags: Lags, group: list[_Claim]) -> str:
    """Why the register may rightly not know this home, '' if it should.

    The tax is paid before the entry, so it sets the time where there is one; a tax older than the
    look-back of the rules is too old to be held against anybody.
    """
    taxes = [one.fact.dated for one in group if one.source == "deed_tax"]
    days = taxes or [one.fact.dated for one in group]
    dated = [day for day in days if day is not None]
    if not dated:
        return UNDATED
    if taxes and add_months(max(dated), facts.whole("housing.deed_tax_months")) <= facts.on:
        return LONG_AGO
    off_plan = not taxes and all(one.source == "presale_contract" for one in group)
    lag = lags.presale if off_plan else lags.registration
    return AWAITED if facts.on <= add_months(max(dated), lag) else ""


def _home_side(facts: Facts, source: str, claims: list[_Claim], entered: list[Fact]) -> Side:
    said = entered if source == "property" else [c.fact for c in claims if c.source == source]
    if said:
        return Side(source, SAYS, tuple(sorted(set(said), key=order)))
    away = any(facts.reply(source, one.id_number).unavailable for one in facts.members)
    return Side(source, UNAVAILABLE if away else NOT)

"""HOUSING_AREA, HOUSING_OFFPLAN, TRANSFER_LOOKBACK, DIVORCE_LOOKBACK (住房面积与追溯).

One sum grows in this order: what the household has, what it bought off plan, what it gave away,
what its former couples held. The rule under which the sum crosses the limit is the one that fails.
Homes of which no row says how much is the household's (按份共有) stand between nothing and the
whole: a rule fails where the sum without them crosses, and asks a person where only they do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from applications.eligibility.calendar import add_months
from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts, Look, SourcePending
from applications.eligibility.finding import holds, two_places
from applications.eligibility.rules.base import Verdict, amount, fails, for_a_person, passes
from applications.eligibility.rules.holdings import (
    Holding,
    bought,
    contracts,
    matches_registered,
    not_held,
    of_former_couples,
    registered,
    tenancies,
)

AREA = "housing.area_per_person"


@dataclass(frozen=True, slots=True)
class Sum:
    """A running sum of ㎡ and what is in the way of trusting it.

    ``least`` leaves out homes of which no row says how much is the household's (按份共有).
    """

    total: Decimal
    least: Decimal
    outside: bool = False
    unmeasured: bool = False


def limit_of(facts: Facts) -> Decimal:
    """㎡ for the household: so much a head, and for a small household at least its own total."""
    limit = facts.number(AREA) * facts.persons
    if facts.persons <= facts.whole("housing.small_household_persons"):
        return max(limit, facts.number("housing.small_household_area"))
    return limit


NOTHING = Sum(Decimal(0), Decimal(0))
NOWHERE, PERHAPS, SURELY = "nowhere", "perhaps", "surely"  # where a sum crosses the limit


def add(facts: Facts, start: Sum, holdings: Iterable[Holding]) -> Sum:
    """``start`` and these homes; homes outside the scope are not added but noted."""
    scope = facts.value("housing.property_scope")
    listed = list(holdings)
    inside = [one for one in listed if not one.district or one.district in scope]
    return Sum(
        total=start.total + sum((one.area for one in inside), Decimal(0)),
        least=start.least + sum((one.area for one in inside if not one.share_open), Decimal(0)),
        outside=len(inside) < len(listed),
        unmeasured=any(not one.is_measured for one in inside),
    )


def held(facts: Facts, look: Look) -> list[Holding]:
    """Registered homes, tenancies and resale contracts that are not registered yet."""
    return look.once("held", lambda own: _held(facts, own))


def _held(facts: Facts, look: Look) -> list[Holding]:
    homes = registered(facts, look)
    known = homes.current + homes.former
    signed = bought(facts, look, "resale_contract") if _counts(facts, "RESALE") else []
    resale = [one for one in signed if not matches_registered(one, known)]
    return homes.current + tenancies(facts, look) + resale


def _counts(facts: Facts, kind: str) -> bool:
    return kind in facts.value("housing.counts")


def housing_area(facts: Facts, look: Look) -> Verdict:
    """住房面积: what the household has on the day (令11号第7条第1项)."""
    everything = ("property", "public_tenancy", "resale_contract", "deed_tax")
    look.need_all(everything, facts.members)
    current = held(facts, look)
    limit, found = limit_of(facts), add(facts, NOTHING, current)
    shown = _shown(facts, found.total, limit)
    if not _within(facts, found.total, limit):
        if _within(facts, found.least, limit):
            return for_a_person("HOUSING_SHARE_OPEN", **shown)
        return fails("HOUSING_AREA_FAIL", **shown)
    if found.outside:
        return for_a_person("HOUSING_OUTSIDE", **shown)
    if found.unmeasured:
        return for_a_person("HOUSING_UNMEASURED", **shown)
    taxed = _taxed_only(facts, look, current)
    if taxed and not _within(facts, found.total + taxed, limit):
        return for_a_person("HOUSING_DEED_TAX", **shown)
    return passes("HOUSING_AREA", **shown)


def own_area(facts: Facts) -> Decimal:
    """㎡ held on the day, for the sum of a subsidy. Raises SourcePending, also where no row says
    how much of a home is theirs or how large it is: money rests on no guess."""
    found = add(facts, NOTHING, held(facts, facts.look()))
    if found.total != found.least or found.unmeasured:
        raise SourcePending(["property"])
    return found.total


def _taxed_only(facts: Facts, look: Look, current: list[Holding]) -> Decimal:
    """㎡ of deed tax paid lately for homes that no other register shows (契税比对)."""
    since = add_months(facts.on, -facts.whole("housing.deed_tax_months"))
    area = Decimal(0)
    for person, tax in unexplained_taxes(facts, look, current):
        if since < tax.on:
            look.saw("deed_tax", person.id_number, tax.item, tax.on)
            area += tax.area
    return area


def unexplained_taxes(
    facts: Facts, look: Look, current: list[Holding]
) -> Iterator[tuple[Person, Any]]:
    """Deed tax paid by the day for homes of a known area that no other register shows."""
    for person, tax in look.records("deed_tax", facts.members):
        if tax.area is None or tax.on is None or tax.on > facts.on:
            continue
        if not _is_explained(facts, tax.location, tax.area, current):
            yield person, tax


def _is_explained(facts: Facts, location: str, area: Decimal, current: list[Holding]) -> bool:
    """Whether any home or contract, also a former or a cancelled one, has this place or area."""
    known = [(one.location, one.whole_area) for one in current]
    for person in facts.members:
        for source in ("property", "resale_contract", "presale_contract"):
            records = facts.reply(source, person.id_number).records
            known += [(one.location, one.area) for one in records]
    return any(area == other or (location and location == place) for place, other in known)


def housing_offplan(facts: Facts, look: Look) -> Verdict:
    """期房合同: bought and not built; a cancelled contract is none (令11号第7条第1项)."""
    look.need_all(["presale_contract"], facts.members)
    return _step(facts, look, 1, "HOUSING_OFFPLAN")


def transfer_lookback(facts: Facts, look: Look) -> Verdict:
    """住房转让追溯: given away within the policy's months; the anniversary passes."""
    look.need_all(["property", "resale_contract"], facts.members)
    verdict = _step(facts, look, 2, "TRANSFER_LOOKBACK")
    undated = registered(facts, look).undated
    if verdict.result != "pass" or not undated:
        return verdict
    start = _before(facts, look, 3)
    if _crossing(facts, start, add(facts, start, undated)) != NOWHERE:
        return for_a_person("TRANSFER_UNDATED", key=KEYS["TRANSFER_LOOKBACK"])
    return verdict


def divorce_lookback(facts: Facts, look: Look) -> Verdict:
    """离婚析产追溯: what a couple divorced within the policy's months held."""
    look.need_all(["property"], facts.members)
    return _step(facts, look, 3, "DIVORCE_LOOKBACK")


def _step(facts: Facts, look: Look, place: int, reason: str) -> Verdict:
    """The verdict of adding one group to the sum of all before it."""
    key = KEYS[reason]
    added = GROUPS[place](facts, look)
    if not added:
        return passes(f"{reason}_NONE", key=key)
    start = _before(facts, look, place)
    limit, found = limit_of(facts), add(facts, start, added)
    shown = _shown(facts, found.total, limit, added, key)
    crossing = _crossing(facts, start, found)
    if crossing == SURELY:
        shown["values"] |= _earliest(facts, start, added, limit)  # type: ignore[operator]
        return fails(f"{reason}_FAIL", **shown)
    if crossing == PERHAPS:
        return for_a_person("HOUSING_SHARE_OPEN", **shown)
    if found.outside:
        return for_a_person("HOUSING_OUTSIDE", **shown)
    if found.unmeasured:
        return for_a_person("HOUSING_UNMEASURED", **shown)
    return passes(reason, **shown)


def _crossing(facts: Facts, start: Sum, found: Sum) -> str:
    """Whether the limit lies between the sum before a group and the sum with it.

    Where the whole of an open share has crossed it already, a smaller share may not have: then it
    is this group that may make the sum cross.
    """
    limit = limit_of(facts)
    if not _within(facts, start.least, limit):
        return NOWHERE  # crossed before, whatever the shares are
    if not _within(facts, found.least, limit):
        return SURELY
    grows = found.total > start.total
    return PERHAPS if grows and not _within(facts, found.total, limit) else NOWHERE


def _earliest(facts: Facts, start: Sum, added: list[Holding], limit: Decimal) -> dict[str, str]:
    """The first day on which enough of these homes no longer count, where that day is known."""
    for day in sorted({one.ends for one in added if one.ends}):
        left = [one for one in added if one.ends is None or one.ends > day]
        if _within(facts, add(facts, start, left).total, limit):
            return {"earliest": day.isoformat()}
    return {}


def _before(facts: Facts, look: Look, place: int) -> Sum:
    """The sum before this group. Raises SourcePending: a sum with a hole is no sum."""
    behind = facts.look()
    found = add(facts, NOTHING, held(facts, behind))
    for earlier in range(1, place):
        found = add(facts, found, GROUPS[earlier](facts, behind))
    look.rests_on(behind)
    return found


def _offplan(facts: Facts, look: Look) -> list[Holding]:
    signed = bought(facts, look, "presale_contract") if _counts(facts, "PRESALE") else []
    if not signed:
        return []
    behind = facts.look()
    homes = registered(facts, behind)
    look.rests_on(behind)
    known = homes.current + homes.former
    return [one for one in signed if not matches_registered(one, known)]


def _given_away(facts: Facts, look: Look) -> list[Holding]:
    """Transferred in the look-back: in the property register, or by a contract it does not show."""
    months = facts.whole("housing.transfer_lookback_months")
    found = []
    for one in ever_given_away(facts, look):
        ends = add_months(one.day, months) if one.day else None
        if ends is None or facts.on < ends:
            look.saw(one.source, one.person, one.location, one.day)
            found.append(replace(one, ends=ends))
    return found


def ever_given_away(facts: Facts, look: Look) -> list[Holding]:
    """Homes transferred by the day, however long ago; ``day`` says when. Raises SourcePending."""
    homes = registered(facts, look)
    known = homes.current + homes.former + homes.undated
    sold = [
        one
        for one in contracts(facts, look, "resale_contract", "sellers")
        if not matches_registered(one, []) and not any(_is_same(one, other) for other in known)
    ]
    return homes.transferred + sold


def _is_same(contract: Holding, home: Holding) -> bool:
    """The same home, or one of the same owner and the same area under another spelling."""
    return contract.same_as(home) or (
        contract.whole_area is not None and contract.whole_area == home.whole_area
    )


def _formerly_shared(facts: Facts, look: Look) -> list[Holding]:
    months = facts.whole("housing.divorce_lookback_months")
    found = ever_shared(facts, look, months)
    return [one for one in found if one.ends is None or facts.on < one.ends]


def ever_shared(facts: Facts, look: Look, months: int) -> list[Holding]:
    """Homes of former couples, however long ago; each ``ends`` so many months after the divorce."""
    homes = registered(facts, look)
    found = of_former_couples(facts, look, homes.divorced, months)
    return not_held(found, homes.current)


GROUPS = {1: _offplan, 2: _given_away, 3: _formerly_shared}
KEYS = {
    "HOUSING_OFFPLAN": AREA,
    "TRANSFER_LOOKBACK": "housing.transfer_lookback_months",
    "DIVORCE_LOOKBACK": "housing.divorce_lookback_months",
}


def _within(facts: Facts, total: Decimal, limit: Decimal) -> bool:
    return holds(total, facts.op(AREA), limit)


def _shown(
    facts: Facts,
    total: Decimal,
    limit: Decimal,
    added: Iterable[Holding] = (),
    key: str = AREA,
) -> dict[str, object]:
    values = {
        "per_person": two_places(total / facts.persons),
        "limit_per_person": two_places(facts.number(AREA)),
        "persons": str(facts.persons),
        "over": two_places(max(total - limit, Decimal(0))),
    }
    listed = list(added)
    if listed:
        values["added"] = two_places(sum((one.area for one in listed), Decimal(0)))
        days = [one.day for one in listed if one.day]
        values |= {"date": max(days).isoformat()} if days else {}
        ends = [one.ends for one in listed if one.ends]
        values |= {"ends": max(ends).isoformat()} if ends else {}
    return amount(total, facts.op(AREA), limit) | {"values": values, "key": key}

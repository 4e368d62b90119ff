"""Two routes (两路印证): what two registers of different offices say of the same fact.

Plain Python on the replies of a case. Three results, none of which decides anything: *agree*,
*disagree* (a question to the department that answers for the pair) and *silent* (one side could
not be asked, does not know, or may rightly not know yet). No finding of the assessment changes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from applications.eligibility.calendar import add_months
from applications.eligibility.cast import Case, Person
from applications.eligibility.facts import Facts
from applications.eligibility.policy import Policy
from applications.eligibility.rules.holdings import stands
from applications.eligibility.status import in_force
from datashare.cells import same_person
from datashare.replies import AidStatus, HomeContract

AGREE, DISAGREE, SILENT = "agree", "disagree", "silent"
AID, DEATH, HOME = "aid", "death", "home"
PAIRS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    AID: (("low_income_aid", "extreme_poverty"), ("social_assistance",)),
    DEATH: (("death", "cremation"), ("household_register",)),
    HOME: (("property",), ("deed_tax", "resale_contract", "presale_contract")),
}
# what a side does: says it, answers without it, does not know, could not be asked
SAYS, NOT, UNKNOWN, UNAVAILABLE = "says", "not", "unknown", "unavailable"
# why a result is silent
NO_ANSWER, OTHER_MONTH, AWAITED, ALONE, LONG_AGO, UNDATED = (
    "no_answer", "other_month", "awaited", "alone", "long_ago", "undated",
)  # fmt: skip
_STRENGTH = ("TK", "DB", "DBBY")  # kinds of aid, the strongest first
_NO_HOME = ("车位", "车库", "非住宅", "非住房", "商业", "办公", "土地")
_MEASURED = Decimal("0.03")  # 预测面积 against 实测面积 (商品房销售管理办法 §20)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a register says. ``what`` TK, DB, DBBY, died or home; areas ㎡.

    ``person`` is the number that was asked about.
    """

    what: str
    person: str = ""
    dated: date | None = None
    area: Decimal | None = None
    place: str = ""

    def to_dict(self) -> dict[str, str | None]:
        return {
            "what": self.what,
            "person": self.person,
            "dated": self.dated.isoformat() if self.dated else None,
            "area": str(self.area) if self.area is not None else None,
            "place": self.place,
        }


@dataclass(frozen=True, slots=True)
class Side:
    """One register in a pair: what it does and, where it says something, what."""

    source: str
    state: str
    facts: tuple[Fact, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        facts = [one.to_dict() for one in self.facts]
        return {"source": self.source, "state": self.state, "facts": facts}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """印证结果 of one pair about one person; ``person`` is '' where it is the household's.

    ``disputed`` are the facts that one side states and the other does not bear out.
    """

    pair: str
    person: str
    result: str
    left: tuple[Side, ...]
    right: tuple[Side, ...]
    reason: str = ""
    disputed: tuple[tuple[str, Fact], ...] = ()

    @property
    def key(self) -> str:
        """What the disagreement is about: equal keys are the same question, '' for none.

        The month for which a row of aid was written and rows that bear nothing out stay out of
        it, so that the same disagreement asked again next month is no new question.
        """
        if self.result != DISAGREE:
            return ""
        return "; ".join(sorted({_key(self.pair, *one) for one in self.disputed}))

    def to_dict(self) -> dict[str, Any]:
        return {
            "pair": self.pair,
            "person": self.person,
            "result": self.result,
            "reason": self.reason,
            "left": [one.to_dict() for one in self.left],
            "right": [one.to_dict() for one in self.right],
        }


@dataclass(frozen=True, slots=True)
class Lags:
    """登记时差: months in which the property register may rightly not know a home yet.

    ``registration`` after a resale contract or a deed tax (tax comes first, then the entry);
    ``presale`` after an off-plan contract: the home must be built, handed over and entered.
    """

    registration: int
    presale: int


def confirm(case: Case, *, on: date, policy: Policy, lags: Lags) -> list[Confirmation]:
    """Every pair of a case on a day: aid and death by person, homes by household.

    Raises nothing for what the registers answered, whatever it is.
    """
    facts = Facts(case, on, policy)
    people = case.household
    return [
        *_aid(facts),
        *(_death(facts, one) for one in people),
        _home(facts, lags),
    ]


# -- Aid ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Grant:
    """Aid in force as one row tells it, and whom it covers."""

    source: str
    record: AidStatus
    person: str
    covered: frozenset[str]


def _aid(facts: Facts) -> Iterator[Confirmation]:
    own = _grants(facts, PAIRS[AID][0])
    other = _grants(facts, PAIRS[AID][1])
    for person in facts.members:
        left, right = _of(facts, own, other, person), _of(facts, other, own, person)
        yield _aid_of(facts, person, left, right)


def _grants(facts: Facts, sources: Iterable[str]) -> list[_Grant]:
    return [
        _Grant(source, record, person.id_number, _covered(facts, person, record))
        for source in sources
        for person in facts.members
        for record in facts.reply(source, person.id_number).records
        if in_force(record, facts.on)
    ]


def _covered(facts: Facts, person: Person, record: AidStatus) -> frozenset[str]:
    """Whom a grant covers; applicant and spouse are one family, as the rules have it."""
    named = {one for one in (person.id_number, record.head_id, *record.member_ids) if one}
    members = {
        one.id_number for one in facts.members if any(same_person(one.id_number, n) for n in named)
    }
    heads = {one.id_number for one in facts.members if _is_head(facts, one)}
    return frozenset(named | members | (heads if heads & members else set()))


def _of(facts: Facts, grants: list[_Grant], others: list[_Grant], person: Person) -> list[_Grant]:
    """The grants of one route that cover a person, by name or with the family that the other
    route lists: a register of heads does not name each child."""
    mine = [one for one in grants if person.id_number in one.covered]
    if mine or _is_head(facts, person):
        return mine
    listed = [one for one in others if person.id_number in one.covered]
    return [
        one
        for one in grants
        if any(one.record.kind == two.record.kind and one.covered & two.covered for two in listed)
    ]


def _is_head(facts: Facts, person: Person) -> bool:
    return person.is_spouse or person is facts.applicant


def _aid_of(facts: Facts, person: Person, left: list[_Grant], right: list[_Grant]) -> Confirmation:
    own, other = _best(left), _best(right)
    sides = [_aid_side(facts, source, person, left + right) for source in _sources(AID)]
    result, reason = _compared(own, other, _silence(facts, sides, own, other))
    disputed = _aid_disputed(left, own, other) + _aid_disputed(right, other, own)
    split = len(PAIRS[AID][0])
    return Confirmation(
        AID, person.id_number, result, tuple(sides[:split]), tuple(sides[split:]), reason,
        _in_order(disputed) if result == DISAGREE else (),
    )  # fmt: skip


def _best(grants: list[_Grant]) -> str:
    kinds = {one.record.kind for one in grants}
    return next((kind for kind in _STRENGTH if kind in kinds), "")


def _compared(own: str, other: str, silence: str) -> tuple[str, str]:
    if own == other:
        return (SILENT, silence) if silence and not own else (AGREE, "")
    return (SILENT, silence) if silence else (DISAGREE, "")


def _silence(facts: Facts, sides: list[Side], own: str, other: str) -> str:
    """Why the route that says less cannot be held to it: it was not heard in full."""
    weak = PAIRS[AID][0] if _rank(own) > _rank(other) else PAIRS[AID][1]
    if own == other:
        weak = _sources(AID)
    states = {one.source: one.state for one in sides}
    if any(states[source] == UNAVAILABLE for source in weak):
        return NO_ANSWER
    return OTHER_MONTH if any(states[source] == UNKNOWN for source in weak) else ""


def _rank(kind: str) -> int:
    """A lower number is the stronger status."""
    return _STRENGTH.index(kind) if kind else len(_STRENGTH)


def _aid_side(facts: Facts, source: str, person: Person, grants: list[_Grant]) -> Side:
    said = {
        Fact(one.record.kind, one.person, one.record.since or one.record.month)
        for one in grants
        if one.source == source
    }
    if said:
        return Side(source, SAYS, tuple(sorted(said, key=_order)))
    reply = facts.reply(source, person.id_number)
    if reply.unavailable:
        return Side(source, UNAVAILABLE)
    months = [one.month for one in reply.records]
    # rows of other months alone do not say what holds this month
    stale = bool(months) and all(month is not None and month < _month(facts.on) for month in months)
    return Side(source, UNKNOWN if stale and _last_is_recent(months, facts.on) else NOT)


def _last_is_recent(months: Iterable[date | None], on: date) -> bool:
    """Last month's row: this month's may not be written yet."""
    last = max(month for month in months if month is not None)
    return add_months(last, 1) >= _month(on)


def _month(day: date) -> date:
    return day.replace(day=1)


def _aid_disputed(grants: list[_Grant], mine: str, other: str) -> list[tuple[str, Fact]]:
    if not mine or mine == other:
        return []
    return [
        (one.source, Fact(one.record.kind, one.person, one.record.since))
        for one in grants
        if one.record.kind == mine
    ]


# -- Death -------------------------------------------------------------------------------------


def _death(facts: Facts, person: Person) -> Confirmation:
    """Two of three agree; one alone, denied by another, is the question (DECEASED is the rule)."""
    sides = [_death_side(facts, source, person) for source in _sources(DEATH)]
    said = [one for one in sides if one.state == SAYS]
    denied = [one for one in sides if one.state == NOT]
    result, reason = SILENT, NO_ANSWER
    if len(said) >= 2 or (not said and len(denied) >= 2):
        result, reason = AGREE, ""
    elif said and denied:
        result, reason = DISAGREE, ""
    split = len(PAIRS[DEATH][0])
    disputed = [(side.source, fact) for side in said for fact in side.facts]
    return Confirmation(
        DEATH, person.id_number, result, tuple(sides[:split]), tuple(sides[split:]), reason,
        _in_order(disputed) if result == DISAGREE else (),
    )  # fmt: skip


def _death_side(facts: Facts, source: str, person: Person) -> Side:
    reply = facts.reply(source, person.id_number)
    if reply.unavailable:
        return Side(source, UNAVAILABLE)
    if source == "household_register":
        if reply.silent:
            return Side(source, UNKNOWN)
        days = [one.died for one in reply.records if one.death_entry]
    else:
        days = [one.on for one in reply.records]
    told = {Fact("died", person.id_number, day) for day in days if day is None or day <= facts.on}
    return Side(source, SAYS, tuple(sorted(told, key=_order))) if told else Side(source, NOT)


# -- Homes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    """A home that a tax or a contract tells of."""

    source: str
    fact: Fact


def _home(facts: Facts, lags: Lags) -> Confirmation:
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
    sides = [_home_side(facts, source, claims, entered) for source in _sources(HOME)]
    alone = [one for one in entered if not any(_same(c.source, c.fact, one) for c in claims)]
    result, reason = _home_result(sides, bool(disputed), reasons, bool(alone), borne)
    split = len(PAIRS[HOME][0])
    return Confirmation(
        HOME, "", result, tuple(sides[:split]), tuple(sides[split:]), reason,
        _in_order(disputed) if result == DISAGREE else (),
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
    for one in sorted(claims, key=lambda claim: (claim.source, _order(claim.fact))):
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
        return Side(source, SAYS, tuple(sorted(set(said), key=_order)))
    away = any(facts.reply(source, one.id_number).unavailable for one in facts.members)
    return Side(source, UNAVAILABLE if away else NOT)


# -- Shared ------------------------------------------------------------------------------------


def _sources(pair: str) -> tuple[str, ...]:
    return PAIRS[pair][0] + PAIRS[pair][1]


def _in_order(disputed: Iterable[tuple[str, Fact]]) -> tuple[tuple[str, Fact], ...]:
    return tuple(sorted(set(disputed), key=lambda one: (one[0], _order(one[1]))))


def _order(fact: Fact) -> tuple[str, ...]:
    return tuple(str(part) for part in (fact.dated, fact.place, fact.area, fact.what, fact.person))


def _key(pair: str, source: str, fact: Fact) -> str:
    if pair == AID:
        return f"{source} {fact.what}"
    return " ".join(map(str, (source, fact.what, fact.dated, fact.place, fact.area)))

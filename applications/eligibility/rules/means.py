"""VEHICLE and COMPANY (车辆、投资)."""

from dataclasses import dataclass
from decimal import Decimal

from applications.eligibility.calendar import within
from applications.eligibility.facts import Facts, Look
from applications.eligibility.finding import holds, two_places
from applications.eligibility.rules.base import Verdict, amount, fails, for_a_person, passes
from datashare.cells import text
from datashare.replies import Vehicle

COUNT, VALUE = "vehicle.count_max", "vehicle.value_max"


@dataclass(frozen=True, slots=True)
class Cars:
    """Motor cars held on the day: those that count, and of these the ones for a livelihood."""

    held: int
    counted: int
    ordinary: tuple[Vehicle, ...]
    livelihood: bool

    @property
    def dearest(self) -> Decimal:
        known = (one.value for one in self.ordinary if one.value is not None)
        return max(known, default=Decimal(0))

    @property
    def unvalued(self) -> bool:
        return any(one.value is None for one in self.ordinary)


def vehicle(facts: Facts, look: Look) -> Verdict:
    """机动车: at most so many, none dearer than so much; a car for the disabled does not count; a
    car for a livelihood is a person's question (令11号第7条第2项)."""
    found = cars(facts, look)
    number, dearest = len(found.ordinary), found.dearest
    if not holds(number, facts.op(COUNT), facts.whole(COUNT)):
        shown = {"actual": str(number), "limit": str(facts.whole(COUNT))}
        over = {"over": str(number - facts.whole(COUNT))}
        return fails("VEHICLE_COUNT", **shown, op=facts.op(COUNT), key=COUNT, values=over)
    shown = amount(dearest, facts.op(VALUE), facts.number(VALUE))
    if not holds(dearest, facts.op(VALUE), facts.number(VALUE)):
        over = {"over": two_places(dearest - facts.number(VALUE))}
        return fails("VEHICLE_VALUE", **shown, key=VALUE, values=over)
    if found.livelihood:
        return for_a_person("VEHICLE_LIVELIHOOD", key=VALUE)
    if found.unvalued:
        return for_a_person("VEHICLE_NO_VALUE", key=VALUE)
    reason = "VEHICLE_EXEMPT" if found.held > found.counted else "VEHICLE"
    return passes(reason, **shown, key=VALUE)


def cars(facts: Facts, look: Look) -> Cars:
    """The household's cars by how they count. Raises SourcePending."""
    held = list(dict.fromkeys(_held(facts, look)))
    exempt = facts.value("vehicle.exempt_uses")
    counted = [one for one in held if one.use not in exempt]
    review = facts.value("vehicle.review_uses")
    livelihood = [one for one in counted if _use(facts, one) in review]
    ordinary = tuple(one for one in counted if one not in livelihood)
    return Cars(len(held), len(counted), ordinary, bool(livelihood))


def _held(facts: Facts, look: Look) -> list[Vehicle]:
    """Motor cars held on the day."""
    found = []
    for person, one in look.records("vehicle", facts.members):
        gone = one.until is not None and one.until <= facts.on
        later = one.since is not None and one.since > facts.on
        if one.counted and not gone and not later and (one.held or one.until is not None):
            look.saw("vehicle", person.id_number, one.plate, one.since)
            found.append(one)
    return found


def _use(facts: Facts, one: Vehicle) -> str:
    """The registered use, or a livelihood where the applicant states one."""
    stated = facts.case.declared.get("livelihood_vehicles") or []
    plates = [text(plate) for plate in (stated if isinstance(stated, list) else [stated])]
    return "livelihood" if one.plate and one.plate in plates else one.use


_LEADING = ("股东", "投资", "法定代表", "经营者", "负责人", "合伙")


def company(facts: Facts, look: Look) -> Verdict:
    """投资任职: subscribed capital of the household over the line is a person's question (令11号
    第7条第2项). Never a refusal by itself: capital subscribed is not money held."""
    key, total = "company.capital_review_over", invested(facts, look)
    limit = facts.number(key)
    shown = amount(total, facts.op(key), limit)
    if holds(total, facts.op(key), limit):
        return passes("COMPANY", **shown, key=key)
    return for_a_person("COMPANY_OVER", **shown, key=key, values={"capital": two_places(total)})


def invested(facts: Facts, look: Look) -> Decimal:
    """Yuan that the household has subscribed, each company once. Raises SourcePending."""
    total = Decimal(0)
    seen: set[tuple[str, str]] = set()
    for person, one in look.records("company", facts.members):
        known = (person.id_number, one.code or one.company)
        if known in seen or "注销" in one.state or not within(one.since, facts.on, None):
            continue
        seen.add(known)
        capital = one.subscribed
        if capital is None and any(word in one.role for word in _LEADING):
            capital = one.registered
        look.saw("company", person.id_number, one.company, one.since)
        total += capital or Decimal(0)
    return total

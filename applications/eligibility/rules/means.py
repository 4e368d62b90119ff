"""VEHICLE and COMPANY (车辆、投资)."""

from decimal import Decimal

from applications.eligibility.calendar import within
from applications.eligibility.facts import Facts, Look
from applications.eligibility.finding import holds, two_places
from applications.eligibility.rules.base import Verdict, amount, fails, for_a_person, passes
from datashare.cells import text
from datashare.replies import Vehicle

COUNT, VALUE = "vehicle.count_max", "vehicle.value_max"


def vehicle(facts: Facts, look: Look) -> Verdict:
    """机动车: at most so many, none dearer than so much; a car for the disabled does not count; a
    car for a livelihood is a person's question (令11号第7条第2项)."""
    held = list(dict.fromkeys(_held(facts, look)))
    exempt = facts.value("vehicle.exempt_uses")
    counted = [one for one in held if one.use not in exempt]
    review = facts.value("vehicle.review_uses")
    livelihood = [one for one in counted if _use(facts, one) in review]
    ordinary = [one for one in counted if one not in livelihood]
    dearest = max((one.value for one in ordinary if one.value is not None), default=Decimal(0))
    if not holds(len(ordinary), facts.op(COUNT), facts.whole(COUNT)):
        shown = {"actual": str(len(ordinary)), "limit": str(facts.whole(COUNT))}
        over = {"over": str(len(ordinary) - facts.whole(COUNT))}
        return fails("VEHICLE_COUNT", **shown, op=facts.op(COUNT), key=COUNT, values=over)
    shown = amount(dearest, facts.op(VALUE), facts.number(VALUE))
    if not holds(dearest, facts.op(VALUE), facts.number(VALUE)):
        over = {"over": two_places(dearest - facts.number(VALUE))}
        return fails("VEHICLE_VALUE", **shown, key=VALUE, values=over)
    if livelihood:
        return for_a_person("VEHICLE_LIVELIHOOD", key=VALUE)
    if any(one.value is None for one in ordinary):
        return for_a_person("VEHICLE_NO_VALUE", key=VALUE)
    reason = "VEHICLE_EXEMPT" if len(held) > len(counted) else "VEHICLE"
    return passes(reason, **shown, key=VALUE)


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
    key, total = "company.capital_review_over", Decimal(0)
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
    limit = facts.number(key)
    shown = amount(total, facts.op(key), limit)
    if holds(total, facts.op(key), limit):
        return passes("COMPANY", **shown, key=key)
    return for_a_person("COMPANY_OVER", **shown, key=key, values={"capital": two_places(total)})

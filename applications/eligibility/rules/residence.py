"""HUKOU and PERMIT (户籍、居住证): a tie to the district, by registration or by permit."""

from applications.eligibility.calendar import add_months, months_between
from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts, Look
from applications.eligibility.finding import FAIL, PASS, UNKNOWN, Finding
from applications.eligibility.rules.base import (
    Verdict,
    fails,
    for_a_person,
    on_commitment,
    passes,
    person_finding,
    whole,
)


def hukou(facts: Facts, look: Look, person: Person) -> Verdict:
    """户籍: registered in the district for the policy's months; the anniversary completes one.

    No move-in date means registered here since birth. A silent register rests on a commitment.
    """
    reply = look.reply("household_register", person.id_number)
    if reply.silent:
        return on_commitment("HUKOU_SILENT")
    entry = reply.records[0]
    area = facts.value("hukou.area")
    look.saw("household_register", person.id_number, entry.address, entry.moved_in)
    if not entry.district:
        return on_commitment("HUKOU_SILENT")
    gone = _gone(facts, entry)
    if entry.district != area or gone:
        return fails("HUKOU_ELSEWHERE", key="hukou.area", actual="0", **_limit(facts))
    if entry.moved_in is None:
        return passes("HUKOU_BIRTH", key="hukou.min_months")
    since = entry.moved_in
    months = months_between(since, facts.on) if since <= facts.on else 0
    earliest = add_months(since, facts.whole("hukou.min_months"))
    return whole(
        facts, months, "hukou.min_months", "HUKOU",
        since=since.isoformat(), earliest=earliest.isoformat(),
    )  # fmt: skip


def _limit(facts: Facts) -> dict[str, str]:
    return {"limit": str(facts.whole("hukou.min_months")), "op": facts.op("hukou.min_months")}


def _gone(facts: Facts, entry: object) -> bool:
    """Moved out or cancelled by the day, and not back since."""
    for left in (entry.moved_out, entry.cancelled_on):  # type: ignore[attr-defined]
        back = entry.moved_in  # type: ignore[attr-defined]
        if left and left <= facts.on and not (back and left <= back <= facts.on):
            return True
    return entry.cancelled and entry.cancelled_on is None  # type: ignore[attr-defined]


def permit(facts: Facts, look: Look, person: Person) -> Verdict:
    """居住证: valid in the district on the day (居住证暂行条例第10条: a yearly endorsement).

    No record is a question for a person; a lapsed permit, or one of another district, fails.
    """
    reply = look.reply("residence_permit", person.id_number)
    issued = [one for one in reply.records if one.since is None or one.since <= facts.on]
    if not issued:
        return for_a_person("PERMIT_SILENT")
    area = facts.value("migrant.permit_area")
    local = [one for one in issued if one.district in ("", area)]
    states = [_state(facts, one) for one in local]
    last = max((one.until for one in (local or issued) if one.until), default=None)
    limit = last.isoformat() if last else None
    look.saw("residence_permit", person.id_number, "", last)
    if PASS in states:
        return passes("PERMIT", limit=limit)
    if UNKNOWN in states:
        return for_a_person("PERMIT_SILENT")
    reason = "PERMIT_LAPSED" if local else "PERMIT_ELSEWHERE"
    # A permit cancelled before its day has not run out on that day.
    ran_out = last.isoformat() if last is not None and last < facts.on else ""
    return fails(reason, limit=limit, values={"until": ran_out})


def _state(facts: Facts, one: object) -> str:
    cancelled, until, state = one.cancelled_on, one.until, one.state  # type: ignore[attr-defined]
    if cancelled and cancelled <= facts.on:
        return FAIL
    if until is not None:
        lapsed = facts.on > until or (state is False and cancelled is None)
        return FAIL if lapsed else PASS
    return UNKNOWN if state is None else PASS if state else FAIL


def tie_to_district(facts: Facts) -> list[Finding]:
    """HUKOU for urban households, PERMIT for migrants, either for a new employee.

    A new employee needs one of the two, so neither fails while the other is still unknown.
    """
    applicant = facts.applicant
    if facts.category == "urban_low_income":
        return [person_finding("HUKOU", hukou, facts, applicant)]
    by_permit = person_finding("PERMIT", permit, facts, applicant)
    if facts.category == "migrant_worker" and facts.value("hukou.urban_only"):
        return [by_permit]
    by_hukou = person_finding("HUKOU", hukou, facts, applicant)
    if facts.category == "migrant_worker":
        return [by_hukou, by_permit]
    if by_hukou.result == PASS:
        return [by_hukou]
    if by_permit.result == PASS:
        return [by_permit]
    return [_while_open(by_hukou, by_permit), _while_open(by_permit, by_hukou)]


def _while_open(one: Finding, other: Finding) -> Finding:
    if one.result == FAIL and other.result == UNKNOWN:
        return one.but(result=UNKNOWN, route=other.route, reason=f"{one.rule}_OR_OTHER")
    return one

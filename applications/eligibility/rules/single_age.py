"""SINGLE_AGE (单人户年龄): one person alone applies from the policy's age, with exemptions."""

from applications.eligibility.calendar import add_months
from applications.eligibility.facts import Facts, Look
from applications.eligibility.rules.base import Verdict, for_a_person, passes, whole
from applications.eligibility.status import (
    CONFIRMED,
    DISPUTED,
    Status,
    is_orphan,
    status_of,
)
from datashare.cells import text

KEY = "single.min_age"


def single_age(facts: Facts, look: Look) -> Verdict:
    """单人户: from 35 in the demo pack; not for 特困, 低保, 低边, 孤儿, 残疾1–2级, 烈属."""
    age = facts.applicant.age(facts.on)
    if age is None:
        return for_a_person("SINGLE_AGE_UNKNOWN", key=KEY)
    reached = (
        add_months(facts.applicant.born, 12 * facts.whole(KEY)) if facts.applicant.born else None
    )
    by_age = whole(facts, age, KEY, "SINGLE_AGE", earliest=reached.isoformat() if reached else "")
    if by_age.result == "pass":
        return by_age
    exempt, disputed = exemption(facts, look, status_of(facts, look))
    shown = {"actual": by_age.actual, "limit": by_age.limit, "op": by_age.op, "key": KEY}
    if exempt:
        return passes("SINGLE_AGE_EXEMPT", **shown, values={"group": exempt})
    if disputed:
        return for_a_person("STATUS_DISPUTED", **shown)
    return by_age


def exemption(facts: Facts, look: Look, status: Status) -> tuple[str, bool]:
    """The first exemption that holds, and whether a status that could exempt is disputed."""
    allowed, number = facts.value("single.exempt"), facts.applicant.id_number
    if status.state == CONFIRMED and status.kind in allowed:
        return status.kind, False
    if "ORPHAN" in allowed and is_orphan(facts, look, number):
        return "ORPHAN", False
    if "DISABLED_1_2" in allowed and severely_disabled(facts, look, number):
        return "DISABLED_1_2", False
    groups = stated_groups(facts, number)
    named = next((one for one in groups if one in allowed), "")
    return named, status.state == DISPUTED


def severely_disabled(facts: Facts, look: Look, number: str) -> bool:
    """残疾一、二级 (by the policy's levels) on the day."""
    levels = facts.value("priority.disability_levels")
    for one in look.reply("disability", number).records:
        issued = one.since is None or one.since <= facts.on
        if one.valid and issued and str(one.level) in levels:
            look.saw("disability", number, str(one.level), one.since)
            return True
    return False


def stated_groups(facts: Facts, number: str) -> list[str]:
    """Groups without a register of their own that the platform has confirmed."""
    groups = facts.case.platform.get(number, {}).get("groups") or []
    return [text(one) for one in (groups if isinstance(groups, list) else [groups])]

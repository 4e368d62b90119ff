"""The rules (资格规则): one small function per rule of the published table, in its order."""

from applications.eligibility.facts import Facts, Look, SourcePending
from applications.eligibility.finding import Finding
from applications.eligibility.rules import (
    family,
    housing,
    income,
    means,
    people,
    residence,
    single_age,
    work,
)
from applications.eligibility.rules.base import Verdict, household_finding, person_finding
from applications.eligibility.schema import CATEGORIES, RULES
from applications.eligibility.status import CONFIRMED, DISPUTED, Status, status_of

ORDER = RULES
URBAN, NEW, MIGRANT = CATEGORIES


def findings_of(facts: Facts) -> list[Finding]:
    """Every rule that applies to the case under its category, not only the first failure."""
    return [*_on_people(facts), *_on_ties(facts), *_on_means(facts), *_on_housing(facts)]


def _on_people(facts: Facts) -> list[Finding]:
    found = [
        person_finding(code, judge, facts, person)
        for code, judge in (
            ("IDENTITY", people.identity),
            ("DECEASED", people.deceased),
            ("DUPLICATE", people.duplicate),
            ("BAN", people.ban),
        )
        for person in facts.members
    ]
    found += [
        person_finding("CONSENT", people.consent, facts, person)
        for person in people.consents(facts)
    ]
    return [*found, household_finding("MEMBERS", family.members, facts)]


def _on_ties(facts: Facts) -> list[Finding]:
    found = residence.tie_to_district(facts)
    if facts.category in (NEW, MIGRANT):
        found.append(person_finding("EMPLOYMENT", work.employment, facts, facts.applicant))
    if facts.category == URBAN and facts.persons == 1:
        judge = single_age.single_age
        found.append(household_finding("SINGLE_AGE", judge, facts))
    found.append(person_finding("STUDENT", work.student, facts, facts.applicant))
    return found


def _on_means(facts: Facts) -> list[Finding]:
    found = []
    status = household_status(facts)
    if status is None or status.state != CONFIRMED:
        found.append(household_finding("INCOME", _income, facts))
    return found


def _income(facts: Facts, look: Look) -> Verdict:
    """INCOME looks at the aid registers itself only when they are the reason of its doubt."""
    status = household_status(facts)
    doubtful = facts.category == URBAN and (status is None or status.state == DISPUTED)
    if doubtful:
        status = status_of(facts, look)
    return income.income(facts, look, status)


def _on_housing(facts: Facts) -> list[Finding]:
    found = [
        household_finding(code, judge, facts)
        for code, judge in (
            ("HOUSING_AREA", housing.housing_area),
            ("HOUSING_OFFPLAN", housing.housing_offplan),
            ("TRANSFER_LOOKBACK", housing.transfer_lookback),
            ("DIVORCE_LOOKBACK", housing.divorce_lookback),
            ("VEHICLE", means.vehicle),
            ("COMPANY", means.company),
        )
    ]
    status = household_status(facts)
    found.append(
        household_finding("DEPOSIT", lambda f, look: income.deposit(f, look, status), facts)
    )
    return found


def household_status(facts: Facts) -> Status | None:
    """The status of an urban household; None for other categories and while a source is pending."""
    if facts.category != URBAN:
        return None
    if "status" not in facts.memo:
        try:
            facts.memo["status"] = status_of(facts, facts.look())
        except SourcePending:
            facts.memo["status"] = None
    return facts.memo["status"]

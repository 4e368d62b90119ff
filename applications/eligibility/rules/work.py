"""EMPLOYMENT and STUDENT (就业、在校): stable work, a recent degree, not in full-time education."""

from collections.abc import Iterable
from datetime import date

from applications.eligibility.calendar import add_months, month_index, months_between, within
from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts, Look
from applications.eligibility.finding import FAIL, UNKNOWN
from applications.eligibility.rules.base import (
    Verdict,
    fails,
    for_a_person,
    on_commitment,
    passes,
    whole,
)
from datashare.replies import Course, Insured, degree_rank


def employment(facts: Facts, look: Look, person: Person) -> Verdict:
    """稳定就业: insured months in a row up to the month before; of a new employee also a degree of
    the policy's level, and a graduation not too long ago (令11号第7条第3项)."""
    if facts.category == "migrant_worker":
        return insured(facts, look, person, "migrant.insured_months")
    look.need(("social_insurance", person.id_number), ("education", person.id_number))
    verdicts = [
        insured(facts, look, person, "new_employee.insured_months"),
        degree(facts, look, person),
    ]
    for result in (FAIL, UNKNOWN):
        for verdict in verdicts:
            if verdict.result == result and (result == FAIL or verdict.route == "manual"):
                return verdict
    return next((one for one in verdicts if one.result == UNKNOWN), verdicts[0])


def insured(facts: Facts, look: Look, person: Person, key: str) -> Verdict:
    """连续参保月数. The register not knowing the person is a question, not a gap; a provident fund
    account that an employer pays into helps whoever answers it."""
    reply = look.reply("social_insurance", person.id_number)
    if reply.silent:
        employer = _paid_by(facts, look, person)
        if employer:
            return for_a_person("EMPLOYMENT_FUND", key=key, values={"employer": employer})
        return for_a_person("EMPLOYMENT_SILENT", key=key)
    months = months_in_a_row(reply.records, facts.on)
    look.saw("social_insurance", person.id_number, str(months))
    return whole(
        facts, months, key, "EMPLOYMENT_INSURED",
        earliest=_paid_up(facts, months, facts.whole(key)).isoformat(),
    )  # fmt: skip


def _paid_up(facts: Facts, months: int, needed: int) -> date:
    """The first day on which the run is long enough if no month is left out from now on."""
    return add_months(facts.on.replace(day=1), max(needed - months, 0))


def _paid_by(facts: Facts, look: Look, person: Person) -> str:
    """The employer of an open provident fund account, '' for none."""
    for account in look.glance("provident_fund", person.id_number).records:
        if account.employer and within(account.opened, facts.on, account.closed):
            look.saw("provident_fund", person.id_number, account.employer, account.opened)
            return str(account.employer)
    return ""


def months_in_a_row(records: Iterable[Insured], on: date) -> int:
    """The unbroken run of received months that ends with the month before ``on``."""
    paid: set[int] = set()
    today = month_index(on)
    for one in records:
        late = one.received_in is not None and month_index(one.received_in) > today
        if one.received and not late and one.first is not None:
            last = one.last or one.first
            paid.update(range(month_index(one.first), month_index(last) + 1))
    run = 0
    while today - 1 - run in paid:
        run += 1
    return run


def degree(facts: Facts, look: Look, person: Person) -> Verdict:
    """学历和毕业时间: the newest degree at or above the policy's level decides."""
    found = newest_degree(facts, look, person)
    return found if isinstance(found, Verdict) else _graduation(facts, look, person, found)


def newest_degree(facts: Facts, look: Look, person: Person) -> Course | Verdict:
    """The degree whose graduation day decides, or why none does. Raises SourcePending."""
    reply = look.reply("education", person.id_number)
    held = [one for one in reply.records if is_graduated(one, facts.on)]
    if not held:
        return on_commitment("EMPLOYMENT_DEGREE_SILENT", key="new_employee.degree_min")
    lowest = degree_rank(facts.value("new_employee.degree_min")) or 0
    ranked = [one for one in held if one.rank is not None and one.rank >= lowest]
    if not ranked:
        if any(one.rank is None for one in held):
            return on_commitment("EMPLOYMENT_DEGREE_SILENT", key="new_employee.degree_min")
        values = {"level": held[0].level, "degree": facts.value("new_employee.degree_min")}
        return fails("EMPLOYMENT_DEGREE_FAIL", key="new_employee.degree_min", values=values)
    return max(ranked, key=lambda one: one.graduated or date.min)


def _graduation(facts: Facts, look: Look, person: Person, course: Course) -> Verdict:
    key = "new_employee.graduated_within_months"
    look.saw("education", person.id_number, course.level, course.graduated)
    if course.graduated is None:
        return on_commitment("EMPLOYMENT_DEGREE_SILENT", key=key)
    months, limit = months_between(course.graduated, facts.on), facts.whole(key)
    # "Within 60 months" includes the anniversary and ends the day after.
    last_day = add_months(course.graduated, limit)
    in_time = facts.on <= last_day if facts.op(key) == "<=" else facts.on < last_day
    shown = {"actual": str(months), "limit": str(limit), "op": facts.op(key), "key": key}
    values = {"graduated": course.graduated.isoformat(), "last_day": last_day.isoformat()}
    if in_time:
        return passes("EMPLOYMENT_GRADUATED", **shown, values=values)
    return fails("EMPLOYMENT_GRADUATED_FAIL", **shown, values=values)


def is_graduated(course: Course, on: date) -> bool:
    if course.state in ("studying", "left"):
        return False
    if course.graduated is not None:
        return course.graduated <= on or _same_month(course.graduated, on, course)
    return course.state == "graduated"


def _same_month(graduated: date, on: date, course: Course) -> bool:
    """A graduation known by its month only counts from that month on if it is confirmed."""
    return course.state == "graduated" and month_index(graduated) == month_index(on)


def is_studying(course: Course, on: date) -> bool:
    """In full-time education on the day."""
    if not course.full_time or (course.entered is not None and course.entered > on):
        return False
    if course.state in ("left", "graduated"):
        return (
            course.state == "graduated"
            and course.graduated is not None
            and (course.graduated > on and not _same_month(course.graduated, on, course))
        )
    if course.state == "studying":
        return True
    if course.graduated is not None:
        return course.graduated > on
    return course.entered is not None


def student(facts: Facts, look: Look, person: Person) -> Verdict:
    """在校学生: an applicant in full-time education is looked after by the school (令11号第3条).

    A minor applies through a guardian and is at school by law, so the rule is for adults. Silence
    of the education register is no sign of an enrolment.
    """
    if person.is_minor(facts.on):
        return passes("STUDENT_MINOR")
    for course in look.reply("education", person.id_number).records:
        if is_studying(course, facts.on):
            look.saw("education", person.id_number, course.level, course.entered)
            return fails("STUDENT_FAIL", values={"level": course.level})
    return passes("STUDENT")

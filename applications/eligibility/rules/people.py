"""Rules on each person: IDENTITY, DECEASED, DUPLICATE, BAN, CONSENT (人员核验)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from applications.eligibility.calendar import within
from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts, Look
from applications.eligibility.rules.base import Verdict, fails, for_a_person, passes
from core.identity import numbers
from datashare.cells import day, is_empty, person_name, text


def identity(facts: Facts, look: Look, person: Person) -> Verdict:
    """身份核验: the number is sound and the register knows it under this name (令11号第8条).

    The card says the name; if there is none, the household register, then the population file. A
    child under 16 need not hold a card, so that silence about a child is no doubt.
    """
    if not numbers.is_valid(person.id_number):
        return fails("IDENTITY_NUMBER")
    if any(_is_twin(person, other) for other in facts.members):
        return for_a_person("IDENTITY_TWO_NUMBERS")
    for source in ("identity_card", "household_register", "population"):
        reply = look.reply(source, person.id_number)
        names = [record.name for record in reply.records if record.name]
        if names:
            return _named(look, person, source, names)
    age = person.age(facts.on)
    if age is not None and age < 16:
        return passes("IDENTITY_CHILD")
    return for_a_person("IDENTITY_SILENT")


def _is_twin(person: Person, other: Person) -> bool:
    """Another entry of one name and birth date: perhaps one person with two ID numbers."""
    return (
        other is not person
        and person.born is not None
        and other.born == person.born
        and person_name(other.name) == person_name(person.name)
    )


def _named(look: Look, person: Person, source: str, names: list[str]) -> Verdict:
    look.saw(source, person.id_number, names[0])
    if all(person_name(name) == person_name(person.name) for name in names):
        return passes("IDENTITY")
    register = look.glance("household_register", person.id_number)
    former = [one.former_name for one in register.records if one.former_name]
    if any(person_name(name) == person_name(person.name) for name in former):
        return for_a_person("IDENTITY_FORMER_NAME", values={"name": names[0]})
    return for_a_person("IDENTITY_NAME", values={"name": names[0]})


def deceased(facts: Facts, look: Look, person: Person) -> Verdict:
    """死亡核验: two of 卫健, 火化 and 户籍注销 agree; one alone is a question (令11号第9条)."""
    look.need(("death", person.id_number), ("cremation", person.id_number))
    told = routes_to_a_death(facts, look, person.id_number)
    if told >= 2:
        return fails("DECEASED_FAIL")
    return for_a_person("DECEASED_ALONE") if told else passes("DECEASED")


def routes_to_a_death(facts: Facts, look: Look, number: str) -> int:
    """How many of 卫健, 火化 and 户籍注销 say that somebody had died by the day."""
    told = 0
    for source in ("death", "cremation", "household_register"):
        died, said = _death(facts, look, source, number)
        if said:
            told += 1
            look.saw(source, number, "", died)
    return told


def _death(facts: Facts, look: Look, source: str, number: str) -> tuple[date | None, bool]:
    """Date and whether a source says that the person had died by the day."""
    for record in look.glance(source, number).records:
        if source == "household_register":
            if record.death_entry and (record.died is None or record.died <= facts.on):
                return record.died, True
        elif record.on is None or record.on <= facts.on:
            return record.on, True
    return None, False


def duplicate(facts: Facts, look: Look, person: Person) -> Verdict:
    """重复保障: one person, one benefit, one case (令11号第7条)."""
    known = facts.case.platform.get(person.id_number, {})
    for key in ("active_benefit", "active_case", "open_case", "active_application"):
        other = _in_force(facts, known.get(key))
        if other is not None:
            return fails("DUPLICATE_FAIL", values={"other": other})
    for _one, benefit in look.records("housing_benefit", [person]):
        own = benefit.contract and benefit.contract == facts.case.recheck_of
        stopped = benefit.ended and benefit.until is None
        if own or stopped or not within(benefit.since, facts.on, benefit.until):
            continue
        look.saw("housing_benefit", person.id_number, benefit.contract, benefit.since)
        return fails("DUPLICATE_FAIL", values={"other": benefit.contract or benefit.kind})
    return passes("DUPLICATE")


def _in_force(facts: Facts, entry: Any) -> str | None:
    """A name for what the platform knows to be in force on the day, else None."""
    if entry is None or entry is False or is_empty(entry):
        return None
    if not isinstance(entry, Mapping):
        own = text(entry) == facts.case.recheck_of
        return None if own or text(entry).lower() in ("false", "none", "no") else text(entry)
    number = text(entry.get("contract_no") or entry.get("case_no") or entry.get("contract"))
    if entry.get("own") is True or (number and number == facts.case.recheck_of):
        return None
    start = day(entry.get("from", entry.get("since")))
    end = day(entry.get("to", entry.get("until")), end=True)
    if not within(start, facts.on, end):
        return None
    return number or text(entry.get("kind")) or "—"


def ban(facts: Facts, look: Look, person: Person) -> Verdict:
    """禁止申请期: until the first day on which the person is free again (令11号第35、36条)."""
    until = day(facts.case.platform.get(person.id_number, {}).get("ban_until"))
    if until is None:
        return passes("BAN")
    if facts.on < until:
        values = {"until": until.isoformat()}
        return fails("BAN_FAIL", limit=until.isoformat(), values=values)
    return passes("BAN_OVER", limit=until.isoformat())


REFUSED = frozenset({"refused", "withdrawn", "拒绝", "撤回", "不同意", "false", "no", "0"})


def consent(facts: Facts, look: Look, person: Person) -> Verdict:
    """书面同意核查: each adult has consented and has not withdrawn (令11号第8条).

    A minor's guardian consents; a minor applicant without a guardian is a question for a person.
    """
    if person.is_minor(facts.on):
        return _guardian_consent(facts)
    return _given(_stated(facts, person.id_number, person.name), facts)


def consents(facts: Facts) -> list[Person]:
    """Whose consent counts: each adult's, and a minor applicant's through the guardian."""
    return [one for one in facts.members if not one.is_minor(facts.on) or one is facts.applicant]


def _guardian_consent(facts: Facts) -> Verdict:
    guardian = facts.case.guardian
    if not guardian:
        return for_a_person("CONSENT_GUARDIAN_MISSING")
    number = text(guardian.get("id_number") or guardian.get("code"))
    stated = guardian.get("consent")
    return _given(
        stated if stated is not None else _stated(facts, number, text(guardian.get("name"))), facts
    )


def _stated(facts: Facts, number: str, name: str) -> Any:
    given = facts.case.declared.get("consent")
    if not isinstance(given, Mapping):
        return given
    by_key = {text(key).upper(): value for key, value in given.items()}
    return by_key.get(number.upper(), by_key.get(name.upper()))


def _given(stated: Any, facts: Facts) -> Verdict:
    since = None
    if isinstance(stated, Mapping):
        # YAML 1.1 reads an unquoted key `on` as True.
        since = day(stated.get("on", stated.get(True, stated.get("date"))))
        stated = stated.get("status", stated.get("state"))
    if text(stated).lower() not in REFUSED or (since is not None and since > facts.on):
        return passes("CONSENT")
    return fails("CONSENT_FAIL")

"""MEMBERS (家庭成员): the spouse and minor children may not be left out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts, Look
from applications.eligibility.rules.base import Verdict, fails, for_a_person, on_commitment, passes
from applications.eligibility.rules.people import routes_to_a_death
from core.identity import kinship, numbers
from datashare.cells import person_name, same_person
from datashare.replies import ANNULLED, DIVORCED, MARRIED, NEVER, Relative

_WORDS = {"户主": "02", "本人": "01", "配偶": "10", "夫": "11", "妻": "12", "子": "20", "女": "30",
          "儿子": "20", "女儿": "30", "长子": "22", "次子": "23", "长女": "32", "次女": "33",
          "独生子": "21", "独生女": "31"}  # fmt: skip
SINGLE = {"10": "未婚", "30": "丧偶", "40": "离婚"}


@dataclass(frozen=True, slots=True)
class Divorce:
    """One divorce of a person: the day, where it is known, and the former spouse."""

    on: date | None
    former: Relative | None


@dataclass(frozen=True, slots=True)
class Marriage:
    """婚姻状况 of one person on a day. ``state``: married, single, unknown or disputed.

    ``divorces`` by day, and not only the last event: a new wedding ends no look-back.
    """

    state: str
    spouse: Relative | None = None
    divorces: tuple[Divorce, ...] = ()
    widowed: bool = False


def members(facts: Facts, look: Look) -> Verdict:
    """家庭成员: by kinship and marriage, not by 户号 (令11号第8条).

    Fails when a register names a spouse or minor child who is not in the application. A silent
    register is no doubt about the family: the applicant commits, and it is checked later.
    """
    verdicts = list(_verdicts(facts, look))
    for result in ("fail", "unknown"):
        found = [one for one in verdicts if one.result == result]
        manual = [one for one in found if one.route == "manual"]
        if found:
            return (manual or found)[0]
    return passes("MEMBERS")


def _verdicts(facts: Facts, look: Look) -> Iterator[Verdict]:
    mandatory = facts.value("members.mandatory")
    if "SPOUSE" in mandatory:
        yield _spouse_verdict(facts, look, marriage_of(facts, look, facts.applicant))
    if "MINOR_CHILD" in mandatory:
        yield from _minor_children(facts, look)


def _minor_children(facts: Facts, look: Look) -> Iterator[Verdict]:
    parents = [facts.applicant, *(one for one in facts.members if one.is_spouse)]
    if facts.applicant.is_minor(facts.on):
        return
    look.need_all(["household_register"], parents)
    if facts.reply("household_register", facts.applicant.id_number).silent:
        yield on_commitment("MEMBERS_REGISTER_SILENT")
    for parent in parents:
        yield from _children_verdicts(facts, look, parent)


def _spouse_verdict(facts: Facts, look: Look, marriage: Marriage) -> Verdict:
    listed = [one for one in facts.members if one.is_spouse]
    if marriage.state == "unknown":
        return on_commitment("MEMBERS_MARRIAGE_SILENT")
    if marriage.state == "disputed" or (listed and marriage.state == "single"):
        return for_a_person("MEMBERS_MARRIAGE_DISPUTED")
    if marriage.state != "married" or _includes(facts, marriage.spouse):
        if len(listed) > 1:  # nobody has two: one of them is no spouse
            return for_a_person("MEMBERS_MARRIAGE_DISPUTED")
        return passes("MEMBERS")
    spouse = marriage.spouse or Relative("", "")
    if any(_is_renumbered(spouse, one) for one in listed):
        return for_a_person("MEMBERS_TWO_NUMBERS", values={"name": spouse.name})
    return _unless_dead(facts, look, spouse, "MEMBERS_SPOUSE")


def _is_renumbered(named: Relative, listed: Person) -> bool:
    """One name, two ID numbers: perhaps one person, which is a question and no absence."""
    return bool(named.name) and person_name(named.name) == person_name(listed.name)


def _unless_dead(facts: Facts, look: Look, absent: Relative, reason: str) -> Verdict:
    """A relative left out fails, but for one whose death two registers know (one: a question)."""
    told = routes_to_a_death(facts, look, absent.id_number) if absent.id_number else 0
    if told >= 2:
        return passes("MEMBERS")
    if told:
        return for_a_person("MEMBERS_DEATH_ALONE", values={"name": absent.name})
    return fails(reason, values={"name": absent.name})


def _includes(facts: Facts, spouse: Relative | None) -> bool:
    """Whether the spouse is in the application: by number, else by name, else by relation."""
    if spouse is None or not (spouse.id_number or spouse.name):
        return any(one.is_spouse for one in facts.members)
    if spouse.id_number:
        return facts.is_member(spouse.id_number, spouse.name)
    return any(person_name(one.name) == person_name(spouse.name) for one in facts.members)


def _children_verdicts(facts: Facts, look: Look, parent: Person) -> Iterator[Verdict]:
    for entry in facts.reply("household_register", parent.id_number).records:
        for child in registered_children(entry, parent):
            if not _is_minor(child, facts.on) or facts.is_member(child.id_number, child.name):
                continue
            look.saw("household_register", parent.id_number, child.name)
            if any(one.is_child and _is_renumbered(child, one) for one in facts.members):
                yield for_a_person("MEMBERS_TWO_NUMBERS", values={"name": child.name})
            else:
                yield _unless_dead(facts, look, child, "MEMBERS_CHILD")


def registered_children(entry: object, parent: Person) -> list[Relative]:
    """Children a register's entry shows as this person's, or as the couple's who head the 户."""
    children = list(entry.children)  # type: ignore[attr-defined]
    own = _relation(entry.relation)  # type: ignore[attr-defined]
    if own in kinship.HEADS or own in kinship.SPOUSES:
        children += [
            one
            for one in entry.members  # type: ignore[attr-defined]
            if _relation(one.relation) in kinship.CHILDREN
        ]
    return [one for one in children if one.id_number and one.id_number != parent.id_number]


def _relation(written: str) -> str:
    return _WORDS.get(written, written.zfill(2) if written.isdigit() else written)


def _is_minor(child: Relative, on: date) -> bool:
    """Born by the day and not yet 18; a number that cannot be read proves no minor."""
    try:
        born = numbers.parse(child.id_number).birth_date
    except numbers.IdNumberError:
        return False
    return born <= on and not numbers.is_adult_on(born, on)


# -- Marriage ----------------------------------------------------------------------------------


def marriage_of(facts: Facts, look: Look, person: Person) -> Marriage:
    """A person's marriage on the day: the province's register, the ministry's check if that is
    silent, and what the household register says of the widowed, divorced and unmarried.

    Raises SourcePending.
    """
    return look.once(f"marriage {person.id_number}", lambda own: _marriage(facts, own, person))


def _marriage(facts: Facts, look: Look, person: Person) -> Marriage:
    age = person.age(facts.on)
    if age is not None and age < 20:  # 民法典第1047条: nobody marries before 20
        return Marriage("single")
    look.need(("marriage", person.id_number), ("household_register", person.id_number))
    found = _provincial(facts, look, person) or _couple_event(facts, look, person)
    civil = _civil_status(facts, look, person)
    if found is None:
        if civil in SINGLE and not (civil == "10" and _has_listed_spouse(facts, person)):
            return Marriage("single", widowed=civil == "30")
        found = _national(facts, look, person)
    if found is None:
        return Marriage("unknown")
    return _reconciled(facts, found, civil)


def _has_listed_spouse(facts: Facts, person: Person) -> bool:
    """未婚 stays in a register long after a wedding elsewhere; the application says so."""
    return person is facts.applicant and any(one.is_spouse for one in facts.members)


def _reconciled(facts: Facts, found: Marriage, civil: str) -> Marriage:
    """A death or a court's divorce reaches the household register, not the marriage register."""
    if found.state != "married" or _includes(facts, found.spouse):
        return found
    if civil == "30":
        return Marriage("single", divorces=found.divorces, widowed=True)
    return Marriage("unknown", divorces=found.divorces) if civil == "40" else found


def _provincial(facts: Facts, look: Look, person: Person) -> Marriage | None:
    events = facts.reply("marriage", person.id_number).records
    return _latest(facts, look, person, events)


def _couple_event(facts: Facts, look: Look, person: Person) -> Marriage | None:
    """The same event may lie under the other spouse's number only."""
    for other in _partners(facts, person):
        events = look.glance("marriage", other.id_number).records
        about = [one for one in events if _other(one, person) is not None]
        if about:
            return _latest(facts, look, person, about)
    return None


def _partners(facts: Facts, person: Person) -> list[Person]:
    """The listed spouse of the applicant, the applicant of the spouse, nobody of anybody else."""
    if person is facts.applicant:
        return [one for one in facts.members if one.is_spouse]
    return [facts.applicant] if person.is_spouse else []


def _other(event: object, person: Person) -> Relative | None:
    sides = (event.man, event.woman)  # type: ignore[attr-defined]
    return next((one for one in sides if same_person(person.id_number, one.id_number)), None)


def _latest(facts: Facts, look: Look, person: Person, events: object) -> Marriage | None:
    past = [one for one in events if one.on is None or one.on <= facts.on]  # type: ignore[attr-defined]
    if not past:
        return None
    past.sort(key=lambda one: one.on or date.min)
    divorces = tuple(
        Divorce(one.on, _spouse_in(one, person)) for one in past if one.kind == DIVORCED
    )
    # The newest; of two on one day the one that stands first in the register.
    last = max(past, key=lambda one: one.on or date.min)
    look.saw("marriage", person.id_number, last.kind, last.on)
    if last.kind == MARRIED:
        return Marriage("married", _spouse_in(last, person), divorces)
    return Marriage("single", None, divorces) if last.kind in (DIVORCED, NEVER, ANNULLED) else None


def _spouse_in(event: object, person: Person) -> Relative | None:
    """The other side: not this number, or where numbers are missing, not this name.

    An old entry names people by 15 digits; the registers are asked by 18.
    """
    for side in (event.man, event.woman):  # type: ignore[attr-defined]
        if side.id_number:
            if not same_person(person.id_number, side.id_number):
                return replace(side, id_number=numbers.eighteen(side.id_number))
        elif side.name and person_name(side.name) != person_name(person.name):
            return side
    return None


def _civil_status(facts: Facts, look: Look, person: Person) -> str:
    for entry in look.glance("household_register", person.id_number).records:
        if entry.marital:
            return "20" if entry.marital.startswith("2") else entry.marital[:2]
    return ""


def _national(facts: Facts, look: Look, person: Person) -> Marriage | None:
    """The ministry's check, asked under either spouse."""
    asked = [person, *_partners(facts, person)]
    look.need_all(["marriage_national"], asked)
    for one in asked:
        for check in facts.reply("marriage_national", one.id_number).records:
            look.saw("marriage_national", one.id_number, check.verdict, check.on)
            if check.verdict == "differs":
                return Marriage("disputed")
            if check.verdict == MARRIED:
                return Marriage("married", _spouse_in(check, person))
            divorce = Divorce(check.on, _spouse_in(check, person))
            return Marriage("single", divorces=(divorce,) if check.verdict == DIVORCED else ())
    return None

"""Death by two routes (生存状态): 死亡 and 火化 beside 户籍."""

from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts
from applications.eligibility.routes.parts import (
    AGREE,
    DEATH,
    DISAGREE,
    NO_ANSWER,
    NOT,
    PAIRS,
    SAYS,
    SILENT,
    UNAVAILABLE,
    UNKNOWN,
    Confirmation,
    Fact,
    Side,
    in_order,
    order,
    sources_of,
)


def confirm(facts: Facts, person: Person) -> Confirmation:
    """Two of three agree; one alone, denied by another, is the question (DECEASED is the rule)."""
    sides = [_death_side(facts, source, person) for source in sources_of(DEATH)]
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
        in_order(disputed) if result == DISAGREE else (),
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
    return Side(source, SAYS, tuple(sorted(told, key=order))) if told else Side(source, NOT)

"""Which families come to the platform, when, and how far they have come by the city's day."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from accounts import demo
from accounts.roles import Role
from applications import states
from applications.eligibility import assessment, policy
from applications.eligibility.cast import Case
from datashare import queries
from datashare.mock_gateway.city import City
from datashare.mock_gateway.city_model import Family, in_force

ONLINE_SHARE = 0.97
APPLYING_SHARE = 0.55
LOOK_BACK = 360  # days of history
ON_THE_DESK = 4  # cases in the first review of the street whose clerk the demo names


@dataclass(frozen=True)
class Story:
    """A family's case as far as it has come: dates, channel, what the rules say, final state."""

    family: Family
    people: tuple[Any, ...]  # city people with their relation to the applicant
    born_since: tuple[Any, ...]  # children who came later and were reported
    submitted: date
    channel: str
    case: Case
    result: dict[str, Any]
    policy: policy.Policy
    state: str


def tenants(city: City) -> Iterator[Story]:
    """Households in a public home, as they were when they applied."""
    chance = random.Random(f"tenants:{city.seed}")
    for number in city.situations.get("in_public_home", []):
        family = city.family_of(number)
        benefit = _benefit(city, family)
        submitted = benefit.since - timedelta(days=chance.randrange(60, 150))
        yield _story(city, family, submitted, _channel(chance), states.CLOSED)


def applicants(city: City) -> Iterator[Story]:
    """Households without a benefit that applied within the last year."""
    chance = random.Random(f"applicants:{city.seed}")
    alive = set(city.situations.get("applicant_alive", []))
    free = sorted(alive & set(city.situations.get("without_benefit", [])))
    desk, on_desk = demo.post(Role.STREET).bureau, 0
    for number in free:
        if chance.random() > APPLYING_SHARE:
            continue
        age = chance.randrange(1, 14) if chance.random() < 0.15 else chance.randrange(25, LOOK_BACK)
        family = city.family_of(number)
        if family.street == desk and on_desk < ON_THE_DESK:
            on_desk += 1
            age = 1 + on_desk % 2  # whoever signs in at that street finds work
        story = _story(city, family, city.on - timedelta(days=age), _channel(chance), "")
        yield replace(story, state=_state_of(story.result["outcome"], age, chance))


def _benefit(city: City, family: Family) -> Any:
    benefits = city.people[family.applicant].benefits
    return next(one for one in benefits if in_force(one.since, one.until, city.on))


def _channel(chance: random.Random) -> str:
    return "online" if chance.random() < ONLINE_SHARE else "window"


def _state_of(outcome: str, age: int, chance: random.Random) -> str:
    """Young cases are under review; older ones are decided as the rules say."""
    if age <= 2:
        return states.STREET_REVIEW
    if age <= 7:
        return states.JOINT_REVIEW
    if age <= 13:
        return states.DISTRICT_REVIEW if outcome != "eligible" else states.PUBLICITY
    if outcome in ("eligible", "conditional"):
        return states.WITHDRAWN if chance.random() < 0.02 else states.WAITLISTED
    return states.REFUSED if outcome == "ineligible" else states.WITHDRAWN


def _story(city: City, family: Family, submitted: date, channel: str, state: str) -> Story:
    people = tuple(_people(city, family, submitted))
    case = Case.from_dict(_case(city, family, people, submitted, channel))
    pack = policy.default_for(submitted)
    result = assessment.assess(case, on=submitted, policy=pack).to_record()
    now = tuple(_people(city, family, city.on))
    born = tuple(one for one in now if one[0].birth_date > submitted)
    return Story(family, people, born, submitted, channel, case, result, pack, state)


def _people(city: City, family: Family, on: date) -> Iterator[tuple[Any, str]]:
    for number, relation in family.members:
        person = city.people[number]
        if person.birth_date <= on and not (person.death and person.death.on <= on):
            yield person, relation


def _case(
    city: City, family: Family, people: tuple[Any, ...], on: date, channel: str
) -> dict[str, Any]:
    return {
        "case": family.key,
        "as_of": on.isoformat(),
        "programme": "public_rental",
        "channel": channel,
        "household": [
            {"name": person.name, "id_number": person.id_number, "relation": relation}
            for person, relation in people
        ],
        "declared": {"commitments": []},
        "records": records(city, people, on),
        "platform": {
            person.id_number: {"active_benefit": None, "ban_until": None} for person, _ in people
        },
    }


def records(city: City, people: tuple[Any, ...], on: date) -> dict[str, dict[str, list[Any]]]:
    """What the registers would answer on a day, for the sources that apply to each person."""
    found: dict[str, dict[str, list[Any]]] = {}
    for position, (person, _relation) in enumerate(people):
        for question in queries.questions_about(
            queries.Person(person.name, person.id_number),
            applicant=position == 0,
            alone=len(people) == 1,
        ):
            rows = city.rows(question.source, person.id_number, on)
            found.setdefault(question.source, {})[person.id_number] = [dict(row) for row in rows]
    return found

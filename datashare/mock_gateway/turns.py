"""人生变故 what happens to families after the city's day: the changes a year brings.

`befall` gives some families a dated future when the city is built, by a stream of their own that
leaves the rest of the city as it is; `play` lets one thing happen on a day of one's choice. A turn
writes facts and nothing else: the registers tell of it from its day on.

The first families, one of each recipe, never change, nor do those whose recipe has a future of its
own; so a small city stays predictable.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from datashare.mock_gateway.city_maker import FEMALE, MALE, Maker
from datashare.mock_gateway.city_model import (
    Car,
    Death,
    Disability,
    Family,
    Firm,
    Person,
    in_force,
)
from datashare.mock_gateway.city_places import DISTRICT, firm_name, uscc
from datashare.mock_gateway.recipes.parts import deal_of

YEARS = 3
NUMBERS_FROM = 50  # document numbers of a family's recipe stay below
SETTLED = frozenset({"tenant_will_buy", "tenant_will_die", "tenant_dead", "tenant_buyer",
                     "student_applicant", "orphan", "divorced_lately"})  # fmt: skip
POOR = frozenset({"low_income", "lone_elder", "widowed", "divorced", "tenant", "soldier_absent"})

# Lets the thing happen on `make.on` to `make.current`; False, and nothing done, if it cannot.
Act = Callable[[Maker], bool]


@dataclass(frozen=True, slots=True)
class Turn:
    """变故 one kind: its word, how many of a thousand families try it in a year, what it does."""

    words: str
    tries: int
    act: Act


def birth(make: Maker) -> bool:
    """A child of a couple."""
    mother = next((p for p in _couple(make) if p.sex == FEMALE and 21 <= make.age(p) <= 43), None)
    if mother is None:
        return False
    father = next(p for p in _couple(make) if p is not mother)
    make.newborn(make.rng.choice((MALE, FEMALE)), surname=father.name[0], like=mother)
    return True


def death(make: Maker) -> bool:
    """An elder dies; a few registers are late."""
    one = _any(make, (p for p in _alive(make) if make.age(p) >= 60))
    if one is None:
        return False
    couple = _couple(make)
    one.death = Death(make.on, make.rng.random() < 0.95, make.rng.random() < 0.8)
    month = make.on.replace(day=1)
    one.jobs[:] = [replace(job, until=job.until or month) for job in one.jobs]
    one.earnings[:] = [replace(earning, until=earning.until or month) for earning in one.earnings]
    for other in couple if one in couple else ():
        if other is not one:
            other.marital_later.append((make.on, "30"))
    return True


def purchase(make: Maker) -> bool:
    """A second-hand home: contract, tax and registration on one day."""
    buyers = [p for p in _heads(make) if _job(make, p)]
    if not buyers or any(p.homes or p.aid for p in make.members()):
        return False
    seller = make.person("99", MALE, 50, member=False)
    sqm = make.rng.choice(("62.30", "78.60", "89.10"))
    deal = deal_of(make, "resale", buyers, [seller], sqm, make.on, taxed=True)
    share = "1" if len(buyers) == 1 else "1/2"
    make.own([p.as_holder(share) for p in buyers], sqm, 0, located=deal.located)
    return True


def offplan(make: Maker) -> bool:
    """A home bought before it is built."""
    buyers = [p for p in _heads(make) if _job(make, p)]
    if not buyers or any(p.homes or p.deals or p.aid for p in make.members()):
        return False
    deal_of(make, "presale", buyers, [], make.rng.choice(("88.60", "97.20")), make.on)
    return True


def job_lost(make: Maker) -> bool:
    """A job ends with the month; one in two finds another some months later."""
    one = _any(make, (p for p in _alive(make) if _job(make, p)))
    if one is None:
        return False
    month = make.on.replace(day=1)
    wage = max(job.wage for job in one.jobs)
    running = [job for job in one.jobs if in_force(job.since, job.until, make.on)]
    for job in running:
        one.jobs.remove(job)
        if job.since < month:
            one.jobs.append(replace(job, until=month))
    if make.rng.random() < 0.5:
        make.employ(one, wage * 9 // 10, -make.rng.randrange(3, 7))
    return True


def job_found(make: Maker) -> bool:
    """Somebody without work finds some."""
    idle = (
        p
        for p in _alive(make)
        if 18 <= make.age(p) < 56 and not p.jobs and not p.soldier and not make.studies(p)
    )
    one = _any(make, idle)
    if one is None:
        return False
    make.employ(one, make.rng.randrange(3_400, 5_600), 0)
    return True


def marriage(make: Maker) -> bool:
    """Somebody single, divorced or widowed marries a person from elsewhere."""
    single = (p for p in _alive(make) if 22 <= make.age(p) <= 60 and not _married(p))
    one = _any(make, (p for p in single if not p.soldier and not make.studies(p)))
    if one is None:
        return False
    age = max(22, make.age(one) - 2)
    other = make.person("99", FEMALE if one.sex == MALE else MALE, age, member=False)
    make.enter("结婚", one, other)
    return True


def divorce(make: Maker) -> bool:
    """A couple parts."""
    couple = _couple(make)
    if len(couple) < 2 or not all(_married(p) for p in couple):
        return False
    make.enter("离婚", *couple)
    return True


def aid_granted(make: Maker) -> bool:
    """A poor family is given 低保 or 低保边缘."""
    if make.current.recipe not in POOR or any(p.aid or p.homes for p in make.members()):
        return False
    kind, amount = make.rng.choice((("低保", 1_240), ("低保边缘", 0)))
    make.aid(kind, 0, amount)
    return True


def aid_ended(make: Maker) -> bool:
    """Aid in force ends with the month."""
    month = make.on.replace(day=1)
    running = {a for p in make.members() for a in p.aid if in_force(a.since, a.until, make.on)}
    running = {aid for aid in running if aid.kind != "特困" and aid.since < month}
    for person in make.members() if running else ():
        person.aid[:] = [replace(a, until=month) if a in running else a for a in person.aid]
    return bool(running)


def company(make: Maker) -> bool:
    """Somebody founds a firm."""
    one = _any(make, (p for p in _alive(make) if 20 <= make.age(p) < 60 and not make.studies(p)))
    if one is None or one.firms:
        return False
    capital = make.rng.choice((30_000, 100_000, 500_000, 2_000_000))
    one.firms.append(Firm(firm_name(make.rng), uscc(make.rng), capital, make.on, "法定代表人"))
    return True


def disability(make: Maker) -> bool:
    """Somebody is given a disability card."""
    one = _any(make, (p for p in _alive(make) if p.disability is None))
    if one is None:
        return False
    one.disability = Disability(make.rng.choice("124"), make.rng.choice("1234"), make.on)
    return True


def moved_out(make: Maker) -> bool:
    """The family's register moves to another city."""
    members = [p for p in _alive(make) if p.hukou and p.hukou.area_code == DISTRICT]
    if not members or any(p.hukou and p.hukou.until for p in members):
        return False
    for person in members:
        if person.hukou:
            person.hukou = replace(person.hukou, until=make.on)
    return True


def car(make: Maker) -> bool:
    """Somebody buys a car."""
    buyer = _any(make, (p for p in _heads(make) if _job(make, p) and not p.cars))
    if buyer is None:
        return False
    plate = f"浙B{make.rng.randrange(10_000, 99_999)}"
    price = make.rng.randrange(60, 240) * 1_000
    buyer.cars.append(Car(plate, "小型轿车", price, make.on))
    return True


# In the order in which a family's year tries them.
TURNS: dict[str, Turn] = {
    "birth": Turn("出生", 26, birth),
    "death": Turn("死亡", 110, death),
    "purchase": Turn("购房（存量房）", 24, purchase),
    "offplan": Turn("购买期房", 24, offplan),
    "job_lost": Turn("失业", 24, job_lost),
    "job_found": Turn("就业", 150, job_found),
    "marriage": Turn("结婚", 150, marriage),
    "divorce": Turn("离婚", 26, divorce),
    "aid_granted": Turn("新批救助", 80, aid_granted),
    "aid_ended": Turn("救助停发", 150, aid_ended),
    "company": Turn("开办企业", 30, company),
    "disability": Turn("领残疾人证", 30, disability),
    "moved_out": Turn("户籍迁出", 30, moved_out),
    "car": Turn("购车", 40, car),
}


def befall(make: Maker, families: list[Family], unchanged: int) -> None:
    """Give families after the first `unchanged` ones the changes of the years to come."""
    for index, family in enumerate(families):
        if index < unchanged or family.recipe in SETTLED:
            continue
        rng = random.Random(f"turns:{make.seed}:{index}")
        for year in range(YEARS):
            kind = next((k for k, turn in TURNS.items() if rng.random() * 1000 < turn.tries), "")
            if not kind:
                continue
            day = _on_a_day(make.on + timedelta(days=365 * year + rng.randrange(1, 365)))
            if day > make.on and _happen(make, family, kind, day, rng, index):
                family.turns.append((day, kind))
            if kind in ("death", "moved_out", "divorce"):
                break  # what follows would have to know about it


def play(
    make: Maker, families: list[Family], kind: str, day: date, *, key: str = "", count: int = 0
) -> Family | None:
    """Let one thing happen on a day: to the family `key`, or to the first that it can happen to.

    ValueError for an unknown kind; None where it can happen to nobody.
    """
    if kind not in TURNS:
        raise ValueError(f"unknown turn; known: {', '.join(TURNS)}")
    start = zlib.crc32(f"{kind}{day}{count}".encode()) % max(1, len(families))
    for index in (*range(start, len(families)), *range(start)):
        family = families[index]
        if key not in ("", family.key):
            continue
        rng = random.Random(f"play:{make.seed}:{family.key}:{kind}:{day}:{count}")
        if _happen(make, family, kind, day, rng, index):
            family.turns.append((day, kind))
            return family
    return None


def _happen(
    make: Maker, family: Family, kind: str, day: date, rng: random.Random, index: int
) -> bool:
    """Try one turn on a maker of that day."""
    there = Maker(make.seed, day)
    there.people, there.current, there.rng = make.people, family, rng
    there.serial, there.parts = index, NUMBERS_FROM + 10 * (len(family.turns) % 5)
    return TURNS[kind].act(there)


def _on_a_day(day: date) -> date:
    """Up to the 28th, as all the city's days."""
    return day.replace(day=min(day.day, 28))


# -- whom it can happen to ------------------------------------------------------------------


def _alive(make: Maker) -> list[Person]:
    return [p for p in make.members() if p.death is None]


def _heads(make: Maker) -> list[Person]:
    """The applicant and the spouse, as far as they live."""
    relations = dict(make.current.members)
    return [p for p in _alive(make) if relations[p.id_number] in ("01", "10")]


def _couple(make: Maker) -> list[Person]:
    heads = _heads(make)
    return heads if len(heads) == 2 else []


def _married(person: Person) -> bool:
    return (person.marital_later[-1][1] if person.marital_later else person.marital) == "20"


def _job(make: Maker, person: Person) -> bool:
    return any(in_force(job.since, job.until, make.on) for job in person.jobs)


def _any(make: Maker, people: Iterator[Person]) -> Person | None:
    found = list(people)
    return make.rng.choice(found) if found else None

"""造人 makes invented people, one family at a time, from a seeded generator.

ID numbers carry right check characters and belong to nobody: the district's code did not exist
for births before 2002, and later births take the sequence 99x. Nothing here reads a clock.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from datashare.mock_gateway.city_model import (
    Aid,
    Benefit,
    Earning,
    Family,
    Holder,
    Home,
    Hukou,
    Job,
    Marriage,
    Person,
)
from datashare.mock_gateway.city_places import (
    BY_CODE,
    DISTRICT,
    LONG_NAMES,
    SURNAMES,
    address_in,
    firm_name,
    given_name,
    pick_street,
    uscc,
)
from datashare.mock_gateway.registers.cells import choice

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
CODE_SINCE = 2002  # births from this year on could carry the district's code
GUIZHOU = "520424"  # its code did not exist before 2000 either
MALE, FEMALE = "1", "2"


def check_character(first17: str) -> str:
    """The 18th character by GB 11643-1999; the mock's own, so that it can be checked against."""
    total = sum(w * int(c) for w, c in zip(WEIGHTS, first17, strict=True))
    return CHECKS[total % 11]


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier (later for a negative number), at most the 28th."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, min(day.day, 28))


class Maker:
    """Makes people for one city; `family` starts the next family with its own random stream."""

    def __init__(self, seed: int, on: date) -> None:
        self.seed = seed
        self.on = on
        self.people: dict[str, Person] = {}
        self.rng = random.Random()
        self.current = Family("", "", "")

    def family(self, index: int, recipe: str) -> Family:
        """Start family number `index`; its stream depends on seed and number alone."""
        self.rng = random.Random(f"{self.seed}:{index}")
        self.current = Family(f"F{index:06d}", recipe, pick_street(self.rng).code)
        self.serial = index
        self.parts = 0
        return self.current

    def number(self, prefix: str) -> str:
        """A document number that is unique in the city."""
        self.parts += 1
        return f"{prefix}{self.serial:06d}{self.parts:02d}"

    # -- people -----------------------------------------------------------------------------

    def person(
        self,
        relation: str,
        sex: str,
        age: int,
        *,
        surname: str = "",
        member: bool = True,
        area: str = DISTRICT,
    ) -> Person:
        """A person of that age on the city's day, in the current family if `member`."""
        number, born = self._id_number(sex, age, area)
        name = (surname or self.rng.choice(SURNAMES)) + given_name(self.rng, sex, born.year)
        if area == GUIZHOU and not surname and choice("long name", number, of=6) == 0:
            name = LONG_NAMES[choice(number, of=len(LONG_NAMES))]
        person = Person(number, name, sex, born, self.current.key)
        self.people[number] = person
        if member:
            self.current.members.append((number, relation))
        return person

    def _id_number(self, sex: str, age: int, area: str) -> tuple[str, date]:
        latest = months_before(self.on, age * 12)
        while True:
            born = latest - timedelta(days=self.rng.randrange(360))
            low, high = (990, 999) if born.year >= CODE_SINCE else (1, 988)
            sequence = self.rng.randrange(low, high)
            sequence += sequence % 2 != int(sex) % 2
            digits = f"{area}{born:%Y%m%d}{sequence:03d}"
            number = digits + check_character(digits)
            if number not in self.people:
                return number, born

    def newborn(self, sex: str, *, surname: str, like: Person) -> Person:
        """A child born on the maker's day, or shortly before if all its numbers are taken."""
        born, sequence = self.on, 990
        while True:
            sequence += 1
            if sequence > 999:
                born, sequence = born - timedelta(days=1), 991
            digits = f"{DISTRICT}{born:%Y%m%d}{sequence:03d}"
            number = digits + check_character(digits)
            if sequence % 2 == int(sex) % 2 and number not in self.people:
                break
        child = Person(number, surname + given_name(self.rng, sex, born.year), sex, born,
                       self.current.key)  # fmt: skip
        child.hukou = like.hukou and replace(
            like.hukou, since=born, relation="20" if sex == MALE else "30"
        )
        self.people[number] = child
        self.current.later.append((number, "20" if sex == MALE else "30"))
        return child

    def correct_a_number(self) -> None:
        """One applicant in thirty once had a number with another day of birth."""
        person = self.people[self.current.applicant]
        digits = person.id_number[:12] + f"{person.birth_date.day % 28 + 1:02d}"
        digits += person.id_number[14:17]
        number = digits + check_character(digits)
        if choice("corrected", self.current.key, of=30) == 0 and number not in self.people:
            person.old_number = number

    def couple(self, ages: tuple[int, int], *, area: str = DISTRICT) -> tuple[Person, Person]:
        """A married couple; in three families of ten the wife is the one who applies."""
        age = self.rng.randrange(*ages)
        first, second = (MALE, FEMALE) if self.rng.random() < 0.7 else (FEMALE, MALE)
        one = self.person("01", first, age, area=area)
        other = self.person("10", second, max(22, age - self.rng.randrange(-2, 5)), area=area)
        self.marry(one, other, max(18, (age - self.rng.randrange(24, 29)) * 12 + age % 12))
        return one, other

    def child(
        self, parent: Person, ages: tuple[int, int] = (1, 18), *, area: str = DISTRICT
    ) -> Person:
        """A child of the family, with the father's or the parent's surname."""
        father = next(
            (self.people[i] for i in self.current.people if self.people[i].sex == MALE), parent
        )
        age = self.rng.randrange(*ages)
        sex = self.rng.choice((MALE, FEMALE))
        relation = "20" if sex == MALE else "30"
        return self.person(relation, sex, age, surname=father.name[0], area=area)

    # -- bonds ------------------------------------------------------------------------------

    def marry(
        self, one: Person, other: Person, months_ago: int, *, in_province: bool = True
    ) -> None:
        """Marriage entered with both."""
        self._enter("结婚", one, other, months_before(self.on, months_ago), in_province)
        one.marital = other.marital = "20"

    def divorce(self, one: Person, other: Person, months_ago: int) -> None:
        """Divorce entered with both."""
        self._enter("离婚", one, other, months_before(self.on, months_ago))
        one.marital = other.marital = "40"

    def enter(self, kind: str, one: Person, other: Person) -> None:
        """结婚 or 离婚 on the maker's day, which the household register notes from then on."""
        self._enter(kind, one, other, self.on)
        for person in (one, other):
            person.marital_later.append((self.on, "20" if kind == "结婚" else "40"))

    @staticmethod
    def _enter(kind: str, one: Person, other: Person, on: date, in_province: bool = True) -> None:
        man, woman = (one, other) if one.sex == MALE else (other, one)
        entry = Marriage(kind, on, man.as_holder(), woman.as_holder(), in_province)
        one.marriages.append(entry)
        other.marriages.append(entry)

    # -- where they belong ------------------------------------------------------------------

    def settle(self, *, months: int = 0, kind: str = "家庭户", area: str = "") -> None:
        """Enter the family in one household register; the husband is its head if there is one."""
        members = [(self.people[i], relation) for i, relation in self.current.members]
        head = next((p for p, r in members if r in ("01", "10") and p.sex == MALE), members[0][0])
        number, street = self.number("30212"), BY_CODE[self.current.street]
        address = area or address_in(self.rng, street)
        moved = months or self.rng.randrange(30, 400)
        for person, relation in members:
            person.hukou = Hukou(
                number=number,
                household_id=f"H{number}",
                area_code=GUIZHOU if area else DISTRICT,
                street_code="" if area else street.code,
                community="" if area else f"{street.places[0].rstrip('路村')}社区",
                address=address,
                since=max(person.birth_date, months_before(self.on, moved)),
                relation=self._to_head(person, relation, head),
                kind=kind,
            )

    def _to_head(self, person: Person, relation: str, head: Person) -> str:
        """A member's relation to the head of the register (户主), from that to the applicant."""
        if person is head:
            return "02"
        if relation in ("01", "10"):
            return "10"
        if relation in ("51", "52") and head.id_number != self.current.applicant:
            return {"51": "55", "52": "56"}[relation]  # the wife's parents
        return relation

    def move(self, street: str) -> None:
        """The family lives in another street."""
        self.current.street = street

    # -- money ------------------------------------------------------------------------------

    def employ(self, person: Person, wage: int, months: int, *, until: date | None = None) -> None:
        """A job at an invented firm since so many months ago."""
        job = Job(
            firm_name(self.rng),
            uscc(self.rng),
            months_before(self.on, months).replace(day=1),
            wage,
            until,
        )
        person.jobs.append(job)

    def pension(self, person: Person, amount: int) -> None:
        """养老金 since retirement."""
        since = months_before(self.on, self.rng.randrange(56, 160)).replace(day=1)
        person.earnings.append(Earning("转移性收入", amount, since))

    def provide(self, per_head_year: int, *, earners: list[Person] | None = None) -> None:
        """Give the family an income of so many yuan a head and year, split among its earners."""
        persons = len(self.current.members)
        able = earners or [p for p in self.adults() if not p.soldier and not self.studies(p)]
        monthly = Decimal(per_head_year * persons) / 12
        shares = [monthly / len(able)] * len(able)
        if len(able) == 2:
            shares = [monthly * Decimal("0.58"), monthly * Decimal("0.42")]
        for person, share in zip(able, shares, strict=True):
            amount = int(share.quantize(Decimal(1), ROUND_DOWN))
            if self.age(person) >= (60 if person.sex == MALE else 55):
                self.pension(person, amount)
            else:
                self.employ(person, amount, self.rng.randrange(56, 150))

    # -- what the district gives ------------------------------------------------------------

    def aid(self, kind: str, months_ago: int, amount: int) -> None:
        """Social assistance of the whole family."""
        since = months_before(self.on, months_ago).replace(day=1)
        grant = Aid(
            kind,
            self.number("JZ"),
            self.current.applicant,
            tuple(self.current.people),
            since,
            None,
            amount,
        )
        for person in self.members():
            person.aid.append(grant)

    def house(self, months_ago: int, *, kind: str = "实物配租") -> Benefit:
        """A benefit in force for the family: they are tenants, or get a subsidy."""
        holder, *_ = members = [person.as_holder() for person in self.members()]
        sqm = {1: "44.80", 2: "45.60"}.get(len(members), "54.90")
        located = address_in(self.rng, BY_CODE[self.current.street])
        since = months_before(self.on, months_ago)
        number = self.number("GZ")
        benefit = Benefit(kind, number, holder, tuple(members), located, sqm, since)
        for person in self.members():
            person.benefits.append(benefit)
        return benefit

    def own(
        self,
        holders: list[Holder],
        sqm: str,
        months_ago: int,
        *,
        area: str = DISTRICT,
        located: str = "",
        gone: int | None = None,
        how: str = "购买",
        left_by: str = "买卖",
    ) -> Home:
        """A registered home of the holders; it went `gone` months ago, if that is given."""
        home = Home(
            located or address_in(self.rng, BY_CODE[self.current.street]),
            area,
            sqm,
            self.number(f"浙（{months_before(self.on, months_ago).year}）宁波市不动产权第") + "号",
            tuple(holders),
            months_before(self.on, months_ago),
            None if gone is None else months_before(self.on, gone),
            how,
            "" if gone is None else left_by,
        )
        for holder in holders:
            if person := self.people.get(holder.id_number):
                person.homes.append(home)
        return home

    # -- who they are -----------------------------------------------------------------------

    def members(self) -> list[Person]:
        """The current family's people, applicant first."""
        return [self.people[id_number] for id_number in self.current.people]

    def adults(self) -> list[Person]:
        """Those of 18 and over on the city's day."""
        return [person for person in self.members() if self.age(person) >= 18]

    def age(self, person: Person) -> int:
        """Completed years on the city's day."""
        born, on = person.birth_date, self.on
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))

    @staticmethod
    def studies(person: Person) -> bool:
        """Whether a course of higher education still runs."""
        return any(degree.graduated is None for degree in person.degrees)

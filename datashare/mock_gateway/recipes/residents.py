"""本地家庭 families of the district, by aid, income and who they are."""

from __future__ import annotations

from datetime import date

from datashare.mock_gateway.city_maker import FEMALE, MALE, Maker, months_before
from datashare.mock_gateway.city_model import Car, Death, Disability, Earning, Firm, Tenancy
from datashare.mock_gateway.city_places import BY_CODE, address_in, firm_name, uscc
from datashare.mock_gateway.recipes.parts import aided, car, degree, low, middle, parents


def extreme_poverty(make: Maker) -> None:
    """特困: an elder alone, provided for by the district."""
    make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(62, 84))
    make.settle()
    make.aid("特困", make.rng.randrange(14, 90), 1_610)


def low_income_aid(make: Maker) -> None:
    """低保 without a home."""
    aided(make, make.rng.randrange(14, 60))


def newly_aided(make: Maker) -> None:
    """低保 granted these weeks, no benefit yet: the district should go to them."""
    one, _ = parents(make, (1, 3))
    make.employ(one, 2_280, 40, until=months_before(make.on, 3).replace(day=1))
    make.aid("低保", 1, 1_680)


def aid_margin(make: Maker) -> None:
    """低保边缘."""
    parents(make, (1, 3))
    make.provide(make.rng.randrange(13_000, 17_000))
    make.aid("低保边缘", make.rng.randrange(13, 40), 0)


def low_income(make: Maker) -> None:
    """低收入 without a home."""
    parents(make)
    make.provide(low(make))


def lower_middle(make: Maker) -> None:
    """中等偏下收入 without a home."""
    parents(make)
    make.provide(middle(make))


def lower_middle_with_parent(make: Maker) -> None:
    """A grown-up child and a parent under one roof, in a public tenancy."""
    child = make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(30, 40))
    parent = make.person("52", FEMALE, make.age(child) + 26)
    parent.marital = "30"
    make.settle()
    make.provide(middle(make))
    since = months_before(make.on, 200)
    located = address_in(make.rng, BY_CODE[make.current.street])
    parent.tenancies.append(Tenancy(located, "16.00", parent.as_holder(), since))


def single(make: Maker) -> None:
    """One person of over 35."""
    make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(37, 52))
    make.settle()
    make.provide(middle(make))


def over_income(make: Maker) -> None:
    """Too much income."""
    one, _ = parents(make)
    make.provide(make.rng.randrange(106_000, 150_000))
    one.cars.append(car(make, 138_000))


def two_cars(make: Maker) -> None:
    """Income within, but two cars."""
    one, other = parents(make)
    make.provide(middle(make))
    one.cars.append(car(make, 126_000))
    other.cars.append(car(make, 89_000))


def shareholder(make: Maker) -> None:
    """Income within, but a firm of a million's capital."""
    one, _ = parents(make)
    make.provide(middle(make))
    founded = months_before(make.on, 50)
    firm = Firm(firm_name(make.rng), uscc(make.rng), 1_000_000, founded, "法定代表人")
    one.firms.append(firm)


def lone_elder(make: Maker) -> None:
    """孤老: no spouse, no children."""
    make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(66, 86))
    make.settle()
    make.provide(make.rng.randrange(26_000, 36_000))


def widowed(make: Maker) -> None:
    """A widow or widower with a grown-up child elsewhere."""
    one = make.person("01", FEMALE, make.rng.randrange(56, 72))
    late = make.person("99", MALE, make.age(one) + 3, member=False)
    make.marry(one, late, 380)
    one.marital = "30"
    late.death = Death(months_before(make.on, make.rng.randrange(20, 90)), struck_off=True)
    make.settle()
    make.provide(low(make))


def orphan(make: Maker) -> None:
    """孤儿 under sixteen, in the care of an institution."""
    child = make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(8, 16))
    make.settle(kind="集体户")
    child.orphan_since = months_before(make.on, 30)


def disabled(make: Maker) -> None:
    """低保边缘 with a severely disabled child and a car for it."""
    one, _ = parents(make, (1, 2))
    patient = make.members()[-1]
    level = make.rng.choice(("1", "2"))
    patient.disability = Disability("4", level, months_before(make.on, 50))
    make.provide(make.rng.randrange(13_000, 17_000))
    make.aid("低保边缘", 22, 0)
    registered = months_before(make.on, 60)
    one.cars.append(Car(make.number("浙B"), "小型轿车", 168_000, registered, for_disabled=True))


def soldier_absent(make: Maker) -> None:
    """A family with a son in the army: he counts, though he is away."""
    one, _ = make.couple((44, 54))
    son = make.person("20", MALE, make.rng.randrange(19, 23), surname=one.name[0])
    son.soldier = True
    make.settle()
    make.provide(low(make))


def trader(make: Maker) -> None:
    """A family that lives on a stall: income from trade, no wage."""
    one, other = parents(make, (1, 2))
    since = months_before(make.on, 50).replace(day=1)
    one.earnings.append(Earning("经营性收入", 6_300, since))
    make.employ(other, 4_100, 40)


def student_member(make: Maker) -> None:
    """A family whose eldest is at university."""
    one, _ = make.couple((44, 54))
    young = make.child(one, (19, 22))
    enrolled = date(make.on.year - 1 - (make.on.month < 9), 9, 1)
    young.degrees.append(degree(make, enrolled, None))
    make.settle()
    make.provide(middle(make))


def student_applicant(make: Maker) -> None:
    """A student who applies alone."""
    young = make.person("01", make.rng.choice((MALE, FEMALE)), 21)
    enrolled = date(make.on.year - 2 - (make.on.month < 9), 9, 1)
    young.degrees.append(degree(make, enrolled, None))
    make.settle(kind="集体户", months=24)

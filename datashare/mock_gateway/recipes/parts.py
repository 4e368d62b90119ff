"""What several recipes need: parents, incomes, a contract, a car, a degree."""

from __future__ import annotations

from datetime import date

from datashare.mock_gateway.city_maker import Maker, months_before
from datashare.mock_gateway.city_model import Car, Deal, Degree, Person
from datashare.mock_gateway.city_places import BY_CODE, DISTRICT, MAJORS, SCHOOLS, address_in


def parents(make: Maker, children: tuple[int, int] = (0, 3)) -> tuple[Person, Person]:
    """A couple with children and a place in the register."""
    one, other = make.couple((29, 52))
    for _ in range(make.rng.randrange(*children)):
        make.child(one, (0, max(1, min(17, make.on.year - one.marriages[0].on.year - 1))))
    make.settle()
    return one, other


def low(make: Maker) -> int:
    return make.rng.randrange(24_000, 37_000)


def middle(make: Maker) -> int:
    return make.rng.randrange(50_400, 52_800)


def deal_of(
    make: Maker,
    kind: str,
    buyers: list[Person],
    sellers: list[Person],
    sqm: str,
    on: date,
    *,
    taxed: bool = False,
) -> Deal:
    """A contract on file, entered with every party that lives in the city."""
    deal = Deal(
        kind,
        make.number("YS" if kind == "presale" else "CL"),
        address_in(make.rng, BY_CODE[make.current.street]),
        DISTRICT,
        sqm,
        make.rng.randrange(90, 260) * 10_000,
        tuple(person.as_holder() for person in buyers),
        tuple(person.as_holder() for person in sellers),
        on,
        None,
        on if taxed else None,
    )
    for person in (*buyers, *sellers):
        person.deals.append(deal)
    return deal


def car(make: Maker, price: int) -> Car:
    plate = f"浙B{make.rng.randrange(10_000, 99_999)}"
    registered = months_before(make.on, make.rng.randrange(20, 90))
    return Car(plate, "小型轿车", price, registered)


def aided(make: Maker, months: int) -> None:
    parents(make, (1, 3))
    make.provide(make.rng.randrange(5_000, 9_000), earners=make.adults()[:1])
    make.aid("低保", months, 1_420)


def degree(make: Maker, enrolled: date, graduated: date | None, level: str = "本科") -> Degree:
    school, major = make.rng.choice(SCHOOLS), make.rng.choice(MAJORS)
    return Degree(school, major, level, enrolled, make.number("1"), graduated)

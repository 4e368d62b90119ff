"""新市民 people who came for work: with a permit from elsewhere, or fresh from university."""

from __future__ import annotations

from datetime import date

from datashare.mock_gateway.city_maker import FEMALE, GUIZHOU, MALE, Maker, months_before
from datashare.mock_gateway.city_model import Permit
from datashare.mock_gateway.city_places import BY_CODE, DISTRICT, HOMETOWNS, address_in
from datashare.mock_gateway.recipes.parts import degree


def _migrants(make: Maker, *, in_province: bool) -> None:
    one, other = make.couple((30, 44), area=GUIZHOU)
    one.marriages.clear()
    other.marriages.clear()
    make.marry(one, other, make.rng.randrange(60, 130), in_province=in_province)
    make.child(one, (2, 10), area=GUIZHOU)
    town = make.rng.choice(HOMETOWNS)
    make.settle(area=f"贵州省安顺市关岭布依族苗族自治县{town}{make.rng.randrange(1, 200)}号")
    make.provide(make.rng.randrange(40_000, 50_000))
    for person in (one, other):
        person.permits.append(_permit(make, since=30, months_left=8))


def _permit(make: Maker, *, since: int, months_left: int) -> Permit:
    street = BY_CODE[make.current.street]
    return Permit(
        make.number(DISTRICT),
        address_in(make.rng, street),
        street.code,
        months_before(make.on, since),
        months_before(make.on, -months_left),
    )


def migrant(make: Maker) -> None:
    """外来务工 with permit and insurance, married in Zhejiang."""
    _migrants(make, in_province=True)


def migrant_married_elsewhere(make: Maker) -> None:
    """外来务工 whose marriage is registered outside the province."""
    _migrants(make, in_province=False)


def migrant_permit_lapsed(make: Maker) -> None:
    """外来务工 whose permit was not endorsed this year."""
    _migrants(make, in_province=True)
    for person in make.adults():
        person.permits[:] = [_permit(make, since=30, months_left=-2)]


def new_employee(make: Maker) -> None:
    """新就业 graduate of the last years with a job since."""
    young = make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(24, 27))
    graduated = date(make.on.year - make.rng.randrange(2, 4), 6, 20)
    young.degrees.append(degree(make, graduated.replace(year=graduated.year - 4), graduated))
    make.settle(kind="集体户", months=20)
    worked = (make.on.year - graduated.year) * 12 + make.on.month - 7
    make.employ(young, make.rng.randrange(4_600, 5_400), worked)

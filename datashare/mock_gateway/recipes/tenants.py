"""在保家庭 families with a benefit in force, about whom nothing or something has changed."""

from __future__ import annotations

from datashare.mock_gateway.city_maker import FEMALE, MALE, Maker, months_before
from datashare.mock_gateway.city_model import Death
from datashare.mock_gateway.recipes.parts import aided, deal_of, low, middle, parents


def tenant(make: Maker) -> None:
    """In-force tenants about whom nothing has changed."""
    parents(make, (1, 3))
    make.provide(low(make))
    make.house(make.rng.randrange(8, 34))


def tenant_aided(make: Maker) -> None:
    """In-force tenants on 低保."""
    aided(make, make.rng.randrange(50, 80))
    make.house(make.rng.randrange(8, 34))


def tenant_buyer(make: Maker) -> None:
    """In-force tenants who have bought: contract and tax on file, not registered yet."""
    one, other = parents(make, (1, 2))
    make.provide(low(make))
    make.house(22)
    seller = make.person("99", MALE, 50, member=False)
    deal_of(make, "resale", [one, other], [seller], "78.00", months_before(make.on, 3), taxed=True)


def tenant_will_buy(make: Maker) -> None:
    """In-force tenants who buy off the plan in the months after the city's day."""
    one, other = parents(make, (1, 2))
    make.provide(low(make))
    make.house(16)
    later = months_before(make.on, -make.rng.randrange(3, 9))
    deal_of(make, "presale", [one, other], [], "88.60", later)


def tenant_dead(make: Maker) -> None:
    """A sole tenant who died lately; two registers know it."""
    one = make.person("01", MALE, make.rng.randrange(76, 88))
    make.settle()
    make.provide(low(make))
    make.house(28)
    one.death = Death(months_before(make.on, 1))


def tenant_will_die(make: Maker) -> None:
    """A sole tenant who dies in the year after the city's day."""
    one = make.person("01", FEMALE, make.rng.randrange(76, 88))
    make.settle()
    make.provide(low(make))
    make.house(20)
    one.death = Death(months_before(make.on, -make.rng.randrange(2, 10)), struck_off=True)


def tenant_over_income(make: Maker) -> None:
    """In-force tenants whose income has risen over the limit."""
    one, other = parents(make, (1, 2))
    before = months_before(make.on, 15).replace(day=1)
    make.employ(one, 4_200, 90, until=before)
    make.employ(one, 21_000, 15)
    make.employ(other, 13_500, 60)
    make.house(30)


def subsidised(make: Maker) -> None:
    """A rental subsidy in force."""
    parents(make, (1, 3))
    make.provide(middle(make))
    make.house(make.rng.randrange(5, 20), kind="租赁补贴")

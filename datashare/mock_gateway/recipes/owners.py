"""有房家庭 families that hold, have bought or have given away a home."""

from __future__ import annotations

from datashare.mock_gateway.city_maker import FEMALE, MALE, Maker, months_before
from datashare.mock_gateway.recipes.parts import deal_of, low, middle, parents


def home_within_limit(make: Maker) -> None:
    """A home, but a small one."""
    one, other = make.couple((60, 76))
    make.settle()
    make.provide(low(make))
    make.own([one.as_holder("1/2"), other.as_holder("1/2")], "35.20", 260)


def home_over_limit(make: Maker) -> None:
    """A home that is large enough."""
    one, other = parents(make, (1, 2))
    make.provide(middle(make))
    make.own([one.as_holder("1/2"), other.as_holder("1/2")], "92.40", 120)


def home_outside(make: Maker) -> None:
    """A home in another city of Ningbo, outside the six districts."""
    one, _ = parents(make, (1, 2))
    make.provide(middle(make))
    located = "浙江省宁波市慈溪市浒山街道新城大道210号"
    make.own([one.as_holder()], "78.00", 90, area="330282", located=located)


def inherited_share(make: Maker) -> None:
    """A share of a dead parent's home: 16 square metres of 64."""
    one, _ = parents(make, (1, 2))
    make.provide(low(make))
    uncle = make.person("99", MALE, 61, member=False)
    holders = [one.as_holder("1/4"), uncle.as_holder("3/4")]
    make.own(holders, "64.00", 40, how="继承")


def offplan_buyer(make: Maker) -> None:
    """No registered home, but one bought off the plan."""
    one, other = parents(make, (1, 2))
    make.provide(make.rng.randrange(44_000, 49_000))
    deal_of(make, "presale", [one, other], [], "89.50", months_before(make.on, 5))


def recent_seller(make: Maker) -> None:
    """A home sold some months ago."""
    one, _ = parents(make, (1, 2))
    make.provide(middle(make))
    buyer = make.person("99", FEMALE, 34, member=False)
    home = make.own([one.as_holder()], "86.00", 150, gone=14)
    deal_of(make, "resale", [buyer], [one], home.sqm, months_before(make.on, 15), taxed=True)


def divorced(make: Maker) -> None:
    """A divorced parent with a child; the home of the marriage is long gone."""
    one = make.person("01", FEMALE, make.rng.randrange(34, 46))
    former = make.person("99", MALE, make.age(one) + 2, member=False)
    make.marry(one, former, 190)
    make.divorce(one, former, make.rng.randrange(40, 80))
    make.child(former, (6, 14))
    make.settle()
    make.provide(low(make))


def divorced_lately(make: Maker) -> None:
    """Divorced within two years; the former husband kept the home."""
    one = make.person("01", FEMALE, make.rng.randrange(34, 46))
    former = make.person("99", MALE, make.age(one) + 2, member=False)
    make.marry(one, former, 170)
    both = [one.as_holder("1/2"), former.as_holder("1/2")]
    make.own(both, "94.00", 120, gone=9, left_by="离婚析产")
    make.own([former.as_holder()], "94.00", 9, how="离婚析产")
    make.divorce(one, former, 10)
    make.child(former, (6, 14))
    make.settle()
    make.provide(low(make))

"""家庭情形 recipes of families: what is the matter with each household of the city.

Incomes keep clear of every threshold in use (a head and year: 低收入 well under 40,000, 中等偏下
about 51,000, over the limit above 105,000), so that a family stays what its recipe says when the
yearly base moves. Lines exactly on a threshold belong in cast files.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from datashare.mock_gateway.city_maker import FEMALE, GUIZHOU, MALE, Maker, months_before
from datashare.mock_gateway.city_model import (
    Car,
    Deal,
    Death,
    Degree,
    Disability,
    Earning,
    Firm,
    Permit,
    Person,
    Tenancy,
)
from datashare.mock_gateway.city_places import (
    BY_CODE,
    DISTRICT,
    HOMETOWNS,
    MAJORS,
    SCHOOLS,
    address_in,
    firm_name,
    uscc,
)

Recipe = Callable[[Maker], None]


def _parents(make: Maker, children: tuple[int, int] = (0, 3)) -> tuple[Person, Person]:
    """A couple with children and a place in the register."""
    one, other = make.couple((29, 52))
    for _ in range(make.rng.randrange(*children)):
        make.child(one, (0, max(1, min(17, make.on.year - one.marriages[0].on.year - 1))))
    make.settle()
    return one, other


def _low(make: Maker) -> int:
    return make.rng.randrange(24_000, 37_000)


def _middle(make: Maker) -> int:
    return make.rng.randrange(50_400, 52_800)


def _deal(
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


def extreme_poverty(make: Maker) -> None:
    """特困: an elder alone, provided for by the district."""
    make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(62, 84))
    make.settle()
    make.aid("特困", make.rng.randrange(14, 90), 1_610)


def low_income_aid(make: Maker) -> None:
    """低保 without a home."""
    _aided(make, make.rng.randrange(14, 60))


def _aided(make: Maker, months: int) -> None:
    _parents(make, (1, 3))
    make.provide(make.rng.randrange(5_000, 9_000), earners=make.adults()[:1])
    make.aid("低保", months, 1_420)


def newly_aided(make: Maker) -> None:
    """低保 granted these weeks, no benefit yet: the district should go to them."""
    one, _ = _parents(make, (1, 3))
    make.employ(one, 2_280, 40, until=months_before(make.on, 3).replace(day=1))
    make.aid("低保", 1, 1_680)


def aid_margin(make: Maker) -> None:
    """低保边缘."""
    _parents(make, (1, 3))
    make.provide(make.rng.randrange(13_000, 17_000))
    make.aid("低保边缘", make.rng.randrange(13, 40), 0)


def low_income(make: Maker) -> None:
    """低收入 without a home."""
    _parents(make)
    make.provide(_low(make))


def lower_middle(make: Maker) -> None:
    """中等偏下收入 without a home."""
    _parents(make)
    make.provide(_middle(make))


def lower_middle_with_parent(make: Maker) -> None:
    """A grown-up child and a parent under one roof, in a public tenancy."""
    child = make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(30, 40))
    parent = make.person("52", FEMALE, make.age(child) + 26)
    parent.marital = "30"
    make.settle()
    make.provide(_middle(make))
    since = months_before(make.on, 200)
    located = address_in(make.rng, BY_CODE[make.current.street])
    parent.tenancies.append(Tenancy(located, "16.00", parent.as_holder(), since))


def single(make: Maker) -> None:
    """One person of over 35."""
    make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(37, 52))
    make.settle()
    make.provide(_middle(make))


def over_income(make: Maker) -> None:
    """Too much income."""
    one, _ = _parents(make)
    make.provide(make.rng.randrange(106_000, 150_000))
    one.cars.append(_car(make, 138_000))


def _car(make: Maker, price: int) -> Car:
    plate = f"浙B{make.rng.randrange(10_000, 99_999)}"
    registered = months_before(make.on, make.rng.randrange(20, 90))
    return Car(plate, "小型轿车", price, registered)


def two_cars(make: Maker) -> None:
    """Income within, but two cars."""
    one, other = _parents(make)
    make.provide(_middle(make))
    one.cars.append(_car(make, 126_000))
    other.cars.append(_car(make, 89_000))


def shareholder(make: Maker) -> None:
    """Income within, but a firm of a million's capital."""
    one, _ = _parents(make)
    make.provide(_middle(make))
    founded = months_before(make.on, 50)
    firm = Firm(firm_name(make.rng), uscc(make.rng), 1_000_000, founded, "法定代表人")
    one.firms.append(firm)


def home_within_limit(make: Maker) -> None:
    """A home, but a small one."""
    one, other = make.couple((60, 76))
    make.settle()
    make.provide(_low(make))
    make.own([one.as_holder("1/2"), other.as_holder("1/2")], "35.20", 260)


def home_over_limit(make: Maker) -> None:
    """A home that is large enough."""
    one, other = _parents(make, (1, 2))
    make.provide(_middle(make))
    make.own([one.as_holder("1/2"), other.as_holder("1/2")], "92.40", 120)


def home_outside(make: Maker) -> None:
    """A home in another city of Ningbo, outside the six districts."""
    one, _ = _parents(make, (1, 2))
    make.provide(_middle(make))
    located = "浙江省宁波市慈溪市浒山街道新城大道210号"
    make.own([one.as_holder()], "78.00", 90, area="330282", located=located)


def inherited_share(make: Maker) -> None:
    """A share of a dead parent's home: 16 square metres of 64."""
    one, _ = _parents(make, (1, 2))
    make.provide(_low(make))
    uncle = make.person("99", MALE, 61, member=False)
    holders = [one.as_holder("1/4"), uncle.as_holder("3/4")]
    make.own(holders, "64.00", 40, how="继承")


def offplan_buyer(make: Maker) -> None:
    """No registered home, but one bought off the plan."""
    one, other = _parents(make, (1, 2))
    make.provide(make.rng.randrange(44_000, 49_000))
    _deal(make, "presale", [one, other], [], "89.50", months_before(make.on, 5))


def recent_seller(make: Maker) -> None:
    """A home sold some months ago."""
    one, _ = _parents(make, (1, 2))
    make.provide(_middle(make))
    buyer = make.person("99", FEMALE, 34, member=False)
    home = make.own([one.as_holder()], "86.00", 150, gone=14)
    _deal(make, "resale", [buyer], [one], home.sqm, months_before(make.on, 15), taxed=True)


def divorced(make: Maker) -> None:
    """A divorced parent with a child; the home of the marriage is long gone."""
    one = make.person("01", FEMALE, make.rng.randrange(34, 46))
    former = make.person("99", MALE, make.age(one) + 2, member=False)
    make.marry(one, former, 190)
    make.divorce(one, former, make.rng.randrange(40, 80))
    make.child(former, (6, 14))
    make.settle()
    make.provide(_low(make))


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
    make.provide(_low(make))


def widowed(make: Maker) -> None:
    """A widow or widower with a grown-up child elsewhere."""
    one = make.person("01", FEMALE, make.rng.randrange(56, 72))
    late = make.person("99", MALE, make.age(one) + 3, member=False)
    make.marry(one, late, 380)
    one.marital = "30"
    late.death = Death(months_before(make.on, make.rng.randrange(20, 90)), struck_off=True)
    make.settle()
    make.provide(_low(make))


def lone_elder(make: Maker) -> None:
    """孤老: no spouse, no children."""
    make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(66, 86))
    make.settle()
    make.provide(make.rng.randrange(26_000, 36_000))


def orphan(make: Maker) -> None:
    """孤儿 under sixteen, in the care of an institution."""
    child = make.person("01", make.rng.choice((MALE, FEMALE)), make.rng.randrange(8, 16))
    make.settle(kind="集体户")
    child.orphan_since = months_before(make.on, 30)


def disabled(make: Maker) -> None:
    """低保边缘 with a severely disabled child and a car for it."""
    one, _ = _parents(make, (1, 2))
    patient = make.members()[-1]
    level = make.rng.choice(("1", "2"))
    patient.disability = Disability("4", level, months_before(make.on, 50))
    make.provide(make.rng.randrange(13_000, 17_000))
    make.aid("低保边缘", 22, 0)
    registered = months_before(make.on, 60)
    one.cars.append(Car(make.number("浙B"), "小型轿车", 168_000, registered, for_disabled=True))


def student_member(make: Maker) -> None:
    """A family whose eldest is at university."""
    one, _ = make.couple((44, 54))
    young = make.child(one, (19, 22))
    enrolled = date(make.on.year - 1 - (make.on.month < 9), 9, 1)
    young.degrees.append(_degree(make, enrolled, None))
    make.settle()
    make.provide(_middle(make))


def _degree(make: Maker, enrolled: date, graduated: date | None, level: str = "本科") -> Degree:
    school, major = make.rng.choice(SCHOOLS), make.rng.choice(MAJORS)
    return Degree(school, major, level, enrolled, make.number("1"), graduated)


def student_applicant(make: Maker) -> None:
    """A student who applies alone."""
    young = make.person("01", make.rng.choice((MALE, FEMALE)), 21)
    enrolled = date(make.on.year - 2 - (make.on.month < 9), 9, 1)
    young.degrees.append(_degree(make, enrolled, None))
    make.settle(kind="集体户", months=24)


def soldier_absent(make: Maker) -> None:
    """A family with a son in the army: he counts, though he is away."""
    one, _ = make.couple((44, 54))
    son = make.person("20", MALE, make.rng.randrange(19, 23), surname=one.name[0])
    son.soldier = True
    make.settle()
    make.provide(_low(make))


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
    young.degrees.append(_degree(make, graduated.replace(year=graduated.year - 4), graduated))
    make.settle(kind="集体户", months=20)
    worked = (make.on.year - graduated.year) * 12 + make.on.month - 7
    make.employ(young, make.rng.randrange(4_600, 5_400), worked)


def tenant(make: Maker) -> None:
    """In-force tenants about whom nothing has changed."""
    _parents(make, (1, 3))
    make.provide(_low(make))
    make.house(make.rng.randrange(8, 34))


def tenant_aided(make: Maker) -> None:
    """In-force tenants on 低保."""
    _aided(make, make.rng.randrange(50, 80))
    make.house(make.rng.randrange(8, 34))


def tenant_buyer(make: Maker) -> None:
    """In-force tenants who have bought: contract and tax on file, not registered yet."""
    one, other = _parents(make, (1, 2))
    make.provide(_low(make))
    make.house(22)
    seller = make.person("99", MALE, 50, member=False)
    _deal(make, "resale", [one, other], [seller], "78.00", months_before(make.on, 3), taxed=True)


def tenant_will_buy(make: Maker) -> None:
    """In-force tenants who buy off the plan in the months after the city's day."""
    one, other = _parents(make, (1, 2))
    make.provide(_low(make))
    make.house(16)
    later = months_before(make.on, -make.rng.randrange(3, 9))
    _deal(make, "presale", [one, other], [], "88.60", later)


def tenant_dead(make: Maker) -> None:
    """A sole tenant who died lately; two registers know it."""
    one = make.person("01", MALE, make.rng.randrange(76, 88))
    make.settle()
    make.provide(_low(make))
    make.house(28)
    one.death = Death(months_before(make.on, 1))


def tenant_will_die(make: Maker) -> None:
    """A sole tenant who dies in the year after the city's day."""
    one = make.person("01", FEMALE, make.rng.randrange(76, 88))
    make.settle()
    make.provide(_low(make))
    make.house(20)
    one.death = Death(months_before(make.on, -make.rng.randrange(2, 10)), struck_off=True)


def tenant_over_income(make: Maker) -> None:
    """In-force tenants whose income has risen over the limit."""
    one, other = _parents(make, (1, 2))
    before = months_before(make.on, 15).replace(day=1)
    make.employ(one, 4_200, 90, until=before)
    make.employ(one, 21_000, 15)
    make.employ(other, 13_500, 60)
    make.house(30)


def subsidised(make: Maker) -> None:
    """A rental subsidy in force."""
    _parents(make, (1, 3))
    make.provide(_middle(make))
    make.house(make.rng.randrange(5, 20), kind="租赁补贴")


def trader(make: Maker) -> None:
    """A family that lives on a stall: income from trade, no wage."""
    one, other = _parents(make, (1, 2))
    since = months_before(make.on, 50).replace(day=1)
    one.earnings.append(Earning("经营性收入", 6_300, since))
    make.employ(other, 4_100, 40)


# recipe → how many of a thousand families
RECIPES: dict[Recipe, int] = {
    extreme_poverty: 12,
    low_income_aid: 60,
    newly_aided: 14,
    aid_margin: 55,
    low_income: 130,
    lower_middle: 150,
    lower_middle_with_parent: 20,
    single: 40,
    over_income: 70,
    two_cars: 10,
    shareholder: 10,
    home_within_limit: 40,
    home_over_limit: 55,
    home_outside: 12,
    inherited_share: 10,
    offplan_buyer: 16,
    recent_seller: 14,
    divorced: 26,
    divorced_lately: 10,
    widowed: 22,
    lone_elder: 24,
    orphan: 6,
    disabled: 26,
    student_member: 26,
    student_applicant: 6,
    soldier_absent: 12,
    migrant: 16,
    migrant_married_elsewhere: 34,
    migrant_permit_lapsed: 8,
    new_employee: 50,
    tenant: 60,
    tenant_aided: 34,
    tenant_buyer: 6,
    tenant_will_buy: 6,
    tenant_dead: 5,
    tenant_will_die: 5,
    tenant_over_income: 6,
    subsidised: 14,
    trader: 20,
}

# what the mock sign-in page says of those whom it suggests
NOTES: dict[str, str] = {
    "low_income_aid": "低保家庭，无房",
    "newly_aided": "新增低保，尚无保障",
    "aid_margin": "低保边缘家庭",
    "lower_middle": "中等偏下收入，无房",
    "low_income": "低收入，无房",
    "offplan_buyer": "已买期房",
    "home_over_limit": "有房且面积超标",
    "over_income": "收入超标",
    "migrant": "外来务工，浙江登记结婚",
    "migrant_married_elsewhere": "外来务工，外省登记结婚",
    "new_employee": "新就业大学生",
    "tenant": "在保租户",
    "lone_elder": "孤寡老人",
    "disabled": "家有重度残疾人",
    "divorced_lately": "两年内离婚",
    "tenant_buyer": "在保租户，已签购房合同",
}

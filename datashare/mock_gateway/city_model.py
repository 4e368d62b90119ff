"""模拟城市的事实 facts about invented people, each with the days on which it begins and ends.

A fact is known to a department from its day on; nothing else about it ever changes. So the same
city answers for any day, and a clock put a year ahead shows what has happened since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


def in_force(since: date, until: date | None, today: date) -> bool:
    """Whether a fact that began on `since` still holds; `until` is its first day without it."""
    return since <= today and (until is None or today < until)


@dataclass(frozen=True, slots=True)
class Job:
    """就业 an employment with its contribution base; `wage` in yuan a month."""

    employer: str
    uscc: str
    since: date
    wage: int
    until: date | None = None
    fund: bool = True  # 公积金


@dataclass(frozen=True, slots=True)
class Earning:
    """其他收入 a monthly income besides wages: 经营性, 财产性 or 转移性; yuan."""

    kind: str
    amount: int
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """权利人 one holder with a share of a home, or one party of a contract."""

    id_number: str
    name: str
    share: str = "1"


@dataclass(frozen=True, slots=True)
class Home:
    """不动产 a registered home; `until` when it went to somebody else, `how` by which way."""

    located: str
    area_code: str
    sqm: str
    certificate: str
    holders: tuple[Holder, ...]
    since: date
    until: date | None = None
    how: str = "购买"
    left_by: str = ""


@dataclass(frozen=True, slots=True)
class Deal:
    """房屋买卖合同 a pre-sale or resale contract on file."""

    kind: str  # presale | resale
    number: str
    located: str
    area_code: str
    sqm: str
    price: int
    buyers: tuple[Holder, ...]
    sellers: tuple[Holder, ...]
    on: date
    cancelled_on: date | None = None
    taxed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Aid:
    """社会救助 低保, 低边 or 特困 of a family; `amount` yuan a month."""

    kind: str  # 低保 | 低保边缘 | 特困
    number: str
    head: str
    members: tuple[str, ...]
    since: date
    until: date | None = None
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Marriage:
    """婚姻登记 one entry: 结婚 or 离婚; registered in the province or elsewhere."""

    kind: str
    on: date
    man: Holder
    woman: Holder
    in_province: bool = True


@dataclass(frozen=True, slots=True)
class Disability:
    """残疾人证 kind 1–7 and level 1–4 as in the certificate's number."""

    kind: str
    level: str
    issued: date


@dataclass(frozen=True, slots=True)
class Degree:
    """学历 a course of higher education; without `graduated` it still runs."""

    school: str
    major: str
    level: str
    enrolled: date
    certificate: str
    graduated: date | None = None


@dataclass(frozen=True, slots=True)
class Permit:
    """浙江省居住证 with its yearly endorsement."""

    number: str
    address: str
    street: str
    since: date
    until: date
    landlord: str = "林国平"


@dataclass(frozen=True, slots=True)
class Car:
    """机动车"""

    plate: str
    model: str
    price: int
    registered: date
    use: str = "非营运"
    for_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Firm:
    """市场主体 a firm of which the person is legal representative or shareholder."""

    name: str
    uscc: str
    capital: int  # yuan
    established: date
    role: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """保障记录 a public-rental home or a rental subsidy in force."""

    kind: str  # 实物配租 | 租赁补贴
    number: str
    holder: Holder
    members: tuple[Holder, ...]
    located: str
    sqm: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Tenancy:
    """直管公房承租"""

    located: str
    sqm: str
    holder: Holder
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Death:
    """死亡 with the registers that know of it."""

    on: date
    cremated: bool = True
    struck_off: bool = False  # the household register already says so


@dataclass(frozen=True, slots=True)
class Hukou:
    """户籍 the page of the household register: number, place, and relation to its head."""

    number: str
    household_id: str
    area_code: str
    street_code: str
    community: str
    address: str
    since: date  # moved into the district (or was born there)
    relation: str  # to the head of the register, GB/T 4761
    kind: str = "家庭户"
    until: date | None = None  # moved out


@dataclass(slots=True)
class Person:
    """自然人 one invented person with everything that the departments know."""

    id_number: str
    name: str
    sex: str
    birth_date: date
    family: str
    marital: str = "10"  # GB/T 2261.2, on the city's day
    marital_later: list[tuple[date, str]] = field(default_factory=list)
    former_name: str = ""
    old_number: str = ""  # before it was corrected; some registers never followed
    hukou: Hukou | None = None
    soldier: bool = False
    jobs: list[Job] = field(default_factory=list)
    earnings: list[Earning] = field(default_factory=list)
    homes: list[Home] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    aid: list[Aid] = field(default_factory=list)
    marriages: list[Marriage] = field(default_factory=list)
    disability: Disability | None = None
    orphan_since: date | None = None
    degrees: list[Degree] = field(default_factory=list)
    permits: list[Permit] = field(default_factory=list)
    cars: list[Car] = field(default_factory=list)
    firms: list[Firm] = field(default_factory=list)
    benefits: list[Benefit] = field(default_factory=list)
    tenancies: list[Tenancy] = field(default_factory=list)
    death: Death | None = None

    def marital_on(self, today: date) -> str:
        """The marital status that the household register shows on a day."""
        known = [code for on, code in self.marital_later if on <= today]
        return known[-1] if known else self.marital

    def as_holder(self, share: str = "1") -> Holder:
        """This person as a party of a home or contract."""
        return Holder(self.id_number, self.name, share)


@dataclass(slots=True)
class Family:
    """家庭 who would apply together: the applicant first, relations by GB/T 4761 to them."""

    key: str
    recipe: str
    street: str
    members: list[tuple[str, str]] = field(default_factory=list)  # (ID number, relation)
    later: list[tuple[str, str]] = field(default_factory=list)  # born after the city's day
    turns: list[tuple[date, str]] = field(default_factory=list)  # what happens to them after it

    @property
    def applicant(self) -> str:
        """The ID number of the one who would apply."""
        return self.members[0][0]

    @property
    def people(self) -> list[str]:
        """All ID numbers."""
        return [id_number for id_number, _ in self.members]

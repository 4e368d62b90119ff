"""变更流 what changed in the registers between two days: births, deaths, purchases, jobs, aid …

Read off the same facts as the registers' rows, so that a change in the feed is a change in the
answers. A feed knows no future: nothing later than the mock's day is told. There is no such source
in the published list; it lives among the mock's own paths.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from datashare.mock_gateway.city_model import Aid, Deal, Home, Job, Marriage, Person

if TYPE_CHECKING:
    from datashare.mock_gateway.city import City
    from datashare.mock_gateway.world import Event

# kind → word
KINDS: dict[str, str] = {
    "birth": "出生", "death": "死亡", "marriage": "结婚", "divorce": "离婚",
    "moved_out": "户籍迁出", "presale": "期房备案", "resale": "存量房合同",
    "home_gained": "取得房产", "home_left": "转出房产", "job_begun": "就业", "job_ended": "停保",
    "aid_granted": "新批救助", "aid_ended": "救助停发", "company": "开办企业",
    "disability": "领残疾人证", "car": "购车", "benefit": "保障起始", "posted": "其他变更",
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """变更 on a day, about a person (for a birth, a parent), seen at a source."""

    on: date
    kind: str
    person: str
    source: str
    what: str = ""
    about: str = ""  # another person concerned: the child, the spouse

    def as_dict(self) -> dict[str, Any]:
        """As the feed's JSON has it."""
        return {**asdict(self), "on": self.on.isoformat(), "words": KINDS[self.kind]}


class Feed:
    """All dated facts of a city, sorted once; `forget` after something new has happened."""

    def __init__(self, city: City | None) -> None:
        self.city = city
        self._changes: list[Change] | None = None

    def forget(self) -> None:
        """The city's facts have changed."""
        self._changes = None

    def between(self, since: date, until: date) -> list[Change]:
        """Changes from one day to another, both included, in their order."""
        if self._changes is None:
            self._changes = sorted(changes_of(self.city)) if self.city else []
        days = [change.on for change in self._changes]
        return self._changes[bisect_left(days, since) : bisect_right(days, until)]


def posted(event: Event) -> Change | None:
    """The change that a posted event is, on its day or else on the day of posting."""
    on = event.since or event.posted
    if on is None:
        return None
    kind = event.kind if event.kind in KINDS else "posted"
    return Change(on, kind, event.person, event.source, f"{event.op} {len(event.rows)}")


def changes_of(city: City) -> Iterator[Change]:
    """Every dated fact of a city."""
    for person in city.people.values():
        yield from _of_life(city, person)
        yield from _of_homes(person)
        yield from _of_means(person)


def _of_life(city: City, person: Person) -> Iterator[Change]:
    number = person.id_number
    for relative, relation in city.by_key[person.family].members:
        if relation in ("01", "10") and city.is_child(person, relative):
            yield Change(
                person.birth_date, "birth", relative, "household_register", person.name, number
            )
    if person.death:
        yield Change(person.death.on, "death", number, "death")
    if person.hukou and person.hukou.until:
        yield Change(person.hukou.until, "moved_out", number, "household_register")
    for entry in person.marriages:
        yield _wedding(entry, number)
    if person.disability:
        yield Change(person.disability.issued, "disability", number, "disability")


def _wedding(entry: Marriage, number: str) -> Change:
    other = entry.woman if entry.man.id_number == number else entry.man
    kind = "divorce" if entry.kind == "离婚" else "marriage"
    source = "marriage" if entry.in_province else "marriage_national"
    return Change(entry.on, kind, number, source, other.name, other.id_number)


def _of_homes(person: Person) -> Iterator[Change]:
    for home in person.homes:
        yield from _ownership(home, person.id_number)
    for deal in person.deals:
        yield _contract(deal, person.id_number)
    for benefit in person.benefits:
        yield Change(benefit.since, "benefit", person.id_number, "housing_benefit", benefit.kind)


def _ownership(home: Home, number: str) -> Iterator[Change]:
    yield Change(home.since, "home_gained", number, "property", f"{home.sqm}㎡ {home.how}")
    if home.until:
        yield Change(home.until, "home_left", number, "property", f"{home.sqm}㎡ {home.left_by}")


def _contract(deal: Deal, number: str) -> Change:
    side = "买方" if number in {holder.id_number for holder in deal.buyers} else "卖方"
    return Change(deal.on, deal.kind, number, f"{deal.kind}_contract", f"{deal.sqm}㎡ {side}")


def _of_means(person: Person) -> Iterator[Change]:
    number = person.id_number
    for job in person.jobs:
        yield from _employment(job, number)
    for aid in person.aid:
        yield from _assistance(aid, number)
    for firm in person.firms:
        yield Change(firm.established, "company", number, "company", firm.name)
    for car in person.cars:
        yield Change(car.registered, "car", number, "vehicle", f"{car.price} 元")


def _employment(job: Job, number: str) -> Iterator[Change]:
    yield Change(job.since, "job_begun", number, "social_insurance", job.employer)
    if job.until:
        yield Change(job.until, "job_ended", number, "social_insurance", job.employer)


def _assistance(aid: Aid, number: str) -> Iterator[Change]:
    source = "extreme_poverty" if aid.kind == "特困" else "low_income_aid"
    yield Change(aid.since, "aid_granted", number, source, aid.kind)
    if aid.until:
        yield Change(aid.until, "aid_ended", number, source, aid.kind)

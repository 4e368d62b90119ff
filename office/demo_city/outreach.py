"""Households newly granted aid that the streets contact (主动发现), by the real verbs."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from accounts.models import Staff
from accounts.roles import Role
from applications.models import Application
from applications.models.application import Origin
from core import audit, clock
from core.identity import ciphers, numbers
from datashare.mock_gateway.city import City
from datashare.mock_gateway.city_model import Aid, Person
from renewal import discovery, outreach, outreach_following
from renewal.discovery_asking import FOUND, Told
from renewal.models import Outreach

_OPEN, _ANSWERED = 14, 4  # households in somebody's hand; households that applied since
_BUILDER = audit.System("demo city")
_KINDS = {"特困": "TK", "低保": "DB", "低保边缘": "DBBY"}
Steps = tuple[Callable[[Outreach, Staff], object], ...]


def build(city: City) -> None:
    """Tasks in every state, the newest aid first; and some whose households are housed by now."""
    for place, told in enumerate(islice(_without_case(city), _OPEN)):
        day = 3 + 2 * place
        with clock.held_at(_morning(city, day)):
            row = discovery.note(told, by=discovery.WORKER)
        if row is not None:
            _work(city, row, _STORIES[place % len(_STORIES)], day)
    for application, told in islice(_with_case(city), _ANSWERED):
        _answered(application, told)


# -- Stories: one step every other day -------------------------------------------------------------


def _tried(way: str, result: str, note: str = "") -> Callable[[Outreach, Staff], object]:
    return lambda row, by: outreach.attempt(row, way=way, result=result, by=by, note=note)


def _claimed(row: Outreach, by: Staff) -> object:
    return outreach.claim(row, by=by)


_REACHED = _tried("visit", "reached", "下午在家")
_STORIES: tuple[Steps, ...] = (
    (),
    (_claimed,),
    (_claimed, _tried("phone", "nobody"), _tried("visit", "nobody"), _tried("notice", "left")),
    (_claimed, _REACHED),
    (_claimed, _REACHED, lambda row, by: outreach.begin(row, way="online", by=by)),
    (_claimed, _REACHED, lambda row, by: outreach.not_wanted(row, by=by.user, note="和子女同住")),
    (),
)


def _work(city: City, row: Outreach, steps: Steps, days_ago: int) -> None:
    staff = _staff_of(row)
    for number, step in enumerate(steps if staff else ()):
        at = _morning(city, max(1, days_ago - number)) + timedelta(hours=number)
        with clock.held_at(at):
            step(row, staff)  # type: ignore[arg-type]


def _answered(application: Application, told: Told) -> None:
    """Found and spoken to before they applied; what became of it is read from the case."""
    sent = application.submitted_at
    if sent is None:
        return
    with clock.held_at(sent - timedelta(days=9)):
        row = discovery.make(told, by=_BUILDER)
    staff = _staff_of(row)
    if staff is not None:
        with clock.held_at(sent - timedelta(days=6)):
            outreach.claim(row, by=staff)
            outreach.attempt(row, way="visit", result="reached", by=staff)
    Application.objects.filter(pk=application.pk).update(origin=Origin.OUTREACH)
    with clock.held_at(sent + timedelta(minutes=10)):
        outreach_following.follow(row)


# -- Who -------------------------------------------------------------------------------------------


def _without_case(city: City) -> Iterator[Told]:
    """Adults newly granted aid, without a home in the registers, the newest aid first."""
    found = [(grant.since, person.id_number, person) for person, grant in _granted(city)]
    for _since, _number, person in sorted(found, key=lambda one: one[:2], reverse=True):
        at_home = any(home.until is None for home in person.homes)
        if not (at_home or person.tenancies or person.benefits):
            yield _told(city, person)


def _with_case(city: City) -> Iterator[tuple[Application, Told]]:
    """Applicants whose aid was there before they applied, housed ones first."""
    people = {ciphers.blind_index(one.id_number): (one, grant) for one, grant in _granted(city)}
    rows = Application.objects.filter(
        members__id_index__in=people, members__is_applicant=True, submitted_at__isnull=False
    )
    for row in rows.order_by("-state", "submitted_at", "case_no").distinct():
        person, grant = people[row.applicant.id_index]
        if grant.since < row.submitted_at.date():  # type: ignore[union-attr]
            yield row, _told(city, person)


def _granted(city: City) -> Iterator[tuple[Person, Aid]]:
    """Heads of aid that runs on the city's day, alive and of age, registered in the district."""
    for number in sorted(city.people):
        person = city.people[number]
        adult = numbers.is_adult_on(person.birth_date, city.on)
        here = person.hukou is not None and person.hukou.until is None
        for grant in person.aid:
            runs = grant.since <= city.on and grant.until is None
            if runs and grant.head == number and adult and here and person.death is None:
                yield person, grant


def _told(city: City, person: Person) -> Told:
    """What a search would have come to; both routes say the same in the demo's city."""
    grant = person.aid[-1]
    index = ciphers.blind_index(person.id_number)
    assert person.hukou is not None
    return Told(
        FOUND,
        name=person.name,
        number=person.id_number,
        index=index,
        household_key=index,
        indexes=tuple(sorted(ciphers.blind_index(one) for one in grant.members) or (index,)),
        address=person.hukou.address,
        area=person.hukou.street_code[:9],
        home=Outreach.Known.NO,
        evidence={
            "source": "extreme_poverty" if grant.kind == "特困" else "low_income_aid",
            "kind": _KINDS.get(grant.kind, ""),
            "since": grant.since.isoformat(),
            "provincial": "yes",
            "civil_affairs": "yes",
        },
    )


def _morning(city: City, days_ago: int) -> datetime:
    return clock.local_midnight(city.on - timedelta(days=days_ago)) + timedelta(hours=9)


def _staff_of(row: Outreach) -> Staff | None:
    people = Staff.objects.filter(bureau=row.street, roles__contains=[Role.STREET])
    return people.order_by("pk").first()

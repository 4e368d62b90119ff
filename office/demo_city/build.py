"""Builds the demo city's platform side from nothing, in one go."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts import demo
from accounts.models import Citizen, User
from allocation import rents as rent_rules
from allocation import states
from allocation.models import AccessGrant, Home, Lease
from applications import periods
from applications.models import Application, Benefit
from core import audit, clock
from core.identity import ciphers
from core.models import AuditEntry
from datashare.mock_gateway.city import City, build_city
from office import review_numbers
from office.demo_city import (
    clues,
    content,
    estates,
    exits,
    families,
    home_pictures,
    living,
    mistyped,
    moving_in,
    outreach,
    pages,
    rents,
    rounds,
    rounds_choice,
    violations,
)
from office.demo_city.chronicle import Chronicle
from office.demo_city.staff import Cast

HOMES_PER_HOUSEHOLD = 0.25  # let, and enough left over for rounds
BUILDER = audit.System("demo city")
BUILT = "demo.built"


class AnotherCity(Exception):
    """The database holds other people's cases; a demo city is only built into an empty one."""


@dataclass(frozen=True)
class Built:
    """What was written, in numbers, and the digest of its content."""

    households: int
    applications: int
    leases: int
    homes: int
    digest: str


def build(households: int, seed: int, on: date) -> Built:
    """Writes the platform's side of the city of that size, seed and day.

    A city that stands already is left as it is, lived in or not; its digest is the one it was
    built with. Raises AnotherCity where the database holds anything else.
    """
    demo.ensure()
    if Application.objects.exists():
        return _standing(households, seed, on)
    city = build_city(households, seed, on)
    with clock.held_at(clock.local_midnight(on) - timedelta(minutes=1)), transaction.atomic():
        _write(city)
        digest = content.digest(city)
        audit.record(
            BUILT, by=BUILDER, households=households, seed=seed, on=on.isoformat(), digest=digest
        )
    _analyse()
    review_numbers.refresh()
    return _counts(households, digest)


def _standing(households: int, seed: int, on: date) -> Built:
    wanted = {"households": households, "seed": seed, "on": on.isoformat()}
    entry = AuditEntry.objects.filter(verb=BUILT, detail__contains=wanted).first()
    if entry is None:
        raise AnotherCity
    return _counts(households, entry.detail["digest"])


def _counts(households: int, digest: str) -> Built:
    return Built(
        households=households,
        applications=Application.objects.count(),
        leases=Lease.objects.count(),
        homes=Home.objects.count(),
        digest=digest,
    )


def _write(city: City) -> None:
    estates.build(city.on, max(80, int(city.households * HOMES_PER_HOUSEHOLD)))
    estates.kiosks()
    stories = [*families.tenants(city), *families.applicants(city)]
    chronicle = Chronicle(Cast.read(), city.on, city.seed)
    made = chronicle.write(stories, _citizens(stories))
    pages.build(made, city.seed)
    tenants = [row for row in made if row.story.state == "closed"]  # type: ignore[attr-defined]
    _leases(city, tenants)
    rounds.build(city)
    estates.stock(city.on)
    home_pictures.build()
    exits.build(city)
    outreach.build(city)
    clues.build(city)
    rents.build(city)
    violations.build(city)
    rounds_choice.build(city)
    living.build(city, moving_in.build(city, rounds.drawn()))
    mistyped.build()


def _citizens(stories: Iterable[families.Story]) -> dict[str, User]:
    """An account for each applicant who applied online, by the family's key."""
    people = {s.family.key: s.people[0][0] for s in stories if s.channel == "online"}
    users = User.objects.bulk_create(
        User(username=f"c-demo-{key.lower()}", kind=User.Kind.CITIZEN) for key in people
    )
    Citizen.objects.bulk_create(
        Citizen(
            user=user,
            name=person.name,
            id_number=person.id_number,
            id_index=ciphers.blind_index(person.id_number),
            phone="",
        )
        for user, person in zip(users, people.values(), strict=True)
    )
    return dict(zip(people, users, strict=True))


def _leases(city: City, tenants: list[Application]) -> None:
    """A lease in force for every tenant, numbered as the city's benefit register has it."""
    chance = random.Random(f"homes:{city.seed}")
    homes = list(Home.objects.select_related("estate").order_by("id"))
    chance.shuffle(homes)
    leases, let = [], []
    for application in tenants:
        story = application.story  # type: ignore[attr-defined]
        home = _fitting(homes, story.result["unit_types"])
        leases.append(_lease(city, application, home))
        let.append(home)
    Lease.objects.bulk_create(leases)
    Home.objects.filter(pk__in=[home.pk for home in let]).update(state=states.H_LET)
    _benefits(leases)


def _fitting(homes: list[Home], unit_types: list[str]) -> Home:
    wanted = unit_types or ["2R"]
    index = next((i for i, home in enumerate(homes) if home.unit_type in wanted), 0)
    return homes.pop(index)


def _lease(city: City, application: Application, home: Home) -> Lease:
    story = application.story  # type: ignore[attr-defined]
    benefit = next(b for b in city.people[story.family.applicant].benefits if b.until is None)
    signed = clock.local_midnight(benefit.since) + timedelta(hours=10)
    tier = story.result["tier"] or "ZPX"
    term = periods.of("lease_term")
    first = benefit.since
    while term.after(first) <= city.on:  # renewed on the same terms
        first = term.after(first)
    return Lease(
        number=benefit.number,
        application=application,
        home=home,
        tier=tier,
        term=DateRange(first, term.after(first)),
        rent_monthly=rent_rules.rent_for(home, tier, city.on),
        deposit="1000.00",
        state=states.L_FILED,
        state_since=signed,
        created_at=signed,
        explained_at=signed,
        signed_at=signed,
        signed_by="demo",
        filed_at=signed,
    )


def _benefits(leases: list[Lease]) -> None:
    """A benefit and a key for each member, as the signature would have made them."""
    benefits, grants = [], []
    for lease in leases:
        for member in lease.application.members.all():
            benefits.append(
                Benefit(
                    person_index=member.id_index,
                    kind=Benefit.Kind.HOME,
                    case_no=lease.case_no,
                    began_on=lease.term.lower,
                )
            )
            grants.append(
                AccessGrant(
                    lease=lease,
                    member=member,
                    state=AccessGrant.State.CONFIRMED,
                    valid_from=lease.term.lower,
                    valid_to=lease.term.upper,
                    changed_at=lease.created_at,
                )
            )
    Benefit.objects.bulk_create(benefits, batch_size=2000)
    AccessGrant.objects.bulk_create(grants, batch_size=2000)


def _analyse() -> None:
    """Fresh statistics: the planner has never seen these tables full."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

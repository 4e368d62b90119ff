"""Households in force: a lease, a home, a benefit, by the shortest way."""

import itertools
from datetime import date, timedelta
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange

from allocation import states as allocation_states
from allocation.models import AccessGrant, Estate, Home, Lease, RentStandard
from applications import states, wait_moves
from applications.models import Application, Benefit, WaitEntry
from core import clock
from tests.factories import accounts
from tests.factories import applications as make

_count = itertools.count(1)


def home(unit_type: str = "2R", area: str = "55.00", state: str = "available") -> Home:
    """A home in an estate of its own rent standard (25 元/㎡·month)."""
    number = next(_count)
    estate, made = Estate.objects.get_or_create(
        code="TEST-EST",
        defaults={
            "name": "测试小区", "address": "测试路1号", "phone": "0574-0",
            "street": accounts.bureau("street"),
        },
    )  # fmt: skip
    if made:
        RentStandard.objects.create(
            estate=estate, starts_on=date(2010, 1, 1), per_square_metre=Decimal("25"), source="test"
        )
    return Home.objects.create(
        code=f"TEST-EST/{number}-1-101", estate=estate, building=str(number), unit="1", room="101",
        floor=1, unit_type=unit_type, area=Decimal(area), state=state, state_since=clock.now(),
    )  # fmt: skip


def lease(
    members: int | list[make.Person] = 1,
    *,
    tier: str = "ZPX",
    rent: str = "962.50",
    number: str = "",
) -> Lease:
    """A lease in force with its household, benefit and keys."""
    application = make.application(members, state=states.WAITLISTED)
    _house(application, tier)
    today, now = clock.today(), clock.now()
    made = Lease.objects.create(
        number=number or f"TEST-{next(_count):06d}", application=application,
        home=home(state=allocation_states.H_LET), tier=tier,
        term=DateRange(today - timedelta(days=200), today + timedelta(days=800)),
        rent_monthly=Decimal(rent), deposit=Decimal("1000"), state=allocation_states.L_FILED,
        state_since=now, created_at=now, signed_at=now,
    )  # fmt: skip
    for member in application.members.all():
        Benefit.objects.create(
            person_index=member.id_index, kind="home", case_no=application.case_no,
            began_on=today - timedelta(days=200),
        )  # fmt: skip
        AccessGrant.objects.create(
            lease=made, member=member, state="confirmed", valid_from=made.term.lower,
            valid_to=made.term.upper, changed_at=now,
        )  # fmt: skip
    return made


def _house(application: Application, tier: str) -> None:
    now = clock.now()
    entry = WaitEntry.objects.create(
        application=application, registered_at=now, order_at=now, ended_at=now, tier=tier,
        draw_tier=3, unit_types=["2R"],
    )  # fmt: skip
    wait_moves.first(entry, by="test").save()
    wait_moves.last(entry, by="test", reason="housed", at=now, unit_type="2R").save()
    Application.objects.filter(pk=application.pk).update(state=states.CLOSED, closed_at=clock.now())
    application.members.update(holding=False)
    application.refresh_from_db()

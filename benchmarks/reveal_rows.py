"""Households with a drawn home whose result nobody has seen yet, as many as are wanted."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import Bureau, User
from allocation import states
from allocation.models import Entrant, Estate, Home, Offer, Round
from applications.models import Application
from benchmarks import copies
from core import clock

_CODE = "BENCH-REVEALS"


def write(number: int) -> list[int]:
    """The keys of so many unopened offers, each with a household, an entry and a home."""
    copies.applications(Application.objects.order_by("pk")[0], number)
    households = Application.objects.filter(case_no__startswith=copies.PREFIX)
    round_, estate = _round(), _estate()
    now = clock.now()
    entrants = Entrant.objects.bulk_create(
        Entrant(round=round_, application_id=pk, ticket=f"B{pk}", tier=1, unit_types=["2R"])
        for pk in households.values_list("pk", flat=True)
    )
    homes = Home.objects.bulk_create(
        Home(
            code=f"{_CODE}/{n}", estate=estate, building="1", unit="1", room=str(n), floor=1,
            unit_type="2R", area=Decimal(50), state=states.H_OFFERED, state_since=now,
        )
        for n in range(number)
    )  # fmt: skip
    offers = Offer.objects.bulk_create(
        Offer(
            entrant=entrant, home=home, state_since=now, rent_monthly=Decimal(500),
            due_at=now + timedelta(days=3),
        )
        for entrant, home in zip(entrants, homes, strict=True)
    )  # fmt: skip
    return [one.pk for one in offers]


def opened() -> int:
    """How many of them have been opened."""
    return Offer.objects.filter(entrant__round__code=_CODE, state=states.O_OPEN).count()


def take_away() -> None:
    """Everything but the log of what happened to them, which is kept for ever."""
    Offer.objects.filter(entrant__round__code=_CODE).delete()
    Entrant.objects.filter(round__code=_CODE).delete()
    Round.objects.filter(code=_CODE).delete()
    Home.objects.filter(estate__code=_CODE).delete()
    Estate.objects.filter(code=_CODE).delete()
    copies.forget()


def _round() -> Round:
    now = clock.now()
    return Round.objects.create(
        code=_CODE, title="BENCH", state_since=now, intention_until=clock.today(),
        objection_until=clock.today(), entropy_name="BENCH", entropy_at=now + timedelta(days=2),
        entropy_format="^[0-9]{40}$", entropy_example="0" * 40, created_at=now,
        created_by=User.objects.filter(kind=User.Kind.STAFF).order_by("pk")[0],
    )  # fmt: skip


def _estate() -> Estate:
    return Estate.objects.create(
        code=_CODE, name="BENCH", address="BENCH", phone="0",
        street=Bureau.objects.streets().order_by("code")[0],
    )  # fmt: skip

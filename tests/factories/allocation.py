"""Homes, rounds and households on the waiting list, as the verbs leave them."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from accounts.models import Staff, User
from accounts.roles import Role
from allocation import access_ends, leases, offers, planning, rounds
from allocation.models import AccessEnd, Estate, Home, Kiosk, Lease, Offer, RentStandard, Round
from applications import states as application_states
from applications import wait_moves
from applications.models import Application, WaitEntry
from core import clock
from core.workflow import advance
from tests.factories import accounts, applications

ENTROPY = "3141592653589793238462643383279502884197"
FORMAT, EXAMPLE = "^[0-9]{40}$", "0123456789" * 4
_count = itertools.count(1)


def administrator() -> Staff:
    """Somebody of the centre who runs rounds."""
    return accounts.staff(Role.ADMIN)


def estate(code: str = "EST-A", rent: str = "25.00") -> Estate:
    """An estate with a market rent in force for a year."""
    made, new = Estate.objects.get_or_create(
        code=code,
        defaults={
            "name": f"测试小区{code[-1]}",
            "address": "测试路1号",
            "street": accounts.bureau("street"),
            "phone": "0574-00000000",
        },
    )
    if new:
        RentStandard.objects.create(
            estate=made,
            starts_on=clock.today() - timedelta(days=365),
            per_square_metre=Decimal(rent),
            source="test",
        )
    return made


def home(where: Estate | None = None, *, unit_type: str = "2R", **fields: Any) -> Home:
    """A home that may be let."""
    where = where or estate()
    room = f"{next(_count):04d}"
    return Home.objects.create(
        **{
            "code": f"{where.code}/1-1-{room}", "estate": where, "building": "1", "unit": "1",
            "room": room, "floor": 5, "unit_type": unit_type, "area": Decimal("55.20"),
            "state_since": clock.now(), **fields,
        }
    )  # fmt: skip


def waiting(
    *, tier: str = "ZPX", draw_tier: int = 1, unit_types: Sequence[str] = ("2R",), **fields: Any
) -> Application:
    """A household on the waiting list; ``fields`` as in the factory of applications."""
    row = applications.application(
        **{"members": 2, **fields}, state=application_states.WAITLISTED, decided_at=clock.now()
    )
    now = clock.now()
    entry = WaitEntry.objects.create(
        application=row, registered_at=now, order_at=now, tier=tier, draw_tier=draw_tier,
        unit_types=list(unit_types),
    )  # fmt: skip
    wait_moves.first(entry, by="test").save()
    return row


def plan(**changes: Any) -> planning.Plan:
    """A plan whose roster may be frozen today and whose event is in a week."""
    today = clock.today()
    return planning.Plan(
        **{
            "code": f"YZ-T-{next(_count):04d}",
            "title": "试验轮次",
            "text": "方案",
            "intention_until": today,
            "objection_until": today + timedelta(days=6),
            "entropy_name": "公开事件",
            "entropy_at": noon(today + timedelta(days=7)),
            "entropy_format": FORMAT,
            "entropy_example": EXAMPLE,
            **changes,
        }
    )


def planned(
    households: int | Sequence[Application] = 4,
    homes: int | Sequence[Home] = 2,
    *,
    by: User | None = None,
    **changes: Any,
) -> Round:
    """A planned round whose households are through their check (see the fixture ``checked``)."""
    by = by or administrator().user
    row = planning.plan(plan(**changes), by=by)
    chosen = [home() for _n in range(homes)] if isinstance(homes, int) else list(homes)
    planning.choose_homes(row, chosen, by=by)
    people = [waiting() for _n in range(households)] if isinstance(households, int) else households
    for household in people:
        joined(household, row, by=by)
    return row


def joined(household: Application, round_: Round, *, by: Any, **wishes: Any) -> Application:
    """A household that registered its intention, its registers asked."""
    household.wishes = {
        "round": round_.code, "preferences": [], "any_estate": True, "needs_accessible": False,
        **wishes,
    }  # fmt: skip
    household.save(update_fields=["wishes"])
    advance(household, application_states.INTENTION, by=by)
    return advance(household, application_states.RE_REVIEW, by=by)


def frozen(*args: Any, **kwargs: Any) -> Round:
    """A frozen round, with the same secret and tickets in every run of a test."""
    row = planned(*args, **kwargs)
    return freeze(row, by=row.created_by, chance=chance(row.code))


def closed(row: Round) -> Round:
    """The round with its intentions closed since yesterday: its roster may be fixed today."""
    today = clock.today()
    late = Round.objects.filter(pk=row.pk, intention_until__gte=today)
    late.update(intention_until=today - timedelta(days=1))
    row.refresh_from_db()
    return row


def freeze(row: Round, **how: Any) -> Round:
    """Fixes the roster of a round whose intentions have closed."""
    return rounds.freeze(closed(row), **how)


def revealed(*args: Any, **kwargs: Any) -> Round:
    """A revealed round; the clock stands after its event from now on."""
    row = frozen(*args, **kwargs)
    wait_for(row.entropy_at)
    return rounds.reveal(row, by=row.created_by, entropy=ENTROPY)


def opened(round_: Round | None = None) -> Offer:
    """The first offer of a revealed round, its result seen."""
    round_ = round_ or revealed()
    offer = Offer.objects.filter(entrant__round=round_).order_by("pk")[0]
    return offers.open_result(offer, by=offers.SYSTEM, via="phone")


def to_sign(round_: Round | None = None) -> Lease:
    """A lease that was explained and waits for its signature."""
    offer = opened(round_)
    offers.accept(offer, by=offers.SYSTEM, via="phone")
    return leases.explain(offer.lease, by=offers.SYSTEM)


def signed(round_: Round | None = None) -> Lease:
    """A lease in force, operator and access system not told yet."""
    return leases.sign(to_sign(round_), by=offers.SYSTEM)


def handed_back(lease: Lease) -> AccessEnd:
    """The signed hand-back without which no lease ends and no door closes."""
    return access_ends.handed_back(
        lease, by=offers.SYSTEM, signed_by=lease.application.applicant.name, document="交房单1号"
    )


def sign_accepted(offer: Offer) -> Lease:
    """The lease of an accepted offer explained and signed, as a household does on its phone."""
    lease = leases.explain(Lease.objects.get(offer=offer), by=offers.SYSTEM)
    return leases.sign(lease, by=offers.SYSTEM)


def kiosk(name: str = "KIOSK-T", token: str = "token-of-a-test-kiosk") -> Kiosk:
    """A paired machine."""
    return Kiosk.objects.create(
        name=name, place="测试服务中心", token_hash=sha256(token.encode()).hexdigest()
    )


def wait_for(moment: datetime) -> None:
    """Moves the clock to a moment, if it is still to come."""
    if (missing := moment - clock.now()) > timedelta():
        clock.advance(missing + timedelta(seconds=1))


def noon(day: date) -> datetime:
    """Twelve o'clock in Ningbo."""
    return datetime.combine(day, time(12), tzinfo=clock.LOCAL)


def chance(seed: str) -> Any:
    """Seeded bytes instead of the system's."""
    steps = itertools.count()
    return lambda length: sha256(f"{seed}:{next(steps)}".encode()).digest()[:length]

"""Estates, homes, rent standards and kiosks of the demo."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from accounts.models import Bureau, Staff
from allocation import holds, inspections, standards, states
from allocation.models import Estate, Home, HomeHold, Kiosk, RentStandard
from core import clock

RENT_SOURCE = "演示数据，未经核实"


@dataclass(frozen=True)
class Plan:
    """An estate to build: flats a floor as (unit type, area, accessible on the ground floor)."""

    code: str
    name: str
    street: str
    address: str
    rent: str
    buildings: int
    floors: int


PLANS = (
    Plan("YIN-DONG", "茵东苑", "330212007", "潘火街道诚信路", "25.00", 3, 11),
    Plan("HE-FENG", "和丰家园", "330212014", "福明街道福明路", "28.00", 2, 17),
    Plan("QIU-AI", "邱隘新居", "330212106", "邱隘镇盛莫路", "22.00", 3, 6),
    Plan("JIANG-SHAN", "姜山人才公寓", "330212110", "姜山镇明辉路", "20.00", 2, 9),
)
FLATS = (("1R", "44.80"), ("2R", "54.90"), ("2R", "56.30"), ("1R", "42.60"), ("3R", "59.80"))
# why and for how many days from the day of the city
_REPAIRS = (("卫生间渗水，重做防水", 12), ("更换入户门锁", 2), ("燃气管道改造", 30))
_HOLDS = (("留作应急安置", 14), ("等待产权登记更正", 3))
_OUT_OF_STOCK = 9
FACES = ("南", "南北", "东南", "西南", "东")


def build(on: date, wanted: int) -> list[Home]:
    """Writes every estate; at least ``wanted`` homes, buildings added as needed."""
    homes: list[Home] = []
    while len(homes) < wanted:
        homes += [home for plan in PLANS for home in _building(plan, len(homes) // wanted, on)]
        homes += _more(on, wanted - len(homes))
    return Home.objects.bulk_create(homes)


def stock(on: date) -> None:
    """A few homes out of stock by the real verbs: in repair, held back, to be inspected.

    And a rent standard that begins later.
    """
    company = Staff.objects.get(user__username="operator")
    admin = Staff.objects.get(user__username="admin")
    standards.set_standard(
        Estate.objects.get(code=PLANS[0].code), by=admin, starts_on=on + timedelta(days=90),
        per_square_metre=Decimal(PLANS[0].rent) + Decimal("0.50"), source=RENT_SOURCE,
    )  # fmt: skip
    free = list(Home.objects.to_let().filter(rounds=None).order_by("building", "code"))
    chosen = free[:: max(1, len(free) // _OUT_OF_STOCK)][:_OUT_OF_STOCK]
    for index, home in enumerate(chosen):
        if index < len(_REPAIRS):
            reason, days = _REPAIRS[index]
            holds.hold(
                home, by=company, kind=HomeHold.Kind.REPAIR, reason=reason,
                until=on + timedelta(days=days),
            )  # fmt: skip
        elif index < len(_REPAIRS) + len(_HOLDS):
            reason, days = _HOLDS[index - len(_REPAIRS)]
            holds.hold(
                home, by=admin, kind=HomeHold.Kind.HOLD, reason=reason,
                until=on + timedelta(days=days),
            )  # fmt: skip
        else:
            Home.objects.filter(pk=home.pk).update(state=states.H_ACQUIRED)
    _inspections(chosen[len(_REPAIRS) + len(_HOLDS) :], company)


def _inspections(homes: list[Home], by: Staff) -> None:
    """Of the new homes one was found fit, one not; the others still wait."""
    for home, passed in zip(homes, (list(inspections.ITEMS), ["doors", "clean"]), strict=False):
        remarks = "" if len(passed) == len(inspections.ITEMS) else "厨房水管渗水，正在换。"
        inspections.inspect(home, by=by, passed=passed, remarks=remarks)


def kiosks() -> None:
    """Three machines; their tokens follow from the names, in the demo only."""
    for number, place in enumerate(("区行政服务中心", "福明街道便民中心", "姜山镇便民中心"), 1):
        name = f"KIOSK-{number}"
        Kiosk.objects.get_or_create(
            name=name, defaults={"place": place, "token_hash": token_hash(demo_token(name))}
        )


def demo_token(name: str) -> str:
    """The demo's device token of a machine."""
    return f"demo-{name.lower()}"


def token_hash(token: str) -> str:
    """What is stored of a device token."""
    return sha256(token.encode()).hexdigest()


def _estate(plan: Plan, on: date) -> Estate:
    estate, made = Estate.objects.get_or_create(
        code=plan.code,
        defaults={
            "name": plan.name,
            "address": plan.address,
            "street": Bureau.objects.get(area_code=plan.street),
            "phone": "0574-00000000",
        },
    )
    if made:
        for years in (6, 1):
            RentStandard.objects.create(
                estate=estate,
                starts_on=on - timedelta(days=365 * years),
                per_square_metre=Decimal(plan.rent) - (years - 1) * Decimal("0.40"),
                source=RENT_SOURCE,
                set_by="演示",
                set_at=clock.now(),
            )
    return estate


def _building(plan: Plan, block: int, on: date) -> list[Home]:
    estate = _estate(plan, on)
    numbers = range(1 + block * plan.buildings, 1 + (block + 1) * plan.buildings)
    return [
        _home(estate, building, floor, door)
        for building in numbers
        for floor in range(1, plan.floors + 1)
        for door in range(1, len(FLATS) + 1)
    ]


def _more(on: date, missing: int) -> list[Home]:
    """Further buildings of the first estate where a large city needs more homes."""
    if missing <= 0:
        return []
    estate, plan = _estate(PLANS[0], on), PLANS[0]
    per_building = plan.floors * len(FLATS)
    first = plan.buildings + 1
    return [
        _home(estate, building, floor, door)
        for building in range(first, first + -(-missing // per_building))
        for floor in range(1, plan.floors + 1)
        for door in range(1, len(FLATS) + 1)
    ]


def _home(estate: Estate, building: int, floor: int, door: int) -> Home:
    unit_type, area = FLATS[door - 1]
    room = f"{floor}{door:02d}"
    return Home(
        code=f"{estate.code}/{building}-1-{room}",
        estate=estate,
        building=str(building),
        unit="1",
        room=room,
        floor=floor,
        unit_type=unit_type,
        area=Decimal(area),
        orientation=FACES[door - 1],
        accessible=floor == 1 and door <= 2,
        state=states.H_AVAILABLE,
        state_since=clock.now(),
    )

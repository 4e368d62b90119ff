"""What goes on in homes that are lived in (在住): repairs, patrols, move-outs, both lists compared.

By the real verbs, on leases with nothing else told of them. The comparison reads the lists that
the other systems would have sent: one day too long, one contract that nobody here knows.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.http import HttpResponse

from accounts.models import Staff
from allocation import (
    attending,
    handover,
    kiosks,
    leases,
    patrols,
    reconciliation,
    repairs,
    sheets,
    states,
)
from allocation.comparing import Held
from allocation.models import HandoverSheet, HelpCall, Lease, PatrolVisit, Repair
from core import clock
from datashare.mock_gateway.city import City
from office.demo_city import estates

Matter, Seen = Repair.Matter, PatrolVisit.Seen
# what is reported, and how far it has come by the city's day
_REPAIRS = (
    (Matter.LOCK, "钥匙转不动，老人进不了门。", "reported"),
    (Matter.WATER, "厨房水管接头漏水。", "promised"),
    (Matter.FITTING, "阳台门关不严。", "done"),
    (Matter.POWER, "客厅插座没有电。", "not_done"),
    (Matter.OTHER, "楼道灯不亮。", "reported"),
)
_PATROLS = (
    (Seen.GOOD, ""),
    (Seen.DEFECT, "北侧外墙有渗水痕迹，已拍照，请物业复查。"),
    (Seen.SAFETY, "楼道里停着充电的电动车，已当面提醒。"),
    (Seen.NOBODY, ""),
)
_CALLS = "KIOSK-3"
_LEAVING, _STAYS_FOR = 2, 25  # households that move out, and for how many days from the city's
_UNKNOWN_CONTRACT, _TOO_LONG = "YZ-ZL-2019-900001", 2000  # days


def build(city: City, told: list[Lease]) -> None:
    """Work for the operating company on the homes that are let; ``told``: both systems know."""
    company = Staff.objects.get(user__username="operator")
    calm = list(_calm([one.pk for one in told]))
    busy = len(_REPAIRS)
    with clock.held_at(clock.local_midnight(city.on) - timedelta(hours=4)):
        for lease, (matter, text, state) in zip(calm, _REPAIRS, strict=False):
            _repair(lease, matter, text, state, company)
        for lease, (seen, text) in zip(calm[busy:], _PATROLS, strict=False):
            patrols.record(lease.home, by=company, seen=seen, text=text)
        leaving = calm[busy + len(_PATROLS) :][:_LEAVING]
        _move_out(leaving, city, company)
    _compare(city)
    _call()


def _calm(told: list[int]) -> Iterable[Lease]:
    """Leases in force without arrears, reductions, exits or a place in another story."""
    rows = Lease.objects.filter(state=states.L_FILED, offer=None, exits=None)
    rows = rows.filter(rent_reductions=None, rent_contacts=None, arrears_flags=None)
    return (
        rows.exclude(pk__in=told).select_related("home__estate", "application").order_by("-number")
    )


def _repair(lease: Lease, matter: str, text: str, state: str, company: Staff) -> None:
    tenant, by = lease.application.created_by, company.user
    row = repairs.report(lease, by=tenant, matter=matter, text=text)
    if state == "reported":
        return
    row = repairs.promise(row, by=by, at=_tomorrow(), worker="维修组李师傅")
    if state in ("done", "not_done"):
        row = repairs.done(row, by=by, text="已更换零件，试用正常。")
    if state == "not_done":
        repairs.not_done(row, by=tenant, text="用了半天又没电了。")


def _move_out(leaving: list[Lease], city: City, company: Staff) -> None:
    """Both live there at the contract's rent; at one home the inspection has begun."""
    centre = Staff.objects.get(user__username="district")
    until = city.on + timedelta(days=_STAYS_FOR)
    for index, lease in enumerate(leaving):
        row = leases.start_move_out(lease, until=until, by=centre.user)
        if index == 0:
            told = sheets.Told(
                water=Decimal("318.00"), electricity=Decimal("4120.50"), gas=Decimal("96.10"),
                keys=3, cards=2, defects="卧室纱窗破了一个洞。",
            )  # fmt: skip
            sheets.draw_up(row, HandoverSheet.Kind.OUT, by=company, told=told)


def _call() -> None:
    """The third machine was bound, lost its network, and somebody there wants help."""
    machine = kiosks.pair(HttpResponse(), estates.demo_token(_CALLS))
    attending.call(machine, HelpCall.Kind.OTHER)


def _compare(city: City) -> None:
    """The lists of the day: the operating company's agrees, the access system's does not."""
    for destination in handover.PUSHES:
        reconciliation.run(destination, city.on, fetch=_list)


def _list(destination: str) -> list[dict[str, str]]:
    rows = [_row(one) for one in reconciliation.held_by_us(destination)]
    if destination == handover.ACCESS and rows:
        later = clock.today() + timedelta(days=_TOO_LONG)
        rows[0] |= {"validTo": later.isoformat()}
        rows.append(rows[-1] | {"contractNo": _UNKNOWN_CONTRACT})
    return rows


def _row(held: Held) -> dict[str, str]:
    return {
        "contractNo": held.contract, "idHash": held.person,
        "validFrom": f"{held.first}", "validTo": f"{held.until}",
    }  # fmt: skip


def _tomorrow() -> datetime:
    day = clock.today() + timedelta(days=1)
    return datetime.combine(day, time(10, 30), tzinfo=clock.LOCAL)

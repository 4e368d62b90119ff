"""How homes, offers and leases are told to people: words and sentences, no decisions."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allocation import declining, offers, rents, states
from allocation.models import Entrant, HandoverSheet, Home, Lease, Offer, Round
from allocation.places import address as address
from applications.letters import PHONE
from core import clock, display

UNIT_TYPES = {
    "1R": gettext_lazy("一室"),
    "2R": gettext_lazy("两室"),
    "3R": gettext_lazy("三室"),
}
_ORIENTATIONS = {
    "东": gettext_lazy("朝东"), "南": gettext_lazy("朝南"), "西": gettext_lazy("朝西"),
    "北": gettext_lazy("朝北"), "东南": gettext_lazy("朝东南"), "西南": gettext_lazy("朝西南"),
    "东北": gettext_lazy("朝东北"), "西北": gettext_lazy("朝西北"),
    "南北": gettext_lazy("南北通透"), "东西": gettext_lazy("朝东西"),
}  # fmt: skip
Pair = tuple[Any, str]


def unit_type(code: str) -> str:
    """两室 for 2R; a type without a word keeps its code."""
    return str(UNIT_TYPES.get(code, code))


def orientation(word: str) -> str:
    """Which way the windows look; a word that we do not know stays as it is."""
    return str(_ORIENTATIONS.get(word, word))


def home_lines(home: Home) -> list[Pair]:
    """What a household wants to know before it chooses."""
    lines: list[Pair] = [
        (_("房屋"), address(home)),
        (_("位置"), home.estate.address),
        (_("户型"), unit_type(home.unit_type)),
        (_("面积"), display.area(home.area)),
        (_("楼层"), _("第%(n)s层") % {"n": home.floor}),
    ]
    if home.orientation:
        lines.append((_("朝向"), orientation(home.orientation)))
    if home.accessible:
        lines.append((_("无障碍"), _("门宽和卫生间适合轮椅")))
    lines.append((_("看房电话"), home.estate.phone))
    return lines


def rent_lines(offer: Offer) -> list[Pair]:
    """The sum: area × market rent × the tier's share (令11号 §19–20)."""
    day = offer.due_at.astimezone(clock.LOCAL).date()
    policy = rents.policy_on(day)
    tier = offer.entrant.application.wait_entry.tier
    share = policy.value("rent.coefficient", day).get(tier)
    market = rents.market_rent(offer.home, day)
    return [
        (_("建筑面积"), display.area(offer.home.area)),
        (_("市场租金"), _("%(sum)s每平方米每月") % {"sum": display.money(market)}),
        (_("您家的租金档次"), _("市场租金的%(share)s") % {"share": display.percent(share)}),
        (_("每月租金"), display.rent(offer.rent_monthly)),
    ]


def offer_line(offer: Offer) -> str:
    """The line under the offer's tag, filled in."""
    return str(states.OFFER[offer.state].line).format(due=display.day(offers.last_day(offer)))


def lease_line(lease: Lease) -> str:
    """The line under the lease's tag, filled in."""
    day = lease.filed_at or lease.signed_at or lease.created_at
    return str(states.LEASE[lease.state].line).format(
        date=display.day_short(day),
        rent=f"{lease.rent_now:.2f}",
        start=display.day_short(lease.term.lower),
    )


def term(lease: Lease) -> str:
    """First and last day of the lease."""
    return _("%(first)s到%(last)s") % {
        "first": display.day_short(lease.term.lower),
        "last": display.day_short(lease.term.upper - timedelta(days=1)),
    }


def reserve_place(entrant: Entrant) -> int | None:
    """The household's place on the reserve list, None if it drew a home or will choose one."""
    row = getattr(entrant, "assignment", None)
    if row is None or row.home_id is not None or entrant.round.mode == Round.Mode.ORDER:
        return None
    before = entrant.round.assignments.filter(home=None, position__lt=row.position)
    return before.count() + 1


def rent_sentence(offer: Offer) -> str:
    """What the home costs a month; a kiosk's screen keeps it folded away."""
    return _("每月租金%(rent)s。") % {"rent": display.money(offer.rent_monthly)}


def consequences(offer: Offer, choice: str) -> list[str]:
    """What follows from a choice, said before the button (sentences 15 and 16)."""
    due = display.day(offers.last_day(offer))
    if choice == "accept":
        return [
            _("这套房归您家，下一步签租赁合同，签完就能拿钥匙。"),
            rent_sentence(offer),
            _("接受以后不能再换成另一套。"),
        ]
    if choice == "think":
        return [
            _("这套房为您保留到%(due)s。") % {"due": due},
            _("仍没有答复，这套房会给下一户。"),
            _("离开机器不算放弃，手机上也可以选。"),
        ]
    counted = declining.count(offer.entrant.application)
    lines = [
        _("放弃后，这套房会给下一户，不能再要回。"),
        _("这是第%(k)s次放弃；按现行规定，满%(m)s次，%(y)s年内不能再申请。")
        % {"k": counted.so_far + 1, "m": counted.allowed, "y": counted.years},
        _("轮候资格不变。"),
    ]
    if counted.so_far + 1 >= counted.allowed:
        lines.insert(2, _("不会马上限制：先由人核对，通知您，听您说明，两个人决定以后才算。"))
    lines.append(
        _("有正当理由的，在这里、在手机上或打%(phone)s说明；核实以前不计次数。") % {"phone": PHONE}
    )
    return lines


def cause_effects() -> list[str]:
    """What follows when a home is declined with a just cause, said before the button."""
    return [
        _("这套房会给下一户，不能再要回。"),
        _("由人核实；核实以前，这次不计入放弃次数。"),
        _("材料以后补：手机上传，或者带到窗口。"),
    ]


def entropy_day(entrant: Entrant) -> str:
    """When the public event takes place."""
    return display.day_time(entrant.round.entropy_at)


def sheet_lines(sheet: HandoverSheet) -> list[Pair]:
    """What a handover sheet says, a reading a line."""
    lines: list[Pair] = [
        (_("水表"), _reading(sheet.water, _("立方米"))),
        (_("电表"), _reading(sheet.electricity, _("千瓦时"))),
        (_("燃气表"), _("没有燃气") if sheet.no_gas else _reading(sheet.gas, _("立方米"))),
        (_("钥匙"), _reading(sheet.keys, _("把"))),
        (_("门禁卡"), _reading(sheet.cards, _("张"))),
        (_("已有的问题"), sheet.defects or _("没有登记")),
    ]
    return lines


def moment(value: Any) -> str:
    """Day and time in words; empty where there is none."""
    return display.day_time(value) if value else ""


def _reading(value: Any, unit: str) -> str:
    return _("还没有写") if value is None else f"{value}{unit}"

"""房源: what a page tells of one home: its past, what may follow, and what it looks like."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from allocation import facts, states
from allocation.models import Home, HomeHold, Round
from allocation.pictures import pictures_of as pictures_of
from allocation.standards import in_force
from core import clock, display, workflow
from core.workflow import State

_CENTRE = gettext_lazy("业务管理岗位")
_KEEPERS = gettext_lazy("运营公司或业务管理岗位")
_TWO = gettext_lazy("业务管理岗位，两个人")
_HOUSEHOLD = gettext_lazy("摇到的家庭")
_OPERATOR = gettext_lazy("运营公司")

# what may follow from a state, and who does it; the verbs ask for themselves
NEXT: dict[str, tuple[tuple[Any, Any], ...]] = {
    states.H_ACQUIRED: (
        (gettext_lazy("验收，合格后放行"), _KEEPERS),
        (gettext_lazy("转维修"), _KEEPERS),
        (gettext_lazy("退出使用"), _TWO),
    ),
    states.H_REPAIR: (
        (gettext_lazy("维修完了验收，合格后放行"), _KEEPERS),
        (gettext_lazy("延长维修"), _KEEPERS),
        (gettext_lazy("退出使用"), _TWO),
    ),
    states.H_AVAILABLE: (
        (gettext_lazy("列入一轮摇号"), _CENTRE),
        (gettext_lazy("转维修"), _KEEPERS),
        (pgettext_lazy("a home", "保留"), _CENTRE),
        (gettext_lazy("退出使用"), _TWO),
    ),
    states.H_HELD: (
        (gettext_lazy("提前放回，或者延长"), _CENTRE),
        (gettext_lazy("转维修"), _KEEPERS),
    ),
    states.H_IN_ROUND: ((gettext_lazy("等这一轮摇号的结果"), _CENTRE),),
    states.H_OFFERED: ((gettext_lazy("接受、考虑或放弃"), _HOUSEHOLD),),
    states.H_LET: ((gettext_lazy("租约结束、交房以后收回"), _OPERATOR),),
    states.H_VACATING: (
        (gettext_lazy("验收，合格后放行"), _KEEPERS),
        (gettext_lazy("转维修"), _KEEPERS),
    ),
    states.H_RETIRED: (),
}


@dataclass(frozen=True)
class Moment:
    """One change of state: what it became, when, by whom, why."""

    state: State
    at: datetime
    by: str
    reason: str


def history_of(home: Home) -> list[Moment]:
    """The changes of a home's state, newest first."""
    rows = workflow.history(home).order_by("-at", "-pk")
    return [Moment(states.HOME[one.to_state], one.at, one.by, one.reason) for one in rows]


def next_of(home: Home) -> list[tuple[str, str]]:
    """What may follow now, and who does it."""
    return [(str(what), str(who)) for what, who in NEXT[home.state]]


def hold_of(home: Home) -> HomeHold | None:
    """The repair or hold in force."""
    rows = home.holds.filter(ended_at__isnull=True)
    return rows.select_related("owner", "opened_by", "objected_by").first()


def planned_in(home: Home) -> Round | None:
    """The round that is being planned with this home."""
    return home.rounds.filter(state=states.R_PLANNED).first()


def line_of(home: Home, hold: HomeHold | None = None) -> str:
    """The line under the state's tag, as far as it can be filled in."""
    if hold is not None:
        word = _("维修到%(day)s") if hold.kind == HomeHold.Kind.REPAIR else _("保留到%(day)s")
        return word % {"day": display.day(hold.until)}
    line = str(states.HOME[home.state].line)
    return "" if "{" in line else line


def facts_of(home: Home, on: date | None = None) -> list[tuple[str, str]]:
    """Address, size and rent standard, as an office reads them; nobody is named."""
    standard = in_force(home.estate, on or clock.today())
    lines = [
        (_("房屋"), facts.address(home)),
        (_("位置"), home.estate.address),
        (_("户型"), facts.unit_type(home.unit_type)),
        (_("建筑面积"), display.area(home.area)),
        (_("楼层"), _("第%(n)s层") % {"n": home.floor}),
        (_("朝向"), facts.orientation(home.orientation) or display.NOTHING),
        (_("无障碍"), _("门宽和卫生间适合轮椅") if home.accessible else _("否")),
    ]
    if standard is None:
        lines.append((_("租金标准"), _("还没有录入，不能列入摇号")))
    else:
        said = _("%(sum)s每平方米每月，%(day)s起，依据%(source)s") % {
            "sum": display.money(standard.per_square_metre),
            "day": display.day_short(standard.starts_on),
            "source": standard.source,
        }
        lines.append((_("租金标准"), said))
    return lines


@dataclass(frozen=True)
class Row:
    """One line of a list of homes."""

    home: Home
    address: str
    unit_type: str
    state: State


def rows_of(homes: Iterable[Home]) -> list[Row]:
    """Homes as a list shows them."""
    return [
        Row(one, facts.address(one), facts.unit_type(one.unit_type), states.HOME[one.state])
        for one in homes
    ]

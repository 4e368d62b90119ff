"""验收和放行: an empty home is looked at item by item; only what was found fit may be let."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import has_role
from accounts.models import Staff
from accounts.roles import Role
from allocation import holds, states
from allocation.models import Home, Inspection
from core import audit, clock, display, locks
from core.refusals import Refusal
from core.workflow import advance

INSPECTORS = (Role.OPERATOR, Role.ADMIN)
EMPTY = (states.H_ACQUIRED, states.H_REPAIR, states.H_VACATING)
# what is looked at in an empty home
ITEMS = {
    "structure": gettext_lazy("墙面、地面、屋顶没有渗漏和开裂"),
    "doors": gettext_lazy("门窗和门锁完好"),
    "water": gettext_lazy("给水、排水通畅"),
    "power": gettext_lazy("用电安全，开关插座可用"),
    "gas": gettext_lazy("燃气安全，或者没有燃气"),
    "sanitary": gettext_lazy("厨房、卫生间设施可用"),
    "fire": gettext_lazy("消防设施和通道符合要求"),
    "clean": gettext_lazy("已清空、打扫干净"),
}


class InspectionRefused(Refusal):
    """The home is not inspected or released like this."""


def why_not_inspect(home: Home, staff: Staff) -> str:
    """Why this person may not inspect this home."""
    if not has_role(staff.user, *INSPECTORS):
        return _("验收由运营公司或业务管理岗位办理。")
    if home.state not in EMPTY:
        return _("这套房现在是「%(state)s」，不用验收。") % {"state": states.HOME[home.state].tag}
    return ""


def why_not_release(home: Home, staff: Staff) -> str:
    """Why this home may not be let yet. Button and verb ask this."""
    if why := why_not_inspect(home, staff):
        return why
    last = latest(home)
    if last is None:
        return _("还没有验收。验收合格以后才能放行。")
    if not last.fit:
        return _("%(day)s验收不合格，改好后再验收一次。") % {"day": display.day_short(last.at)}
    return ""


def latest(home: Home) -> Inspection | None:
    """The newest inspection since the home came into its present state."""
    return home.inspections.filter(at__gte=home.state_since).select_related("by").first()


def inspect(home: Home, *, by: Staff, passed: Iterable[str], remarks: str = "") -> Inspection:
    """Records what was found; fit only where every item passed. Raises InspectionRefused."""
    with transaction.atomic():
        row = locks.fresh(home)
        if why := why_not_inspect(row, by):
            raise InspectionRefused(why)
        good = set(passed)
        failing = [key for key in ITEMS if key not in good]
        if failing and not remarks.strip():
            raise InspectionRefused(
                _("有%(n)d项没有通过，请写明哪里不行、怎么改。") % {"n": len(failing)}, "remarks"
            )
        made = Inspection.objects.create(
            home=row, found_in=row.state, fit=not failing, failing=failing,
            remarks=remarks.strip()[:500], by=by, at=clock.now(),
        )  # fmt: skip
        audit.record("home.inspected", by=by.user, thing=row, fit=made.fit, failing=failing)
        return made


def release(home: Home, *, by: Staff) -> Home:
    """放行: the inspected home may be let; its repair ends. Raises InspectionRefused."""
    with transaction.atomic():
        row = locks.fresh(home)
        if row.state == states.H_AVAILABLE:
            return row  # pressed twice
        if why := why_not_release(row, by):
            raise InspectionRefused(why)
        holds.close_standing(row, by=by.user, reason=_("验收合格"))
        return advance(row, states.H_AVAILABLE, by=by.user, reason=_("验收合格"))

"""The next thing at the operating company (下一件): who waits outside a door comes first."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from allocation import dead_letters, facts, reconciliation, repairs, states, tenancy_list
from allocation.models import HandoverSheet
from core import clock, display


@dataclass(frozen=True)
class Thing:
    """One piece of work: what it is, a line about it, where it is done."""

    title: str
    line: str
    href: str
    action: str


def first() -> Thing | None:
    """The one thing to do now; None where nothing waits."""
    for find in (_urgent, _lock, _letter, _dispute, _repair, _handover, _moveout, _difference):
        if (found := find()) is not None:
            return found
    return None


def _urgent() -> Thing | None:
    late = Q(promised_at=None) | Q(promised_at__lt=clock.now())
    row = repairs.open_ones().filter(late, urgent=True).first()
    if row is None:
        return None
    return Thing(
        _("紧急报修：%(what)s") % {"what": row.get_matter_display()},
        _("%(place)s，%(due)s前要有人上门。")
        % {"place": facts.address(row.lease.home), "due": display.day_time(repairs.due(row))},
        reverse("operator_repair", args=[row.pk]),
        _("约时间"),
    )


def _lock() -> Thing | None:
    row = tenancy_list.failed_locks().first()
    if row is None:
        return None
    return Thing(
        _("有住户的门打不开"),
        _("%(place)s，可以先发一次性密码或者备用卡。") % {"place": facts.address(row.home)},
        reverse("operator_household", args=[row.number]),
        _("去处理"),
    )


def _letter() -> Thing | None:
    row = dead_letters.dead().first()
    if row is None:
        return None
    return Thing(
        _("有消息没送到"),
        dead_letters.why(row.message),
        reverse("operator_letter", args=[row.pk]),
        _("去处理"),
    )


def _dispute() -> Thing | None:
    rows = HandoverSheet.objects.filter(state=states.S_DISPUTED).select_related(
        "lease__home__estate"
    )
    row = rows.order_by("state_since").first()
    if row is None:
        return None
    return Thing(
        _("住户对交接单有异议"),
        facts.address(row.lease.home),
        reverse("operator_sheet", args=[row.kind, row.lease.number]),
        _("去答复"),
    )


def _repair() -> Thing | None:
    row = repairs.open_ones().filter(promised_at=None).first()
    if row is None:
        return None
    return Thing(
        _("报修还没有约时间"),
        facts.address(row.lease.home),
        reverse("operator_repair", args=[row.pk]),
        _("约时间"),
    )


def _handover() -> Thing | None:
    row = tenancy_list.to_hand_over().first()
    if row is None:
        return None
    return Thing(
        _("有住户等着交接"),
        facts.address(row.home),
        reverse("operator_sheet", args=["in", row.number]),
        _("去交接"),
    )


def _moveout() -> Thing | None:
    row = tenancy_list.to_inspect().first()
    if row is None:
        return None
    return Thing(
        _("有住户要搬离"),
        facts.address(row.home),
        reverse("operator_sheet", args=["out", row.number]),
        _("去验房"),
    )


def _difference() -> Thing | None:
    rows = reconciliation.standing().filter(state=reconciliation.State.OPEN)
    row = rows.first()
    if row is None:
        return None
    return Thing(
        _("对账有差异"),
        str(row.get_kind_display()),
        reverse("operator_difference", args=[row.pk]),
        _("去核对"),
    )

"""房源不能配租了: a home of a planned round goes into repair, is held back or let otherwise.

Three ways out before the roster: it is repaired in time, another of the same kind takes its place,
or it is taken out. Households that joined for the homes they saw are told of either.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from allocation import facts, intentions, keeping_out, plan_table, states
from allocation.models import Home, Round
from allocation.schedule import PlanRefused
from core import audit, clock, locks
from core.notices import Template, tell

REPLACED = Template(
    "round_home_replaced",
    _("配租房源换了一套"),
    _("{title}：{old}现在不能配租，换成了{new}，户型一样。您家登记的意向照旧，不用重新登记。"),
)
TAKEN_OUT = Template(
    "round_home_taken_out",
    _("配租房源少了一套"),
    _(
        "{title}：{old}现在不能配租，已从这一轮拿掉。您家登记的意向照旧；"
        "截止之前可以修改或者退出，轮候位置不变。"
    ),
)


def candidates(round_: Round, home: Home) -> list[Home]:
    """Free homes that may take this one's place: same type, accessible or not as it was."""
    busy = Round.objects.filter(state__in=(states.R_PLANNED, states.R_FROZEN))
    rows = Home.objects.to_let().filter(unit_type=home.unit_type, accessible=home.accessible)
    rows = rows.exclude(rounds__in=busy).select_related("estate").order_by("code")
    return sorted(rows, key=lambda one: (one.estate_id != home.estate_id, one.code))


def replace(round_: Round, home: Home, instead: Home, *, by: Any) -> Round:
    """Puts another home in the place of one that cannot be let. Raises PlanRefused."""
    with transaction.atomic():
        row, old = _to_change(round_, home, by)
        new = locks.fresh(instead)
        if new not in candidates(row, old):
            raise PlanRefused(_("要换的房源现在不能配租，或者户型不一样。"), "instead")
        row.homes.remove(old)
        row.homes.add(new)
        return _changed(row, by, REPLACED, old=old, new=new)


def take_out(round_: Round, home: Home, *, by: Any) -> Round:
    """Takes a home that cannot be let out of a planned round. Raises PlanRefused."""
    with transaction.atomic():
        row, old = _to_change(round_, home, by)
        if row.homes.count() == 1:
            raise PlanRefused(_("这是这一轮最后一套房源，请先换一套，或者作废这一轮。"))
        row.homes.remove(old)
        return _changed(row, by, TAKEN_OUT, old=old)


def _to_change(round_: Round, home: Home, by: Any) -> tuple[Round, Home]:
    row = locks.fresh(round_)
    keeping_out.refuse_unless_may(row, by)
    if row.state != states.R_PLANNED:
        raise PlanRefused(_("名单已经定了，房源不能再改。"))
    old = locks.fresh(home)
    if not row.homes.filter(pk=old.pk).exists():
        raise PlanRefused(_("这套房已经不在这一轮里，请看最新的房源。"))
    if old.state == states.H_AVAILABLE:
        raise PlanRefused(_("这套房可以配租，公布以后不能拿掉。"))
    return row, old


def _changed(row: Round, by: Any, template: Template, **homes: Home) -> Round:
    left = list(row.homes.select_related("estate").order_by("code"))
    row.plan_table, row.published_at = plan_table.of(left, clock.today()), clock.now()
    row.save(update_fields=["plan_table", "published_at"])
    audit.record(
        template.code.replace("_", ".", 1), by=by, thing=row,
        **{key: home.code for key, home in homes.items()},
    )  # fmt: skip
    places = {key: facts.address(home) for key, home in homes.items()}
    for household in intentions.joined(row):
        applicant = household.applicant
        tell(
            applicant.id_index, template, by=by, case_no=household.case_no or "",
            phone=applicant.phone or "", title=row.title, **places,
        )  # fmt: skip
    return row

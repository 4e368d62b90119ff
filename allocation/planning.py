"""配租方案: a round is planned, its calendar refused if impossible, its homes chosen."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from allocation import shape, states
from allocation.models import Home, Round
from core import audit, clock, display, locks
from core.workflow import Refusal

ENTROPY_BITS = 128  # protocol 1: what the public event should carry at least
LONGEST_CODE = 16  # the name of its check (intentions.check_round) has thirty characters


class PlanRefused(Refusal):
    """The plan cannot be made or changed like this."""


@dataclass(frozen=True)
class Plan:
    """What is published about a round before anybody joins it (配租方案, 令11号 §12)."""

    code: str
    title: str
    text: str
    intention_until: date
    objection_until: date
    entropy_name: str
    entropy_at: datetime
    entropy_format: str
    entropy_example: str
    choose_days: int = 3


def plan(plan: Plan, *, by: User) -> Round:
    """Publishes a plan: households may register their intention from now on.

    Raises PlanRefused for a code that is taken or unfit, impossible dates, or a public event whose
    value could be guessed or spelled in several ways.
    """
    _refuse_code(plan.code)
    _refuse_dates(plan, clock.today())
    refuse_weak_event(plan.entropy_format, plan.entropy_example)
    now = clock.now()
    with transaction.atomic():
        locks.advisory("plan", plan.code)
        if Round.objects.filter(code=plan.code).exists():
            raise PlanRefused(_("这个轮次编号已经用过。"), field="code")
        row = Round.objects.create(
            code=plan.code,
            title=plan.title,
            plan=plan.text,
            state_since=now,
            intention_until=plan.intention_until,
            objection_until=plan.objection_until,
            choose_days=plan.choose_days,
            entropy_name=plan.entropy_name,
            entropy_at=plan.entropy_at,
            entropy_format=plan.entropy_format,
            entropy_example=plan.entropy_example,
            created_at=now,
            created_by=by,
        )
        audit.record("round.planned", by=by, thing=row, code=row.code)
        return row


def choose_homes(round_: Round, homes: list[Home], *, by: Any) -> Round:
    """Sets the homes of a planned round; each must be free and in no other round under way."""
    with transaction.atomic():
        row = locks.fresh(round_)
        if row.state != states.R_PLANNED:
            raise PlanRefused(_("名单已经定了，房源不能再改。"))
        if unfit := [home.code for home in homes if home.state != states.H_AVAILABLE]:
            raise PlanRefused(
                _("这些房源现在不能配租：%(codes)s") % {"codes": display.listed(unfit[:5])}, "homes"
            )
        if taken := _taken(row, homes):
            raise PlanRefused(
                _("这些房源已列入另一轮：%(codes)s") % {"codes": display.listed(taken[:5])}, "homes"
            )
        row.homes.set(homes)
        audit.record("round.homes", by=by, thing=row, homes=len(homes))
        return row


def refuse_weak_event(format: str, example: str) -> None:
    """PlanRefused unless the event's value has one spelling and at least 128 bits (protocol 1)."""
    try:
        bits = shape.entropy_bits(format)
        fits = shape.entropy_matches(format, example)
    except shape.Malformed as error:
        raise PlanRefused(
            _("公开数值的格式只能由数字、字母、方括号和{次数}组成，前有^后有$。"), "entropy_format"
        ) from error
    if bits < ENTROPY_BITS:
        raise PlanRefused(
            _("公开数值太短，有被猜中的可能。请多连几项公开事件，例如40位数字。"), "entropy_format"
        )
    if not fits:
        raise PlanRefused(_("公开事件的示例不符合格式。"), field="entropy_example")


def _refuse_code(code: str) -> None:
    try:
        Round._meta.get_field("code").run_validators(code)
    except ValidationError as error:
        raise PlanRefused(error.messages[0], field="code") from error
    if len(code) > LONGEST_CODE or "/" in code:
        raise PlanRefused(_("轮次编号最多16个字符，不能有斜杠。"), field="code")


def _refuse_dates(plan: Plan, today: date) -> None:
    event = plan.entropy_at.astimezone(clock.LOCAL).date()
    if plan.intention_until < today:
        raise PlanRefused(_("意向登记的截止日已经过去。"), field="intention_until")
    if plan.objection_until <= plan.intention_until:
        raise PlanRefused(_("异议期必须在意向登记截止之后。"), field="objection_until")
    if event <= plan.objection_until:
        raise PlanRefused(_("公开事件必须晚于异议期。"), field="entropy_at")


def _taken(row: Round, homes: list[Home]) -> list[str]:
    open_ids = (states.R_PLANNED, states.R_FROZEN)
    rows = Home.objects.filter(
        pk__in=[home.pk for home in homes],
        rounds__in=Round.objects.filter(state__in=open_ids).exclude(pk=row.pk),
    )
    return list(rows.values_list("code", flat=True).distinct())

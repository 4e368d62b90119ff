"""配租方案: a round is planned, its calendar refused if impossible, its homes chosen."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from allocation import intentions, keeping_out, plan_table, schedule, shape, states
from allocation.models import Home, Round
from allocation.schedule import PlanRefused
from applications.eligibility.schema import TIERS
from core import audit, clock, display, locks
from core.notices import Template, tell

ENTROPY_BITS = 128  # protocol 1: what the public event should carry at least
LONGEST_CODE = 16  # the name of its check (intentions.check_round) has thirty characters

__all__ = ["CHANGED", "Plan", "PlanRefused", "change", "choose_homes", "plan", "refuse_weak_event"]
CHANGED = Template(
    "round_changed",
    _("配租方案有变动"),
    _("{title}的方案有变动：意向登记到{until}，公开事件{event}。您家登记的意向照旧，不用重新登记；"
      "截止之前可以修改或者退出，轮候位置不变。"),
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What is published about a round before anybody joins it (配租方案, 令11号 §11).

    Place, number, type, area and rent follow from its homes (``plan_table``). ``groups`` are the
    rent tiers it is meant for; none means every household that waits.
    """

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
    review_until: date | None = None
    freeze_on: date | None = None
    groups: list[str] = field(default_factory=list)
    mode: str = Round.Mode.HOME

    def days(self, today: date) -> schedule.Days:
        """Its calendar, as counted from the day of publication."""
        return schedule.Days(
            today=today,
            intention_until=self.intention_until,
            objection_until=self.objection_until,
            event_on=self.entropy_at.astimezone(clock.LOCAL).date(),
            review_until=self.review_until,
            freeze_on=self.freeze_on,
            choose_days=self.choose_days,
        )


_KEPT = ("title", "intention_until", "objection_until", "choose_days", "entropy_name",
         "entropy_at", "entropy_format", "entropy_example", "review_until", "freeze_on",
         "groups", "mode")  # fmt: skip


def plan(plan: Plan, *, by: User) -> Round:
    """Publishes a plan: households may register their intention from now on.

    Raises PlanRefused for a code that is taken or unfit, impossible dates, or a public event whose
    value could be guessed or spelled in several ways.
    """
    _refuse_code(plan.code)
    _refuse_unfit(plan)
    now = clock.now()
    with transaction.atomic():
        locks.advisory("plan", plan.code)
        if Round.objects.filter(code=plan.code).exists():
            raise PlanRefused(_("这个轮次编号已经用过。"), field="code")
        row = Round.objects.create(
            code=plan.code,
            plan=plan.text,
            state_since=now,
            created_at=now,
            created_by=by,
            **{name: getattr(plan, name) for name in _KEPT},
        )
        audit.record("round.planned", by=by, thing=row, code=row.code)
        return row


def change(round_: Round, plan: Plan, *, by: User) -> Round:
    """Changes a published plan before its roster is fixed; households that joined are told.

    The end of the intentions never moves forward: who relied on the published day keeps it.
    """
    with transaction.atomic():
        row = locks.fresh(round_)
        keeping_out.refuse_unless_may(row, by)
        if row.state != states.R_PLANNED:
            raise PlanRefused(_("名单已经定了，方案不能再改。"))
        if plan.intention_until < row.intention_until:
            raise PlanRefused(
                _("意向登记已公布到%(day)s，只能延后，不能提前。")
                % {"day": display.day(row.intention_until)},
                field="intention_until",
            )
        _refuse_unfit(plan, since=min(row.created_at.astimezone(clock.LOCAL).date(), clock.today()))
        before = {name: str(getattr(row, name)) for name in _KEPT}
        for name in _KEPT:
            setattr(row, name, getattr(plan, name))
        row.plan = plan.text
        row.save(update_fields=[*_KEPT, "plan"])
        changed = [name for name in _KEPT if before[name] != str(getattr(row, name))]
        audit.record("round.plan_changed", by=by, thing=row, changed=changed)
        _tell_joined(row, by)
        return row


def choose_homes(round_: Round, homes: list[Home], *, by: Any) -> Round:
    """Sets the homes of a planned round; each must be free and in no other round under way."""
    with transaction.atomic():
        row = locks.fresh(round_)
        keeping_out.refuse_unless_may(row, by)
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
        _refuse_taking_away(row, homes)
        row.homes.set(homes)
        row.plan_table, row.published_at = plan_table.of(homes, clock.today()), clock.now()
        row.save(update_fields=["plan_table", "published_at"])
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


def _refuse_unfit(plan: Plan, since: date | None = None) -> None:
    """Dates, event and groups; ``since`` is the day of publication of a plan that stands."""
    schedule.refuse_impossible(plan.days(since or clock.today()))
    refuse_weak_event(plan.entropy_format, plan.entropy_example)
    if set(plan.groups) - set(TIERS):
        raise PlanRefused(_("请从档次里选择面向的家庭。"), field="groups")


def _refuse_taking_away(row: Round, homes: list[Home]) -> None:
    """Households joined for the homes they saw: a fit home does not vanish from under them."""
    kept = {home.pk for home in homes}
    gone = row.homes.filter(state=states.H_AVAILABLE).exclude(pk__in=kept)
    codes = list(gone.values_list("code", flat=True)[:5])
    if codes and intentions.joined(row).exists():
        raise PlanRefused(
            _("已有家庭按公布的房源登记了意向，这些房源不能拿掉：%(codes)s")
            % {"codes": display.listed(codes)},
            "homes",
        )


def _tell_joined(row: Round, by: Any) -> None:
    for household in intentions.joined(row):
        applicant = household.applicant
        tell(
            applicant.id_index, CHANGED, by=by, case_no=household.case_no or "",
            phone=applicant.phone or "", title=row.title, until=row.intention_until,
            event=row.entropy_at,
        )  # fmt: skip


def _taken(row: Round, homes: list[Home]) -> list[str]:
    open_ids = (states.R_PLANNED, states.R_FROZEN)
    rows = Home.objects.filter(
        pk__in=[home.pk for home in homes],
        rounds__in=Round.objects.filter(state__in=open_ids).exclude(pk=row.pk),
    )
    return list(rows.values_list("code", flat=True).distinct())

"""日程: the eight steps of a round, each with the earliest day it may stand on, and why.

Counted in working days: whatever lies in a year whose calendar is not published yet is
provisional, and is counted again when it comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from allocation import rents
from allocation.models import Round
from applications import periods
from core import clock, display, workdays
from core.workflow import Refusal

_DAY = timedelta(days=1)


class PlanRefused(Refusal):
    """The plan cannot be made or changed like this; of a day, the earliest one and why."""


@dataclass(frozen=True)
class Days:
    """The days that a person sets. None where one is not set (rounds of before)."""

    today: date  # the plan is published
    intention_until: date
    objection_until: date
    event_on: date
    review_until: date | None = None
    freeze_on: date | None = None
    choose_days: int = 3  # working days to answer an offer


@dataclass(frozen=True)
class Step:
    """One step of the calendar: the day, the earliest it may be, why, and whether it is certain."""

    key: str  # of the form's field, or of what follows by itself
    word: Any
    on: date | None
    earliest: date
    why: Any
    set_by_hand: bool = True

    @property
    def too_early(self) -> bool:
        return self.on is not None and self.on < self.earliest

    @property
    def provisional(self) -> bool:
        """Whether a day of it lies in a year whose calendar is not published."""
        return any(workdays.is_provisional(day) for day in (self.on, self.earliest) if day)

    @property
    def off_duty(self) -> bool:
        """Whether nobody works on the day although somebody must."""
        needs_office = self.key in ("intention_until", "review_until", "freeze_on")
        return needs_office and self.on is not None and not workdays.is_workday(self.on)


def steps(days: Days) -> list[Step]:
    """The calendar in order; what is not set counts as standing on its earliest day."""
    return [*_before_the_roster(days), *_from_the_roster(days)]


def refuse_impossible(days: Days) -> None:
    """Raises PlanRefused for the first step that stands too early or on a day off."""
    for step in steps(days):
        if not step.set_by_hand or step.on is None:
            continue
        if step.too_early:
            raise PlanRefused(
                _("「%(step)s」最早%(day)s：%(why)s")
                % {"step": step.word, "day": display.day(step.earliest), "why": step.why},
                field=step.key,
            )
        if step.off_duty and days.freeze_on is not None:
            raise PlanRefused(
                _("「%(step)s」%(day)s不上班，最近的工作日是%(next)s。")
                % {"step": step.word, "day": display.day(step.on),
                   "next": display.day(_workday(step.on))},
                field=step.key,
            )  # fmt: skip


def of_round(round_: Round) -> Days:
    """The calendar of a round as it was published."""
    return Days(
        today=round_.created_at.astimezone(clock.LOCAL).date(),
        intention_until=round_.intention_until,
        objection_until=round_.objection_until,
        event_on=round_.entropy_at.astimezone(clock.LOCAL).date(),
        review_until=round_.review_until,
        freeze_on=round_.freeze_on,
        choose_days=round_.choose_days,
    )


def proposal(today: date) -> Days:
    """A calendar that may be published today, each step on its earliest day."""
    intention = periods.of("intention").after(today)
    review = periods.of("re_review").after(intention)
    freeze = _workday(review + _DAY)
    objection = _objection_end(freeze)
    event = periods.of("roster_objection").after(objection) + _DAY
    return Days(today, intention, objection, event, review, freeze)


def answered_by(objection_until: date) -> date:
    """The last day on which an objection of the window's last day is answered."""
    return periods.of("roster_objection").after(objection_until)


def _before_the_roster(days: Days) -> Iterator[Step]:
    yield Step(
        "intention_until", _("意向登记截止"), days.intention_until, days.today,
        _("方案公布当天起就可以登记。"),
    )  # fmt: skip
    limit = periods.of("re_review")
    yield Step(
        "review_until", _("配租前核对完成"), days.review_until,
        _workday(days.intention_until + _DAY),
        _("登记截止以后才知道要核对哪些家庭；每户从登记起%(n)s个工作日内完成，最迟%(day)s。")
        % {"n": limit.value, "day": display.day_short(limit.after(days.intention_until))},
    )  # fmt: skip
    after = days.review_until or days.intention_until + _DAY  # who comes on the last day joins
    yield Step(
        "freeze_on", _("定名单"), days.freeze_on, _workday(after),
        _("登记和核对结束以后才能定；没有核对完的家庭保留位置。"),
    )  # fmt: skip


def _from_the_roster(days: Days) -> Iterator[Step]:
    # without a day for the freeze the verb itself looks again (rounds.freeze)
    freeze = days.freeze_on
    window = _window(days.today)
    yield Step(
        "objection_until", _("名单异议期截止"), days.objection_until,
        _objection_end(freeze) if freeze else days.intention_until + _DAY,
        _("名单公布以后要公示%(n)s天，最后一天放假的顺延到工作日。") % {"n": window}
        if freeze else _("异议期在意向登记截止之后。"),
    )  # fmt: skip
    yield Step(
        "entropy_at", _("公开事件和揭晓"), days.event_on, days.objection_until + _DAY,
        _("公开事件必须晚于异议期。异议期最后一天的异议最迟%(day)s答复，没有答复不能揭晓。")
        % {"day": display.day_short(answered_by(days.objection_until))},
    )  # fmt: skip
    appointments = _workday(days.event_on + _DAY)
    yield Step(
        "appointments", _("一体机预约"), appointments, appointments,
        _("揭晓以后的第一个工作日开始。"), set_by_hand=False,
    )  # fmt: skip
    choice = workdays.add_workdays(days.event_on, days.choose_days)
    yield Step(
        "choice", _("选房截止"), choice, choice,
        _("从揭晓起%(n)s个工作日。") % {"n": days.choose_days}, set_by_hand=False,
    )  # fmt: skip
    filing = periods.of("lease_filing").after(choice)
    yield Step(
        "filing", _("合同备案截止"), filing, filing,
        _("签约后%(n)s天内备案。") % {"n": periods.of("lease_filing").value}, set_by_hand=False,
    )  # fmt: skip


def _objection_end(freeze: date) -> date:
    return _workday(freeze + timedelta(days=_window(freeze)))


def _window(on: date) -> int:
    """Natural days for which a roster is on public notice, by the policy of a day."""
    return int(rents.policy_on(on).value("publicity.roster_days", on))


def _workday(day: date) -> date:
    """The day itself, or the next working day."""
    return day if workdays.is_workday(day) else workdays.add_workdays(day, 1)

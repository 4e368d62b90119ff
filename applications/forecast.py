"""When a case will be answered (预计办结): an honest range, and whether it will be in time.

What is still ahead is measured on what stages took lately, pauses out; where too few cases tell,
nothing is known but the period of the stage: between none of it and the whole. A forecast promises
nothing and decides nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from django.core.cache import cache
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from applications import deadlines, periods, publicity, states
from applications.models import Application, Escalation, Pause, ReviewTask
from applications.models.review import Stage
from core import clock, display, workdays

Level = Escalation.Level
STAGES = (Stage.STREET, Stage.JOINT, Stage.DISTRICT)
# cases that nobody has answered yet and that run against their days
RUNNING = (
    states.ACCEPTED, states.CORRECTION, states.STREET_REVIEW, states.JOINT_REVIEW,
    states.DISTRICT_REVIEW, states.PUBLICITY, states.OBJECTION_CHECK,
)  # fmt: skip
_AT_STAGE = {
    states.STREET_REVIEW: Stage.STREET,
    states.JOINT_REVIEW: Stage.JOINT,
    states.DISTRICT_REVIEW: Stage.DISTRICT,
}
NOTICE = "notice"  # the public notice among the stages; natural days
_NOTICE = (states.PUBLICITY, states.OBJECTION_CHECK)
_OPEN = (states.TASK_OPEN, states.TASK_CLAIMED)
_ONE = timedelta(days=1)
_MEDIAN = 50  # percent
_KEEP = 600  # seconds that a measurement serves: pages ask for it far more often than it changes


@dataclass(frozen=True)
class Span:
    """Working days of a stage: at least, usually, at most; ``measured`` on recent cases."""

    low: int
    usual: int
    high: int
    measured: bool

    def after(self, elapsed: int) -> "Span":
        """What is left of it after so many days."""
        return Span(
            low=max(0, self.low - elapsed),
            usual=max(0, self.usual - elapsed),
            high=max(0, self.high - elapsed),
            measured=self.measured and elapsed <= self.high,
        )


@dataclass(frozen=True)
class Forecast:
    """The days between which a case will be answered; never before today."""

    earliest: date
    likely: date
    latest: date
    net: int  # working days that will have counted by the likely day
    sure: bool  # measured all the way, and nothing stands in the way
    level: str  # the gravest Level that holds; '' where it will be in time
    due: date  # the day that ``level`` is about; the promised one where it is in time
    provisional: bool


def of(application: Application, today: date, *, stages: Mapping[str, Span] | None = None) -> (
    Forecast | None
):  # fmt: skip
    """The forecast of a case under review; None for any other. Reads its pauses and tasks.

    ``stages``: as ``measured`` returns it, for who asks about many cases.
    """
    if application.state not in RUNNING or application.accepted_at is None:
        return None
    stages = measured(today) if stages is None else stages
    standing = deadlines.clock_of(application, today)
    tasks = [one for one in application.tasks.all() if one.state in _OPEN]
    ahead = _ahead(application, tasks, today, stages)
    begin = _begin(application, standing.paused, today)
    notice = _notice(application, today, stages)
    days = [sum(getattr(one, name) for one in ahead) for name in ("low", "usual", "high")]
    ends = [
        max(today, _end(first, count, notice, application))
        for first, count in zip(begin, days, strict=True)
    ]
    counted = standing.net + sum(one.usual for one in ahead) + _counted_notice(application, notice)
    level = _level(standing, counted)
    return Forecast(
        earliest=ends[0],
        likely=ends[1],
        latest=ends[2],
        net=counted,
        sure=all(one.measured for one in ahead)
        and (standing.paused is None or application.state == states.PUBLICITY)
        and application.state != states.OBJECTION_CHECK
        and not standing.late,
        level=level,
        due=standing.statutory_due
        if level in (Level.LEGAL_LATE, Level.LEGAL_RISK)
        else standing.promised_due,
        provisional=any(map(workdays.is_provisional, ends)),
    )


def for_family(application: Application, today: date) -> str:
    """The range as one sentence for the family; '' where it would pretend to know."""
    foreseen = of(application, today)
    if foreseen is None or not foreseen.sure or foreseen.level:
        return ""
    if foreseen.earliest == foreseen.latest:
        return _("按最近的办理情况，预计%(day)s办结。这是估算，最迟的日期不变。") % {
            "day": display.day(foreseen.latest)
        }
    return _("按最近的办理情况，预计%(first)s到%(last)s之间办结。这是估算，最迟的日期不变。") % {
        "first": display.day_short(foreseen.earliest),
        "last": display.day_short(foreseen.latest),
    }


def measured(today: date) -> dict[str, Span]:
    """What each stage takes, from the newest cases that passed it; its period where few did."""
    key = f"forecast-{today}"
    known: dict[str, Span] | None = cache.get(key)
    if known is None:
        since = clock.local_midnight(today - timedelta(days=periods.of("forecast_window").value))
        known = {str(stage): _span(stage, since) for stage in STAGES}
        known[NOTICE] = _notice_span(today)
        cache.set(key, known, _KEEP)
    return known


def span_of(days: Iterable[int], period: int) -> Span:
    """The span that some durations tell; of too few, the period."""
    ordered = sorted(days)
    if len(ordered) < periods.of("forecast_samples").value:
        return Span(0, period, period, measured=False)
    low, high = periods.of("forecast_low").value, periods.of("forecast_high").value
    return Span(
        low=_rank(ordered, low),
        usual=_rank(ordered, _MEDIAN),
        high=_rank(ordered, high),
        measured=True,
    )


def _rank(ordered: list[int], percent: int) -> int:
    return ordered[max(0, ceil(percent * len(ordered) / 100) - 1)]


def _span(stage: str, since: datetime) -> Span:
    passed = (
        ReviewTask.objects.filter(
            stage=stage, state=states.TASK_DONE, opinion__at__gte=since, round=1
        )
        .order_by()
        .values("application")
        .annotate(began=Min("opened_at"), ended=Max("opinion__at"))
        .order_by("-ended")[: periods.of("forecast_most").value]
    )
    rows = [(one["application"], _day(one["began"]), _day(one["ended"])) for one in passed]
    return span_of(_durations(rows), periods.of(stage).value)


def _durations(rows: list[tuple[int, date, date]]) -> list[int]:
    """Working days of each stretch without the pauses of its case; two queries for all."""
    if not rows:
        return []
    stopped: dict[int, list[Pause]] = {}
    cases = [pk for pk, _began, _ended in rows]
    for one in Pause.objects.filter(application__in=cases, reason__in=deadlines.stopping_reasons()):
        stopped.setdefault(one.application_id, []).append(one)
    with workdays.supposing({}):
        first, last = min(row[1] for row in rows), max(row[2] for row in rows)
        days = [
            day
            for day in (first + _ONE * n for n in range((last - first).days + 1))
            if workdays.is_workday(day)
        ]
        return [
            deadlines.net_days(stopped[pk], began, ended)[0]
            if pk in stopped
            else bisect_right(days, ended) - bisect_right(days, began)
            for pk, began, ended in rows
        ]


# -- What is ahead -------------------------------------------------------------------------------


def _ahead(
    application: Application, tasks: list[ReviewTask], today: date, stages: Mapping[str, Span]
) -> list[Span]:
    """What is left of the stage that the case is in, and the stages after it."""
    if application.state in _NOTICE:
        return []
    now = _AT_STAGE.get(application.state) or next((Stage(one.stage) for one in tasks), None)
    if now is None:
        return [stages[stage] for stage in STAGES]
    opened = [_day(one.opened_at) for one in tasks if one.stage == now]
    elapsed = 0
    if opened:
        elapsed = deadlines.net_days(application.pauses.all(), min(opened), today)[0]
    following = STAGES[STAGES.index(now) + 1 :]
    return [stages[now].after(elapsed), *(stages[stage] for stage in following)]


def _begin(application: Application, paused: Pause | None, today: date) -> tuple[date, date, date]:
    """From which day what is ahead runs on: from today, unless the family has days to answer."""
    if paused is None or paused.reason != Pause.Reason.CORRECTION:
        return today, today, today
    asked = application.supplements.filter(received_at=None).aggregate(last=Max("due_on"))
    last = max(today, asked["last"] or today)
    return today, last, last


def _notice_span(today: date) -> Span:
    """The natural days of a public notice, and the day after it on which it is closed."""
    days = publicity.days_of_notice(today) + 1
    return Span(days, days, days, measured=True)


def _notice(application: Application, today: date, stages: Mapping[str, Span]) -> int:
    """Natural days of the public notice that are still ahead, the day after its last included."""
    if application.state not in _NOTICE:
        return (stages.get(NOTICE) or _notice_span(today)).usual
    posted = application.publicities.filter(closed_at=None).first()
    return max(0, (posted.ends_on - today).days + 1) if posted else 0


def _counted_notice(application: Application, notice: int) -> int:
    return notice if periods.of("publicity_counts").value else 0


def _end(begin: date, days: int, notice: int, application: Application) -> date:
    if application.state == states.OBJECTION_CHECK:
        days += periods.of("objection").value
    return workdays.add_workdays(begin, days) + timedelta(days=notice)


def _level(standing: deadlines.Clock, counted: int) -> str:
    if standing.net > standing.statutory:
        return Level.LEGAL_LATE
    if counted > standing.statutory:
        return Level.LEGAL_RISK
    if standing.late:
        return Level.LATE
    return Level.AT_RISK if counted > standing.promised else ""


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()


__all__ = ["RUNNING", "Forecast", "Level", "Span", "measured", "of", "span_of"]

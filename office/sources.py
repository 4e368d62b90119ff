"""部门数据 (health of the sources): how each answered in the last day, and what waits for it.

One moment, a fixed number of queries for any number of calls; silent sources come first.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, IntegerField, Max, Min, Q
from django.db.models.functions import TruncHour
from django.urls import reverse
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from applications import registers
from applications.models import Evidence
from core import clock
from datashare import catalogue, queries
from datashare.models import Call, CallQuerySet
from office import source_words
from office.figures import waiting
from office.figures.figure import Moment, cases_href

HOURS = 24
DAY = timedelta(hours=HOURS)
WRONG_PERSON = "somebody_else"
WRONG_SINCE = timedelta(days=30)
_ORDER = ("unmet", "paused", "unknown", "met", "later")  # silent ones first
_NUMBERS = ("calls", "failed", "median_ms", "most_ms", "slowest_ms")
_TALLEST = 20  # units of the small picture of a day


class _Share(Aggregate):
    """The value under which this share of the sorted values lies, as PostgreSQL computes it."""

    function = "percentile_disc"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = IntegerField()


@dataclass(frozen=True)
class Error:
    """One kind of failure: what happened in words, its code, how often."""

    kind: str
    count: int

    @property
    def word(self) -> Any:
        return source_words.fault(self.kind)


@dataclass(frozen=True)
class Hour:
    """One hour: questions that were answered and that were not; `x`, `up`, `down` draw it."""

    at: datetime
    answered: int
    silent: int
    x: int = 0
    up: int = 0
    down: int = 0

    @property
    def top(self) -> int:
        return _TALLEST - self.up - self.down

    @property
    def floor(self) -> int:
        return _TALLEST - self.up


@dataclass(frozen=True)
class Allowance:
    """配额与断路器 what may still be asked today; every part is None where nobody knows."""

    left: int | None = None
    daily: int | None = None
    rate: float | None = None
    rest: float = 0
    breaker: str = ""
    retry_in: float = 0

    @property
    def low(self) -> int:
        """From where on little is left."""
        return (self.daily or 0) // 10

    @property
    def line(self) -> str:
        """Why nothing goes out now and when it will again; empty where everything does."""
        if self.rest:
            return _("配额用完，%(wait)s后再问") % {"wait": _in_words(self.rest)}
        if self.breaker == "half_open":
            return _("正在试探是否恢复")
        if self.breaker == "open":
            return _("连续失败已暂停，%(wait)s后试探") % {"wait": _in_words(self.retry_in)}
        return ""


@dataclass(frozen=True)
class Waiting:
    """What people wait for at one source."""

    cases: int = 0
    ordered: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True)
class Named:
    """A source as its pages call it."""

    entry: catalogue.Entry

    @property
    def code(self) -> str:
        return self.entry.code

    @property
    def name(self) -> str:
        """The register, in the language of the page."""
        return registers.name_of(self.code)

    @property
    def owner(self) -> str:
        """Who keeps it."""
        return registers.owner_of(self.code) or self.entry.owner

    @property
    def href(self) -> str:
        return reverse("office_source", args=[self.code])


@dataclass(frozen=True)
class Health(Named):
    """One source: what it is, its last day, what it still allows, who waits for it."""

    calls: int = 0
    failed: int = 0
    median_ms: int | None = None
    most_ms: int | None = None
    slowest_ms: int | None = None
    errors: list[Error] = field(default_factory=list)
    hours: list[Hour] = field(default_factory=list)
    allowance: Allowance = field(default_factory=Allowance)
    waiting: Waiting = field(default_factory=Waiting)
    wrong: int = 0

    @property
    def waiting_href(self) -> str:
        return cases_href(waiting.WAITING.key, source=self.code)

    @property
    def ordered_href(self) -> str:
        return cases_href(waiting.REPORTS.key, source=self.code)

    @property
    def state(self) -> str:
        """The state mark: silent, left alone, partly silent, answering, nothing asked."""
        if self.calls and self.failed == self.calls:
            return "unmet"
        if self.allowance.line:
            return "paused"
        if not self.calls:
            return "later"
        return "unknown" if self.failed else "met"

    @property
    def word(self) -> Any:
        return {
            "later": _("今天没有查询"), "unmet": _("没有答复"), "unknown": _("部分没有答复"),
            "met": _("正常"), "paused": _("暂停询问"),
        }[self.state]  # fmt: skip

    @property
    def picture(self) -> str:
        """The small picture of the day, said in words."""
        return _("%(name)s最近24小时：查询%(calls)s次，没有答复%(failed)s次") % {
            "name": self.name, "calls": self.calls, "failed": self.failed,
        }  # fmt: skip


def page(moment: Moment) -> dict[str, Any]:
    """All sources, silent ones first, and the sums above them."""
    rows = sorted(health(moment), key=_urgency)
    oldest = [one.waiting.oldest for one in rows if one.waiting.oldest]
    return {
        "rows": rows,
        "silent": [one for one in rows if one.state == "unmet"],
        "answering": sum(one.state in ("met", "unknown") for one in rows),
        "waiting": _of_any_source(moment),
        "waiting_href": cases_href(waiting.WAITING.key),
        "ordered": sum(one.waiting.ordered for one in rows),
        "ordered_href": cases_href(waiting.REPORTS.key),
        "oldest": min(oldest, default=None),
        "wrong": sum(one.wrong for one in rows),
        "quota_known": any(one.allowance.left is not None for one in rows),
        "chart": chart([one.hours for one in rows]),
    }


def health(moment: Moment, code: str = "") -> list[Health]:
    """How each source (or one) did in the 24 hours before the moment: five queries."""
    entries = [catalogue.entry(code)] if code else catalogue.entries()
    calls = Call.objects.filter(started_at__lte=moment.at).order_by()
    if code:
        calls = calls.filter(source=code)
    last_day = calls.since(moment.at - DAY)
    done, errors, hours = _answers(last_day), _errors(last_day), _hours(last_day, moment)
    waits, wrong, allowed = _waits(), _wrong(calls, moment), _allowances()
    return [
        Health(
            entry,
            **done.get(entry.code, {}),
            errors=errors.get(entry.code, []),
            hours=_drawn(hours.get(entry.code, {}), moment),
            allowance=allowed.get(entry.code, Allowance()),
            waiting=waits.get(entry.code, Waiting()),
            wrong=wrong.get(entry.code, 0),
        )
        for entry in entries
    ]


def _urgency(one: Health) -> tuple[int, int, float]:
    """Silent ones first, then by the cases that wait and by the share that is not answered."""
    share = one.failed / one.calls if one.calls else 0
    return _ORDER.index(one.state), -one.waiting.cases, -share


def chart(days: list[list[Hour]]) -> dict[str, Any]:
    """The hours of these sources together, as a chart with its table."""
    together = list(zip(*days, strict=True))
    return {
        "kind": "stack",
        "categories": [f"{clock_hour(hours[0].at)}:00" for hours in together],
        "series": [
            {"name": _("有答复"), "values": [sum(h.answered for h in hours) for hours in together]},
            {"name": _("没有答复"), "values": [sum(h.silent for h in hours) for hours in together]},
        ],
        "unit": _("次查询"),
    }


def clock_hour(at: datetime) -> int:
    """The hour of the day in Ningbo."""
    return at.astimezone(clock.LOCAL).hour


# -- The queries ----------------------------------------------------------------------------------


def _answers(calls: CallQuerySet) -> dict[str, dict[str, Any]]:
    """Counts, and the times of the questions that were answered (waiting for a place included)."""
    answered = ~Q(outcome=Call.Outcome.UNAVAILABLE)
    rows: Any = calls.values("source").annotate(
        calls=Count("pk"),
        failed=Count("pk", filter=~answered),
        median_ms=_Share("duration_ms", share=0.5, filter=answered),
        most_ms=_Share("duration_ms", share=0.95, filter=answered),
        slowest_ms=Max("duration_ms", filter=answered),
    )
    return {row["source"]: {key: row[key] for key in _NUMBERS} for row in rows}


def _errors(calls: CallQuerySet) -> dict[str, list[Error]]:
    """Failures by source, the most frequent first."""
    found: dict[str, list[Error]] = {}
    rows = calls.exclude(error_kind="").values("source", "error_kind").annotate(n=Count("pk"))
    for row in rows.order_by("-n", "error_kind"):
        found.setdefault(row["source"], []).append(Error(row["error_kind"], row["n"]))
    return found


def _hours(calls: CallQuerySet, moment: Moment) -> dict[str, dict[datetime, Hour]]:
    """By source and hour of the day in Ningbo."""
    found: dict[str, dict[datetime, Hour]] = {}
    rows = (
        calls.annotate(hour=TruncHour("started_at", tzinfo=clock.LOCAL))
        .values("source", "hour")
        .annotate(n=Count("pk"), silent=Count("pk", filter=Q(outcome=Call.Outcome.UNAVAILABLE)))
    )
    for row in rows:
        hour = Hour(row["hour"], row["n"] - row["silent"], row["silent"])
        found.setdefault(row["source"], {})[hour.at] = hour
    return found


def _waits() -> dict[str, Waiting]:
    """Cases that wait for each source, and reports that it is making."""
    silent, ordered = Q(status=waiting.SILENT), Q(status=waiting.ORDERED)
    rows = (
        Evidence.objects.filter(silent | ordered)
        .filter(waiting.counts())
        .order_by()
        .values("source")
        .annotate(
            cases=Count("application", filter=silent, distinct=True),
            ordered=Count("pk", filter=ordered),
            oldest=Min("ordered_at", filter=ordered),
        )
    )
    return {row["source"]: Waiting(row["cases"], row["ordered"], row["oldest"]) for row in rows}


def _of_any_source(moment: Moment) -> int:
    """Cases that wait for a register, each counted once: what the list behind it shows."""
    return waiting.WAITING.rows(moment).select_related(None).order_by().count()


def _wrong(calls: CallQuerySet, moment: Moment) -> dict[str, int]:
    """Answers about somebody else than asked in the last thirty days; each was refused."""
    rows = calls.since(moment.at - WRONG_SINCE).filter(
        outcome=Call.Outcome.UNAVAILABLE, error_kind=WRONG_PERSON
    )
    return dict(rows.values_list("source").annotate(n=Count("pk")))


def _allowances() -> dict[str, Allowance]:
    """Quota left by source; nothing when the store that keeps it is away."""
    try:
        known = queries.allowances()
    except RedisError:
        return {}
    names = Allowance.__dataclass_fields__
    return {
        code: Allowance(**{key: value for key, value in row.items() if key in names})
        for code, row in known.items()
    }


def _drawn(known: dict[datetime, Hour], moment: Moment) -> list[Hour]:
    """The last 24 hours in order, with the heights of the small picture."""
    last = moment.at.astimezone(clock.LOCAL).replace(minute=0, second=0, microsecond=0)
    starts = [last - timedelta(hours=back) for back in range(HOURS, -1, -1)]
    tallest = max((one.answered + one.silent for one in known.values()), default=0)
    drawn = []
    for place, at in enumerate(starts):
        one = known.get(at, Hour(at, 0, 0))
        up, down = (_height(n, tallest) for n in (one.answered, one.silent))
        drawn.append(Hour(at, one.answered, one.silent, place * 4, up, down))
    return drawn


def _height(number: int, tallest: int) -> int:
    """A number's share of the picture's height; something stays visible."""
    return max(1, round(number / tallest * (_TALLEST - 2))) if number else 0


def _in_words(seconds: float) -> str:
    """40秒, 12分钟, 3小时: as precise as a person needs."""
    if seconds < 120:
        return _("%(n)d秒") % {"n": max(1, round(seconds))}
    if seconds < 7200:
        return _("%(n)d分钟") % {"n": round(seconds / 60)}
    return _("%(n)d小时") % {"n": round(seconds / 3600)}

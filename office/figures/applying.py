"""填写: how long applying takes, where drafts are put down, which papers were asked for.

Counted of drafts and their pages alone; who filled them in is nobody's business here.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications import states
from applications.models import StepSeen
from applications.models.application import Channel
from applications.submission import STEPS
from office.figures.durations import Summary, summary
from office.figures.figure import Figure, Moment, everyone
from office.figures.populations import APPLICATIONS, DRAFTS, SUPPLEMENTS

PUT_DOWN = timedelta(days=7)  # without a new page a draft counts as put down
PAGES = STEPS[1:]  # 为谁办 comes before there is a draft


def _touched(moment: Moment) -> Q:
    since = moment.at - PUT_DOWN
    recent = StepSeen.objects.filter(application=OuterRef("pk"), last_at__gte=since)
    return Q(Exists(recent)) | Q(created_at__gte=since)


def _timed(channel: str) -> Q:
    return Q(Exists(StepSeen.objects.filter(application=OuterRef("pk"))), channel=channel)


DRAFTS_OPEN = Figure(
    "drafts_open", _("正在填写"), _("网上的草稿，最近7天到过新的一页。"), DRAFTS, _touched
)
DRAFTS_LEFT = Figure(
    "drafts_left", _("放下的草稿"), _("网上的草稿，7天以上没有到过新的一页；随时可以接着填。"),
    DRAFTS, lambda moment: ~_touched(moment),
)  # fmt: skip
TIMED_ONLINE = Figure(
    "timed_online", _("网上申请用时"), _("记录了填写步骤的网上申请，从第一页到提交。"),
    APPLICATIONS, lambda moment: _timed(Channel.ONLINE),
)  # fmt: skip
TIMED_WINDOW = Figure(
    "timed_window", _("窗口申请用时"), _("记录了填写步骤的窗口申请，从第一页到提交。"),
    APPLICATIONS, lambda moment: _timed(Channel.WINDOW),
)  # fmt: skip
PAPERS_ASKED = Figure(
    "papers_asked", _("要求的材料"), _("请家庭补正或补交的材料，一样一份；部门能查到的不要求。"),
    SUPPLEMENTS, everyone,
)  # fmt: skip
PAPERS_BROUGHT = Figure(
    "papers_brought", _("已交的材料"), _("家庭已经交来的补正或补交材料。"),
    SUPPLEMENTS, lambda moment: Q(received_at__isnull=False),
)  # fmt: skip

FIGURES = (DRAFTS_OPEN, DRAFTS_LEFT, TIMED_ONLINE, TIMED_WINDOW, PAPERS_ASKED, PAPERS_BROUGHT)


@dataclass(frozen=True)
class Page:
    """One page of the application: drafts that came to it, drafts put down on it, time on it."""

    step: str
    reached: int
    left: int
    seconds: Summary

    @property
    def share(self) -> float | None:
        """Of the drafts that came to the page, those put down on it."""
        return self.left / self.reached if self.reached else None


def filling_in(moment: Moment) -> tuple[dict[str, Summary], list[Page]]:
    """Seconds from the first page to sending, by channel, and each page of the way online in its
    order; three queries."""
    whole: dict[str, list[int]] = {Channel.ONLINE.value: [], Channel.WINDOW.value: []}
    took: dict[str, list[int]] = defaultdict(list)
    for channel, sent, steps in _sent(moment):
        whole[channel].append(_seconds(min(steps.values()), sent))
        if channel == Channel.ONLINE:
            for step, seconds in _each(steps, sent):
                took[step].append(seconds)
    seen = StepSeen.objects.filter(
        application__channel=Channel.ONLINE, step__in=PAGES, first_at__lte=moment.at
    )
    reached, left = _by_step(seen), _by_step(DRAFTS_LEFT.rows(moment))
    pages = [
        Page(step, reached.get(step, 0), left.get(step, 0), summary(took[step])) for step in PAGES
    ]
    return {channel: summary(values) for channel, values in whole.items()}, pages


def _by_step(rows: QuerySet[Any]) -> dict[str, int]:
    return dict(rows.order_by().values_list("step").annotate(n=Count("pk")))


def _sent(moment: Moment) -> Iterable[tuple[str, datetime, dict[str, datetime]]]:
    """Channel, sending and first times of the pages of each application sent by then."""
    rows = (
        StepSeen.objects.filter(application__submitted_at__lte=moment.at)
        .exclude(application__state=states.DRAFT)
        .exclude(step="done")
        .order_by("application_id", "first_at")
        .values_list(
            "application_id", "application__channel", "application__submitted_at", "step",
            "first_at",
        )
    )  # fmt: skip
    cases: dict[int, tuple[str, datetime, dict[str, datetime]]] = {}
    for pk, channel, sent, step, first in rows:
        cases.setdefault(pk, (channel, sent, {}))[2][step] = first
    return cases.values()


def _each(steps: dict[str, datetime], sent: datetime) -> Iterable[tuple[str, int]]:
    """Seconds from the first sight of a page to that of the next, or to sending."""
    seen = sorted((at, step) for step, at in steps.items())
    ends = [at for at, _step in seen[1:]] + [sent]
    return [(step, _seconds(at, end)) for (at, step), end in zip(seen, ends, strict=True)]


def _seconds(first: datetime, last: datetime) -> int:
    return max(0, round((last - first).total_seconds()))

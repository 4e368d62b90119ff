"""The yearly campaign: plan, start, pause, resume, cancel, and what it has come to.

A campaign keeps no work list of its own. Its households are Recheck rows, made by one INSERT …
SELECT; its questions are Evidence rows under the campaign's round, asked by the very workers of
the first application. Whatever is killed, the rows say what is still to do.
"""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import asking, verification
from applications.models.evidence import RECHECK_ROUND
from core import audit, clock, locks
from core.workflow import Refusal, advance
from renewal import estimates, populations, recheck, sampling, skipping, states
from renewal.models import Campaign, Recheck
from renewal.progress import Progress, progress

__all__ = [
    "CampaignRefused", "Progress", "Scope", "cancel", "is_under_way", "pause", "plan", "progress",
    "resume", "start", "step", "take_in", "why_not_plan", "why_not_take_in",
]  # fmt: skip

_BATCH = 4  # households whose questions are written at a time, while others' are being asked


class CampaignRefused(Refusal):
    """The campaign cannot do this now."""


@dataclass(frozen=True)
class Scope:
    """Whom a campaign looks at. Without street and category it is the year's own, with everybody in
    force; with one of them, or with ``special``, one of the special campaigns beside it."""

    population: str = Campaign.Population.IN_FORCE
    street: Bureau | None = None
    category: str = ""
    special: bool = False

    @property
    def is_yearly(self) -> bool:
        return not (self.special or self.street or self.category)


EVERYBODY = Scope()


def plan(
    year: int,
    *,
    by: Any,
    on: date | None = None,
    limit: int | None = None,
    scope: Scope = EVERYBODY,
) -> Campaign:
    """Writes down the households that the campaign will look at, each once; asks nothing.

    Those that another open campaign has taken in are left out and counted. Raises CampaignRefused.
    """
    foreseen = estimates.of(
        scope.population, street=scope.street, category=scope.category, limit=limit
    )
    with transaction.atomic():
        locks.advisory("campaigns")  # two plans at once would take in the same households
        if why := why_not_plan(year, scope):
            raise CampaignRefused(why, field="year")
        now = clock.now()
        campaign = Campaign.objects.create(
            year=year,
            number=0 if scope.is_yearly else _next_number(year),
            population=scope.population,
            street=scope.street,
            category=scope.category,
            on=on or clock.today(),
            state_since=now,
            created_at=now,
            created_by=by,
            limit=limit,
            sample_seed=secrets.token_hex(32),
            estimate=foreseen.to_record(),
        )
        taken = _take_in(campaign)
        audit.record(
            "campaign.planned", by=by, thing=campaign, households=taken,
            elsewhere=campaign.elsewhere, population=scope.population,
        )  # fmt: skip
    return campaign


def why_not_plan(year: int, scope: Scope = EVERYBODY) -> str:
    """Why this campaign cannot be planned; empty if it can."""
    if scope.is_yearly and Campaign.objects.filter(year=year, number=0).exists():
        return str(_("%(year)s年的年度复核已经建立，请打开它继续。") % {"year": year})
    return ""


def take_in(campaign: Campaign, *, by: Any, limit: int | None = None) -> int:
    """Takes in households that have come since, or that a limit had left out; returns how many.

    With ``limit`` at most so many in all; without one everybody. Raises CampaignRefused.
    """
    with transaction.atomic():
        locks.advisory("campaigns")
        row = locks.fresh(campaign)
        if why := why_not_take_in(row):
            raise CampaignRefused(why)
        row.limit = limit
        taken = _take_in(row)
        row.save(update_fields=["limit"])
        audit.record("campaign.taken_in", by=by, thing=row, households=taken, limit=limit)
    return taken


def why_not_take_in(campaign: Campaign) -> str:
    """Why no more households can be taken in; empty if they can."""
    if not states.CAMPAIGN[campaign.state].open:
        return str(_("这次复核已经结束，不能再加入家庭。"))
    return ""


def _next_number(year: int) -> int:
    last = Campaign.objects.filter(year=year).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _take_in(campaign: Campaign) -> int:
    taken = populations.take_in(campaign)
    campaign.elsewhere = populations.elsewhere(campaign)
    campaign.save(update_fields=["elsewhere"])
    return taken


def start(campaign: Campaign, *, by: Any) -> Campaign:
    """Begins to ask; the workers do the rest."""
    return _move(campaign, states.C_RUNNING, by)


def pause(campaign: Campaign, *, by: Any) -> Campaign:
    """Stops asking; what was answered stays."""
    return _move(campaign, states.C_PAUSED, by)


def resume(campaign: Campaign, *, by: Any) -> Campaign:
    """Goes on where it stopped; nothing that was answered is asked again."""
    return _move(campaign, states.C_RUNNING, by)


def cancel(campaign: Campaign, *, by: Any, reason: str = "") -> Campaign:
    """Ends the campaign for good: who has a result keeps it, who has none is no longer looked at.

    Nothing follows for the latter, and another campaign may take them in.
    """
    with transaction.atomic():
        row = _move(campaign, states.C_CANCELLED, by, reason=reason)
        left = skipping.rest_of(row, by=by)
        audit.record("campaign.left_out", by=by, thing=row, households=left)
    return row


def is_under_way(campaign: Campaign) -> bool:
    """Whether it asks: while it runs, and after its end for households that are asked again."""
    if campaign.state == states.C_DONE:
        waits = Q(assessment__outcome="pending_source") | Exists(recheck.disagreements(campaign))
        open_ = Q(state=states.K_CHECKING) | Q(waits, state=states.K_QUESTION)
        return campaign.rechecks.filter(open_).exists()
    return bool(campaign.state == states.C_RUNNING)


def step(campaign_id: int, *, seconds: float = asking.STREAM_SECONDS) -> bool:
    """One stride of a running campaign, for some seconds; whether there is more to do.

    The registers are asked as a stream: while they are busy the next households' questions are
    written and the households whose answers are in are settled. Safe to run twice at once and to
    be killed anywhere. All households are looked at only when nothing is left to ask.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    if not is_under_way(campaign):
        return False
    questions = _Questions(campaign)
    stream = asking.Stream(
        campaign.round, seconds, refill=questions.write_more, written=_Settling(campaign)
    )
    if stream.run() or questions.written:
        return True
    if recheck.settle_ready(campaign) or recheck.reopen_answered(campaign):
        return True
    _finish_if_done(campaign)
    return False


@dataclass
class _Questions:
    """Writes the questions of a few households at a time, in the order of their rows."""

    campaign: Campaign
    written: int = 0
    last: int = 0

    def write_more(self) -> int:
        """Returns for how many households it wrote; 0 when every household has its questions."""
        unasked = self.campaign.rechecks.filter(state=states.K_CHECKING, id__gt=self.last).exclude(
            lease__application__evidence__round=self.campaign.round
        )
        rows = list(unasked.select_related("lease__application").order_by("id")[:_BATCH])
        for row in rows:
            _write_questions(row, self.campaign)
            self.last = row.pk
        self.written += len(rows)
        return len(rows)


@dataclass
class _Settling:
    """Settles households as their last answers are written."""

    campaign: Campaign

    def __call__(self, cases: set[int]) -> bool:
        """False once the campaign was paused or cancelled."""
        recheck.settle_ready(self.campaign, cases)
        self.campaign.refresh_from_db(fields=["state"])
        return self.campaign.state in (states.C_RUNNING, states.C_DONE)


def _write_questions(row: Recheck, campaign: Campaign) -> None:
    if skipping.if_over(row, by=recheck.SYSTEM):
        return
    new = verification.request_checks(
        row.lease.application, round=campaign.round, by=recheck.SYSTEM, fresh_of=RECHECK_ROUND
    )
    if not new and not _is_asked(row, campaign):
        # nobody there agrees to be asked about: a person must ask
        recheck.settle(row, by=recheck.SYSTEM)


def _is_asked(row: Recheck, campaign: Campaign) -> bool:
    """Whether another stride wrote the questions between our look and our lock."""
    return row.lease.application.evidence.filter(round=campaign.round).exists()


def _finish_if_done(campaign: Campaign) -> None:
    if not campaign.rechecks.filter(state=states.K_CHECKING).exists():
        with transaction.atomic():
            row = locks.fresh(campaign)
            if row.state == states.C_RUNNING:
                sampling.top_up(row)
                advance(row, states.C_DONE, by=recheck.SYSTEM)


def _move(campaign: Campaign, to: str, by: Any, reason: str = "") -> Campaign:
    from renewal import tasks  # tasks import this module

    with transaction.atomic():
        row = advance(campaign, to, by=by, reason=reason)
        if to == states.C_RUNNING:
            # a broker that is away delays it by a minute: the sweeper finds it running
            transaction.on_commit(lambda: tasks.set_going(row.pk), robust=True)
    return row

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
from django.db.models import Count, Exists, Q
from django.utils.translation import gettext_lazy as _

from allocation import states as allocation_states
from allocation.models import Lease
from applications import asking, verification
from applications.models import Evidence, Member
from core import audit, clock, locks
from core.workflow import Refusal, advance
from renewal import recheck, states
from renewal.models import Campaign, Recheck

_BATCH = 4  # households whose questions are written at a time, while others' are being asked


class CampaignRefused(Refusal):
    """The campaign cannot do this now."""


@dataclass(frozen=True)
class Progress:
    """Counts of a campaign: households and questions, done and in all."""

    households: int
    settled: int
    questions: int
    answered: int
    waiting: int  # questions whose register did not answer yet
    reports: int  # income reports that are being made, for days: nobody has to do anything
    by_state: dict[str, int]

    @property
    def only_reports(self) -> bool:
        """Whether nothing is left to ask until the reports under way are made."""
        return bool(self.reports) and self.answered + self.reports == self.questions

    @property
    def percent(self) -> int:
        return 100 * self.settled // self.households if self.households else 100


@dataclass(frozen=True)
class Estimate:
    """What a campaign will ask, before anything is asked."""

    households: int
    people: int
    questions: int


def estimate() -> Estimate:
    """Households in force now, their people, and the most questions that this makes."""
    leases = Lease.objects.filter(state__in=allocation_states.L_IN_FORCE)
    people = Member.objects.filter(application__leases__in=leases, excluded=False).distinct()
    return Estimate(
        households=leases.count(),
        people=people.count(),
        questions=people.count() * len(verification.RECHECK_SOURCES),
    )


def plan(year: int, *, by: Any, on: date | None = None, limit: int | None = None) -> Campaign:
    """Writes down the households in force that year's campaign will look at, each once."""
    with transaction.atomic():
        locks.advisory("campaign", year)
        if Campaign.objects.filter(year=year).exists():
            raise CampaignRefused(
                _("%(year)s年的年度复核已经建立，请打开它继续。") % {"year": year}
            )
        now = clock.now()
        campaign = Campaign.objects.create(
            year=year,
            on=on or clock.today(),
            state_since=now,
            created_at=now,
            created_by=by,
            limit=limit,
            sample_seed=secrets.token_hex(32),
        )
        leases = Lease.objects.filter(state__in=allocation_states.L_IN_FORCE).order_by("id")
        ids = leases.values_list("id", flat=True)[:limit]
        Recheck.objects.bulk_create(
            (Recheck(campaign=campaign, lease_id=pk, state_since=now) for pk in ids),
            batch_size=2000,
        )
        audit.record("campaign.planned", by=by, thing=campaign, households=len(ids))
    return campaign


def start(campaign: Campaign, *, by: Any) -> Campaign:
    """Begins to ask; the workers do the rest."""
    return _move(campaign, states.C_RUNNING, by)


def pause(campaign: Campaign, *, by: Any) -> Campaign:
    """Stops asking; what was answered stays."""
    return _move(campaign, states.C_PAUSED, by)


def resume(campaign: Campaign, *, by: Any) -> Campaign:
    """Goes on where it stopped; nothing that was answered is asked again."""
    return _move(campaign, states.C_RUNNING, by)


def cancel(campaign: Campaign, *, by: Any) -> Campaign:
    """Ends the campaign; households already confirmed stay confirmed."""
    return _move(campaign, states.C_CANCELLED, by)


def progress(campaign: Campaign) -> Progress:
    """How far it has come, counted from the rows themselves (two queries)."""
    states_ = dict(campaign.rechecks.values_list("state").annotate(n=Count("id")))
    asked = dict(
        Evidence.objects.filter(round=campaign.round).values_list("status").annotate(n=Count("id"))
    )
    total, open_ = sum(states_.values()), states_.get(states.K_CHECKING, 0)
    waiting = asked.get(Evidence.Status.UNAVAILABLE, 0)
    reports = asked.get(Evidence.Status.ORDERED, 0)
    unanswered = asked.get(Evidence.Status.PENDING, 0) + waiting + reports
    return Progress(
        households=total,
        settled=total - open_,
        questions=sum(asked.values()),
        answered=sum(asked.values()) - unanswered,
        waiting=waiting,
        reports=reports,
        by_state=states_,
    )


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
    new = verification.request_checks(
        row.lease.application, round=campaign.round, by=recheck.SYSTEM
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
                advance(row, states.C_DONE, by=recheck.SYSTEM)


def _move(campaign: Campaign, to: str, by: Any) -> Campaign:
    from renewal import tasks  # tasks import this module

    with transaction.atomic():
        row = advance(campaign, to, by=by)
        if to == states.C_RUNNING:
            # a broker that is away delays it by a minute: the sweeper finds it running
            transaction.on_commit(lambda: tasks.set_going(row.pk), robust=True)
    return row

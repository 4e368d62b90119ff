"""How far a campaign has come (进度), how fast it goes and how long it still takes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from applications.models import Evidence
from core import clock
from renewal import states
from renewal.models import Campaign

RECENT = timedelta(minutes=5)  # the pace is that of the last minutes
_LEAST = 10.0  # seconds of work before a pace is named


@dataclass(frozen=True)
class Progress:
    """Counts of a campaign: households and questions, done and in all; pace and time left."""

    households: int
    settled: int
    questions: int
    answered: int
    waiting: int  # questions whose register did not answer yet
    reports: int  # income reports that are being made, for days: nobody has to do anything
    by_state: dict[str, int]
    expected: int = 0  # questions in all, as far as they are written, else as was foreseen
    rate: float = 0.0  # answers a second in the last minutes

    @property
    def only_reports(self) -> bool:
        """Whether nothing is left to ask until the reports under way are made."""
        return bool(self.reports) and self.answered + self.reports == self.questions

    @property
    def percent(self) -> int:
        return 100 * self.settled // self.households if self.households else 100

    @property
    def seconds_left(self) -> float | None:
        """At the pace of the last minutes; None where nothing moves or only reports are awaited."""
        left = self.expected - self.answered - self.reports
        if self.rate <= 0 or left <= 0 or self.only_reports:
            return None
        return left / self.rate


def progress(campaign: Campaign) -> Progress:
    """How far it has come, counted from the rows themselves (two queries)."""
    states_ = dict(campaign.rechecks.values_list("state").annotate(n=Count("id")))
    since = _since(campaign)
    asked = Evidence.objects.filter(round=campaign.round).values_list("status")
    rows = list(asked.annotate(n=Count("id"), new=Count("id", filter=Q(fetched_at__gt=since))))
    counts = {status: n for status, n, _new in rows}
    total, open_ = sum(states_.values()), states_.get(states.K_CHECKING, 0)
    waiting = counts.get(Evidence.Status.UNAVAILABLE, 0)
    reports = counts.get(Evidence.Status.ORDERED, 0)
    unanswered = counts.get(Evidence.Status.PENDING, 0) + waiting + reports
    questions = sum(counts.values())
    return Progress(
        households=total,
        settled=total - open_,
        questions=questions,
        answered=questions - unanswered,
        waiting=waiting,
        reports=reports,
        by_state=states_,
        expected=_expected(campaign, questions, total),
        rate=_rate(campaign, sum(new for _status, _n, new in rows), since),
    )


def _since(campaign: Campaign) -> datetime:
    """The beginning of the stretch by which the pace is told: not before the last start."""
    return max(clock.now() - RECENT, campaign.state_since)


def _rate(campaign: Campaign, answers: int, since: datetime) -> float:
    passed = (clock.now() - since).total_seconds()
    if campaign.state != states.C_RUNNING or passed < _LEAST:
        return 0.0
    return answers / passed


def _expected(campaign: Campaign, questions: int, households: int) -> int:
    """The foreseen number, for the households that were taken in; never less than are written."""
    foreseen = campaign.estimate.get("calls", {})
    before = campaign.estimate.get("households") or 0
    if not states.CAMPAIGN[campaign.state].open or not before:
        return questions
    return max(questions, round(sum(foreseen.values()) * households / before))

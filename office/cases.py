"""The list behind a figure, and the sheet of one case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from applications import deadlines, desk_time, escalations, filters, forecast, states
from applications.models import Application
from core import clock
from core.identity.masking import mask_name
from core.models import Transition
from datashare.models import Call
from office import waiting_page
from office.figures import waiting
from office.figures.book import FIGURES
from office.figures.figure import Figure, Moment
from office.models import DeskDays
from renewal.models import ExitCase

_FOUND = 50


class NoSuchFigure(LookupError):
    """No figure has this key, or a filter does not fit it."""


@dataclass(frozen=True)
class Chosen:
    """A figure and the filters that its link named."""

    figure: Figure
    street: str = ""
    month: datetime | None = None
    source: str = ""
    outcome: str = ""
    desk: str = ""
    stage: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Chosen":
        """What a link asks for. Raises NoSuchFigure."""
        figure = FIGURES.get(query.get("figure", ""))
        if figure is None:
            raise NoSuchFigure
        chosen = cls(
            figure,
            street=query.get("street", ""),
            month=_month(query.get("month", "")),
            source=query.get("source", ""),
            outcome=query.get("outcome", ""),
            desk=query.get("desk", ""),
            stage=query.get("stage", ""),
        )
        chosen._refuse_misfits()
        return chosen

    def rows(self, moment: Moment) -> QuerySet[Any]:
        """The rows of the figure under the filters."""
        return self.figure.rows(moment).filter(self._filters())

    def _filters(self) -> Q:
        found = Q()
        if self.street:
            found &= Q(**{self.figure.population.street: self.street})
        if self.month:
            path = self.figure.population.month
            until = _next_month(self.month)
            found &= Q(**{f"{path}__gte": self.month, f"{path}__lt": until})
        if self.source and self.figure.key in waiting.BY_SOURCE:
            found &= waiting.cases(waiting.BY_SOURCE[self.figure.key], self.source)
        elif self.source:
            found &= Q(source=self.source)
        if self.desk:
            held = DeskDays.objects.filter(bureau__code=self.desk)
            held = held.filter(stage=self.stage) if self.stage else held
            found &= Q(pk__in=held.values("reviewed__application"))
        if self.outcome:
            found &= Q(outcome=self.outcome)
        return found

    def _refuse_misfits(self) -> None:
        calls = self.figure.population.key == "calls"
        if (self.outcome and not calls) or (self.month and not self.figure.population.month):
            raise NoSuchFigure
        if (self.desk or self.stage) and self.figure.population.key != "reviewed":
            raise NoSuchFigure
        if self.source and not (calls or self.figure.key in waiting.BY_SOURCE):
            raise NoSuchFigure
        if self.street and not self.figure.population.street:
            raise NoSuchFigure


def _month(text: str) -> datetime | None:
    if not text:
        return None
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=clock.LOCAL)
        _next_month(first)  # the last month there is has none after it
        return first
    except ValueError:
        raise NoSuchFigure from None


def _next_month(first: datetime) -> datetime:
    year, month = divmod(first.year * 12 + first.month, 12)
    return first.replace(year=year, month=month + 1)


def found(text: str) -> list[Application]:
    """Cases by number, by a member's name, or by its pinyin; the newest first, at most fifty."""
    if not text.strip():
        return []
    rows = Application.objects.sent().filter(filters.found(text))
    return list(rows.select_related("street").order_by("-submitted_at", "-pk")[:_FOUND])


@dataclass(frozen=True)
class Step:
    """One change of state in a case's history."""

    state: Any
    at: datetime
    by: str
    reason: str
    current: bool


def sheet(application: Application, moment: Moment) -> dict[str, Any]:
    """What an administrator sees of one case: its people masked, clock, history, register calls."""
    members = list(application.members.all())
    outcomes = Call.objects.filter(case_no=application.case_no).order_by().values("outcome")
    return {
        "case": application,
        "state": application.STATES[application.state],
        "members": [(mask_name(one.name), one.is_applicant, one.excluded) for one in members],
        "clock": deadlines.clock_of(application, moment.day) if application.accepted_at else None,
        "foreseen": forecast.of(application, moment.day),
        "escalated": escalations.of(application),
        "desk_times": desk_time.of(application, moment.day),
        "steps": _history(application),
        "moves": waiting_page.moves_of(application),
        "home_visits": list(application.home_visits.order_by("visited_at")),
        "calls": [
            (Call.Outcome(row["outcome"]).label, row["n"])
            for row in outcomes.annotate(n=Count("pk"))
        ],
        "decisions": list(application.decisions.filter(replaced=False)),
        "lease": application.leases.select_related("home").order_by("-created_at").first(),
        "exits": list(ExitCase.objects.filter(lease__application=application)),
        "tasks": list(application.tasks.select_related("bureau").order_by("opened_at")),
    }


def _history(application: Application) -> list[Step]:
    log = list(
        Transition.objects.filter(
            thing_type=application._meta.label_lower, thing_id=application.pk
        ).order_by("at", "id")
    )
    return [
        Step(states.APPLICATION[one.to_state], one.at, one.by, one.reason, one is log[-1])
        for one in log
    ]

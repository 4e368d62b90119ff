"""One figure (指标): a population, a condition, and so both the number and the list behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Model, Q, QuerySet, Sum
from django.urls import reverse

from core import clock


@dataclass(frozen=True)
class Moment:
    """As of when a page's figures stand: one instant for all of them."""

    at: datetime

    @classmethod
    def now(cls) -> "Moment":
        return cls(clock.now())

    @property
    def day(self) -> date:
        return self.at.astimezone(clock.LOCAL).date()

    @property
    def new_year(self) -> datetime:
        """The instant at which this year began in Ningbo."""
        return clock.local_midnight(date(self.day.year, 1, 1))


@dataclass(frozen=True)
class Line:
    """One row of the list behind a figure; people's names only masked."""

    case_no: str
    who: str
    state: Any  # a core.workflow.State, or None
    street: str
    since: datetime | date | None
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class Population:
    """Rows of one kind. ``street`` is the path to the street's code and ``month`` to a moment by
    which months are told; empty where there is none."""

    key: str
    unit: Any
    rows: Callable[[], QuerySet[Any]]
    order: tuple[str, ...]
    lines: Callable[[list[Any]], list[Line]]
    street: str = ""
    month: str = ""


@dataclass(frozen=True)
class Figure:
    """A number with its definition (口径). ``where`` picks the rows; ``total`` sums a field."""

    key: str
    title: Any
    definition: Any
    population: Population
    where: Callable[[Moment], Q]
    total: str = ""
    unit: Any = ""

    @property
    def counted_in(self) -> Any:
        return self.unit or self.population.unit

    def rows(self, moment: Moment) -> QuerySet[Any]:
        """The rows that make the number, in the order of their list."""
        return self.population.rows().filter(self.where(moment)).order_by(*self.population.order)

    def measure(self, moment: Moment) -> Any:
        """How the number is computed, as an expression over the population."""
        if self.total:
            return Sum(self.total, filter=self.where(moment), default=0)
        return Count("pk", filter=self.where(moment))


def everyone(moment: Moment) -> Q:
    """No condition: the whole population."""
    return Q()


def measure(figures: Iterable[Figure], moment: Moment) -> dict[str, int]:
    """The figures' numbers by key: one query for each population."""
    wanted = list(figures)
    numbers: dict[str, int] = {}
    for population in {one.population.key: one.population for one in wanted}.values():
        own = [one for one in wanted if one.population.key == population.key]
        numbers.update(_by_key(_plain(population).aggregate(**_columns(own, moment))))
    return numbers


def by_street(figures: Iterable[Figure], moment: Moment) -> dict[str, dict[str, int]]:
    """The figures' numbers by the street's code; figures of one population, one query."""
    wanted = list(figures)
    population = wanted[0].population
    rows = _plain(population).values(code=F(population.street)).annotate(**_columns(wanted, moment))
    return {row.pop("code") or "": _by_key(row) for row in rows}


def _columns(figures: Iterable[Figure], moment: Moment) -> dict[str, Any]:
    """Columns that no field of a population can be called."""
    return {f"n_{one.key}": one.measure(moment) for one in figures}


def _by_key(row: dict[str, Any]) -> dict[str, int]:
    return {name.removeprefix("n_"): number for name, number in row.items()}


def _plain(population: Population) -> QuerySet[Any]:
    rows: QuerySet[Model] = population.rows().select_related(None).order_by()
    return rows


def cases_href(key: str, **chosen: str) -> str:
    """The address of the list behind a figure."""
    return f"{reverse('office_cases')}?{urlencode({'figure': key, **chosen})}"

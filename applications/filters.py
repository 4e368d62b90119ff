"""Filters of the shared queue and of the API (筛选). Facets count what each choice would show."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import states
from applications.models import Application, ReviewTask
from applications.models.application import Channel
from applications.models.review import Stage
from core import workdays

LATE, TODAY, SOON, LATER = "late", "today", "soon", "later"
URGENCY = [
    (LATE, _("已超期")),
    (TODAY, _("今天到期")),
    (SOON, _("2个工作日内")),
    (LATER, _("还有时间")),
]
CLEAN, DOUBT = "clean", "doubt"
FINDINGS = [(DOUBT, _("有待核实")), (CLEAN, _("各项符合"))]
OPEN_STATES = (states.TASK_OPEN, states.TASK_CLAIMED)
_STATES = [
    (one.id, one.tag)
    for one in states.REVIEW_TASK
    if one.id in (states.TASK_OPEN, states.TASK_CLAIMED)
]


def urgency(today: date) -> Case:
    """The urgency of a task on a day, as a column."""
    soon = workdays.add_workdays(today, 2)
    return Case(
        When(due_on__lt=today, then=Value(LATE)),
        When(due_on=today, then=Value(TODAY)),
        When(due_on__lte=soon, then=Value(SOON)),
        default=Value(LATER),
        output_field=CharField(),
    )


def tone() -> Case:
    """Whether a task carries doubtful rules, as a column."""
    return Case(
        When(findings=[], then=Value(CLEAN)), default=Value(DOUBT), output_field=CharField()
    )


def with_facets(tasks: QuerySet[ReviewTask], today: date) -> QuerySet[ReviewTask]:
    """The tasks with the columns that the filter reads."""
    return tasks.annotate(urgency=urgency(today), tone=tone())


class TaskFilter(django_filters.FilterSet):
    """Of the tasks that somebody may see, those that were asked for."""

    urgency = django_filters.ChoiceFilter(label=_("期限"), choices=URGENCY)
    stage = django_filters.ChoiceFilter(label=_("环节"), choices=Stage.choices)
    state = django_filters.ChoiceFilter(label=_("状态"), choices=_STATES)
    tone = django_filters.ChoiceFilter(label=_("核对结果"), choices=FINDINGS)
    channel = django_filters.ChoiceFilter(
        label=_("申请方式"), field_name="application__channel", choices=Channel.choices
    )
    street = django_filters.ModelChoiceFilter(
        label=_("镇街"),
        field_name="application__street",
        queryset=Bureau.objects.streets(),
        to_field_name="code",
    )
    q = django_filters.CharFilter(label=_("查找"), method="search")

    class Meta:
        model = ReviewTask
        fields: list[str] = []

    def search(self, tasks: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By the end of a case number, a name, or the pinyin of a name."""
        return tasks.filter(found(value, "application__"))


class ApplicationFilter(django_filters.FilterSet):
    """Cases by state, street, channel, category, time of acceptance and words."""

    state = django_filters.MultipleChoiceFilter(choices=states.APPLICATION.choices)
    street = django_filters.ModelChoiceFilter(
        queryset=Bureau.objects.streets(), to_field_name="code"
    )
    accepted_from = django_filters.DateFilter(field_name="accepted_at", lookup_expr="date__gte")
    accepted_to = django_filters.DateFilter(field_name="accepted_at", lookup_expr="date__lte")
    q = django_filters.CharFilter(method="search", label=_("编号后4位、姓名或拼音"))

    class Meta:
        model = Application
        fields = ["channel", "category", "programme", "pending_sources"]

    def search(self, cases: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By the end of a case number, a name, or the pinyin of a name."""
        return cases.filter(found(value))


def found(text: str, prefix: str = "") -> Q:
    """A condition: case number ends so, or a member's name or its pinyin begins so."""
    text = text.strip()
    by_name = Application.objects.filter(
        Q(members__name__startswith=text) | Q(members__name_key__icontains=text.lower())
    ).values("pk")
    return Q(**{f"{prefix}case_no__iendswith": text}) | Q(**{f"{prefix}pk__in": by_name})


# -- Facets --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    """One choice of a facet and how many tasks it would show."""

    value: str
    label: Any
    count: int


FACETS = ("urgency", "stage", "tone", "state", "channel", "street")
_COLUMNS = {"channel": "application__channel", "street": "application__street__code"}


def facets_of(tasks: QuerySet[ReviewTask], chosen: dict[str, str]) -> dict[str, list[Option]]:
    """Counts for every choice of every facet, from one query.

    A facet counts under all other choices but its own, so that one sees what a change would bring.
    """
    columns = [_COLUMNS.get(name, name) for name in FACETS]
    cube = list(tasks.order_by().values_list(*columns, "application__street__name").annotate(
        n=Count("pk")))  # fmt: skip
    names = {row[FACETS.index("street")]: row[-2] for row in cube}
    return {
        name: _options(name, _counts(cube, at, chosen), names) for at, name in enumerate(FACETS)
    }


def _counts(cube: Iterable[tuple[Any, ...]], at: int, chosen: dict[str, str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in cube:
        others = (
            not chosen.get(name) or row[place] == chosen[name]
            for place, name in enumerate(FACETS)
            if place != at
        )
        if all(others):
            counts[row[at] or ""] += row[-1]
    return counts


def _options(name: str, counts: Counter[str], streets: dict[str, str]) -> list[Option]:
    if name == "street":
        return [Option(code, streets[code], n) for code, n in sorted(counts.items()) if code]
    choices = dict(TaskFilter.base_filters[name].extra["choices"])
    return [Option(value, label, counts[value]) for value, label in choices.items()]


def days_left(tasks: Iterable[ReviewTask], today: date) -> dict[date, int]:
    """Working days left for each due date on a page; below zero when late."""
    return {due: _left(today, due) for due in {task.due_on for task in tasks}}


def _left(today: date, due: date) -> int:
    if due >= today:
        return workdays.workdays_between(today, due)
    return -workdays.workdays_between(due, min(today, due + timedelta(days=400)))

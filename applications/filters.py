"""Filters of the shared queue and of the API (筛选); `queue_counts` says what each would show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import django_filters
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import search_words, states
from applications.models import Application, ReviewTask
from applications.models.application import Channel
from applications.models.review import Stage
from core import clock, workdays

LATE, TODAY, SOON, LATER = "late", "today", "soon", "later"
URGENCY = [
    (LATE, _("已超期")),
    (TODAY, _("今天到期")),
    (SOON, _("2个工作日内")),
    (LATER, _("还有时间")),
]
CLEAN, DOUBT = "clean", "doubt"
_LONGEST = 400  # days back in which working days are counted
FINDINGS = [(DOUBT, _("有待核实")), (CLEAN, _("各项符合"))]
OPEN_STATES = (states.TASK_OPEN, states.TASK_CLAIMED)
_STATES = [
    (one.id, one.tag)
    for one in states.REVIEW_TASK
    if one.id in (states.TASK_OPEN, states.TASK_CLAIMED)
]


MINE = "me"
HOLDERS = [(MINE, _("我认领的"))]


def urgency(today: date) -> Case:
    """The urgency of a task on a day, as a column."""
    soon = soon_until(today)
    return Case(
        When(due_on__lt=today, then=Value(LATE)),
        When(due_on=today, then=Value(TODAY)),
        When(due_on__lte=soon, then=Value(SOON)),
        default=Value(LATER),
        output_field=CharField(),
    )


def soon_until(today: date) -> date:
    """The last day that counts as soon."""
    return workdays.add_workdays(today, 2)


def urgency_of(due: date, today: date) -> str:
    """The urgency of one day, for lists that are not cut by the database."""
    if due <= today:
        return LATE if due < today else TODAY
    return SOON if due <= soon_until(today) else LATER


def with_facets(tasks: QuerySet[ReviewTask], today: date) -> QuerySet[ReviewTask]:
    """The tasks with their urgency, as rows and replies show it."""
    return tasks.annotate(urgency=urgency(today))


def expired(now: datetime) -> Q:
    """Claims that have run out: their tasks count as free, before the sweeper has freed them."""
    return Q(state=states.TASK_CLAIMED, claim_expires_at__lte=now)


class TaskFilter(django_filters.FilterSet):
    """Of the tasks that somebody may see, those that were asked for; each one by an index."""

    urgency = django_filters.ChoiceFilter(label=_("期限"), choices=URGENCY, method="by_urgency")
    stage = django_filters.ChoiceFilter(label=_("环节"), choices=Stage.choices)
    state = django_filters.ChoiceFilter(label=_("状态"), choices=_STATES, method="by_state")
    tone = django_filters.ChoiceFilter(label=_("核对结果"), choices=FINDINGS, method="by_tone")
    channel = django_filters.ChoiceFilter(label=_("申请方式"), choices=Channel.choices)
    street = django_filters.ModelChoiceFilter(
        label=_("镇街"), queryset=Bureau.objects.streets(), to_field_name="code"
    )
    holder = django_filters.ChoiceFilter(label=_("办理人"), choices=HOLDERS, method="by_holder")
    q = django_filters.CharFilter(label=_("查找"), method="search")

    class Meta:
        model = ReviewTask
        fields: list[str] = []

    def by_urgency(self, tasks: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """As a range of days due."""
        today = clock.today()
        ranges = {
            LATE: Q(due_on__lt=today),
            TODAY: Q(due_on=today),
            SOON: Q(due_on__gt=today, due_on__lte=soon_until(today)),
            LATER: Q(due_on__gt=soon_until(today)),
        }
        return tasks.filter(ranges[value])

    def by_state(self, tasks: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Free or held now: a claim that has run out holds nothing."""
        now = clock.now()
        if value == states.TASK_OPEN:
            return tasks.filter(Q(state=states.TASK_OPEN) | expired(now))
        return tasks.filter(state=states.TASK_CLAIMED, claim_expires_at__gt=now)

    def by_tone(self, tasks: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """With doubtful rules or without."""
        return tasks.filter(doubt=value == DOUBT)

    def by_holder(self, tasks: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those that the person who asks holds now."""
        staff = getattr(getattr(self.request, "user", None), "as_staff", None)
        return tasks.filter(
            state=states.TASK_CLAIMED, claimed_by=staff, claim_expires_at__gt=clock.now()
        )

    def search(self, tasks: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By the end of a case number, a name, its pinyin, or the last four of an ID number."""
        return tasks.filter(search_words.matching(value, "application_id"))


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
        """By the end of a case number, a name, its pinyin, or the last four of an ID number."""
        return cases.filter(found(value))


def found(text: str) -> Any:
    """A condition on cases: what is typed begins one of their words (`search_words`)."""
    return search_words.matching(text)


# -- Working days --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """How long until a day: words, one of URGENCY for its colour, working days (below 0: late)."""

    words: str
    urgency: str
    due: date | None
    days: int = 0


def left(due: date | None, today: date) -> Left:
    """The working days left until ``due``, as every list writes them."""
    if due is None:
        return Left("", LATER, None)
    if due < today:
        n = workdays.workdays_between(due, min(today, due + timedelta(days=_LONGEST)))
        late = ngettext("超期%(n)d个工作日", "超期%(n)d个工作日", n) % {"n": n}
        words = late if n else gettext("期限已过")  # no working day has passed since
        return Left(words, LATE, due, -n)
    n = workdays.workdays_between(today, due)
    words = ngettext("还有%(n)d个工作日", "还有%(n)d个工作日", n) % {"n": n}
    return Left(gettext("今天到期") if due == today else words, urgency_of(due, today), due, n)


def days_left(dues: Iterable[date], today: date) -> dict[date, Left]:
    """The time left for each due date on a page."""
    return {due: left(due, today) for due in set(dues)}

"""The list of clues: filters with their counts, pages by key, the oldest first."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import keyed_pages, registers
from core import clock
from core.workflow import State
from renewal import states
from renewal.models import Clue

PAGE = 50
_WEEK, _MONTH, _SOON = timedelta(days=7), timedelta(days=30), timedelta(days=14)
AGES = (
    ("week", _("七天以内")), ("month", _("八天到三十天")), ("older", _("三十天以上")),
    ("soon", _("十四天内过期")),
)  # fmt: skip
_TITLES = {"state": _("进展"), "kind": _("线索"), "street": _("镇街"), "age": _("多久了")}


@dataclass(frozen=True)
class Listed:
    """One page of the list and what its filters would show."""

    rows: list[tuple[Clue, State, str]]  # with the name of its source
    facets: list[tuple[Any, list[tuple[Any, str, int, bool]]]]
    total: int
    next_href: str
    previous_href: str
    narrowed: bool


def of(query: QueryDict) -> Listed:
    """The page that an address asks for. A constant number of queries."""
    today = clock.today()
    rows = _narrowed(query, today)
    found, before, after = _page(rows, query)
    return Listed(
        rows=[(one, states.CLUE[one.state], registers.name_of(one.source)) for one in found],
        facets=[_facet(name, query, today) for name in _TITLES],
        total=rows.count(),
        next_href=keyed_pages.href(query, after=after) if after else "",
        previous_href=keyed_pages.href(query, before=before) if before else "",
        narrowed=any(query.get(name) for name in _TITLES),
    )


def _narrowed(query: QueryDict, today: date, *, but: str = "") -> QuerySet[Clue]:
    """The clues under the filters, one of them left out if named."""
    rows = Clue.objects.all()
    for name in _TITLES:
        chosen = query.get(name, "")
        if name == but:
            continue
        if name == "state":
            rows = rows.filter(_in_state(chosen))
        elif chosen:
            rows = rows.filter(_where(name, chosen, today))
    return rows


def _in_state(chosen: str) -> Q:
    known = dict(states.CLUE.choices)
    return Q(state=chosen) if chosen in known else Q(state__in=states.CLUE.open_ids)


def _where(name: str, chosen: str, today: date) -> Q:
    if name == "kind":
        return Q(kind=chosen)
    if name == "street":
        return Q(street__code=chosen[:40])
    return _ages(today).get(chosen, Q(pk=None))


def _ages(today: date) -> dict[str, Q]:
    week, month = (clock.local_midnight(today - one) for one in (_WEEK, _MONTH))
    return {
        "week": Q(noted_at__gte=week),
        "month": Q(noted_at__lt=week, noted_at__gte=month),
        "older": Q(noted_at__lt=month),
        "soon": Q(state=states.L_FOUND, expires_on__lte=today + _SOON),
    }


def _page(rows: QuerySet[Clue], query: QueryDict) -> tuple[list[Clue], str, str]:
    """The clues of the page, and the keys before and after it; '' at an end."""
    rows = rows.select_related("lease__application", "lease__home", "street", "taken_by__user")
    return keyed_pages.page_of(rows, query, size=PAGE)


def _facet(
    name: str, query: QueryDict, today: date
) -> tuple[Any, list[tuple[Any, str, int, bool]]]:
    chosen = query.get(name, "")
    numbers = _counted(name, query, today)
    options = [
        (word, keyed_pages.href(query, **{name: "" if value == chosen else value}),
         numbers.get(value, 0), value == chosen)
        for value, word in _choices(name)
        if numbers.get(value) or value == chosen
    ]  # fmt: skip
    return _TITLES[name], options


def _counted(name: str, query: QueryDict, today: date) -> dict[str, int]:
    """How many clues each value of a filter would show beside the others; one query."""
    rows = _narrowed(query, today, but=name)
    if name == "age":
        each = {word: Count("pk", filter=where) for word, where in _ages(today).items()}
        return dict(rows.aggregate(**each))
    column = "street__code" if name == "street" else name
    return dict(rows.order_by().values_list(column).annotate(n=Count("pk")))


def _choices(name: str) -> list[tuple[str, Any]]:
    if name == "street":
        return list(Bureau.objects.streets().order_by("code").values_list("code", "name"))
    table: dict[str, list[tuple[str, Any]]] = {
        "state": states.CLUE.choices, "kind": Clue.Kind.choices, "age": list(AGES),
    }  # fmt: skip
    return table[name]

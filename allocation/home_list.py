"""The list of homes (房源清单): filters, what each would show, pages by key."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import Case, CharField, Count, QuerySet, Value, When
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from allocation import facts, states
from allocation.models import Estate, Home
from applications import keyed_pages

PAGE = 50
LOW, MIDDLE, HIGH = "low", "middle", "high"
FLOORS = [
    (LOW, gettext_lazy("1到3层")),
    (MIDDLE, gettext_lazy("4到7层")),
    (HIGH, gettext_lazy("8层以上")),
]  # fmt: skip
_YES, _NO = "true", "false"
ACCESSIBLE = [(_YES, gettext_lazy("无障碍")), (_NO, gettext_lazy("普通"))]
# the facets in the order in which they stand
FACETS = ("state", "estate", "unit_type", "accessible", "floor")


def floor_band() -> Case:
    """Low, middle or high, as a column; what is below the ground counts as low."""
    return Case(
        When(floor__lte=3, then=Value(LOW)),
        When(floor__lte=7, then=Value(MIDDLE)),
        default=Value(HIGH),
        output_field=CharField(),
    )


class HomeFilter(django_filters.FilterSet):
    """By state, estate, building, unit type, accessibility, floor, and words of the address."""

    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=states.HOME.choices)
    estate = django_filters.ModelChoiceFilter(
        label=gettext_lazy("小区"), queryset=Estate.objects.all(), to_field_name="code"
    )
    unit_type = django_filters.ChoiceFilter(
        label=gettext_lazy("户型"), choices=list(facts.UNIT_TYPES.items())
    )
    accessible = django_filters.ChoiceFilter(
        label=gettext_lazy("无障碍"), choices=ACCESSIBLE, method="by_accessible"
    )
    floor = django_filters.ChoiceFilter(
        label=gettext_lazy("楼层"), choices=FLOORS, method="by_floor"
    )
    q = django_filters.CharFilter(label=gettext_lazy("查找"), method="search")

    class Meta:
        model = Home
        fields: list[str] = []

    def by_accessible(self, homes: QuerySet[Home], name: str, value: str) -> QuerySet[Home]:
        """Accessible or ordinary homes."""
        return homes.filter(accessible=value == _YES)

    def by_floor(self, homes: QuerySet[Home], name: str, value: str) -> QuerySet[Home]:
        """A band of floors."""
        return homes.alias(band=floor_band()).filter(band=value)

    def search(self, homes: QuerySet[Home], name: str, value: str) -> QuerySet[Home]:
        """By the beginning of a code or a part of it, as it is printed on the plate."""
        return homes.filter(code__icontains=value.strip()[:64])


@dataclass(frozen=True)
class Listed:
    """One page of the list and what its filters would show."""

    homes: list[Home]
    facets: list[tuple[Any, list[tuple[Any, str, int, bool]]]]
    total: int
    next_href: str
    previous_href: str
    counts: list[tuple[Any, int]]  # homes by state under the other filters


def of(query: QueryDict) -> Listed:
    """The page that an address asks for; a filter that does not fit shows nothing."""
    chosen = HomeFilter(query, queryset=Home.objects.all())
    rows = chosen.qs if chosen.is_valid() else Home.objects.none()
    homes, before, after = _page(rows, query)
    numbers = {name: _counted(name, query) for name in FACETS}
    by_state = numbers["state"]
    return Listed(
        homes=homes,
        facets=[_facet(name, query, numbers[name]) for name in FACETS],
        total=rows.count(),
        next_href=keyed_pages.href(query, after=after) if after else "",
        previous_href=keyed_pages.href(query, before=before) if before else "",
        counts=[(one, by_state[one.id]) for one in states.HOME if by_state.get(one.id)],
    )


def _page(rows: QuerySet[Home], query: QueryDict) -> tuple[list[Home], str, str]:
    """The homes of the page, the key before it and the key after it; '' at an end."""
    rows = rows.select_related("estate")
    return keyed_pages.page_of(rows, query, size=PAGE, by="code")


def _counted(name: str, query: QueryDict) -> dict[str, int]:
    """How many homes each value of a facet would show beside the other filters."""
    others = query.copy()
    others.pop(name, None)
    chosen = HomeFilter(others, queryset=Home.objects.all())
    rows = chosen.qs if chosen.is_valid() else Home.objects.none()
    column = {"estate": "estate__code", "floor": "band"}.get(name, name)
    if name == "floor":
        rows = rows.annotate(band=floor_band())
    found = rows.order_by().values_list(column).annotate(n=Count("pk"))
    return {_value(value): n for value, n in found}


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _YES if value else _NO
    return str(value)


def _facet(
    name: str, query: QueryDict, numbers: dict[str, int]
) -> tuple[Any, list[tuple[Any, str, int, bool]]]:
    chosen = query.get(name, "")
    options = [
        (word, keyed_pages.href(query, **{name: "" if value == chosen else value}),
         numbers.get(value, 0), value == chosen)
        for value, word in _choices(name)
        if numbers.get(value) or value == chosen
    ]  # fmt: skip
    return HomeFilter.base_filters[name].label, options


def _choices(name: str) -> list[tuple[str, Any]]:
    if name == "estate":
        return list(Estate.objects.order_by("name").values_list("code", "name"))
    table: dict[str, list[tuple[str, Any]]] = {
        "state": states.HOME.choices,
        "unit_type": list(facts.UNIT_TYPES.items()),
        "accessible": ACCESSIBLE,
        "floor": FLOORS,
    }
    return table[name]

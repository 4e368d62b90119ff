"""Lists of inspections and violations: filters with counts, pages by key, constant queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import QueryDict

from applications.keyed_pages import href
from applications.models import Member
from core.identity.masking import mask_name

PAGE = 50
Facet = tuple[Any, list[tuple[Any, str, int, bool]]]


@dataclass(frozen=True)
class Listed:
    """One page, and what its filters would show."""

    rows: list[Any]
    facets: list[Facet]
    previous_href: str
    next_href: str
    narrowed: bool


def of(rows: QuerySet[Any], query: QueryDict, filters: dict[str, tuple[Any, Any]]) -> Listed:
    """The page that an address asks for, the newest first; ``filters``: column → title, choices.

    A value that no filter knows narrows nothing.
    """
    chosen = {
        name: str(query[name])
        for name, (_title, choices) in filters.items()
        if query.get(name) in dict(choices)
    }
    found, before, after = _page(rows.filter(**chosen), query)
    return Listed(
        rows=found,
        facets=[_facet(rows, query, chosen, name, *filters[name]) for name in filters],
        previous_href=href(query, before=before) if before else "",
        next_href=href(query, after=after) if after else "",
        narrowed=bool(chosen),
    )


def tenants(rows: Iterable[Any]) -> dict[int, str]:
    """Masked names of the tenants by application, in one query; rows name a lease."""
    cases = [row.lease.application_id for row in rows]
    found = Member.objects.filter(application__in=cases, is_applicant=True)
    return {one.application_id: mask_name(one.name) for one in found}


def _page(rows: QuerySet[Any], query: QueryDict) -> tuple[list[Any], str, str]:
    """The rows of the page by falling key, the key before it and the key after it."""
    after, before = _number(query.get("after")), _number(query.get("before"))
    if before:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: PAGE + 1])
        more_before, found = len(found) > PAGE, found[:PAGE][::-1]
        more_after = bool(found)
    else:
        narrowed = rows.filter(pk__lt=after) if after else rows
        found = list(narrowed.order_by("-pk")[: PAGE + 1])
        more_after, found = len(found) > PAGE, found[:PAGE]
        more_before = bool(after and found)
    if not found:
        return [], "", ""
    return found, str(found[0].pk) if more_before else "", str(found[-1].pk) if more_after else ""


def _number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 19 else 0


def _facet(
    rows: QuerySet[Any], query: QueryDict, chosen: dict[str, str], name: str, title: Any,
    choices: Any,
) -> Facet:  # fmt: skip
    others = {key: value for key, value in chosen.items() if key != name}
    counted = rows.filter(**others).order_by().values_list(name).annotate(n=Count("pk"))
    numbers = dict(counted)
    present = chosen.get(name, "")
    options = [
        (word, href(query, **{name: "" if value == present else value}), numbers.get(value, 0),
         value == present)
        for value, word in choices
        if numbers.get(value) or value == present
    ]  # fmt: skip
    return title, options

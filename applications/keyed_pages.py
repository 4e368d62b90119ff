"""Lists paged by key (按键翻页): the last page is as quick as the first, and rows that come or go
meanwhile shift nothing."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

_TURNS = ("after", "before")


def page_of(
    rows: QuerySet[Any], query: QueryDict, *, size: int, by: str = "pk"
) -> tuple[list[Any], str, str]:
    """The rows that ``after`` or ``before`` ask for, ``size`` of them in the order of a unique
    field, and the keys for the page before and the page after; '' at an end."""
    after, before = (_key(query.get(name, ""), by) for name in _TURNS)
    if before:
        found = list(rows.filter(**{f"{by}__lt": before}).order_by(f"-{by}")[: size + 1])
        more_before, found = len(found) > size, found[:size][::-1]
        more_after = bool(found)
    else:
        later = rows.filter(**{f"{by}__gt": after}) if after else rows
        found = list(later.order_by(by)[: size + 1])
        more_after, found = len(found) > size, found[:size]
        more_before = bool(after and found)
    if not found:
        return [], "", ""
    first, last = str(getattr(found[0], by)), str(getattr(found[-1], by))
    return found, first if more_before else "", last if more_after else ""


def _key(text: str, by: str) -> str:
    """What the address says, where it can be a key at all."""
    is_number = text.isascii() and text.isdigit() and len(text) < 18
    return text if by != "pk" or is_number else ""


def href(query: QueryDict, **changes: str) -> str:
    """The address with these filters changed; a change begins at the first page."""
    made = query.copy()
    for name in _TURNS:
        made.pop(name, None)
    for name, value in changes.items():
        made[name] = value
        if not value:
            del made[name]
    return f"?{made.urlencode()}" if made else "?"

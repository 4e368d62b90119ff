"""The households of a campaign as a list (复核清单): by number, state, street and tier, by key."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications import duties, keyed_pages
from applications.eligibility import explain
from core.workflow import State
from renewal import numbers, states
from renewal.models import Campaign, ExitCase, Recheck

PAGE = 50
_FILTERS = ("number", "lane", "street", "tier")


@dataclass(frozen=True)
class Line:
    """One household as the list shows it."""

    row: Recheck
    state: State
    doubted: list[tuple[str, Any]]  # rule by name, value that was found
    exit_id: int | None  # the case on somebody's desk, for a clue
    terms: str  # tier and rent before and after


@dataclass(frozen=True)
class Listed:
    """One page of the list and what its filters would show."""

    lines: list[Line]
    facets: list[tuple[Any, list[tuple[Any, str, int, bool]]]]
    total: int
    next_href: str
    previous_href: str
    number: numbers.Number | None
    is_filtered: bool


def words() -> dict[str, State]:
    """The states as the office reads them: how many questions a family has is the family's."""
    own = {states.K_QUESTION: _("待查清")}
    return {one.id: replace(one, tag=own.get(one.id, one.tag)) for one in states.RECHECK}


def of(campaign: Campaign, query: QueryDict) -> Listed:
    """The page that an address asks for; a filter that does not fit shows nothing.

    Six statements, however many households there are.
    """
    rows = chosen(campaign, query)
    page, before, after = _page(rows, query)
    table = words()
    return Listed(
        lines=[_line(one, table) for one in page],
        facets=[_facet(campaign, name, query) for name in ("lane", "street", "tier")],
        total=rows.count(),
        next_href=keyed_pages.href(query, after=after) if after else "",
        previous_href=keyed_pages.href(query, before=before) if before else "",
        number=numbers.BY_CODE.get(query.get("number", "")),
        is_filtered=any(query.get(name) for name in _FILTERS),
    )


def chosen(campaign: Campaign, query: Mapping[str, Any], *, but: str = "") -> QuerySet[Recheck]:
    """The households that the filters of an address name, all of them or all but one."""
    told = {name: str(query.get(name) or "") for name in _FILTERS if name != but}
    code = told.get("number", "")
    if code and code not in numbers.BY_CODE:
        return campaign.rechecks.none()
    rows = numbers.households(campaign, code or "all")
    if lane := told.get("lane"):
        rows = rows.filter(state=lane)
    if street := told.get("street"):
        rows = rows.filter(household__street=int(street) if street.isdecimal() else None)
    if tier := told.get("tier"):
        rows = rows.filter(lease__tier="" if tier == numbers.NO_TIER else tier)
    return rows


def _page(chosen: QuerySet[Recheck], query: QueryDict) -> tuple[list[Any], str, str]:
    """The rows of the page, the key before it and the key after it; '' at an end."""
    # the newest case of each lease: a clue may belong to one that was open before
    newest = ExitCase.objects.filter(lease=OuterRef("lease")).order_by("-pk")
    rows: Any = chosen.select_related("lease__application", "lease__home").annotate(
        street_name=F("household__street__name"), exit_pk=Subquery(newest.values("pk")[:1])
    )
    return keyed_pages.page_of(rows, query, size=PAGE)


def _line(row: Any, table: Mapping[str, State]) -> Line:
    case = row.exit_pk if row.state == states.K_SUSPECT else None
    return Line(row, table[row.state], _doubted(row), case, _terms(row))


def _doubted(row: Recheck) -> list[tuple[str, Any]]:
    """Each rule that is in doubt once, with the value that was found."""
    found = {(duties.name_of(flag["rule"]), flag["actual"]): None for flag in row.flags}
    return list(found)


def _terms(row: Recheck) -> str:
    """The tier and rent before and after, where only they change."""
    change = row.change
    if row.flags or not change.get("tier_new"):
        return ""
    tiers = f"{tier_word(change['tier_old'])}→{tier_word(change['tier_new'])}"
    return f"{tiers} {change.get('rent_old', '')}→{change.get('rent_new', '')}"


def _facet(
    campaign: Campaign, name: str, query: QueryDict
) -> tuple[Any, list[tuple[Any, str, int, bool]]]:
    column, word = {
        "lane": ("state", "state"),
        "street": ("household__street", "household__street__name"),
        "tier": ("lease__tier", "lease__tier"),
    }[name]
    rows = chosen(campaign, query, but=name).order_by(word).values(key=F(column), text=F(word))
    now = query.get(name, "")
    options = []
    for key, text, n in rows.annotate(n=Count("pk")).values_list("key", "text", "n"):
        value = str(key or numbers.NO_TIER)
        href = keyed_pages.href(query, **{name: "" if value == now else value})
        options.append((_word(name, key, text), href, n, value == now))
    titles = {"lane": _("状态"), "street": _("镇街"), "tier": _("保障档次")}
    return titles[name], options


def _word(name: str, key: Any, text: Any) -> str:
    if name == "lane":
        return str(words()[key].tag)
    if not key:
        return str(_("没有登记"))
    return tier_word(key) if name == "tier" else str(text)


def tier_word(tier: str) -> str:
    """A tier in the language of the page."""
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    return explain.tier_name(tier, language) if tier else ""

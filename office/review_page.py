"""/office/review/: the numbers of the review, from one row a case; a handful of group-bys, whatever
the number of cases."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Sum
from django.utils.translation import gettext as _

from accounts.models import Bureau
from accounts.roles import BureauKind
from applications import periods
from applications.models.review import Stage
from core import display
from office import review_numbers
from office.dashboards import Card, card
from office.figures import review
from office.figures.durations import histogram, rank
from office.figures.figure import Figure, Moment, cases_href, measure
from office.figures.review_days import shares
from office.models import DeskDays, ReviewedCase
from office.models.reviewed import PAUSES, PLACES

_MONTHS = 24  # rows of the table by month


@dataclass(frozen=True)
class Spread:
    """Some durations: how many, fastest, median, P90, and how many within 15 and within 45."""

    cases: int
    fastest: int | None
    median: int | None
    p90: int | None
    promised: float | None
    statutory: float | None
    days: int


@dataclass(frozen=True)
class Line:
    """A spread with its name and the address of its cases."""

    name: Any
    spread: Spread
    href: str
    share: float | None = None
    tasks: int = 0


def page(moment: Moment) -> dict[str, Any]:
    """Everything that the page shows, as of the last pass over the cases."""
    numbers = measure(review.FIGURES, moment)
    net, gross = _counted("net"), _counted("gross")
    promised, statutory = (periods.of(name).value for name in ("promised", "statutory"))
    return {
        "as_of": review_numbers.as_of(),
        "under_way": review_numbers.under_way(),
        "cases": numbers["review_all"],
        "promised": promised,
        "statutory": statutory,
        "cards": _cards(numbers, spread(net)),
        "outcomes": _outcomes(numbers),
        "measures": [
            Line(_("净时长（暂停不算）"), spread(net), cases_href("review_all")),
            Line(_("总时长（含暂停）"), spread(gross), cases_href("review_all")),
        ],
        "chart": _histogram(net, gross),
        "places": _parts(numbers, review.IN_PLACE, PLACES, "in_"),
        "pauses": _parts(numbers, review.STOOD, PAUSES, "stood_"),
        "desks": _desks(),
        "streets": _streets(),
        "months": _months(),
    }


def spread(counts: Counter[int]) -> Spread:
    """The figures of some durations, given as working days → number of cases."""
    total = sum(counts.values())
    ordered = sorted(counts)

    def at(share: float) -> int | None:
        wanted, seen = rank(total, share), 0
        for days in ordered:
            seen += counts[days]
            if seen >= wanted:
                return days
        return None

    def within(days: int) -> float | None:
        return sum(n for d, n in counts.items() if d <= days) / total if total else None

    return Spread(
        cases=total,
        fastest=ordered[0] if ordered else None,
        median=at(0.5),
        p90=at(0.9),
        promised=within(periods.of("promised").value),
        statutory=within(periods.of("statutory").value),
        days=sum(d * n for d, n in counts.items()),
    )


# -- Parts of the page -----------------------------------------------------------------------------


def _counted(field: str) -> Counter[int]:
    rows = ReviewedCase.objects.order_by().values_list(field).annotate(n=Count("pk"))
    return Counter(dict(rows))


def _grouped(key: str, value: str, rows: Any) -> dict[Any, Counter[int]]:
    found: dict[Any, Counter[int]] = defaultdict(Counter)
    for name, days, number in rows.order_by().values_list(key, value).annotate(n=Count("pk")):
        found[name][days] += number
    return found


def _cards(numbers: dict[str, int], net: Spread) -> list[Card]:
    days, whole = _("个工作日"), numbers["review_all"]
    definition = _("从受理次日到答复当日的工作日，扣除暂停；只统计已答复的办件。")
    href = cases_href("review_all")
    return [
        Card("fastest", _("最快"), _number(net.fastest), days, definition, href=href),
        Card("median", _("中位数"), _number(net.median), days, definition, href=href),
        Card("p90", _("九成在此以内"), _number(net.p90), days, definition, href=href),
        _share(review.WITHIN_PROMISED, numbers, whole),
        _share(review.WITHIN_STATUTORY, numbers, whole),
    ]


def _outcomes(numbers: dict[str, int]) -> list[Card]:
    whole = numbers["review_all"]
    return [
        card(review.ALL, whole),
        _share(review.STRAIGHT, numbers, whole),
        _share(review.RETURNED, numbers, whole),
        _share(review.OVERTURNED, numbers, numbers["review_asked_again"], of=review.ASKED_AGAIN),
        _share(review.UPHELD, numbers, numbers["review_objected"], of=review.OBJECTED),
    ]


def _share(figure: Figure, numbers: dict[str, int], whole: int, *, of: Figure = review.ALL) -> Card:
    """A share with what it is a share of; where there is nothing to divide by, a dash."""
    part = numbers[figure.key]
    definition = _("%(part)s除以「%(whole)s」：%(n)s件里的%(k)s件。%(words)s") % {
        "part": figure.title, "whole": of.title, "n": display.count(whole),
        "k": display.count(part), "words": figure.definition,
    }  # fmt: skip
    value = display.percent(part / whole) if whole else display.NOTHING
    return Card(figure.key, figure.title, value, "", definition, href=cases_href(figure.key))


def _histogram(net: Counter[int], gross: Counter[int]) -> dict[str, Any]:
    longest = max([*net, *gross], default=0)
    labels, _none = histogram([longest])
    return {
        "kind": "histogram",
        "categories": labels,
        "series": [
            {"name": _("净时长"), "values": _bars(net, len(labels))},
            {"name": _("总时长"), "values": _bars(gross, len(labels))},
        ],
        "marks": [
            {"at": labels[line // 5 - 1], "label": str(line)}
            for line in (periods.of("promised").value, periods.of("statutory").value)
        ],
        "unit": _("件"),
    }


def _bars(counts: Counter[int], bars: int) -> list[int]:
    made = [0] * bars
    for days, number in counts.items():
        made[max(0, -(-days // 5) - 1)] += number
    return made


def _parts(
    numbers: dict[str, int], figures: dict[str, Figure], names: Iterable[str], prefix: str
) -> dict[str, Any]:
    """Working days by place or by reason: a table and its chart, the most first."""
    names = list(names)
    sums = ReviewedCase.objects.aggregate(
        **{f"n_{name}": Sum(f"{prefix}{name}", default=0) for name in names}
    )
    days = {name: int(sums[f"n_{name}"]) for name in names}
    parts = shares(days)
    rows = [
        {
            "name": figures[name].title, "days": days[name], "share": parts[name],
            "cases": numbers[figures[name].key], "href": cases_href(figures[name].key),
        }
        for name in sorted(names, key=lambda name: -days[name])
        if days[name]
    ]  # fmt: skip
    return {
        "rows": rows,
        "chart": {
            "kind": "hbar",
            "categories": [str(row["name"]) for row in rows],
            "series": [{"name": _("工作日"), "values": [row["days"] for row in rows]}],
            "unit": _("工作日"),
        },
    }


def _desks() -> list[Line]:
    """Each department in each stage: working days that it held its cases, and its part of all."""
    rows = DeskDays.objects.order_by().values_list("bureau__code", "stage", "days")
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for code, stage, days, number in rows.annotate(n=Count("pk")):
        found[code, stage][days] += number
    names = dict(Bureau.objects.values_list("code", "name"))
    whole = sum(days * n for counts in found.values() for days, n in counts.items())
    lines = [
        Line(
            _("%(bureau)s · %(stage)s") % {
                "bureau": names.get(code, code), "stage": Stage(stage).label,
            },
            held := spread(counts),
            cases_href("review_all", desk=code, stage=stage),
            share=held.days / whole if whole else None,
        )
        for (code, stage), counts in found.items()
    ]  # fmt: skip
    return sorted(lines, key=lambda line: -line.spread.days)


def _streets() -> list[Line]:
    names = dict(Bureau.objects.filter(kind=BureauKind.STREET).values_list("code", "name"))
    lines = [
        Line(
            names.get(code or "", _("未定")), spread(counts),
            cases_href("review_all", **({"street": code} if code else {})),
        )
        for code, counts in _grouped(
            "code", "net", ReviewedCase.objects.annotate(code=F("street__code"))
        ).items()
    ]  # fmt: skip
    return sorted(lines, key=lambda line: -line.spread.cases)


def _months() -> dict[str, Any]:
    found = _grouped("month", "net", ReviewedCase.objects.all())
    months: list[date] = sorted(found)[-_MONTHS:]
    lines = [
        Line(
            display.month(month), spread(found[month]),
            cases_href("review_all", month=f"{month:%Y-%m}"),
        )
        for month in months
    ]  # fmt: skip
    return {
        "lines": lines[::-1],
        "chart": {
            "kind": "line",
            "categories": [f"{month:%Y-%m}" for month in months],
            "series": [
                {"name": _("中位数"), "values": [line.spread.median for line in lines]},
                {"name": "P90", "values": [line.spread.p90 for line in lines]},
            ],
            "target": periods.of("promised").value,
            "unit": _("工作日"),
        },
    }


def _number(value: int | None) -> str:
    return display.NOTHING if value is None else str(value)
